"""封存：once a day, a fingerprint over every chain that grew, and its copy outside the database."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from organizations import clock
from workflows.models import Case, Seal, SealEntry

BATCH = 1000


def make_seal(day: date) -> Seal:
    """The seal of a day: made now, or the one that stands already.

    All cases that grew are locked in one transaction; about 150 bytes of memory for each.
    """
    try:
        with transaction.atomic(durable=True):
            last = Seal.objects.order_by("-day").select_for_update().first()
            if last is None or last.day < day:
                return _seal_after(last, day)
    except IntegrityError:  # somebody else made the very first seal at the same moment
        if not Seal.objects.filter(day=day).exists():
            raise
    return Seal.objects.get(day=day)


def _seal_after(last: Seal | None, day: date) -> Seal:
    lines, grown = [], []
    cases = Case.objects.select_for_update(no_key=True).filter(event_count__gt=F("sealed_count"))
    rows = cases.order_by("pk").values_list("pk", "number", "event_count", "head_hash")
    for pk, number, count, head in rows.iterator(chunk_size=BATCH):
        grown.append(pk)
        lines.append(line_of(number, count, head))
    lines.sort()
    previous = last.root if last else ""
    seal = Seal.objects.create(
        day=day,
        made_at=clock.now(),
        count=len(lines),
        algorithm=settings.EVENT_HASH,
        previous_root=previous,
        root=root_of(settings.EVENT_HASH, previous, lines),
    )
    for batch in _batches(lines):
        SealEntry.objects.bulk_create([_entry(seal, line) for line in batch])
    for batch in _batches(grown):
        Case.objects.filter(pk__in=batch).update(sealed_count=F("event_count"))
    return seal


def line_of(case_number: str, count: int, head_hash: str) -> str:
    """One case as a seal hashes it."""
    return f"{case_number}:{count}:{head_hash}"


def root_of(algorithm: str, previous_root: str, lines: Iterable[str]) -> str:
    """Hash over the root before and the sorted lines, each on a line of its own."""
    hasher = hashlib.new(algorithm, f"{previous_root}\n".encode())
    for line in lines:
        hasher.update(f"{line}\n".encode())
    return hasher.hexdigest()


def _entry(seal: Seal, line: str) -> SealEntry:
    number, count, head = line.rsplit(":", 2)
    return SealEntry(seal=seal, case_number=number, count=int(count), head_hash=head)


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def export_seals(path: Path) -> int:
    """Write every seal with its entries as canonical JSON lines; the file is complete or not there."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8", newline="\n") as out:
        count = _write_seals(out)
    draft.replace(path)
    return count


def _write_seals(out: IO[str]) -> int:
    count = 0
    for seal in Seal.objects.order_by("day").iterator(chunk_size=BATCH):
        count += 1
        out.write(_json_line(seal_as_json(seal)))
        for entry in entries_of(seal):
            line = {"case": entry.case_number, "count": entry.count, "head": entry.head_hash}
            out.write(_json_line(line))
    return count


def seal_as_json(seal: Seal) -> dict[str, Any]:
    """What of a seal leaves the database and must be found there again."""
    return {
        "seal": seal.day.isoformat(),
        "count": seal.count,
        "algorithm": seal.algorithm,
        "previous": seal.previous_root,
        "root": seal.root,
    }


def entries_of(seal: Seal) -> Iterator[SealEntry]:
    """The entries of a seal in the order they were written, which is the sorted one."""
    return SealEntry.objects.filter(seal=seal).order_by("pk").iterator(chunk_size=BATCH)


def _json_line(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
