"""The signed webhook: four facts of a matter, a signature to verify, the same delivery at each attempt."""

import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.channels import Outcome
from notifications.channels.posting import Limits
from notifications.channels.signatures import signature, verify
from notifications.channels.webhook import WebhookChannel
from organizations import clock
from tests.notifications.channels import server as bad
from tests.notifications.channels.conftest import DELIVERY, SHORT, a_message
from tests.notifications.channels.server import Server, answers

pytestmark = pytest.mark.pure

SECRET = "correct horse battery staple"


def test_number_date_link_and_urgency_leave_and_nothing_else(serve: Any) -> None:
    server = serve(answers(204))
    message = a_message(f"{server.url}/hook?from=bihuan")

    outcome = WebhookChannel().send(message)

    assert outcome == Outcome(sent=True)
    [request] = server.requests
    assert request.target == "/hook?from=bihuan"
    link = "https://rectify.example.gov.cn/problems/2026-0118/"
    matter = {"number": "2026-0118", "due_on": "2026-06-30", "link": link, "urgency": "assignment"}
    assert json.loads(request.body) == {"delivery": DELIVERY, "link": link, "count": 1, "matters": [matter]}
    kept_back = [message.secret, message.subject, message.text, message.brief, "李某某", "交办给县水利局"]
    assert [each for each in kept_back if each.encode() in request.raw] == []


def test_of_many_matters_the_same_four_facts_leave_and_how_many_there_are(serve: Any) -> None:
    server = serve(answers(200))
    matters = [
        {"number": f"2026-{number}", "due_on": None, "link": f"https://a.example/{number}/", "urgency": "red"}
        for number in range(20)
    ]
    known = {"count": 31, "matters": [matter | {"sentence": "交办", "household": "李某某"} for matter in matters]}

    WebhookChannel().send(a_message(f"{server.url}/hook", data=known, link="https://a.example/messages/"))

    sent = json.loads(server.requests[0].body)
    assert sent == {"delivery": DELIVERY, "link": "https://a.example/messages/", "count": 31, "matters": matters}


def test_each_attempt_bears_the_same_delivery_and_a_signature_of_its_own(serve: Any) -> None:
    server = serve(answers(500), bad.hangs_up_after_reading, answers(200))
    message = a_message(f"{server.url}/hook")
    began = clock.now()

    outcomes = []
    for minute in range(3):
        with clock.at(began + timedelta(minutes=minute)):
            outcomes.append(WebhookChannel().send(message))

    assert [(outcome.sent, outcome.retry) for outcome in outcomes] == [(False, True), (False, True), (True, False)]
    assert [request.headers["x-bihuan-delivery"] for request in server.requests] == [DELIVERY] * 3
    assert [json.loads(request.body)["delivery"] for request in server.requests] == [DELIVERY] * 3
    assert len({request.headers["x-bihuan-signature"] for request in server.requests}) == 3
    assert all(verify(SECRET, request.headers, request.body) for request in server.requests)


@pytest.mark.parametrize("behaviour", [bad.drips_its_body, bad.stops_in_the_middle, bad.answers_without_end])
def test_a_receiver_that_said_yes_has_it_however_the_answer_goes_on(serve: Any, behaviour: bad.Behaviour) -> None:
    server = serve(behaviour)

    outcome = WebhookChannel(Limits(connect=1.0, read=1.0, total=1.0)).send(a_message(f"{server.url}/hook"))

    assert outcome == Outcome(sent=True)


def test_without_a_secret_nothing_is_sent(serve: Any) -> None:
    server = serve(answers(200))

    outcome = WebhookChannel().send(a_message(f"{server.url}/hook", secret=""))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert "密钥" in outcome.error
    assert server.connections == 0


def test_a_signature_is_the_documented_one() -> None:
    # printf '1750000000.{"number":"2026-0118"}' | openssl dgst -sha256 -hmac 'correct horse battery staple'
    assert (
        signature(SECRET, "1750000000", b'{"number":"2026-0118"}')
        == "sha256=250dc52a62a7dbf7516cbff142b89b26f8da1b2f0dcff6f6e1aa8e92df4ded93"
    )


@pytest.fixture
def signed() -> tuple[dict[str, str], bytes]:
    """Headers and body of a call made just now."""
    body = b'{"number":"2026-0118"}'
    timestamp = str(int(clock.now().timestamp()))
    headers = {"X-Bihuan-Timestamp": timestamp, "X-Bihuan-Signature": signature(SECRET, timestamp, body)}
    return headers, body


