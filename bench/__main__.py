"""`make bench`: every part, or the ones named after `python -m bench`; BENCH_SCALE=small is a quick run."""

import os
import sys
from importlib import import_module

from bench.database import own_database
from bench.table import print_heads, print_lines

PARTS = {
    "steps": "One step of a case",
    "ledger": "The ledger of a province",
    "inbox": "The inbox",
}


def main() -> int:
    """Measure, print, and answer 1 when something is over its bar."""
    small = os.environ.get("BENCH_SCALE") == "small"
    wanted = sys.argv[1:] or list(PARTS)
    over = 0
    for part in wanted:
        with own_database():
            print_heads(PARTS[part])
            lines = import_module(f"bench.{part}").lines(small)
            print_lines(lines)
            over += sum(not line.holds for line in lines)
    print(f"\n{over} over the bar." if over else "\nEverything within its bar.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
