"""A real site on a loopback port, Chromium, and people who walk in through the demo's doors."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from organizations.clock import SHANGHAI
from project.demo.pictures import Album

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=zh-CN",
]  # fmt: skip
FOREIGN = ("DATABASE_URL", "REDIS_URL", "BIHUAN_TESTING", "BIHUAN_BEHIND_PROXY", "BIHUAN_HTTPS")
START_SECONDS = 60
WAIT_MS = 30_000
DESKTOP = {"viewport": {"width": 1366, "height": 900}}
PHONE = {"viewport": {"width": 375, "height": 800}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
# A violation names what broke which rule; the message Chromium prints alone does not fail an assertion.
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`securitypolicyviolation ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""


@dataclass
class Site:
    """The running site and what stands in it."""

    url: str
    log: Path
    numbers: dict[str, str]
    batch: str
    place: str
    unit: str

    def problem(self, key: str) -> str:
        """The address of a problem's page."""
        return f"{self.url}/problems/{self.numbers[key]}/"


@dataclass
class Crew:
    """People, each in a browser of their own, and everything that went wrong on their pages."""

    browser: Browser
    site: Site
    options: dict[str, Any]
    shots: Path
    pages: dict[str, Page] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def stranger(self, **options: Any) -> Page:
        """The log-in page in a fresh browser."""
        context = self.browser.new_context(
            base_url=self.site.url, locale="zh-CN", timezone_id="Asia/Shanghai", **{**self.options, **options}
        )
        self.contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(TELL_VIOLATIONS)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("response", self._weigh)
        page.goto("/login/")
        return page

    def page(self, username: str, **options: Any) -> Page:
        """A person's page; the first time they come in through their door."""
        if username not in self.pages:
            page = self.stranger(**options)
            enter(page, username)
            self.pages[username] = page
        return self.pages[username]

    def at(self, username: str, address: str) -> Page:
        """A person at an address."""
        page = self.page(username)
        page.goto(address)
        return page

    def shoot(self, page: Page, name: str) -> None:
        """A picture of the whole page for people to look at."""
        size = self.options["viewport"]
        height = page.evaluate("document.documentElement.scrollHeight")
        # A taller window rather than a full-page picture: bars that stick stay at their edge.
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        page.screenshot(path=self.shots / f"{name}.png", animations="disabled")
        page.set_viewport_size(size)

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"console at {message.location.get('url', '')}: {message.text}")

    def _weigh(self, response: Any) -> None:
        if response.status >= 500:
            log = self.site.log.read_text(encoding="utf-8", errors="replace")[-3000:]
            self.troubles.append(f"{response.status} {response.request.method} {response.url}\n{log}")


def enter(page: Page, username: str) -> None:
    """Through one of the demo's doors."""
    page.click(f"button[name=username][value={username}]")
    page.wait_for_selector("h1:has-text('工作台')")


def follow(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait until it is there."""
    with page.expect_navigation():
        page.click(selector)


def tap(page: Page, selector: str) -> None:
    """The same with a finger."""
    with page.expect_navigation():
        page.tap(selector)


def leave(page: Page) -> None:
    """退出."""
    page.click("button:has-text('退出')")
    page.wait_for_selector("h2:has-text('登录')")


def photo(scene: str, *, after: bool, variant: int = 0, name: str = "现场照片.jpg") -> Any:
    """A drawn JPEG with the time of an hour ago in its EXIF, as Playwright takes files."""
    taken = datetime.now(SHANGHAI) - timedelta(hours=1)
    body = Album(3).picture(scene, after, variant, taken, (30.6, 111.2))
    return {"name": name, "mimeType": "image/jpeg", "buffer": body}


def in_days(days: int) -> str:
    """A day from today as a date input takes it."""
    return (datetime.now(SHANGHAI).date() + timedelta(days=days)).isoformat()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for every test; ended with the package, so that its event loop is gone for the others."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not installed; apt-get install chromium fonts-noto-cjk"
        if os.environ.get("BIHUAN_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        chinese = {**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS, env=chinese)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo county on a free loopback port, in a process of its own that dies with this one."""
    folder = tmp_path_factory.mktemp("site")
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN} | {
        "BIHUAN_DEMO": "1",
        "BIHUAN_DATA": str(folder / "data"),
        "BIHUAN_STATIC": str(folder / "static"),
        "DJANGO_SETTINGS_MODULE": "project.settings",
    }
    for name in ("data", "static"):
        (folder / name).mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.browser.furnish", str(folder / "made.json")],
        cwd=ROOT, env=environment, check=True,
    )  # fmt: skip
    made = json.loads((folder / "made.json").read_text(encoding="utf-8"))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port, descriptor = listener.getsockname()[1], listener.fileno()
    with (folder / "log").open("wb") as log:
        # The demo's own server: uvicorn on project.asgi:application.
        child = subprocess.Popen(
            [sys.executable, "-m", "project.demo.serve", "web", str(os.getpid()), str(descriptor)],
            cwd=ROOT, env=environment, pass_fds=(descriptor,), stdout=log, stderr=log,
        )  # fmt: skip
    listener.close()
    try:
        _wait(child, port, folder / "log")
        yield Site(f"http://127.0.0.1:{port}", folder / "log", **made)
    finally:
        _end(child)


def _wait(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        visit = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            visit.request("GET", "/login/")
            visit.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            visit.close()
    pytest.fail(f"the site did not start:\n{log.read_text(encoding='utf-8')}")


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(5)


@pytest.fixture
def gather(chromium: Browser, site: Site) -> Iterator[Callable[..., Crew]]:
    """Make a crew; whatever went wrong on any of its pages fails the test."""
    crews: list[Crew] = []

    def make(options: dict[str, Any], shots: str) -> Crew:
        folder = ROOT / "var" / "screenshots" / shots
        folder.mkdir(parents=True, exist_ok=True)
        crews.append(Crew(chromium, site, options, folder))
        return crews[-1]

    yield make
    for crew in crews:
        for context in crew.contexts:
            context.close()
    assert [trouble for crew in crews for trouble in crew.troubles] == []


@pytest.fixture
def desktop(gather: Callable[..., Crew]) -> Crew:
    """People at office PCs."""
    return gather(DESKTOP, "desktop")


@pytest.fixture
def phone(gather: Callable[..., Crew]) -> Crew:
    """People with a phone in their hand."""
    return gather(PHONE, "phone")
