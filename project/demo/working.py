"""Steps while a problem is being rectified, and the report at the end of it."""

from datetime import timedelta
from decimal import Decimal

from organizations import clock
from project.demo import words
from project.demo.stage import Stage, item_of, seen
from project.demo.threads import Thread
from rectification.actions.items import claim_item, hand_over_item
from rectification.actions.office import reopen_problem, resume_problem, suspend_problem
from rectification.actions.preparing import prepare_report
from rectification.actions.progress import report_cooperation, report_progress
from rectification.actions.reporting import Outcomes, ReportEntry, recall_report, submit_rectification
from rectification.models import Evidence
from workflows.queries import side_items


def progress(stage: Stage, thread: Thread) -> None:
    """报送进展, or “无变化”."""
    by = stage.people.clerk(thread.lead)
    thread.reports += 1
    if thread.plot.has("unchanged") and thread.reports > 1:
        report_progress(thread.problem_id, by=by, unchanged=True)
        return
    thread.progress = min(95, thread.progress + thread.rng.randint(20, 40))
    text = thread.text(thread.matter.progress[min(thread.reports, 2) - 1])
    report_progress(thread.problem_id, by=by, percent=thread.progress, text=text)


def cooperate(stage: Stage, thread: Thread) -> None:
    """配合单位报送落实情况, once."""
    item = side_items(thread.problem_id).first()
    if item is not None:
        text = thread.rng.choice(words.COOPERATION)
        report_cooperation(item.pk, by=stage.people.clerk(item.unit), text=text)


def after_picture(stage: Stage, thread: Thread) -> None:
    """The clerk's picture of what has been done."""
    stage.photograph(thread, stage.people.clerk(thread.lead), after=True)


def draft(stage: Stage, thread: Thread) -> None:
    """经办人拟稿."""
    fields = {"text": thread.text(thread.matter.done), "rectified_on": clock.today().isoformat()}
    prepare_report(thread.problem_id, by=stage.people.clerk(thread.lead), fields=fields)


def hand_over(stage: Stage, thread: Thread) -> None:
    """单位内转办: from the head to the clerk."""
    to = stage.people.clerk(thread.lead)
    hand_over_item(item_of(thread).pk, by=stage.people.head(thread.lead), to=to)


def claim(stage: Stage, thread: Thread) -> None:
    """认领."""
    item = item_of(thread)
    claim_item(item.pk, by=stage.people.judge(item, thread.problem_id, thread.rng))


def submit(stage: Stage, thread: Thread) -> None:
    """申请销号: with every picture of this round's work."""
    evidence = Evidence.objects.filter(problem_id=thread.problem_id, phase="after", withdrawn_at=None)
    silent = side_items(thread.problem_id).first()
    note = words.REASONS["partner"].format(unit=silent.unit.label) if silent and silent.unit else ""
    entry = ReportEntry(
        text=thread.text(thread.matter.done),
        rectified_on=clock.today() - timedelta(days=thread.rng.randint(0, 1)),
        evidence_ids=list(evidence.values_list("pk", flat=True)),
        outcomes=_outcomes(thread),
        partners_note=note,
    )
    submit_rectification(item_of(thread).pk, by=stage.people.head(thread.lead), entry=entry)


def _outcomes(thread: Thread) -> Outcomes:
    about_money = thread.matter.category in {"资金管理", "政策落实", "就业务工"}
    return Outcomes(
        money=Decimal(thread.rng.randint(8, 900) * 100) if about_money else None,
        rules_written=thread.rng.choice((None, 1, 1, 2)),
        people_held=thread.rng.choice((None, None, 1)) if about_money else None,
        households=thread.numbers["m"] if "户" in thread.matter.text else None,
    )


def recall(stage: Stage, thread: Thread) -> None:
    """撤回."""
    recall_report(thread.problem_id, by=stage.people.head(thread.lead), seen=seen(thread))


def suspend(stage: Stage, thread: Thread) -> None:
    """挂账: until a review date that still lies ahead of the day the demo is built."""
    suspend_problem(
        thread.problem_id,
        by=stage.people.office(thread.rng),
        seen=seen(thread),
        reason=words.REASONS["suspend"],
        review_on=max(clock.today(), thread.today) + timedelta(days=thread.rng.randint(4, 45)),
    )


def resume(stage: Stage, thread: Thread) -> None:
    """恢复整改."""
    due_on = clock.today() + timedelta(days=45)
    by = stage.people.office(thread.rng)
    reason = words.REASONS["resume"]
    resume_problem(thread.problem_id, by=by, seen=seen(thread), reason=reason, due_on=due_on)


def reopen(stage: Stage, thread: Thread) -> None:
    """反弹重启."""
    thread.progress, thread.reports = 0, 0
    relapse = words.REASONS["reopen"].format(place=thread.place.name)
    due_on = thread.wanted_due or clock.today() + timedelta(days=45)
    by = stage.people.office(thread.rng)
    reopen_problem(thread.problem_id, by=by, seen=seen(thread), relapse=relapse, due_on=due_on)
