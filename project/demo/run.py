"""`python -m project.demo.run --port N [--reset]`: the demo county as a site on this machine only."""

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from project.demo import words
from project.demo.data import BASE_DIR, DemoStopped, in_use, make_ready, say

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = {LOOPBACK, "localhost"}
START_SECONDS = 60.0
STOP_SECONDS = 4.0
# What a demo must never inherit: somebody's real database, cache or host names.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "BIHUAN_TESTING", "BIHUAN_BEHIND_PROXY")
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
        _set_environment(args.host)
        listener = _listen(args.port)
        make_ready(reset=args.reset)
        with in_use():
            return _run_site(listener)
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


def _run_site(listener: socket.socket) -> int:
    port = listener.getsockname()[1]
    child = _start(listener)
    try:
        listener.close()
        if not _answers(child, port):
            say("演示站点没有启动成功，原因见上面的输出。")
            return 1
        _introduce(port)
        code = child.wait()
        say(f"演示站点意外退出（代码 {code}）。")
        return 1
    finally:
        _end(child)


def _start(listener: socket.socket) -> "subprocess.Popen[bytes]":
    os.makedirs(os.environ["BIHUAN_STATIC"], exist_ok=True)
    descriptor = listener.fileno()
    command = [sys.executable, "-m", "project.demo.serve", str(descriptor), str(os.getpid())]
    return subprocess.Popen(command, cwd=BASE_DIR, pass_fds=(descriptor,), start_new_session=True)  # noqa: S603


def _answers(child: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until the site answers with any status at all."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
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


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the child's whole group, politely first."""
    for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        try:
            os.killpg(child.pid, number)
            child.wait(patience)
        except (ProcessLookupError, PermissionError):
            child.poll()
            return
        except subprocess.TimeoutExpired:
            continue


if __name__ == "__main__":
    sys.exit(main())
