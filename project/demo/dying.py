"""A child of the demo's supervisor never outlives it, however the supervisor ends."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.5


def end_with_parent(parent: int) -> bool:
    """Have the kernel end this process with its parent, from now on and through any exec; False where it cannot."""
    if sys.platform != "linux":
        return False
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before the promise was given
        os._exit(1)
    return True


def die_with(parent: int) -> None:
    """The same for a process that stays itself; it also looks at the parent's id now and then."""
    end_with_parent(parent)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)
