"""What the environment says about channels is read strictly: a typo stops the start."""

import os
import subprocess
import sys

import pytest

from project.settings import BASE_DIR

pytestmark = pytest.mark.pure


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BIHUAN_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", "from project import settings as s; print(s.WECOM_BASE, s.WEBHOOK_HOSTS)"],
        cwd=BASE_DIR,
        env={**kept, "BIHUAN_SECRET_KEY": "k" * 50, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_word_robots_are_wecoms_own_and_no_inner_host_is_called() -> None:
    assert started().stdout == "https://qyapi.weixin.qq.com []\n"


def test_another_server_and_inner_hosts_are_taken_as_written() -> None:
    ended = started(BIHUAN_WECOM_BASE="https://wecom.county.lan/", BIHUAN_WEBHOOK_HOSTS="OA.county.lan, fd00::5")

    assert ended.stdout == "https://wecom.county.lan ['oa.county.lan', 'fd00::5']\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIHUAN_WECOM_BASE", "http://wecom.county.lan"),
        ("BIHUAN_WECOM_BASE", "wecom.county.lan"),
        ("BIHUAN_WEBHOOK_HOSTS", "https://oa.county.lan"),
        ("BIHUAN_WEBHOOK_HOSTS", "oa.county.lan:8443"),
    ],
)
def test_a_typo_stops_the_start_and_is_named(name: str, value: str) -> None:
    ended = started(**{name: value})

    assert ended.returncode != 0
    assert f"ImproperlyConfigured: {name} " in ended.stderr
