"""What is killed: `python -m tests.kill.child web|worker|ticker|driver PARENT [NUMBER]`. It ends with its parent."""

import os
import sys
import time

from project.demo.dying import die_with

# As in deploy/bihuan-worker.service.
WORKER = "worker --loglevel ERROR --without-gossip --without-mingle --without-heartbeat"
TURN_SECONDS = 1.0


def main() -> int:
    """Become what the first word says."""
    role, parent = sys.argv[1], int(sys.argv[2])
    die_with(parent)
    if role == "web":
        return _serve(int(sys.argv[3]))
    if role == "worker":
        return _worker((sys.argv[3:] or ["2"])[0])
    import django

    django.setup()
    if role == "ticker":
        return _tick_for_ever()
    from tests.kill.driver import drive

    return drive(int(sys.argv[3]))


def _serve(port: int) -> int:
    import uvicorn

    uvicorn.run("project.asgi:application", port=port, lifespan="off", access_log=False, log_level="error")
    return 0


def _worker(processes: str) -> int:
    os.environ["CELERY_SKIP_CHECKS"] = "true"
    from celery.bin.celery import main as celery

    sys.argv = ["celery", "--quiet", "--app", "project", *WORKER.split(), "--concurrency", processes]
    return int(celery() or 0)


def _tick_for_ever() -> int:
    """Beat's schedule, turned much faster than beat does: a round is not to last for minutes."""
    from project.celery import SCHEDULE, app

    while True:
        for turn in SCHEDULE:
            app.send_task(turn.task, expires=10)
        app._rests_until = 0.0  # beat's pauses are longer than the rest it takes from a broker that is away
        time.sleep(TURN_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
