"""Steps of those who verify and review."""

from datetime import timedelta
from io import BytesIO

from organizations import clock
from organizations.models import User
from organizations.roles import Role
from project.demo import words
from project.demo.stage import Stage, item_of
from project.demo.threads import Thread
from rectification.actions.evidence import add_evidence
from rectification.actions.review import (
    PaperDecision,
    SiteVisit,
    pass_review,
    record_paper_decision,
    send_back,
    verify_on_site,
)
from rectification.models import Evidence, Problem
from workflows.steps import recused_people


def verify(stage: Stage, thread: Thread) -> None:
    """核查通过."""
    _visit(stage, thread, passed=True)


def fail(stage: Stage, thread: Thread) -> None:
    """核查退回."""
    _visit(stage, thread, passed=False)
    thread.reports, thread.progress = 0, 40


def _visit(stage: Stage, thread: Thread, *, passed: bool) -> None:
    item = item_of(thread)
    by = stage.people.judge(item, thread.problem_id, thread.rng)
    pattern = thread.matter.seen if passed else words.REASONS["fail"]
    visit = SiteVisit(
        visited_on=clock.today(),
        place=thread.place.name,
        people=f"{by.name}、{stage.people.office(thread.rng).name}",
        seen=thread.text(pattern),
        veracity=thread.rng.choice(("true", "true", "mostly")),
        authenticity="done" if passed else thread.rng.choice(("incomplete", "paper")),
    )
    verify_on_site(item.pk, by=by, visit=visit, passed=passed)


def review(stage: Stage, thread: Thread) -> None:
    """同意."""
    item = item_of(thread)
    by = stage.people.judge(item, thread.problem_id, thread.rng)
    state = Problem.objects.values_list("state", flat=True).get(pk=thread.problem_id)
    pass_review(item.pk, by=by, opinion=thread.rng.choice(words.OPINIONS[state]))


def reject(stage: Stage, thread: Thread) -> None:
    """退回重改."""
    item = item_of(thread)
    by = stage.people.judge(item, thread.problem_id, thread.rng)
    send_back(item.pk, by=by, reason=words.REASONS["send_back"].format(place=thread.place.name))
    thread.reports, thread.progress = 0, 50


def scan(stage: Stage, thread: Thread) -> None:
    """The office uploads the scan of a decision on paper."""
    day = clock.today() - timedelta(days=1)
    page = stage.album.paper(thread.text(thread.matter.title), _number(thread), day)
    add_evidence(
        thread.problem_id,
        by=_recorder(stage, thread),
        name="县整改工作领导小组会议纪要.png",
        stream=BytesIO(page),
        phase="document",
        caption="会议纪要扫描件",
    )


def on_paper(stage: Stage, thread: Thread) -> None:
    """代录."""
    decision = PaperDecision(
        passed=True,
        opinion="会议研究同意销号，由责任单位继续做好长效管护。",
        decided_by="县整改工作领导小组第五次会议",
        decided_on=clock.today() - timedelta(days=1),
        document_number=_number(thread),
        scan=Evidence.objects.filter(problem_id=thread.problem_id, phase="document").last(),
    )
    by = _recorder(stage, thread)
    record_paper_decision(item_of(thread).pk, by=by, decision=decision)


def _number(thread: Thread) -> str:
    return f"云整改纪要〔{clock.today().year}〕5号"


def _recorder(stage: Stage, thread: Thread) -> User:
    """Somebody of the office who had no part in this round."""
    barred = recused_people(thread.problem_id, thread.problem().round)
    holders = stage.county.holders(stage.county.units["office"].pk, Role.OFFICE)
    return stage.people.user(next(user.username for user in holders if user.pk not in barred))
