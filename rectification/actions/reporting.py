"""申请销号：what the responsible unit reports, and taking it back."""

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from rectification.models import Cooperation, Evidence, Problem, Report, ReportDraft
from rectification.turns import next_stop
from workflows.steps import ActionRefused, Door, office_step, step


@dataclass(slots=True)
class Outcomes:
    """成效：money in 元, rules in 项, people in 人, households in 户."""

    money: Decimal | None = None
    rules_written: int | None = None
    people_held: int | None = None
    households: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Numbers as text where they are not whole, so that the digest is stable."""
        return {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(self).items()}


@dataclass(slots=True)
class ReportEntry:
    """What the unit writes when it applies for closure."""

    text: str
    rectified_on: date
    evidence_ids: list[int] = field(default_factory=list)
    outcomes: Outcomes = field(default_factory=Outcomes)
    partners_note: str = ""


def submit_rectification(item_id: int, *, by: User, entry: ReportEntry) -> Problem:
    """申请销号：freeze a report version with its evidence and hand it to the first station."""
    with step(item_id, "submit", by=by) as s:
        problem = s.subject(Problem)
        evidence = _chosen_evidence(problem, entry)
        missing = _silent_partners(problem)
        if missing and not entry.partners_note.strip():
            raise ActionRefused(
                _("配合单位%(units)s还没有报送落实情况。请催办，或在“未报配合单位说明”里写明原因。")
                % {"units": "、".join(missing)},
                field="partners_note",
            )
        if entry.rectified_on > clock.today():
            raise ActionRefused(_("整改完成日期不能晚于今天，请更正。"), field="rectified_on")
        report = _freeze(s, problem, entry, evidence)
        stop = next_stop(problem, after="", barred=_barred(s, problem))
        s.note(report=report.pk, evidence=len(evidence))
        s.give(stop.turn)
        s.fire("submit", to=stop.state)
        ReportDraft.objects.filter(problem=problem).delete()
    return problem


def _barred(s: Door, problem: Problem) -> set[int]:
    if problem.review_policy.verifies:
        return set()  # judging comes after verification, which bars units, not people
    return set(s.recused()) | ({s.by.pk} if s.by else set())


def _chosen_evidence(problem: Problem, entry: ReportEntry) -> list[Evidence]:
    rows = list(Evidence.objects.filter(problem=problem, pk__in=entry.evidence_ids, withdrawn_at__isnull=True))
    if not rows:
        raise ActionRefused(_("请先上传佐证材料并勾选，再申请销号。"))
    if len(rows) != len(set(entry.evidence_ids)):
        raise ActionRefused(_("有的佐证材料已被移除，请刷新页面重新勾选。"))
    return rows


def _silent_partners(problem: Problem) -> list[str]:
    # Read once with the units: whose turn it is asks for the same rows.
    prefetch_related_objects([problem], Prefetch("cooperations", Cooperation.objects.select_related("unit")))
    rows = problem.cooperations.all()
    return [row.unit.label for row in rows if row.ended_at is None and row.reported_at is None]


def _freeze(s: Door, problem: Problem, entry: ReportEntry, evidence: list[Evidence]) -> Report:
    Evidence.objects.filter(pk__in=[row.pk for row in evidence], locked_at__isnull=True).update(locked_at=clock.now())
    return s.write(
        Report(
            problem=problem,
            round=problem.round,
            version=problem.reports.count() + 1,
            text=entry.text.strip(),
            rectified_on=entry.rectified_on,
            outcomes=entry.outcomes.as_json(),
            evidence_list=[{"id": row.pk, "sha256": row.sha256} for row in evidence],
            partners_note=entry.partners_note.strip(),
            by=s.by,
            at=clock.now(),
        )
    )


def recall_report(case_id: int, *, by: User, seen: int) -> Problem:
    """撤回：before anybody has claimed it, in the same round; the version is marked recalled."""
    with office_step(case_id, "recall", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        report = problem.reports.filter(round=problem.round, recalled_at__isnull=True).last()
        if s.item is None or s.item.owner_id is not None:
            raise ActionRefused(_("对方已经认领办理，不能撤回。需要修改的，请联系对方退回。"))
        judged = (
            problem.verifications.filter(report=report).exists() or problem.review_steps.filter(report=report).exists()
        )
        if report is None or judged:
            raise ActionRefused(_("这份报告已经有人核查或审议过，不能撤回。"))
        report.recalled_at = clock.now()
        report.save(update_fields=["recalled_at"])
        s.note(report=report.pk)
    return problem
