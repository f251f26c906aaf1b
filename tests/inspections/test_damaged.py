"""Damaged files: always rows or a sentence, never a traceback; more of them with BIHUAN_SOAK=2000."""

import json
import os
import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import FrameType

import pytest

from inspections.reading.errors import UnreadableFile
from inspections.reading.reader import read_file
from tests.inspections.damage import DAMAGES, damaged

pytestmark = pytest.mark.pure

COUNT = int(os.environ.get("BIHUAN_SOAK", "100"))
CHUNK = 10
HANGS_AFTER = 300
MEGABYTES = 600
ROW = {
    "row", "serial", "category", "location", "problem", "points", "units", "lead_unit", "measures", "deadline_text",
    "deadline", "status_text", "positive", "warnings", "errors",
}  # fmt: skip


@contextmanager
def guarded_against_hanging(what: str) -> Iterator[None]:
    """An alarm far beyond any honest duration."""

    def ring(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"{what} has been read for {HANGS_AFTER} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(HANGS_AFTER)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def peak() -> float:
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_damaged(seed: int) -> None:
    """Read one file; whatever else than rows or a sentence happens names the seed."""
    name, content = damaged(seed)
    what = f"seed {seed} ({DAMAGES[seed % len(DAMAGES)].__name__})"
    before = peak()
    with guarded_against_hanging(what):
        try:
            found = read_file(content, name=name, reference_date=date(2024, 5, 6)).as_json()
        except UnreadableFile as refusal:
            said = str(refusal)
        except BaseException as wrong:  # a panic of the Rust reader is no Exception
            raise AssertionError(f"{what}: {type(wrong).__name__}: {str(wrong)[:300]}") from wrong
        else:
            said = "文件已读完。"
            json.dumps(found).encode()
            assert all(set(row) >= ROW for sheet in found["sheets"] for row in sheet["rows"]), what
    assert re.fullmatch(r"(?s)(?=.*[一-鿿]{4}).*。", said), f"{what}: no sentence: {said}"
    assert peak() - before < MEGABYTES, f"{what}: {peak() - before:.0f} MB"


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK))
def test_a_damaged_file_gives_rows_or_a_sentence_and_nothing_else(first: int) -> None:
    for seed in range(first, min(first + CHUNK, COUNT)):
        read_damaged(seed)
