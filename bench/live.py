"""How soon the others know: real web server, worker and websockets, on PostgreSQL and Redis."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from websockets.asyncio.client import ClientConnection, connect

from bench.table import Line
from notifications.live import user_group
from notifications.models import Address
from organizations.models import Post, Unit, User
from project.demo import broker
from project.demo.data import BASE_DIR
from tests.conftest import Story, make_world
from tests.project.sites import free_port

TOLD_BAR, ALL_TOLD_BAR, MANY_BAR = 300, 500, 10_000  # ms
PEAK_BAR, GROWTH_BAR = 250, 30  # MB: of a process, and how much more ten times the people may take
WARM = 5
ROUNDS = 5
OPENING_AT_ONCE = 50
LONGEST = 20.0
GONE = ("BIHUAN_TESTING", "PYTHONDONTWRITEBYTECODE")


class Site:
    """The processes, how they are started, and a way to speak to them."""

    def __init__(self, folder: Path) -> None:
        self.port, self.running = free_port(), list[subprocess.Popen[Any]]()
        self.redis = os.environ.get("REDIS_URL") or broker.new_address()
        kept = {name: value for name, value in os.environ.items() if name not in GONE}
        (folder / "run").mkdir()
        mail = {"BIHUAN_DEMO": "1", "BIHUAN_DATA": str(folder), "BIHUAN_CLOCK_FILE": ""}
        self.environment = kept | mail | {"REDIS_URL": self.redis}

    def start(self, *words: str, redis: str | None = None, **pipes: Any) -> "subprocess.Popen[Any]":
        """A process of the site."""
        environment = self.environment | ({} if redis is None else {"REDIS_URL": redis})
        made = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *words], cwd=BASE_DIR, env=environment, text=True, **pipes
        )
        self.running.append(made)
        return made

    def speaker(self, *words: str, redis: str | None = None) -> "subprocess.Popen[str]":
        """One that answers line by line."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return self.start("bench.live_child", *words, redis=redis, **pipes)

    def __enter__(self) -> "Site":
        own = str(os.getpid())
        if not os.environ.get("REDIS_URL"):
            self.start("project.demo.serve", "broker", own)
            if not broker.answers(self.redis):
                sys.exit("There is no Redis: set REDIS_URL.")
        self.start("uvicorn", "project.asgi:application", "--port", str(self.port), "--lifespan", "off",
                   "--no-access-log", "--log-level", "error")  # fmt: skip
        self.start("project.demo.serve", "worker", own)
        return self

    def __exit__(self, *_: object) -> None:
        for each in reversed(self.running):
            each.kill()
            each.communicate()


