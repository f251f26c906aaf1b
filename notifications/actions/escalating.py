"""What is red and unread goes to the next person: the unit's head, then the office; each is told once."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from notifications.actions.telling import Words, escalation_from, tell, words_of
from notifications.models import Notice
from notifications.timing import hours
from organizations import clock
from organizations.models import Post
from organizations.roles import Role
from workflows.models import Event
from workflows.telling import Told, people_behind, summary_of

TO_HEAD, TO_OFFICE = 1, 2


def unread_notices(limit: int) -> list[int]:
    """Notices whose time to be read has run out, the longest waiting first."""
    rows = Notice.objects.filter(pass_on_at__lte=clock.now()).order_by("pass_on_at")
    return list(rows.values_list("pk", flat=True)[:limit])


@transaction.atomic
def pass_on(notice_id: int) -> list[int]:
    """Pass one unread notice on to whoever is next; answers who was told."""
    now = clock.now()
    rows = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("unit")
    notice = rows.filter(pk=notice_id, pass_on_at__lte=now).first()
    if notice is None:
        return []
    rung = notice.passed_on + 1
    if notice.read_at is not None or notice.event_id is None or _head_has_read(notice):
        return _stop(notice)
    event = Event.objects.select_related("case__division").get(pk=notice.event_id)
    fresh = _not_told(_next(notice, event, rung), event)
    tell(fresh, _words(notice, event, rung))
    notice.passed_on = rung
    notice.pass_on_at = _again(now) if rung == TO_HEAD else None
    notice.save(update_fields=["passed_on", "pass_on_at"])
    return [each.user_id for each in fresh]


def _again(now: datetime) -> datetime:
    return escalation_from(now, hours())


def _stop(notice: Notice) -> list[int]:
    notice.pass_on_at = None
    notice.save(update_fields=["pass_on_at"])
    return []


def _heads(notice: Notice) -> list[Told]:
    posts = Post.objects.standing(clock.today()).filter(role=Role.UNIT_HEAD, unit_id=notice.unit_id)
    return [Told(user_id, unit_id) for user_id, unit_id in posts.values_list("user_id", "unit_id")]


def _head_has_read(notice: Notice) -> bool:
    """Whoever answers for the unit knows; there is nothing to pass on."""
    heads = [each.user_id for each in _heads(notice)]
    same = Notice.objects.filter(event=notice.event, person_id__in=heads)
    return same.filter(read_at__isnull=False).exists()


def _next(notice: Notice, event: Event, rung: int) -> list[Told]:
    return _heads(notice) if rung == TO_HEAD else people_behind(event, "office")


def _not_told(people: list[Told], event: Event) -> list[Told]:
    """One event tells a person once, whichever way it reaches them."""
    told = Notice.objects.filter(event_id=event.pk, person_id__in=[each.user_id for each in people])
    known = set(told.values_list("person_id", flat=True))
    chosen = {each.user_id: each for each in people if each.user_id not in known}
    return [chosen[key] for key in sorted(chosen)]


def _words(notice: Notice, event: Event, rung: int) -> Words:
    words = words_of(event, summary_of(event))
    said = _("%(unit)s有一条红色预警消息无人查看：%(sentence)s") % {"unit": notice.unit, "sentence": words.sentence}
    return replace(words, sentence=said[:200], passed_on=rung)
