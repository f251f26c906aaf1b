"""verify_ledger: every kind of tampering is found, and the bad row is named."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from organizations import clock
from rectification.actions.items import claim_item
from rectification.models import Escalation, Evidence, Extension, Problem, Report, ReviewStep, Statement
from tests.conftest import Story, item_of
from tests.workflows.tampering import change, cut_tail, event_of, fault, names, tampering
from workflows import verification
from workflows.ledger import digest_of
from workflows.models import Case, Event, Outbox
from workflows.scanning import scan_deadlines
from workflows.sealing import make_seal
from workflows.verification import LedgerFault, verify


def test_a_clean_ledger_is_reported_as_clean(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.closed()
    story.registered()
    make_seal(clock.today())

    call_command("verify_ledger", files=True)

    printed = capsys.readouterr().out
    assert "台账完好：2 个问题、12 条事件" in printed
    assert "1 次封存" in printed
    assert "1 个原文件" in printed


@pytest.mark.usefixtures("db")
def test_an_empty_ledger_is_clean() -> None:
    tally = verify()

    assert tally == verification.Tally()


def test_a_changed_event_is_named(story: Story) -> None:
    problem = story.rectifying()
    event = event_of(problem, 2)

    change(Event, event.pk, data={**event.data, "due": "2099-12-31"})

    assert names(fault(), problem, "第2号", "被改动过")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "corrected"),
        ("actor_id", None),
        ("from_state", "closed"),
        ("to_state", "closed"),
        ("round", 9),
        ("at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("work_item", 987654),
        ("unit_id", None),
        ("post_id", None),
        ("hash", "0" * 64),
        ("algorithm", "md4711"),
    ],
)
def test_every_column_of_an_event_is_under_the_hash(story: Story, column: str, value: Any) -> None:
    problem = story.rectifying()

    change(Event, event_of(problem, 3).pk, **{column: value})

    assert names(fault(), problem, "第3号")


def test_a_deleted_event_is_named(story: Story) -> None:
    problem = story.rectifying()

    with tampering():
        Outbox.objects.filter(event__case_id=problem.pk).delete()
        event_of(problem, 2).delete()

    assert names(fault(), problem, "第2号", "缺少")


def test_an_inserted_event_is_named(story: Story) -> None:
    problem = story.rectifying()
    forged = event_of(problem, 4)

    with tampering():
        Event.objects.filter(case_id=problem.pk, number__gte=4).order_by("-number").update(number=F("number") + 100)
        Event.objects.filter(case_id=problem.pk, number__gte=100).update(number=F("number") - 99)
        forged.pk = None
        forged.save(force_insert=True)

    assert names(fault(), problem, "第5号", "接不上")


def test_an_event_appended_behind_the_head_is_named(story: Story) -> None:
    problem = story.rectifying()
    forged = event_of(problem, 5)

    with tampering():
        forged.pk, forged.number, forged.previous_hash = None, 6, forged.hash
        forged.hash = digest_of(forged, problem.case.number)
        forged.save(force_insert=True)

    assert names(fault(), problem, "记载有5条", "实有6条")


def test_two_events_that_changed_places_are_named(story: Story) -> None:
    problem = story.rectifying()
    second, third = event_of(problem, 2), event_of(problem, 3)

    with tampering():
        for event, number in ((second, 900), (third, 2), (second, 3)):
            Event.objects.filter(pk=event.pk).update(number=number)

    assert names(fault(), problem, "第2号", "接不上")


def test_a_tail_cut_off_is_named(story: Story) -> None:
    problem = story.rectifying()
    claim_item(item_of(problem).pk, by=story.world.clerk)

    cut_tail(problem, and_rewrite_head=False)

    assert names(fault(), problem, "记载有6条", "实有5条")


def test_a_head_that_was_overwritten_is_named(story: Story) -> None:
    problem = story.rectifying()

    change(Case, problem.pk, head_hash="f" * 64)

    assert names(fault(), problem, "链首", "第5号")


def test_all_events_of_a_case_deleted_is_named(story: Story) -> None:
    problem = story.registered()

    with tampering():
        Outbox.objects.filter(event__case_id=problem.pk).delete()
        Event.objects.filter(case_id=problem.pk).delete()
        Case.objects.filter(pk=problem.pk).update(event_count=0, head_hash="")

    assert names(fault(), problem, "没有任何事件")


def test_a_problem_deleted_from_under_its_events_is_named(story: Story) -> None:
    problem = story.registered()

    with tampering():
        Problem.objects.filter(pk=problem.pk)._raw_delete("default")

    assert names(fault(), problem, "已不存在")


def test_an_altered_opinion_is_named(story: Story) -> None:
    problem = story.closed()
    step = ReviewStep.objects.get(problem=problem, level="township")

    change(ReviewStep, step.pk, opinion="不同意")

    assert names(fault(), problem, f"rectification.reviewstep #{step.pk}", "第10号", "被改动过")


def test_an_altered_report_is_named(story: Story) -> None:
    problem = story.verifying()
    report = Report.objects.get(problem=problem)

    change(Report, report.pk, text="已全部整改到位。")

    assert names(fault(), problem, f"rectification.report #{report.pk}", "被改动过")


@pytest.mark.parametrize(
    "values", [{"caption": "整改后"}, {"sha256": "0" * 64}, {"at": datetime.max.replace(tzinfo=UTC)}]
)
def test_an_altered_evidence_row_is_named(story: Story, values: dict[str, Any]) -> None:
    problem = story.verifying()
    evidence = Evidence.objects.get(problem=problem)

    change(Evidence, evidence.pk, **values)

    assert names(fault(), problem, f"rectification.evidence #{evidence.pk}", "被改动过")


def test_a_row_moved_to_another_case_is_named(story: Story) -> None:
    problem, other = story.verifying(), story.registered()
    report = Report.objects.get(problem=problem)

    change(Report, report.pk, case=other.case)

    assert names(fault(), problem, f"rectification.report #{report.pk}", "已不存在")


def test_a_deleted_opinion_is_named(story: Story) -> None:
    problem = story.township_review()
    step = ReviewStep.objects.get(problem=problem)

    with tampering():
        ReviewStep.objects.filter(pk=step.pk).delete()

    assert names(fault(), problem, f"rectification.reviewstep #{step.pk}", "已不存在")


def test_an_opinion_that_no_event_names_is_named(story: Story) -> None:
    problem = story.township_review()
    step = ReviewStep.objects.get(problem=problem)

    step.pk, step.level = None, "county"
    step.save(force_insert=True)

    assert names(fault(), problem, f"rectification.reviewstep #{step.pk}", "没有任何事件提到")


def test_a_state_set_by_sql_is_named(story: Story) -> None:
    problem = story.rectifying()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rectification_problem SET state = 'closed' WHERE case_id = %s", [problem.pk])

    assert names(fault(), problem, "closed", "rectifying", "第5号")


def test_the_first_bad_row_is_the_one_that_is_named(story: Story) -> None:
    first, second = story.rectifying(), story.rectifying()

    change(Event, event_of(second, 1).pk, round=7)
    change(Event, event_of(first, 4).pk, round=7)
    change(Event, event_of(first, 3).pk, round=7)

    assert names(fault(), first, "第3号")


@pytest.mark.parametrize(("spoil", "sentence"), [("bytes", "内容与登记的摘要不符"), ("gone", "不在存储中")])
def test_files_are_read_on_request_alone(story: Story, spoil: str, sentence: str) -> None:
    problem = story.verifying()
    evidence = Evidence.objects.get(problem=problem)
    path = Path(evidence.original.path)

    path.write_bytes(path.read_bytes() + b".") if spoil == "bytes" else path.unlink()

    assert verify().files == 0
    with pytest.raises(CommandError, match=sentence) as found:
        call_command("verify_ledger", files=True)
    assert names(str(found.value), problem, f"rectification.evidence #{evidence.pk}")


def test_the_digest_is_the_same_whatever_zone_an_instant_came_in() -> None:
    instant = datetime(2026, 6, 30, 1, 2, 3, 456789, tzinfo=UTC)
    local = instant.astimezone(timezone(timedelta(hours=8)))

    digests = {Statement(case_id=1, kind="x", text="y", at=at).digest() for at in (instant, local)}

    assert len(digests) == 1
    assert Statement(case_id=1, kind="x", text="y", at=instant.replace(microsecond=456000)).digest() not in digests


def test_the_number_of_statements_does_not_grow_with_the_cases(story: Story) -> None:
    story.township_review()
    make_seal(clock.today())
    with CaptureQueriesContext(connection) as one:
        verify()
    for _each in range(4):
        story.township_review()
    make_seal(clock.today() + timedelta(days=1))

    with CaptureQueriesContext(connection) as five:
        verify()

    of_one_seal = 4
    assert len(five) == len(one) + of_one_seal


def test_cases_are_read_in_chunks(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [story.registered() for _each in range(5)]
    make_seal(clock.today())
    monkeypatch.setattr(verification, "CHUNK", 2)

    tally = verify()

    assert (tally.cases, tally.events, tally.entries) == (5, 5, 5)
    change(Event, event_of(problems[4], 1).pk, round=3)
    assert names(fault(), problems[4], "第1号")


def test_a_step_taken_between_two_reads_alarms_nobody(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = story.rectifying()
    gather, gone_wrong = verification._gather, []

    def gather_too_late(cases: list[Case]) -> verification.Gathered:
        if not gone_wrong:
            gone_wrong.append(True)
            claim_item(item_of(problem).pk, by=story.world.clerk)
        return gather(cases)

    monkeypatch.setattr(verification, "_gather", gather_too_late)

    tally = verify()

    assert gone_wrong
    assert (tally.cases, tally.events) == (1, 6)


def test_the_fault_is_no_command_error_for_other_callers(story: Story) -> None:
    problem = story.registered()
    change(Case, problem.pk, head_hash="")

    with pytest.raises(LedgerFault, match=problem.case.number):
        verify()


def test_an_extension_whose_state_was_changed_by_hand_is_named(story: Story) -> None:
    problem = story.rectifying()
    extension = story.endorse(story.ask(problem))

    change(Extension, extension.pk, state="granted")

    assert names(fault(), problem, "rectification.extension", "granted", "leader_review")


def test_an_extension_nobody_has_moved_stands_where_it_began(story: Story) -> None:
    problem = story.rectifying()
    extension = story.ask(problem)

    change(Extension, extension.pk, state="refused")

    assert names(fault(), problem, "rectification.extension", "refused", "office_review")


def test_an_escalation_whose_state_was_changed_by_hand_is_named(story: Story) -> None:
    problem, red = story.late()
    with clock.at(red):
        scan_deadlines()
    escalation = Escalation.objects.get(problem=problem)

    change(Escalation, escalation.pk, state="dropped")

    assert names(fault(), problem, "rectification.escalation", "dropped", "proposed")
