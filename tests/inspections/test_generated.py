"""The reader against two hundred made-up ledgers: every field of every row."""

import os

import pytest

from inspections.reading.reader import read_file
from tests.inspections.compare import differences, rows_of
from tests.inspections.generator import make_ledger

pytestmark = pytest.mark.pure

CHUNK = 10
FIRST = int(os.environ.get("BIHUAN_FIRST_SEED", "0"))


def complaints(seed: int) -> list[str]:
    """What the reader got wrong in one ledger."""
    ledger = make_ledger(seed)
    read = read_file(ledger.bytes, name=ledger.name, reference_date=ledger.reference_date)
    return [f"seed {seed} ({ledger.format}) {line}" for line in differences(ledger, rows_of(read.as_json()))]


@pytest.mark.parametrize("first", range(FIRST, FIRST + 200, CHUNK))
def test_every_field_of_a_made_up_ledger_is_read_as_a_clerk_would(first: int) -> None:
    found = [line for seed in range(first, first + CHUNK) for line in complaints(seed)]

    assert not found, "\n".join(found)
