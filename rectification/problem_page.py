"""What the problem page shows: facts, who owes what, signatures, timeline, and this person's steps."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.models import User
from organizations.roles import Role, Seat
from rectification.actions.evidence import live_evidence, uploader_posts
from rectification.actions.progress import WORKING, unit_post
from rectification.links import Link
from rectification.models import Evidence, Problem
from rectification.templatetags.bihuan import day
from rectification.timing_panel import duty_link, steps_of, timing_links, timing_of
from rectification.turns import levels_of, nobody_may_verify, note_text
from workflows.door import recusal_now
from workflows.lifecycles.problem import LEVEL_OF_STATE, PASS_OF_STATE, STATE_OF_LEVEL, ProblemState
from workflows.models import ClockKind, Deadline, Event, WorkItem
from workflows.powers import actor_before, may_fire
from workflows.queries import main_item, rungs, side_items, timeline, warning_levels
from workflows.registry import event_type
from workflows.scope import Actor

MAIN_STEPS: dict[str, tuple[str, str]] = {
    "assign": ("交办", "item-assign"),
    "accept": ("签收", "item-accept"),
    "submit_plan": ("报送整改方案", "item-plan"),
    "approve_plan": ("审核方案", "item-plan-review"),
    "submit": ("申请销号", "item-submit"),
    "pass_verification": ("现场核查", "item-verify"),
    "object_assignment": ("提出异议", "item-object"),
}
# What a clerk fills in for the head to send in.
PREPARED: dict[str, tuple[str, str]] = {
    ProblemState.PLANNING: ("拟写整改方案", "item-plan"),
    ProblemState.RECTIFYING: ("拟写销号申请", "item-submit"),
}
UNDER_WAY = (ProblemState.RECTIFYING, ProblemState.SUSPENDED)
SENT_BACK = ("return_plan", "send_back", "fail_verification", "uphold_objection")
RED = {*SENT_BACK, "reopen", "object_assignment", "withdraw", "step_overdue", "extension_refuse", "escalation_issue"}
AMBER = {"suspend", "recall", "reassign", "warned", "notice_objection", "escalation_proposed", "deadline_moved"}
OFFICE_STEPS: dict[str, tuple[str, str]] = {
    "recall": ("撤回申请", "recall"),
    "reassign": ("改派", "reassign"),
    "suspend": ("挂账", "suspend"),
    "resume": ("恢复整改", "resume"),
    "reopen": ("反弹重启", "reopen"),
    "merge": ("并案", "merge"),
    "withdraw": ("撤销", "withdraw"),
}


def main_links(problem: Problem, actor: Actor) -> list[Link]:
    """Steps on the open item, the most important first."""
    item = actor.item
    if item is None:
        return []
    found = [
        Link(_(label), reverse(name, args=[item.pk]))
        for transition, (label, name) in MAIN_STEPS.items()
        if may_fire(problem, actor, transition)
    ]
    passing = PASS_OF_STATE.get(ProblemState(problem.state))
    if passing and may_fire(problem, actor, passing):
        label = ProblemState(problem.state).label
        found.append(Link(str(label), reverse("item-review", args=[item.pk])))
    if problem.state in PREPARED and not found and actor.post_in(problem.lead_unit_id, Role.UNIT_CLERK):
        words, address = PREPARED[problem.state]
        found.append(Link(_(words), reverse(address, args=[item.pk])))
    found += _designating(problem, actor)
    for place, link in enumerate(found):
        link.style = "btn--primary btn--large" if place == 0 else ""
    return found


def prepared_for_head(problem: Problem, actor: Actor) -> Any:
    """What the clerk has prepared of this step, for the unit that owes it."""
    if actor.item is None or actor.post_for(actor.item) is None:
        return None
    kind = {ProblemState.PLANNING: "plandraft", ProblemState.RECTIFYING: "reportdraft"}.get(ProblemState(problem.state))
    return getattr(problem, kind, None) if kind else None


def side_links(problem: Problem, actor: Actor) -> list[Link]:
    """What can be done beside the main line."""
    number = problem.case.number
    found = []
    if problem.state in WORKING and unit_post(problem, actor.user):
        found.append(Link(_("报送进展"), reverse("progress-new", args=[number])))
    if problem.state in UNDER_WAY and unit_post(problem, actor.user):
        found.append(Link(_("无变化"), reverse("progress-unchanged", args=[number]), post=True))
    if may_upload(problem, actor):
        found.append(Link(_("上传佐证"), reverse("evidence-new", args=[number])))
    for transition, (label, name) in OFFICE_STEPS.items():
        if may_fire(problem, actor, transition):
            url = reverse("problem-do", args=[number, name])
            found.append(Link(_(label), url, style="btn--danger" if name in {"withdraw"} else ""))
    found += timing_links(problem, actor)
    if actor.post_over(problem.area_path, Role.OFFICE):
        found += _office_extras(problem, actor, number)
    # What ends a problem stands last, away from the everyday buttons.
    return sorted(found, key=lambda link: link.url.endswith(("/merge/", "/withdraw/")))


def may_upload(problem: Problem, actor: Actor) -> bool:
    """Whether this person may add evidence."""
    works = unit_post(problem, actor.user) or actor.holds(Role.OFFICE, Role.INSPECTOR, Role.TEAM_LEAD)
    return bool(works and not problem.is_final)


def _office_extras(problem: Problem, actor: Actor, number: str) -> list[Link]:
    found = [Link(_("更正登记"), reverse("problem-do", args=[number, "correct"]))]
    label = _("取消重大") if problem.major else _("标记重大")
    found.append(Link(label, reverse("problem-major", args=[number]) + f"?major={int(not problem.major)}", post=True))
    if problem.state in LEVEL_OF_STATE and actor.item is not None and problem.review_policy.allows_paper:
        found.append(Link(_("代录书面决定"), reverse("item-paper", args=[actor.item.pk])))
    return found


def _designating(problem: Problem, actor: Actor) -> list[Link]:
    """Where nobody may judge, the office says who does."""
    item = actor.item
    if item is None or item.role != Seat.OFFICE or not actor.post_over(problem.area_path, Role.OFFICE):
        return []
    if problem.state == ProblemState.COUNTY_REVIEW:
        return [Link(_("指定审定人"), reverse("problem-do", args=[problem.case.number, "designate"]))]
    if problem.state == ProblemState.VERIFYING and nobody_may_verify(problem, item.unit_id):
        return [Link(_("指定核查人"), reverse("problem-do", args=[problem.case.number, "designate-verifier"]))]
    return []


def item_links(item: WorkItem, actor: Actor) -> list[Link]:
    """Claiming, releasing and handing over inside the unit."""
    if actor.post_for(item) is None:
        return []
    found = []
    if item.owner_id is None:
        found.append(Link(_("认领"), reverse("item-claim", args=[item.pk]), post=True))
    elif item.owner_id == actor.user.pk:
        found.append(Link(_("放回待办"), reverse("item-release", args=[item.pk]), post=True))
    found.append(Link(_("转给同事"), reverse("item-hand-over", args=[item.pk])))
    return found


def signatures(problem: Problem) -> list[dict[str, Any]]:
    """The chain of signatures of the present round: report, verification, each level."""
    return _chains(problem, round=problem.round).get(problem.round, [])


def earlier_rounds(problem: Problem) -> list[dict[str, Any]]:
    """The chains of the rounds before, latest first."""
    chains = _chains(problem, round__lt=problem.round) if problem.round > 1 else {}
    return [{"number": number, "signatures": chains[number]} for number in sorted(chains, reverse=True)]


def signers(problem: Problem) -> list[str]:
    """Who signs on paper: the unit, the verifier and each level that reviews this problem."""
    verifier = [_("核查人")] if problem.review_policy.verifies else []
    levels = [str(STATE_OF_LEVEL[level].label) for level in levels_of(problem)]
    return [_("责任单位负责人"), *verifier, *levels]


def _chains(problem: Problem, **rounds: int) -> dict[int, list[dict[str, Any]]]:
    rows = [*_reports(problem, rounds), *_verifications(problem, rounds), *_reviews(problem, rounds)]
    chains: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda each: each["at"]):
        chains.setdefault(row["round"], []).append(row)
    return chains


def _reports(problem: Problem, rounds: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "level": _("申请销号（第%d版）") % row.version,
            "verdict": _("已撤回") if row.recalled_at else _("已报送"),
            "passed": not row.recalled_at,
            "opinion": row.text,
            "who": row.by.name,
            "unit": problem.lead_unit,
            "at": row.at,
            "round": row.round,
        }
        for row in problem.reports.filter(**rounds).select_related("by")
    ]


def _verifications(problem: Problem, rounds: dict[str, int]) -> list[dict[str, Any]]:
    rows = problem.verifications.filter(**rounds).select_related("by", "post__unit", "post__acting_for")
    return [
        {
            "level": _("现场核查"),
            "verdict": _("通过") if row.passed else _("退回"),
            "passed": row.passed,
            "opinion": _("%(day)s，%(place)s，%(people)s：%(seen)s")
            % {"day": day(row.visited_on), "place": row.place, "people": row.people, "seen": row.seen},
            "at": row.at,
            "round": row.round,
            **_signer(row),
        }
        for row in rows
    ]


def _reviews(problem: Problem, rounds: dict[str, int]) -> list[dict[str, Any]]:
    rows = problem.review_steps.filter(**rounds).select_related("by", "post__unit", "post__acting_for")
    return [
        {
            "level": ProblemState(STATE_OF_LEVEL[row.level]).label,
            "verdict": _("同意") if row.passed else _("退回重改"),
            "passed": row.passed,
            "opinion": row.opinion,
            "paper": f"{row.decided_by} {day(row.decided_on)} {row.document_number}" if row.on_paper else "",
            "at": row.at,
            "round": row.round,
            **_signer(row),
        }
        for row in rows
    ]


def _signer(row: Any) -> dict[str, Any]:
    acting = row.post.acting_for if row.post else None
    return {"who": row.by.name, "unit": row.post.unit if row.post else "", "acting_for": acting}


def shown_timeline(problem: Problem) -> list[dict[str, Any]]:
    """Every event as a sentence, with the reason that was written for it."""
    texts: dict[tuple[str, int], str] = {
        ("rectification.statement", row.pk): row.text for row in problem.statements.all()
    }
    texts |= {("rectification.reviewstep", row.pk): row.opinion for row in problem.review_steps.all()}
    texts |= {("rectification.progressentry", row.pk): row.text for row in problem.progress_entries.all()}
    texts |= {("rectification.verification", row.pk): row.seen for row in problem.verifications.all()}
    texts |= {("rectification.extension", row.pk): row.grounds for row in problem.extensions.all()}
    texts |= {("rectification.extensionstep", row.pk): row.opinion for row in steps_of(problem)}
    texts |= {("rectification.noticeobjection", row.pk): row.text for row in problem.notice_objections.all()}
    found = []
    for event in timeline(problem.pk):
        rows = event.data.get("rows", [])
        text = " ".join(filter(None, (texts.get((row["row"], row["pk"]), "") for row in rows)))
        found.append(
            {
                "event": event,
                "sentence": sentence_of(event, problem),
                "text": text,
                "notes": [note_text(note) for note in event.data.get("notes", [])],
                "on_paper": event.data.get("on_paper"),
                "acting_for": event.post.acting_for if event.post and event.data.get("acting_for") else None,
                "style": _style(event.name),
                "to": ProblemState(event.to_state).label if event.to_state != event.from_state else "",
            }
        )
    return found


def sentence_of(event: Event, problem: Problem) -> str:
    """What a line of the timeline says: the event's sentence, with what it is about where that matters."""
    if event.data.get("unchanged"):
        return _("报送进展：无变化")
    plain = str(event_type(event.name).sentence)
    if event.name == "warned":
        named = {level.code: level.name for level in warning_levels(problem.batch.warning_code)}
        return named.get(event.data["level"], plain)
    if event.name.startswith("escalation_"):
        named = {rung["code"]: rung["name"] for rung in rungs(problem.batch.ladder_code)}
        name = named.get(event.data.get("rung", ""))
        paper = event.data.get("paper", "")
        return "：".join(filter(None, (plain, " ".join(filter(None, (name, paper))))))
    if event.name in {"extension_ask", "extension_grant", "deadline_moved"}:
        day_text = event.data.get("until") or event.data.get("due")
        return (
            _("%(what)s（至%(day)s）") % {"what": plain, "day": day(date.fromisoformat(day_text))}
            if day_text
            else plain
        )
    return plain


