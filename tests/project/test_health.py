"""Whether the site lives, and whether the installation does its work."""

import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client

from organizations import clock
from project import health
from tests.conftest import Story
from workflows.models import Outbox


@pytest.fixture(autouse=True)
def no_tick() -> None:
    cache.delete(health.TICK_KEY)


@pytest.fixture
def with_broker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that answers; the cache stays the test's own."""
    settings.REDIS_URL = "redis://somewhere"
    monkeypatch.setattr(health, "broker", lambda: {"ok": True, "state": "answers"})


def readyz() -> tuple[int, dict[str, Any]]:
    response = Client().get("/readyz")
    return response.status_code, response.json()


def test_alive_needs_no_database_and_no_log_in(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_ready_says_each_part_and_costs_two_questions(db: None, django_assert_num_queries: Any, settings: Any) -> None:
    settings.REDIS_URL = ""

    with django_assert_num_queries(2):
        response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "parts": {
            "database": {"ok": True, "state": "answers"},
            "broker": {"ok": True, "state": "absent"},
            "beat": {"ok": True, "state": "absent"},
            "events": {"ok": True, "state": "delivered", "seconds": 0},
        },
    }
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_a_beat_that_never_came_stopped_or_goes_on(db: None, with_broker: None) -> None:
    assert readyz()[0] == 503
    assert readyz()[1]["parts"]["beat"] == {"ok": False, "state": "never"}

    health.note_tick()
    assert readyz() == (200, readyz()[1])
    assert readyz()[1]["parts"]["beat"]["state"] == "ticks"

    cache.set(health.TICK_KEY, time.time() - health.TICK_SECONDS - 5, None)
    assert readyz()[0] == 503
    assert readyz()[1]["parts"]["beat"]["state"] == "late"


def test_an_event_nobody_was_told_of_for_five_minutes_is_trouble(story: Story, settings: Any) -> None:
    settings.REDIS_URL = ""
    story.assigned()
    assert Outbox.objects.exists()
    assert readyz()[0] == 200

    with clock.at(clock.now() + timedelta(seconds=health.EVENT_SECONDS + 60)):
        status, body = readyz()

    assert status == 503
    assert body["ready"] is False
    assert body["parts"]["events"]["state"] == "waiting"
    assert body["parts"]["events"]["seconds"] > health.EVENT_SECONDS
    assert body["parts"]["database"]["ok"]


def test_a_broker_that_does_not_answer_is_named_within_its_time_and_without_its_address(
    db: None, settings: Any
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.REDIS_URL = f"redis://:geheim@127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.perf_counter()
        response = Client().get("/readyz")
        took = time.perf_counter() - began

    assert response.status_code == 503
    assert response.json()["parts"]["broker"] == {"ok": False, "state": "unreachable"}
    assert b"geheim" not in response.content
    assert took < 1.5


def test_a_database_that_is_gone_is_named(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = ""

    def refuse() -> None:
        raise DatabaseError("password=geheim")

    with monkeypatch.context() as gone:
        gone.setattr(connection, "cursor", refuse)
        gone.setattr(connection, "chunked_cursor", refuse)
        response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"]["database"] == {"ok": False, "state": "unreachable"}
    assert response.json()["parts"]["events"] == {"ok": False, "state": "unknown"}
    assert b"geheim" not in response.content


def test_probes_speak_plain_http_where_people_are_sent_to_https(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.REDIS_URL = ""

    answers = {page: Client().get(page).status_code for page in ("/healthz", "/readyz", "/login/")}

    assert answers == {"/healthz": 200, "/readyz": 200, "/login/": 301}
