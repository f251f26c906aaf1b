"""Reading: the receipt of a notice."""

from django.db.models import Q, QuerySet

from notifications.models import Notice
from organizations import clock
from organizations.models import User


def read_notice(notice: Notice) -> None:
    """Note that a notice has been opened."""
    _read(Notice.objects.filter(pk=notice.pk))


def read_all(user: User) -> int:
    """Note that a person has seen everything; answers how many were new."""
    return _read(Notice.objects.filter(person=user))


def read_case(case_id: int, user_id: int) -> None:
    """Note that a person has looked at a case: what they were told of it is read."""
    _read(Notice.objects.filter(person_id=user_id, case_id=case_id))


def _read(rows: "QuerySet[Notice]") -> int:
    # What has been read has no place in a digest and is passed on to nobody.
    return rows.filter(Q(read_at__isnull=True)).update(read_at=clock.now(), for_digest=False, pass_on_at=None)