def test_a_receiver_believes_what_is_signed_and_fresh(signed: Any) -> None:
    headers, body = signed

    assert verify(SECRET, headers, body)
    assert verify(SECRET, {name.upper(): value for name, value in headers.items()}, body)


def test_a_receiver_does_not_believe_another_secret_body_or_time(signed: Any) -> None:
    headers, body = signed
    later = str(int(headers["X-Bihuan-Timestamp"]) + 1)

    assert not verify("another secret", headers, body)
    assert not verify(SECRET, headers, body + b" ")
    assert not verify(SECRET, headers | {"X-Bihuan-Timestamp": later}, body)


def test_a_receiver_does_not_believe_what_is_old_or_from_tomorrow(signed: Any) -> None:
    headers, body = signed

    with clock.at(clock.now() + timedelta(minutes=6)):
        assert not verify(SECRET, headers, body)
        assert verify(SECRET, headers, body, within=600)
    with clock.at(clock.now() - timedelta(minutes=6)):
        assert not verify(SECRET, headers, body)


@pytest.mark.parametrize(
    "broken",
    [
        {"X-Bihuan-Timestamp": ""},
        {"X-Bihuan-Timestamp": "now"},
        {"X-Bihuan-Timestamp": "１７５００００００００"},
        {"X-Bihuan-Timestamp": "9" * 5000},
        {"X-Bihuan-Signature": ""},
        {"X-Bihuan-Signature": "sha256=签名"},
        {"X-Bihuan-Signature": "sha256="},
    ],
)
def test_a_receiver_does_not_stumble_over_broken_headers(signed: Any, broken: dict[str, str]) -> None:
    headers, body = signed

    assert not verify(SECRET, headers | broken, body)
    assert not verify(SECRET, {}, body)


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side for hooks.example, and a caller's side that trusts its certificate alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name stand for these addresses; returns the names that were asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int | None, **_: object) -> list[Any]:
        asked.append(host)
        return [(None, None, None, "", (address, port)) for address in addresses]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    return asked


def test_the_connection_goes_to_the_address_that_was_judged_under_the_name_that_was_asked(
    certified: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    ours, theirs = certified
    spoken: list[str | None] = []
    ours.sni_callback = lambda _socket, name, _context: spoken.append(name)
    settings.WEBHOOK_HOSTS = ["hooks.example"]
    asked = resolved(monkeypatch, "127.0.0.1")

    with Server([answers(200)], tls=ours) as server:
        outcome = WebhookChannel(tls=theirs).send(a_message(f"https://hooks.example:{server.port}/hook"))

    assert outcome == Outcome(sent=True)
    assert (asked, spoken) == (["hooks.example"], ["hooks.example"])
    assert server.requests[0].headers["host"] == f"hooks.example:{server.port}"


def test_a_certificate_for_another_name_is_not_believed(
    certified: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    ours, theirs = certified
    settings.WEBHOOK_HOSTS = ["other.example"]
    resolved(monkeypatch, "127.0.0.1")

    with Server([answers(200)], tls=ours) as server:
        outcome = WebhookChannel(tls=theirs).send(a_message(f"https://other.example:{server.port}/hook"))

    assert (outcome.sent, outcome.retry, outcome.error) == (False, True, "对方的证书不可信，没有发送。")
    assert server.requests == []


def test_a_certificate_nobody_vouches_for_is_not_believed(
    certified: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example"]
    resolved(monkeypatch, "127.0.0.1")

    with Server([answers(200)], tls=certified[0]) as server:
        outcome = WebhookChannel().send(a_message(f"https://hooks.example:{server.port}/hook"))

    assert (outcome.sent, outcome.error) == (False, "对方的证书不可信，没有发送。")
    assert server.requests == []


def test_a_server_that_never_finishes_the_handshake_is_left(
    serve: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example"]
    resolved(monkeypatch, "127.0.0.1")
    server = serve(lambda guest: guest.stopped.wait())

    outcome = WebhookChannel(SHORT).send(a_message(f"https://hooks.example:{server.port}/hook"))

    assert (outcome.sent, outcome.retry, outcome.error) == (False, True, "对方没有及时回答。")


def test_the_next_address_is_tried_where_nobody_listens_at_the_first(
    certified: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    ours, theirs = certified
    settings.WEBHOOK_HOSTS = ["hooks.example"]
    resolved(monkeypatch, "127.0.0.2", "127.0.0.1")

    with Server([answers(200)], tls=ours) as server:
        outcome = WebhookChannel(tls=theirs).send(a_message(f"https://hooks.example:{server.port}/hook"))

    assert outcome.sent
