"""What Celery runs for the installation itself."""

from celery import shared_task

from project.health import note_tick


@shared_task
def tick() -> None:
    """Beat's heartbeat, written down by a worker: both are alive when it is young."""
    note_tick()
