"""Where a webhook may go: https, public addresses, and what the operator has named."""

from ipaddress import ip_address
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from notifications.channels.targets import checked, is_public
from notifications.channels.webhook import WebhookChannel
from tests.notifications.channels.conftest import SHORT, a_message
from tests.notifications.channels.server import answers
from tests.notifications.channels.test_webhook import resolved

pytestmark = pytest.mark.pure

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.5",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "::ffff:10.0.0.5",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:5",
    "64:ff9b:1::1",
    "2002:a00:5::1",
    "2001:0:a00:5::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_our_own_network_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "172.32.0.1", "2400:3200::1", "2606:4700::1111"])
def test_an_address_of_the_open_network_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "完整的网址"),
        ("hooks.example.com/a", "完整的网址"),
        ("ftp://hooks.example.com/", "完整的网址"),
        ("file:///etc/hosts", "完整的网址"),
        ("javascript:alert(1)", "完整的网址"),
        ("https:///path", "完整的网址"),
        ("https://a b.example.com/", "完整的网址"),
        ("https://a..example.com/", "完整的网址"),
        ("https://hooks.example.com:99999/", "完整的网址"),
        ("https://hooks.example.com:0/", "完整的网址"),
        ("https://hooks.example.com/\r\nX-Injected: 1", "完整的网址"),
        ("https://" + "a" * 64 + ".com/", "完整的网址"),
        ("https://user:word@hooks.example.com/", "用户名和密码"),
        ("http://hooks.example.com/", "加密"),
        ("https://10.0.0.5/", "内网"),
        ("https://[::ffff:127.0.0.1]/", "内网"),
        ("https://[fe80::1%25eth0]/", "内网"),
        ("https://127.1/", "内网"),
        ("https://2130706433/", "内网"),
        ("https://0x7f000001/", "内网"),
        ("https://0177.0.0.1/", "完整的网址"),
    ],
)
def test_an_address_where_nothing_may_go_is_refused_with_a_sentence(address: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        WebhookChannel().check(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.example.com/a?b=c",
        "https://hooks.example.com:8443/",
        "https://例子.中国/钩子",
        "https://114.114.114.114/",
        "https://[2400:3200::1]/",
    ],
)
def test_an_ordinary_address_is_taken_without_asking_the_network(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("looked up"))

    WebhookChannel().check(address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8/", "http://localhost/", "https://localhost/", "https://[::1]/"]
)
def test_this_machine_itself_is_taken_in_demo_and_tests_only(address: str, settings: Any) -> None:
    checked(address)
    settings.TESTING = settings.DEMO = False

    with pytest.raises(ValidationError):
        checked(address)


def test_a_host_the_operator_named_is_taken_wherever_it_is_but_not_without_https(settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["oa.county.lan", "10.0.0.5"]
    settings.TESTING = False

    checked("https://oa.county.lan/hook")
    checked("https://10.0.0.5/hook")
    for refused in ("http://oa.county.lan/hook", "https://10.0.0.6/hook", "https://oa.county.lan@10.0.0.6/"):
        with pytest.raises(ValidationError):
            checked(refused)


@pytest.mark.parametrize("address", [*INSIDE, "::ffff:127.0.0.1"])
def test_a_public_name_that_stands_for_an_inner_address_gets_no_call(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolved(monkeypatch, "114.114.114.114", address)

    outcome = WebhookChannel(SHORT).send(a_message("https://rebound.example.com/hook"))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert "内网" in outcome.error
    assert asked == ["rebound.example.com"]


def test_a_name_for_this_machine_gets_no_call_even_in_tests(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(answers(200))
    resolved(monkeypatch, "127.0.0.1")

    outcome = WebhookChannel(SHORT).send(a_message(f"https://rebound.example.com:{server.port}/hook"))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert server.connections == 0
