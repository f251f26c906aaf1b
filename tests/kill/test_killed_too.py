"""The third of every three rounds; and an hour without Redis, which delays messages and loses none."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from websockets.sync.client import ClientConnection, connect

from organizations.models import User
from tests.conftest import World
from tests.kill.receivers import Receivers
from tests.kill.reckoning import reckon
from tests.kill.rounds import NEEDED, SOAK, calm_down, forward, play, seeds, tellers, web_answers
from tests.kill.site import Installation, until
from workflows.models import Event, Outbox

pytestmark = NEEDED

LONGEST_WAIT = 0.3  # seconds a step may lose to a broker that is gone


@pytest.mark.parametrize("seed", seeds(2))
def test_whoever_is_killed_everything_happens_and_nothing_twice(
    seed: int, world: World, folder: Path, post: Receivers
) -> None:
    play(seed, folder, post)


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
