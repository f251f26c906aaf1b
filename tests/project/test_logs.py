"""A request's id: taken or made, answered, on every line; and what never stands in a line."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from structlog.contextvars import get_contextvars

from project import logs
from tests.conftest import World


@pytest.fixture
def lines(settings: Any) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Everything logged from here on, as JSON."""
    stream = io.StringIO()
    config = logs.configure("json", "INFO")
    config["handlers"]["console"]["stream"] = stream
    logging.config.dictConfig(config)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.config.dictConfig(settings.LOGGING)


def test_a_well_formed_id_is_kept_and_anything_else_replaced(db: None) -> None:
    def answered(given: str) -> str:
        return Client().get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]

    assert answered("9f3c-2a7b-11") == "9f3c-2a7b-11"
    for bad in ("", "short", "x" * 65, "a b c d e f g", 'id"}\n{"level":"error"', "身份证号码110101"):
        made = answered(bad)
        assert made != bad
        assert len(made) == 32


def test_every_line_of_a_request_bears_its_id_and_none_after_it(db: None, lines: Any) -> None:
    response = Client().get("/nowhere/", headers={"X-Request-ID": "abcd-1234"})
    logging.getLogger("later").warning("something else")

    found = lines()
    assert response.status_code == 404
    by_logger = {line["logger"]: line for line in found}
    assert by_logger["django.request"]["request_id"] == "abcd-1234"
    own = by_logger["project.requests"]
    assert {**own, "timestamp": "", "ms": 0} == {
        "event": "request", "method": "GET", "path": "/nowhere/", "status": 404, "ms": 0,
        "request_id": "abcd-1234", "level": "info", "logger": "project.requests", "timestamp": "",
    }  # fmt: skip
    assert "request_id" not in by_logger["later"]
    assert get_contextvars() == {}


def test_neither_a_query_nor_a_log_in_nor_a_name_stands_in_the_log(world: World, lines: Any) -> None:
    client = Client()
    client.get("/login/?next=/ledger/&name=叶小满")
    client.post("/login/?token=geheim", {"username": world.clerk.username, "password": "falsch-2026"})

    text = json.dumps(lines(), ensure_ascii=False)
    assert text.count('"path": "/login/"') == 2
    for secret in ("叶小满", "geheim", "falsch-2026", "next=", world.clerk.username, world.clerk.name):
        assert secret not in text


def test_an_error_is_one_json_line_with_its_traceback(lines: Any) -> None:
    try:
        raise ValueError("算错了")
    except ValueError:
        logging.getLogger("x").exception("failed on %s", 7)

    (line,) = lines()
    assert line["event"] == "failed on 7"
    assert "ValueError: 算错了" in line["exception"]


def test_a_person_at_a_terminal_reads_lines_of_text(settings: Any) -> None:
    stream = io.StringIO()
    config = logs.configure("lines", "INFO")
    config["handlers"]["console"]["stream"] = stream
    logging.config.dictConfig(config)
    try:
        logging.getLogger("x").warning("慢了 %s", 3)
    finally:
        logging.config.dictConfig(settings.LOGGING)

    assert "慢了 3" in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()


def test_the_web_servers_own_lines_which_hold_queries_are_off(settings: Any) -> None:
    logging.config.dictConfig(settings.LOGGING)

    assert not logging.getLogger("uvicorn.access").hasHandlers()
