"""A post office that keeps what it is given, and the hours at which people are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from notifications import channels
from notifications.actions import sending, telling
from notifications.channels import Message, Outcome
from notifications.models import Address, Delivery, Notice
from organizations import clock
from organizations.models import Unit, User
from rectification.models import Problem
from workflows.models import Event, Outbox
from workflows.steps import record

SENT = Outcome(sent=True, reference="ok")


@dataclass
class FakeChannel:
    """A channel that sends nowhere; what it answers is laid out beforehand, else everything arrives."""

    code: str
    label: str
    scope: str
    sent: list[Message] = field(default_factory=list)
    answers: list[Outcome | Exception] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def check(self, address: str) -> None:
        if " " in address:
            raise ValidationError("地址里不能有空格，请核对。")

    def send(self, message: Message) -> Outcome:
        self.before()
        answer = self.answers.pop(0) if self.answers else SENT
        if isinstance(answer, Exception):
            raise answer
        if answer.sent:
            self.sent.append(message)
        return answer


@dataclass
class PostOffice:
    """Both ways out."""

    email: FakeChannel
    robot: FakeChannel


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    office = PostOffice(FakeChannel("email", "电子邮件", "person"), FakeChannel("robot", "群机器人", "unit"))
    both = {each.code: each for each in (office.email, office.robot)}
    monkeypatch.setattr(channels, "channels", lambda: list(both.values()))
    monkeypatch.setattr(channels, "channel", lambda code: both[code])
    return office


def moment(text: str) -> datetime:
    """“2026-11-23 10:00”, on a wall clock in Asia/Shanghai. That day is a Monday."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=clock.SHANGHAI)


@contextmanager
def at(text: str, **more: float) -> Iterator[datetime]:
    """The clock stands at an hour, or so much later."""
    instant = moment(text) + timedelta(**more)
    with clock.at(instant):
        yield instant


def with_email(*users: User) -> list[Address]:
    return [Address.objects.create(user=user, channel="email", address=f"{user.username}@gov.test") for user in users]


def with_robot(unit: Unit) -> Address:
    return Address.objects.create(unit=unit, channel="robot", address=f"https://robot.test/{unit.pk}?key=0123456789")


def tell_all() -> None:
    """Every event in the outbox reaches its people."""
    for pk in list(Outbox.objects.order_by("pk").values_list("pk", flat=True)):
        telling.deliver_event(pk)


def empty_outbox() -> None:
    """What came before is not what the test is about."""
    Outbox.objects.all().delete()


def send_all() -> int:
    """Every message that is due goes out; answers how many did."""
    return sum(sending.send_delivery(pk) for pk in sending.due_deliveries(1000))


def happen(problem: Problem, *, urgent: str = "", name: str = "marked_major", **note: Any) -> Event:
    """Something is noted on a problem that tells its lead unit, as urgently as asked."""
    with record(problem.pk, name, by=None) as door:
        door.note(**note, **({"urgent": urgent} if urgent else {}))
    assert door.event is not None
    return door.event


def told(event: Event) -> set[str]:
    return set(Notice.objects.filter(event=event).values_list("person__username", flat=True))


def messages(**wanted: Any) -> list[Delivery]:
    """Messages that leave the house."""
    return list(Delivery.objects.exclude(channel="in_app").filter(**wanted).order_by("id"))
