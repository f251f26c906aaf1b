"""A channel is one file: whatever lies in the package is found, and nothing half-made."""

import sys
from pathlib import Path
from typing import Any

import pytest

from notifications.channels import Channel, Outcome, channel, channels, channels_in
from tests.notifications.channels.conftest import a_message

pytestmark = pytest.mark.pure

PIGEON = """
class PigeonChannel:
    code = "pigeon"
    label = "信鸽"
    scope = "person"

    def check(self, address): ...

    def send(self, message): ...
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write a package of the given files that can be imported during the test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def written(**files: str) -> str:
        folder = tmp_path / "lofts"
        folder.mkdir()
        for name, text in {"__init__": "", **files}.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        return "lofts"

    yield written
    for name in [name for name in sys.modules if name.split(".")[0] == "lofts"]:
        del sys.modules[name]


def test_the_channels_are_these_and_each_is_what_it_says() -> None:
    found = {(each.code, each.scope, str(each.label)) for each in channels()}

    assert found == {
        ("in_app", "person", "站内消息"),
        ("email", "person", "电子邮件"),
        ("wecom", "unit", "企业微信群机器人"),
        ("webhook", "unit", "Webhook（签名）"),
    }
    assert all(isinstance(each, Channel) and channel(each.code) is each for each in channels())


def test_a_code_without_a_file_is_an_error() -> None:
    with pytest.raises(KeyError):
        channel("pigeon")


def test_a_new_file_is_a_new_channel(package: Any) -> None:
    found = channels_in(package(pigeon=PIGEON, grain="class Grain:\n    weight = 3\n"))

    assert list(found) == ["pigeon"]


def test_a_class_that_is_only_imported_is_not_found_twice(package: Any) -> None:
    found = channels_in(package(pigeon=PIGEON, tower="from lofts.pigeon import PigeonChannel\n"))

    assert list(found) == ["pigeon"]


def test_half_a_channel_stops_the_start(package: Any) -> None:
    with pytest.raises(TypeError, match=r"lofts\.pigeon\.PigeonChannel"):
        channels_in(package(pigeon=PIGEON.replace("def send", "def post")))


def test_two_channels_of_one_name_stop_the_start(package: Any) -> None:
    with pytest.raises(TypeError, match="'pigeon'"):
        channels_in(package(pigeon=PIGEON, dove=PIGEON))


def test_a_notice_in_the_system_has_arrived_as_soon_as_it_exists() -> None:
    in_app = channel("in_app")

    in_app.check("")

    assert in_app.send(a_message("")) == Outcome(sent=True)
