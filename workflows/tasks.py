"""What beat has done: each is safe to run twice and asks the clock what time it is."""

from celery import shared_task

from workflows import recomputing, scanning


@shared_task(ignore_result=True)
def scan_deadlines() -> int:
    """Look at every clock whose time has come."""
    return scanning.scan_deadlines()


@shared_task(ignore_result=True)
def continue_recomputing() -> int:
    """Go on with what a change of calendar or policy has begun."""
    return recomputing.continue_recomputing()
