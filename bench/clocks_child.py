"""A process that goes on with what was begun and says how long each of its transactions took, in milliseconds."""

import json
import sys
import time

import django

django.setup()

from workflows import recomputing  # noqa: E402


def main() -> int:
    """Work through everything; a JSON list of the times is written at the end."""
    times: list[float] = []
    work = recomputing._work_on_free_part

    def timed() -> int | None:
        begun = time.perf_counter()
        try:
            return work()
        finally:
            times.append((time.perf_counter() - begun) * 1000)

    recomputing._work_on_free_part = timed
    while recomputing.continue_recomputing():
        pass
    sys.stdout.write(json.dumps(times))
    return 0


if __name__ == "__main__":
    sys.exit(main())
