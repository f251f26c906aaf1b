"""A child of the demo's supervisor: `python -m project.demo.serve web|worker|beat|broker PARENT [SOCKET]`."""

import logging
import os
import socket
import sys
import warnings

from project.demo.broker import become
from project.demo.dying import die_with

# Threads, not processes: quick to start, and SQLite has one writer anyhow.
WORKER = "worker --pool threads --concurrency 4 --without-gossip --without-mingle --without-heartbeat"
BEAT = "beat --pidfile= --schedule"


def main() -> int:
    """Become what the first word says, until told to stop."""
    role, parent = sys.argv[1], int(sys.argv[2])
    if role == "broker":
        return become(parent)
    die_with(parent)
    if role == "web":
        return _web(int(sys.argv[3]))
    if role == "worker":
        return _celery(WORKER.split())
    return _celery([*BEAT.split(), os.path.join(os.environ["BIHUAN_DATA"], "run", "beat")])


def _web(descriptor: int) -> int:
    """Check the installation and answer on the socket handed down."""
    import uvicorn
    from django.core import checks

    from project.asgi import application

    errors = [each for each in checks.run_checks() if each.level >= checks.ERROR]
    if errors:
        sys.stderr.writelines(f"{error}\n" for error in errors)
        return 1
    config = uvicorn.Config(application, log_level="warning", lifespan="off", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])
    return 0


def _celery(words: list[str]) -> int:
    """Worker and beat, whose greetings and farewells nobody needs; what goes wrong goes to standard error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ["CELERY_SKIP_CHECKS"] = "true"  # the web server makes them
    # Advice for operators, such as not to be root; Celery puts its own warnings on again, and into the log.
    warnings.simplefilter("ignore")
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    from celery.bin.celery import main as celery

    sys.argv = ["celery", "--quiet", "--app", "project", *words]
    return int(celery() or 0)


if __name__ == "__main__":
    sys.exit(main())
