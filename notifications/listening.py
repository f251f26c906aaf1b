"""What happens right after an event's commit: the fast path, which may fail, because the sweep is the truth."""

from celery import current_app
from django.conf import settings

from notifications import live
from notifications.tasks import deliver_event

BROKER = live.Fuse("the broker")


def on_event(event_id: int) -> None:
    """Have the event delivered by a worker."""
    if settings.REDIS_URL or current_app.conf.task_always_eager:
        BROKER.try_out(lambda: deliver_event.apply_async([event_id], retry=False))
