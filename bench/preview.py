"""The preview of a received list in a process of its own: `python -m bench.preview FILE BATCH USER`."""

import json
import resource
import sys
import time
from pathlib import Path


def main(path: str, batch: str, user: str) -> None:
    """Print the draft's id, the seconds it took and the megabytes the process had at its peak."""
    import django

    django.setup()
    from inspections.actions.drafts import Upload, begin_import
    from organizations.models import User
    from rectification.models import Batch

    by = User.objects.get(pk=user)
    into = Batch.objects.select_related("division").get(pk=batch)
    begun = time.perf_counter()
    made = begin_import(into, Upload("list.xlsx", Path(path).read_bytes()), by=by)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"import": made.pk, "seconds": seconds, "megabytes": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
