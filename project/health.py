"""What /readyz looks at: each part says whether it does its work, and how old its oldest debt is."""

import socket
import time
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from organizations import clock
from workflows.models import Outbox

TICK_KEY = "beat-tick"
TICK_SECONDS = 60
EVENT_SECONDS = 300
KNOCK_SECONDS = 0.5

Part = dict[str, Any]


def parts() -> dict[str, Part]:
    """The state of everything the site needs to do its work."""
    return {"database": database(), "broker": broker(), "beat": beat(), "events": events()}


def note_tick() -> None:
    """Beat and a worker are alive. Machine time: a demo whose clock was moved has not missed a beat."""
    cache.set(TICK_KEY, time.time(), None)


def database() -> Part:
    """Whether it answers a question."""
    try:
        _knock()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, OSError):
        return {"ok": False, "state": "unreachable"}
    return {"ok": True, "state": "answers"}


def _knock() -> None:
    """The pool waits half a minute for a server that is gone; a probe does not."""
    where = connection.settings_dict
    if connection.vendor == "postgresql" and where["HOST"] and not where["HOST"].startswith("/"):
        socket.create_connection((where["HOST"], int(where["PORT"] or 5432)), KNOCK_SECONDS).close()


def broker() -> Part:
    """Whether it answers a ping; an installation without one works, but tells nobody anything."""
    if not settings.REDIS_URL:
        return {"ok": True, "state": "absent"}
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=KNOCK_SECONDS,
            socket_connect_timeout=KNOCK_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        with client:
            client.ping()
    except (redis.RedisError, OSError):
        return {"ok": False, "state": "unreachable"}
    return {"ok": True, "state": "answers"}


def beat() -> Part:
    """How long ago a worker did what beat asked for."""
    if not settings.REDIS_URL:
        return {"ok": True, "state": "absent"}
    try:
        last = cache.get(TICK_KEY)
    except (redis.RedisError, OSError):
        return {"ok": False, "state": "unknown"}
    if last is None:
        return {"ok": False, "state": "never"}
    age = max(0, round(time.time() - last))
    return {"ok": age <= TICK_SECONDS, "state": "ticks" if age <= TICK_SECONDS else "late", "seconds": age}


def events() -> Part:
    """How long the oldest event has waited for its people to be told."""
    try:
        at = Outbox.objects.order_by("pk").values_list("event__at", flat=True).first()
    except DatabaseError:
        return {"ok": False, "state": "unknown"}
    age = max(0, round((clock.now() - at).total_seconds())) if at else 0
    return {"ok": age <= EVENT_SECONDS, "state": "waiting" if at else "delivered", "seconds": age}
