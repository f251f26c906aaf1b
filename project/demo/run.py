"""`python -m project.demo.run --port N [--reset]`: the demo county as a site on this machine only."""

import argparse
import http.client
import os
import signal
import socket
import sys
import time
from types import FrameType

from project.demo import broker, words
from project.demo.children import Child, end_all
from project.demo.data import BASE_DIR, DemoStopped, in_use, make_ready, say

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = {LOOPBACK, "localhost"}
START_SECONDS = 60.0
LOOK_SECONDS = 0.2
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What a demo must never inherit: somebody's real database, clock or proxy. A Redis it is given it uses, under a
# prefix of its own, but not while it lives through its past.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "BIHUAN_TESTING", "BIHUAN_BEHIND_PROXY", "BIHUAN_CLOCK_FILE")
# Compiled modules are kept here, whatever the environment says: without them each start compiles Django anew.
COMPILED = BASE_DIR / "var" / "pycache"


def main(words_typed: list[str] | None = None) -> int:
    """Make the data ready, start the site, say so, and stay until told to stop."""
    args = _arguments(words_typed)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    # A shell that starts it in the background has it ignore Ctrl-C; whoever sends one means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        foreign_broker = os.environ.get("REDIS_URL", "")
        _set_environment(args.host)
        listener = _listen(args.port)
        os.environ["BIHUAN_SITE_URL"] = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        make_ready(reset=args.reset)
        with in_use():
            return _run_site(listener, foreign_broker)
    except DemoStopped as sentence:
        say(str(sentence))
        return 1
    except KeyboardInterrupt:
        say("演示已停止。")
        return 0


def _arguments(words_typed: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m project.demo.run", description="运行演示县。")
    parser.add_argument("--port", type=int, default=8000, help="端口，0 表示任选一个空闲端口")
    parser.add_argument("--host", default=os.environ.get("BIHUAN_BIND") or LOOPBACK, help="只能是本机回环地址")
    parser.add_argument("--reset", action="store_true", help="删除演示数据，重新生成")
    return parser.parse_args(words_typed)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _set_environment(host: str) -> None:
    if host not in LOOPBACK_NAMES:
        raise DemoStopped(f"演示带有一键登录，只能在本机（{LOOPBACK}）打开，不能绑定 {host}。")
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.setdefault("BIHUAN_DATA", str(BASE_DIR / "var" / "demo"))
    os.environ.setdefault("BIHUAN_STATIC", os.path.join(os.environ["BIHUAN_DATA"], "static"))
    os.environ |= {
        "BIHUAN_DEMO": "1",
        "BIHUAN_BIND": LOOPBACK,
        "BIHUAN_HTTPS": "0",
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "PYTHONPYCACHEPREFIX": str(COMPILED),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    sys.pycache_prefix, sys.dont_write_bytecode = str(COMPILED), False


def _listen(port: int) -> socket.socket:
    """Take the port before anything else, so that a long preparation never ends in a surprise."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise DemoStopped(f"端口 {port} 打不开（可能已被占用）。请换一个端口，例如 make demo PORT=8001。") from error
    return listener


def _run_site(listener: socket.socket, foreign_broker: str) -> int:
    """Start everything, say where it is, and look after it for good."""
    os.makedirs(os.environ["BIHUAN_STATIC"], exist_ok=True)
    os.makedirs(os.path.join(os.environ["BIHUAN_DATA"], "run"), exist_ok=True)
    port, descriptor = listener.getsockname()[1], listener.fileno()
    address = foreign_broker or (broker.new_address() if broker.binary() else "")
    if address:
        os.environ["REDIS_URL"] = address
    web = Child("网站进程", "web", [str(descriptor)], (descriptor,))
    children = [web, *_background(address, own=not foreign_broker)]
    try:
        for child in children:
            child.start()
        if not _answers(web, port):
            say("演示站点没有启动成功，原因见上面的输出。")
            return 1
        _introduce(port)
        if not address:
            say("本机没有可用的内置消息服务：页面照常使用，但没有实时提醒，到期提醒等后台任务也不运行。")
        while True:
            for child in children:
                child.look_after()
            time.sleep(LOOK_SECONDS)
    finally:
        for number in STOPPING:  # a second Ctrl-C changes nothing: it is already ending
            signal.signal(number, signal.SIG_IGN)
        end_all(children)


def _background(address: str, *, own: bool) -> list[Child]:
    """Broker, worker and beat, as far as there is a broker."""
    if not address:
        return []
    server = [Child("内置消息服务", "broker")] if own else []
    worker = Child("后台任务进程", "worker")
    return [*server, worker, Child("定时进程", "beat")]


def _answers(child: Child, port: int) -> bool:
    """Wait until the site answers with any status at all."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.alive():
        visit = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
        try:
            visit.request("GET", "/login/")
            visit.getresponse()
            return True
        except OSError:
            time.sleep(0.05)
        finally:
            visit.close()
    return False


def _introduce(port: int) -> None:
    say(f"Ready: http://{LOOPBACK}:{port}/")
    say(f"演示登录（密码都是 {words.PASSWORD}）：")
    for username, name, _unit, role in words.DEMO_PEOPLE:
        say(f"  {username:<15} {words.PASSWORD}  {words.ROLE_LABELS[role]}  {name}")


if __name__ == "__main__":
    sys.exit(main())