def heard(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The next line a process says."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError("a process of the measurement has ended")
    return json.loads(line)


def ask(process: "subprocess.Popen[str]", *words: object) -> float:
    """Say a line and get the instant back."""
    assert process.stdin is not None
    process.stdin.write(" ".join(map(str, words)) + "\n")
    process.stdin.flush()
    return heard(process)["at"]


def session_of(user: User) -> str:
    """A cookie, as after a log-in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}"


def browser(port: int, cookie: str) -> connect:
    """A websocket as a page opens it."""
    headers = {"Cookie": cookie}
    address = f"ws://127.0.0.1:{port}{settings.LIVE_SOCKET}"
    return connect(
        address, origin=f"http://127.0.0.1:{port}", additional_headers=headers, open_timeout=LONGEST,
        ping_interval=None, compression=None, proxy=None,
    )  # fmt: skip


async def until_inbox(socket: ClientConnection) -> float:
    """When the browser was told that its inbox changed."""
    while json.loads(await asyncio.wait_for(socket.recv(), LONGEST))["changed"] != "inbox":
        pass
    return time.monotonic()


async def silence(socket: ClientConnection) -> None:
    """Hear out what else there is to say."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 0.05)
    except TimeoutError:
        return


def lines(small: bool) -> list[Line]:
    """The three questions, each beside its floor."""
    story = Story(make_world())
    steps, sockets, few, many = (30, 200, 100, 1_000) if small else (200, 1_000, 1_000, 10_000)
    with TemporaryDirectory() as folder, Site(Path(folder)) as site:
        _wait_for(site.port)
        found = [_one_by_one(site, story, steps), _all_at_once(site, story, sockets)]
        return found + _many_people(site, story, few, many)


def _wait_for(port: int) -> None:
    end = time.monotonic() + LONGEST
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _one_by_one(site: Site, story: Story, count: int) -> Line:
    """A step here, and the browser of whoever is next there; the floor is a bare word to the same browser."""
    unit, reader = story.world.units["bureau"], story.world.clerk
    problems = [story.registered(title=f"第{number}处").pk for number in range(count + WARM)]
    stepper = site.speaker("stepper")
    heard(stepper)
    cookie = session_of(reader)

    async def measure() -> tuple[list[float], list[float]]:
        told, bare = [], []
        async with browser(site.port, cookie) as socket:
            for pk in problems:
                for found, words in ((told, ("step", pk, unit.pk)), (bare, ("bare", reader.pk))):
                    at = await asyncio.to_thread(ask, stepper, *words)
                    found.append((await until_inbox(socket) - at) * 1000)
                    await silence(socket)
        return told[WARM:], bare[WARM:]

    told, bare = asyncio.run(measure())
    middle, floor = statistics.median(told), statistics.median(bare)
    name = f"step committed → another's browser told, p95 of {count}: {_p95(told):.0f} ms"
    return Line(name, _p95(told), TOLD_BAR, "ms", middle, floor, middle / floor)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _all_at_once(site: Site, story: Story, count: int) -> Line:
    """One word to the group of so many open pages; the floor is the layer alone, with as many receivers."""
    reader = story.world.head
    stepper = site.speaker("stepper")
    heard(stepper)
    cookie = session_of(reader)

    async def measure() -> list[float]:
        async with _open(site.port, cookie, count) as sockets:
            found = []
            for _round in range(ROUNDS):
                waiting = [asyncio.create_task(until_inbox(socket)) for socket in sockets]
                at = await asyncio.to_thread(ask, stepper, "bare", reader.pk)
                found.append((max(await asyncio.gather(*waiting)) - at) * 1000)
            return found

    own, bare = asyncio.run(measure()), asyncio.run(_bare_layer(site.redis, count))
    middle, floor = statistics.median(own), statistics.median(bare)
    name = f"{count:,} sockets on one group, the last one told"
    return Line(name, max(own), ALL_TOLD_BAR, "ms", middle, floor, middle / floor)


@asynccontextmanager
async def _open(port: int, cookie: str, count: int) -> AsyncIterator[list[ClientConnection]]:
    """So many browsers, opened some at a time."""
    async with AsyncExitStack() as stack:
        sockets: list[ClientConnection] = []
        for start in range(0, count, OPENING_AT_ONCE):
            some = range(min(OPENING_AT_ONCE, count - start))
            sockets += await asyncio.gather(*[stack.enter_async_context(browser(port, cookie)) for _each in some])
        yield sockets


async def _bare_layer(address: str, count: int) -> list[float]:
    layer = RedisPubSubChannelLayer(hosts=[address], prefix="bihuan-bench")
    names = [await layer.new_channel() for _each in range(count)]
    for name in names:
        await layer.group_add(user_group(0), name)
    found = []
    for _round in range(ROUNDS):
        waiting = [asyncio.create_task(layer.receive(name)) for name in names]
        await asyncio.sleep(0)
        at = time.monotonic()
        await layer.group_send(user_group(0), {"type": "look", "changed": "inbox"})
        await asyncio.wait_for(asyncio.gather(*waiting), LONGEST)
        found.append((time.monotonic() - at) * 1000)
    await layer.flush()
    return found


def _many_people(site: Site, story: Story, few: int, many: int) -> list[Line]:
    """One event for few, and one for many: how long, beside three bare statements, and whether memory grows."""
    small, large = (_tell(site, story, count) for count in (few, many))
    own, floor = large["seconds"] * 1000, large["floor"] * 1000
    name = f"an event for {many:,} people: notices and deliveries made"
    return [
        Line(name, own, MANY_BAR, "ms", own, floor, own / floor),
        Line(f"peak of the process that told {few:,} people", small["peak"], PEAK_BAR, "MB"),
        Line(f"peak of the process that told {many:,} people", large["peak"], round(small["peak"]) + GROWTH_BAR, "MB"),
    ]


def _tell(site: Site, story: Story, count: int) -> dict[str, Any]:
    world = story.world
    unit = Unit.objects.create(name=f"{count}人的单位", division=world.county, kind="department")
    users = User.objects.bulk_create(User(username=f"of{count}-{n}", name=f"人{n}") for n in range(count))
    Post.objects.bulk_create(Post(user=user, unit=unit, role="unit_clerk") for user in users)
    Address.objects.bulk_create(
        Address(user=user, channel="email", address=f"{user.username}@gov.test") for user in users
    )
    world.units[unit.name] = unit
    problem = story.assigned(unit=unit.name, title=unit.name)
    answer = heard(site.speaker("told", str(problem.pk), redis=""))  # or the site's own worker would be first
    if (answer["told"], answer["notices"], answer["deliveries"], answer["waiting"]) != (count, count, 2 * count, 0):
        raise RuntimeError(f"not everybody was told: {answer}")
    return answer