def sent_back(history: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Who sent it back and why, as long as nothing has moved since."""
    moves = (row for row in history if row["event"].from_state != row["event"].to_state)
    last = next(moves, None)
    return last if last and last["event"].name in SENT_BACK else None


def _style(name: str) -> str:
    if name in RED:
        return "timeline-item--red"
    if name.startswith(("pass_", "approve")):
        return "timeline-item--green"
    return "timeline-item--amber" if name in AMBER else ""


def page_context(problem: Problem, user: User) -> dict[str, Any]:
    """Everything the template of the problem page needs."""
    item = main_item(problem.pk)
    actor = actor_before(user, item)
    actor.recusal = recusal_now(problem, actor)
    sides = list(side_items(problem.pk))
    evidence = _with_removable(problem, user)
    history = shown_timeline(problem)
    mine = [each for each in sides if actor_before(user, each).post_for(each)]
    return {
        "problem": problem,
        "item": item,
        "recusal": actor.recusal,
        "main_links": main_links(problem, actor),
        "side_links": side_links(problem, actor),
        "upload_url": reverse("evidence-new", args=[problem.case.number]) if may_upload(problem, actor) else "",
        "item_links": item_links(item, actor) if item else [],
        "prepared": prepared_for_head(problem, actor),
        "side_items": sides,
        "duties": [duty_link(each) for each in mine],
        **timing_of(problem, actor),
        "before": [row for row in evidence if row.phase == "before" and row.is_picture],
        "after": [row for row in evidence if row.phase == "after" and row.is_picture],
        "papers": [row for row in evidence if row.phase == "document" or not row.is_picture],
        "measures": list(problem.measures.all()),
        "cooperations": list(problem.cooperations.filter(ended_at__isnull=True).select_related("unit")),
        "progress_entries": list(problem.progress_entries.select_related("by", "unit")[:20]),
        "signatures": signatures(problem),
        "earlier_rounds": earlier_rounds(problem),
        "signers": signers(problem),
        "timeline": history,
        "sent_back": sent_back(history),
        "plan": problem.plans.select_related("by").last(),
        "registered": next((row["event"] for row in history if row["event"].name == "registered"), None),
        "stages": stages(problem),
        "deadlines": list(
            Deadline.objects.filter(case_id=problem.pk, item__isnull=True, kind=ClockKind.CASE).order_by("-id")
        ),
        "originals": actor.is_auditor or actor.holds(Role.OFFICE),
    }


def _with_removable(problem: Problem, user: User) -> list[Evidence]:
    """Evidence, each with whether this person may take it away again."""
    posts = uploader_posts(problem, user)
    rows = list(live_evidence(problem))
    for row in rows:
        own = any(post.unit_id == row.unit_id or post.role == Role.OFFICE for post in posts)
        row.removable = own and row.locked_at is None  # type: ignore[attr-defined]
    return rows


def stages(problem: Problem) -> list[dict[str, str]]:
    """The main line as a stepper: what is done, where it stands."""
    line = [ProblemState.REGISTERED, ProblemState.ASSIGNED, ProblemState.PLANNING, ProblemState.RECTIFYING]
    line += [ProblemState.VERIFYING] if problem.review_policy.verifies else []
    line += [STATE_OF_LEVEL[level] for level in levels_of(problem)]
    line.append(ProblemState.CLOSED)
    if problem.kind == "immediate":
        line.remove(ProblemState.PLANNING)
    place = {ProblemState.PLAN_REVIEW: ProblemState.PLANNING, ProblemState.SUSPENDED: ProblemState.RECTIFYING}
    here = place.get(ProblemState(problem.state), ProblemState(problem.state))
    if here not in line:
        return []
    at = line.index(here)
    closed = problem.state == ProblemState.CLOSED
    return [
        {
            "name": str(state.label),
            "style": "step--done" if index < at or closed else "step--current" if index == at else "",
        }
        for index, state in enumerate(line)
    ]
