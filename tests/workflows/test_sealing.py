"""封存：once a day, over every chain that grew, and a copy that is worth something outside."""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations import clock
from rectification.actions.progress import report_progress
from tests.conftest import Story, reread
from workflows import sealing
from workflows.models import Case, Seal, SealEntry
from workflows.sealing import make_seal

TODAY = date(2026, 6, 30)
TOMORROW = TODAY + timedelta(days=1)


def entries(seal: Seal) -> list[tuple[str, int, str]]:
    return list(seal.entries.order_by("pk").values_list("case_number", "count", "head_hash"))


def test_a_seal_covers_every_case_that_grew(story: Story) -> None:
    first, second = story.registered(), story.assigned()

    seal = make_seal(TODAY)

    heads = sorted((case.number, case.event_count, case.head_hash) for case in Case.objects.all())
    assert entries(seal) == heads
    assert seal.count == 2
    assert reread(first).case.sealed_count == 1
    assert reread(second).case.sealed_count == 2


def test_the_root_is_the_hash_over_the_root_before_and_the_sorted_lines(story: Story) -> None:
    story.registered()
    before = make_seal(TODAY)
    story.registered()
    story.assigned()

    seal = make_seal(TOMORROW)

    lines = "".join(f"{number}:{count}:{head}\n" for number, count, head in sorted(entries(seal)))
    assert seal.previous_root == before.root
    assert seal.root == hashlib.new(seal.algorithm, f"{before.root}\n{lines}".encode()).hexdigest()


def test_sealing_the_same_day_again_changes_nothing(story: Story) -> None:
    problem = story.registered()
    seal = make_seal(TODAY)
    story.registered()

    again = make_seal(TODAY)

    assert (again.pk, again.root) == (seal.pk, seal.root)
    assert Seal.objects.count() == 1
    assert SealEntry.objects.get().case_number == problem.case.number


def test_the_next_seal_holds_only_what_grew_since(story: Story) -> None:
    moved, still = story.rectifying(), story.registered()
    make_seal(TODAY)
    report_progress(moved.pk, by=story.world.clerk, unchanged=True)

    seal = make_seal(TOMORROW)

    assert [number for number, _count, _head in entries(seal)] == [moved.case.number]
    assert reread(still).case.sealed_count == 1


@pytest.mark.usefixtures("db")
def test_a_day_on_which_nothing_happened_is_sealed_too() -> None:
    before = make_seal(TODAY)

    seal = make_seal(TOMORROW)

    assert (seal.count, seal.previous_root) == (0, before.root)
    assert seal.root != before.root


@pytest.mark.usefixtures("db")
def test_a_day_before_the_last_seal_is_not_sealed_afterwards() -> None:
    make_seal(TOMORROW)

    with pytest.raises(Seal.DoesNotExist):
        make_seal(TODAY)

    assert Seal.objects.count() == 1


def test_rows_are_written_in_batches(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for _each in range(5):
        story.registered()
    monkeypatch.setattr(sealing, "BATCH", 2)

    with CaptureQueriesContext(connection) as statements:
        seal = make_seal(TODAY)

    inserts = [each for each in statements if each["sql"].startswith('INSERT INTO "workflows_sealentry"')]
    assert len(inserts) == 3
    assert seal.entries.count() == 5


def test_a_crash_halfway_leaves_nothing_sealed(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = story.registered()
    monkeypatch.setattr(sealing, "_entry", lambda seal, line: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        make_seal(TODAY)

    assert not Seal.objects.exists()
    assert reread(problem).case.sealed_count == 0


def test_the_file_can_be_checked_without_the_database(story: Story, tmp_path: Path) -> None:
    story.registered()
    make_seal(clock.today() - timedelta(days=1))
    story.assigned()
    file = tmp_path / "seals.jsonl"

    call_command("seal", out=file)

    previous = ""
    bodies = [json.loads(line) for line in file.read_text().splitlines()]
    assert [json.dumps(b, sort_keys=True, separators=(",", ":")) for b in bodies] == file.read_text().split()
    heads = [place for place, body in enumerate(bodies) if "seal" in body]
    for place, following in zip(heads, [*heads[1:], len(bodies)], strict=True):
        lines = [f"{b['case']}:{b['count']}:{b['head']}" for b in bodies[place + 1 : following]]
        text = "\n".join([previous, *lines]) + "\n"
        previous = hashlib.new(bodies[place]["algorithm"], text.encode()).hexdigest()
        assert bodies[place]["root"] == previous
    assert len(heads) == 2


def test_the_command_prints_count_and_root(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.registered()

    call_command("seal")

    printed = capsys.readouterr().out
    assert "1 个问题" in printed
    assert Seal.objects.get().root in printed


@pytest.mark.usefixtures("db")
def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="无法写入"):
        call_command("seal", out=tmp_path / "no" / "such" / "folder")

    assert Seal.objects.count() == 1
