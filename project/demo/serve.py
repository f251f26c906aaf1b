"""The web server as a child of the demo's supervisor: it never outlives its parent."""

import ctypes
import os
import signal
import socket
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.5


def die_with(parent: int) -> None:
    """Have the kernel end this process with its parent; where it cannot, watch the parent's id."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)


def main() -> int:
    """Check the installation and answer on the socket handed down, until told to stop."""
    descriptor, parent = (int(word) for word in sys.argv[1:3])
    die_with(parent)
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


if __name__ == "__main__":
    sys.exit(main())
