"""Reads for the lists of this app: people with their posts, the auditor's log, the demo's doors."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet

from organizations import clock
from organizations.models import AccessEntry, Post, User
from organizations.queries import labels

PAGE = 20
LOG_PAGE = 50
DEMO_PREFIX = "demo-"


def people_page(text: str, number: str | None) -> Page:
    """One page of people with the posts of today, found by name, log-in name or unit."""
    rows = User.objects.order_by("id").prefetch_related(
        Prefetch("posts", Post.objects.standing(clock.today()), to_attr="standing_posts")
    )
    if typed := text.strip():
        in_unit = Post.objects.standing(clock.today()).filter(
            Q(unit__name__contains=typed) | Q(unit__short_name__contains=typed)
        )
        rows = rows.filter(Q(name__contains=typed) | Q(username__icontains=typed) | Q(pk__in=in_unit.values("user_id")))
    page = Paginator(rows, PAGE).get_page(number)
    names = labels("role")
    for user in page.object_list:
        for post in user.standing_posts:
            post.role_label = names.get(post.role, post.get_role_display())
    return page


@dataclass(frozen=True)
class LogFilter:
    """What the auditor asks for."""

    kind: str = ""
    username: str = ""
    begins: date | None = None
    ends: date | None = None

    def rows(self) -> QuerySet[AccessEntry]:
        """The lines that fit; days are whole days in Asia/Shanghai."""
        rows = AccessEntry.objects.select_related("user")
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.username:
            rows = rows.filter(Q(username__icontains=self.username) | Q(user__name__contains=self.username))
        if self.begins:
            rows = rows.filter(at__gte=_midnight(self.begins))
        if self.ends:
            rows = rows.filter(at__lt=_midnight(self.ends + timedelta(days=1)))
        return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.SHANGHAI)


@dataclass(frozen=True)
class LogPage:
    """One page of the log, newest first, with the ids its neighbours begin from."""

    rows: list[AccessEntry]
    older: int | None = None
    newer: int | None = None


def log_page(wanted: LogFilter, *, before: int | None = None, after: int | None = None) -> LogPage:
    """The lines before or after an id; nothing is counted, so every page costs the same."""
    rows = wanted.rows()
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("id")[: LOG_PAGE + 1])
        more, found = len(found) > LOG_PAGE, found[:LOG_PAGE][::-1]
        page = LogPage(found, newer=found[0].pk if more else None)
        return replace(page, older=found[-1].pk) if found else page
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-id")[: LOG_PAGE + 1])
    more, found = len(found) > LOG_PAGE, found[:LOG_PAGE]
    return LogPage(
        found,
        older=found[-1].pk if more else None,
        newer=found[0].pk if found and before is not None else None,
    )


def demo_doors() -> list[dict[str, Any]]:
    """Who the demo lets one be: name, unit and role of everybody made for it."""
    names = labels("role")
    posts = Post.objects.standing(clock.today()).filter(user__username__startswith=DEMO_PREFIX)
    doors: dict[int, dict[str, Any]] = {}
    for post in posts.order_by("user_id", "id"):
        doors.setdefault(
            post.user_id,
            {
                "username": post.user.username,
                "name": post.user.name,
                "unit": post.unit.label,
                "role": names.get(post.role, post.get_role_display()),
            },
        )
    return list(doors.values())


def demo_user(username: str) -> User | None:
    """One of the demo's people."""
    if not username.startswith(DEMO_PREFIX):
        return None
    return User.objects.filter(username=username, is_active=True).first()
