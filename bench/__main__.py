"""`make bench`: everything, or the parts named after `python -m bench`; BENCH_SCALE=small is a quick run."""

import os
import sys

from bench.database import own_database
from bench.table import Line, print_part

PARTS = ("steps", "clocks", "lists", "live", "ledger", "inbox")
LITTLE = 10_000
LARGE = {"": 1_000_000, "small": 100_000}
RECOMPUTED = {"": 200_000, "small": 20_000}  # half of them follow the other half


def main() -> int:
    """Measure, print, and answer 1 when something is over its bar."""
    scale = os.environ.get("BENCH_SCALE", "")
    if scale not in LARGE:
        sys.exit("BENCH_SCALE is small, or not set at all.")
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    found: list[Line] = []
    if "steps" in wanted:
        found += _steps(small=scale == "small")
    if "clocks" in wanted:
        found += _clocks(LARGE[scale], RECOMPUTED[scale])
    if "lists" in wanted:
        found += _lists(1_000 if scale == "small" else 10_000)
    if "live" in wanted:
        found += _live(small=scale == "small")
    if {"ledger", "inbox"} & set(wanted):
        found += _province(LARGE[scale], wanted)
    over = sum(not line.holds for line in found)
    print(f"\n{over} over the bar." if over else "\nEverything within its bar.")
    return 1 if over else 0


def _steps(*, small: bool) -> list[Line]:
    with own_database():
        from bench import steps

        return print_part("One step of a case", steps.lines(small))


def _clocks(many: int, recomputed: int) -> list[Line]:
    with own_database():
        from bench import clocks

        clocks.build(LITTLE)
        little = clocks.measure_scan(LITTLE, 3)
    with own_database():
        clocks.build(recomputed)
        lines = clocks.recomputing_lines(recomputed)
    with own_database():
        clocks.build(many)
        return print_part(f"Clocks: {many:,} open deadlines", clocks.scan_lines(many, little) + lines)


def _lists(rows: int) -> list[Line]:
    with own_database():
        from bench import lists, province

        province.build(LITTLE * 3)
        return print_part(f"A received list of {rows:,} rows into a county of some 9,000 problems", lists.lines(rows))


def _live(*, small: bool) -> list[Line]:
    with own_database():
        from bench import live

        return print_part("Telling people while they look", live.lines(small))


def _province(count: int, wanted: list[str]) -> list[Line]:
    little = {}
    if "ledger" in wanted:
        with own_database():
            from bench import ledger, province

            little = ledger.measure(province.build(LITTLE))
    with own_database():
        from bench import inbox, ledger, province

        built = province.build(count)
        title = province.size_of_tables()
        found: list[Line] = []
        if "ledger" in wanted:
            found += print_part(f"The ledger: {title}", ledger.lines(ledger.measure(built), little))
        if "inbox" in wanted:
            found += print_part(f"The inbox: {title}", inbox.lines(built))
        return found


if __name__ == "__main__":
    sys.exit(main())
