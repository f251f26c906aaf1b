"""verify_ledger on seals: what only a seal, or its copy outside, can show."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from organizations import clock
from rectification.actions.items import claim_item
from rectification.models import Problem
from tests.conftest import Story, item_of, reread
from tests.workflows.tampering import cut_tail, erase, event_of, fault, names, rewrite_chain, tampering
from workflows import verification
from workflows.models import Case, Event, Seal, SealEntry
from workflows.sealing import make_seal
from workflows.verification import verify


def test_a_tail_cut_off_together_with_the_head_is_found_after_a_seal(story: Story) -> None:
    problem = story.rectifying()
    claim_item(item_of(problem).pk, by=story.world.clerk)
    make_seal(clock.today())

    cut_tail(problem, and_rewrite_head=True)
    Case.objects.filter(pk=problem.pk).update(sealed_count=5)

    assert names(fault(), problem, "第6号", "封存", "现在没有这条事件")


def test_a_tail_cut_off_together_with_the_head_is_not_found_before_a_seal(story: Story) -> None:
    """The documented limit of the ledger: it is worth what the last seal is worth."""
    problem = story.rectifying()
    make_seal(clock.today())
    claim_item(item_of(problem).pk, by=story.world.clerk)

    cut_tail(problem, and_rewrite_head=True)

    assert verify().events == 5
    assert "cut short together with its head since the last seal" in str(verification.__doc__)


def test_history_rewritten_with_all_its_hashes_is_found_after_a_seal(story: Story) -> None:
    problem = story.rectifying()
    make_seal(clock.today())

    with tampering():
        event = event_of(problem, 2)
        Event.objects.filter(pk=event.pk).update(at=event.at - timedelta(days=9))
        rewrite_chain(problem.case)

    assert names(fault(), problem, "第5号", "封存之后被改写过")


def test_a_case_deleted_after_a_seal_is_named(story: Story) -> None:
    story.registered()
    problem = story.assigned()
    make_seal(clock.today())

    erase(problem)

    assert names(fault(), problem, "整个案件已不存在")


@pytest.mark.parametrize("spoil", ["root", "count", "entry", "extra entry", "entry gone", "seal gone"])
def test_a_tampered_seal_is_named(story: Story, spoil: str) -> None:
    story.registered()
    yesterday = clock.today() - timedelta(days=1)
    seal = make_seal(yesterday)
    story.registered()
    make_seal(clock.today())
    entry = seal.entries.get()
    spoilers: dict[str, Callable[[], Any]] = {
        "root": lambda: Seal.objects.filter(pk=seal.pk).update(root="0" * 64),
        "count": lambda: Seal.objects.filter(pk=seal.pk).update(count=2),
        "entry": lambda: SealEntry.objects.filter(pk=entry.pk).update(head_hash="0" * 64),
        "extra entry": lambda: SealEntry.objects.create(seal=seal, case_number="ZZ", count=1, head_hash=""),
        "entry gone": lambda: SealEntry.objects.filter(pk=entry.pk).delete(),
        "seal gone": lambda: (SealEntry.objects.filter(pk=entry.pk).delete(), seal.delete()),
    }

    with tampering():
        spoilers[spoil]()

    day = clock.today() if spoil == "seal gone" else yesterday
    assert str(day) in fault()


def test_seals_rewritten_from_the_beginning_are_found_by_the_file_outside(story: Story, tmp_path: Path) -> None:
    problem = story.rectifying()
    claim_item(item_of(problem).pk, by=story.world.clerk)
    file = tmp_path / "seals.jsonl"
    call_command("seal", out=file)

    cut_tail(problem, and_rewrite_head=True)
    with tampering():
        SealEntry.objects.all().delete()
        Seal.objects.all().delete()
        Case.objects.update(sealed_count=0)
    make_seal(clock.today())

    assert verify().seals == 1
    with pytest.raises(CommandError, match=f"{clock.today()}.*不一致"):
        call_command("verify_ledger", seal_file=file)


def test_a_file_that_agrees_is_clean_even_after_later_seals(story: Story, tmp_path: Path) -> None:
    story.registered()
    file = tmp_path / "seals.jsonl"
    call_command("seal", out=file)
    story.registered()
    make_seal(clock.today() + timedelta(days=1))

    call_command("verify_ledger", seal_file=file)

    assert Seal.objects.count() == 2


@pytest.mark.parametrize("spoil", ["head", "line gone", "no json", "not ours"])
def test_a_file_that_was_altered_itself_is_named(story: Story, tmp_path: Path, spoil: str) -> None:
    story.registered()
    story.registered()
    file = tmp_path / "seals.jsonl"
    call_command("seal", out=file)
    lines = file.read_text().splitlines()

    head = reread(Problem.objects.first()).case.head_hash
    lines = {
        "head": [line.replace(head, "0" * 64) for line in lines],
        "line gone": lines[:-1],
        "no json": [*lines, "{"],
        "not ours": [*lines, '{"a":1}'],
    }[spoil]
    file.write_text("\n".join(lines))

    with pytest.raises(CommandError, match="不完整或被改动过"):
        call_command("verify_ledger", seal_file=file)


def test_a_missing_seal_file_is_a_sentence(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("verify_ledger", seal_file=tmp_path / "nothing")
