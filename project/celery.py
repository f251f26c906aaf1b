"""The Celery app and its whole schedule: what happens when nobody presses a button."""

import logging
import os
import time
from typing import Any, NamedTuple

from celery import Celery
from celery.signals import (
    beat_init,
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
)
from django.conf import settings
from kombu.exceptions import OperationalError

from project.logs import begin_task, end_task, request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
log = logging.getLogger(__name__)

REST_SECONDS = 5.0
TICK = "project.tasks.tick"


class Turn(NamedTuple):
    """One line of the schedule."""

    task: str
    seconds: int
    why: str


# Intervals only: each task asks organizations.clock what time it is, so that a moved clock counts.
SCHEDULE = (
    Turn("workflows.tasks.scan_deadlines", 20, "warnings, overdue, escalation: what has come due"),
    Turn("workflows.tasks.continue_recomputing", 20, "dates computed anew after the calendar changed, in portions"),
    Turn("workflows.tasks.seal_day", 600, "the day's seal; the first run after midnight in Shanghai makes it"),
    Turn("notifications.tasks.deliver_missed_events", 60, "events that a dead broker or a killed worker left"),
    Turn("notifications.tasks.send_due_deliveries", 20, "messages put off, or to be tried again"),
    Turn("notifications.tasks.make_digests", 60, "one summary a person and office day, at the hour they chose"),
    Turn("notifications.tasks.escalate_unread", 60, "an urgent message nobody has read goes one level up"),
    Turn(TICK, 10, "beat's heartbeat, looked at by /readyz"),
)


class Clockwork(Celery):
    """Publishing neither waits nor raises: the tables are the truth, and a sweep finds what was not sent."""

    _rests_until = 0.0

    def send_task(self, *args: Any, **kwargs: Any) -> Any:
        """Publish; nothing, and None, without a broker or for a moment after it failed."""
        if not settings.REDIS_URL or time.monotonic() < self._rests_until:
            return None
        try:
            return super().send_task(*args, **{**kwargs, "retry": False})
        except (OperationalError, OSError) as error:
            # Not the error's own words: they may hold the broker's address with its password.
            self._rests_until = time.monotonic() + REST_SECONDS
            log.warning("the broker does not answer (%s); the sweeps will do it", type(error).__name__)
            return None


app = Clockwork("project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["project"])
# What waited for longer than two turns is dropped: the next turn does the same.
app.conf.beat_schedule = {
    turn.task: {"task": turn.task, "schedule": turn.seconds, "options": {"expires": 2 * turn.seconds}}
    for turn in SCHEDULE
}


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Celery leaves logging alone where somebody listens; ours is set up with the settings."""


@celeryd_init.connect
def let_the_worker_wait(conf: Any = None, **kwargs: Any) -> None:
    """A worker may wait for its broker; only a person's request may not."""
    conf.broker_transport_options = conf.broker_transport_options | settings.PATIENT_SOCKETS


@beat_init.connect
def start_beating(**kwargs: Any) -> None:
    """Beat may wait too; and its first heartbeat goes out at once."""
    app.conf.broker_transport_options = app.conf.broker_transport_options | settings.PATIENT_SOCKETS
    app.send_task(TICK)


@before_task_publish.connect
def take_the_request_along(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """A task's lines can be found by the request that caused it."""
    if headers is not None and (caused_by := request_id()):
        headers["request_id"] = caused_by


@task_prerun.connect
def bind_task(task: Any, task_id: str, args: Any = (), kwargs: Any = None, **more: Any) -> None:
    """Every line of a task bears its id and the ids it was called with."""
    begin_task(task, task_id, args, kwargs or {})


@task_postrun.connect
def unbind_task(**kwargs: Any) -> None:
    """The thread's next task starts with nothing bound."""
    end_task()
