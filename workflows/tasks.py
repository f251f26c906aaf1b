"""What beat has done: each is safe to run twice and asks the clock what time it is."""

from celery import shared_task

from organizations import clock
from workflows import recomputing, scanning
from workflows.sealing import make_seal


@shared_task(ignore_result=True)
def scan_deadlines() -> int:
    """Look at every clock whose time has come."""
    return scanning.scan_deadlines()


@shared_task(ignore_result=True)
def continue_recomputing() -> int:
    """Go on with what a change of calendar or policy has begun."""
    return recomputing.continue_recomputing()


# A province's first seal reads every case; the limits of other tasks would cut it short.
@shared_task(ignore_result=True, soft_time_limit=1500, time_limit=1800)
def seal_day() -> str:
    """Make today's seal unless it stands: today in Shanghai, by the clock the events were written by."""
    return make_seal(clock.today()).root
