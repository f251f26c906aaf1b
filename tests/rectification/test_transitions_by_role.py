"""Who may do what, and when: every action of the problem's life for every role, and in every wrong state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import Post, User
from rectification.actions.assignment import (
    Assignment,
    accept_assignment,
    assign_problem,
    object_assignment,
    reassign_problem,
)
from rectification.actions.evidence import add_evidence
from rectification.actions.items import claim_item, hand_over_item, release_item
from rectification.actions.office import (
    merge_problem,
    reopen_problem,
    resume_problem,
    suspend_problem,
    withdraw_problem,
)
from rectification.actions.planning import MeasureEntry, approve_plan, return_plan, submit_plan
from rectification.actions.preparing import prepare_plan, prepare_report
from rectification.actions.progress import report_cooperation, report_progress
from rectification.actions.reporting import ReportEntry, recall_report, submit_rectification
from rectification.actions.review import (
    PaperDecision,
    SiteVisit,
    designate_reviewer,
    designate_verifier,
    pass_review,
    record_paper_decision,
    send_back,
    verify_on_site,
)
from rectification.models import Batch, Problem
from tests.conftest import (
    CAST,
    Story,
    World,
    add_person,
    event_names,
    fresh,
    give_evidence,
    item_of,
    make_batch,
    reach,
    reread,
    seen,
    standing,
    undone,
)
from workflows.lifecycles.problem import ProblemState
from workflows.models import Event, WorkItem
from workflows.queries import main_item, side_items
from workflows.steps import ActionRefused

ROLES = [*CAST, "nobody"]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

# One letter for each role, in the order of the cast:
#   inspector lead · registrar colleague · head clerk · partner · assessor · reviewer · sector · leader · observer ·
#   sysadmin secadmin auditor · stranger stranger_reviewer · nobody
# D done · P prepared for the head instead · S refused with a sentence · F 403 · N 404
TABLE = {
    "assign": "FF DD NN N F F N F F NNN NN N",
    "object": "FF FF DF F F F N F F NNN NN N",
    "accept": "FF FF DD F F F N F F NNN NN N",
    "submit_plan": "FF FF DP F F F N F F NNN NN N",
    "approve_plan": "FF DD FF F F F N F F NNN NN N",
    "return_plan": "FF DD FF F F F N F F NNN NN N",
    "submit": "FF FF DP F F F N F F NNN NN N",
    "recall": "FF FF DD F F F N F F NNN NN N",
    "recall_claimed": "FF FF SS F F F N F F NNN NN N",
    "pass_verification": "DD FF FF F F F N F F NNN NN N",
    "fail_verification": "DD FF FF F F F N F F NNN NN N",
    "pass_village": "FF FF FF F D F N F F NNN NN N",
    "send_back_village": "FF FF FF F D F N F F NNN NN N",
    "paper_village": "FF DD FF F F F N F F NNN NN N",
    "pass_township": "FF FF FF F F D N F F NNN NN N",
    "send_back_township": "FF FF FF F F D N F F NNN NN N",
    "paper_township": "FF DD FF F F F N F F NNN NN N",
    "pass_sector": "FF FF FF F F F D F F NNN NN N",
    "send_back_sector": "FF FF FF F F F D F F NNN NN N",
    "paper_sector": "FF DD FF F F F F F F NNN NN N",
    "pass_county": "FF FF FF F F F N D F NNN NN N",
    "send_back_county": "FF FF FF F F F N D F NNN NN N",
    "paper_county": "FF DD FF F F F N F F NNN NN N",
    "paper_county_back": "FF DD FF F F F N F F NNN NN N",
    "designate": "FF DD FF F F F N N F NNN NN N",
    "suspend": "FF DD FF F F F N F F NNN NN N",
    "resume": "FF DD FF F F F N F F NNN NN N",
    "reassign": "FF DD FF F F F N F F NNN NN N",
    "reopen": "FF DD FF F F F N F F NNN NN N",
    "merge": "FF DD FF F F F N F F NNN NN N",
    "withdraw": "FF DD FF F F F N F F NNN NN N",
    "correct": "FF DD FF F F F N F F NNN NN N",
    "major": "FF DD FF F F F N F F NNN NN N",
    "progress": "FF FF DD D F F N F F NNN NN N",
    "unchanged": "FF FF DD D F F N F F NNN NN N",
    "evidence": "DD DD DD D F F N F F NNN NN N",
    "cooperate": "FF FF FF D F F N F F NNN NN N",
    "claim": "FF FF DD F F F N F F NNN NN N",
    "release": "FF FF SD F F F N F F NNN NN N",
    "hand_over": "FF FF DD F F F N F F NNN NN N",
}


@dataclass
class Deed:
    """How an action is done through its page: the state, the address, good data and the event it leaves."""

    state: str
    event: str
    page: Callable[[Problem], str]
    data: Callable[[World, Problem], dict[str, Any]] = lambda world, problem: {}
    before: Callable[[World, Problem], Any] = lambda world, problem: None


def on_item(name: str) -> Callable[[Problem], str]:
    return lambda problem: reverse(name, args=[item_of(problem).pk])


def beside(deed: str) -> Callable[[Problem], str]:
    return lambda problem: reverse("problem-do", args=[problem.case.number, deed])


def about(name: str) -> Callable[[Problem], str]:
    return lambda problem: reverse(name, args=[problem.case.number])


def side_page(problem: Problem) -> str:
    return reverse("item-cooperate", args=[side_items(problem.pk).get().pk])


def with_seen(**fields: Any) -> Callable[[World, Problem], dict[str, Any]]:
    return lambda world, problem: {"seen": seen(problem), "reason": "按会议要求。", **fields}


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def assignment_data(world: World, problem: Problem, unit: str = "bureau") -> dict[str, Any]:
    return {"lead_unit": world.units[unit].name, "kind": "dated", "due_on": in_days(40)}


def report_data(world: World, problem: Problem) -> dict[str, Any]:
    evidence = list(problem.evidence.values_list("pk", flat=True))
    return {"text": "已整改。", "rectified_on": in_days(0), "evidence": evidence, "partners_note": "已催办。"}


def visit_data(verdict: str) -> Callable[[World, Problem], dict[str, Any]]:
    visit = {"visited_on": in_days(0), "place": "一村", "people": "李组长", "seen": "已更换。", "verdict": verdict}
    return lambda world, problem: visit


def verdict(word: str) -> Callable[[World, Problem], dict[str, Any]]:
    return lambda world, problem: {"opinion": "还有一处漏水。" if word == "back" else "同意", "verdict": word}


def paper_data(word: str) -> Callable[[World, Problem], dict[str, Any]]:
    return lambda world, problem: {
        "verdict": word,
        "opinion": "会议同意。",
        "decided_by": "县整改领导小组会议",
        "decided_on": in_days(0),
        "document_number": "〔2026〕6号",
        "scan": list(problem.evidence.filter(phase="document").values_list("pk", flat=True)),
    }


def give_scan(world: World, problem: Problem) -> Any:
    row = give_evidence(problem, fresh(world.registrar))
    type(row).objects.filter(pk=row.pk).update(phase="document")
    return row


def correction(world: World, problem: Problem) -> dict[str, Any]:
    kept = {"title": "饮水管网漏损（更正）", "kind": "dated", "place": "一村", "found_on": in_days(0)}
    return {"seen": seen(problem), "reason": "来文有误。", **kept}


def photo(world: World, problem: Problem) -> dict[str, Any]:
    return {"phase": "document", "files": SimpleUploadedFile("说明.pdf", PDF)}


def no_leader(world: World, problem: Problem) -> None:
    add_person(world, "deputy", "sector", "unit_head")


def claim_by_clerk(world: World, problem: Problem) -> None:
    claim_item(item_of(problem).pk, by=fresh(world.clerk))


def claim_by_inspector(world: World, problem: Problem) -> None:
    claim_item(item_of(problem).pk, by=fresh(world.inspector))


def merge_data(world: World, problem: Problem) -> dict[str, Any]:
    target = Story(world).registered(title="另一处漏水")
    return {"seen": seen(problem), "reason": "同一处。", "target": target.case.number}


DEEDS = {
    "assign": Deed("registered", "assign", on_item("item-assign"), assignment_data),
    "object": Deed("assigned", "object_assignment", on_item("item-object"), with_seen()),
    "accept": Deed("assigned", "accept", on_item("item-accept")),
    "submit_plan": Deed(
        "planning",
        "submit_plan",
        on_item("item-plan"),
        lambda w, p: {"measure_0": "更换管网", "owner_0": "张三", "due_0": in_days(20)},
    ),
    "approve_plan": Deed("plan_review", "approve_plan", on_item("item-plan-review"), verdict("pass")),
    "return_plan": Deed("plan_review", "return_plan", on_item("item-plan-review"), verdict("back")),
    "submit": Deed(
        "rectifying",
        "submit",
        on_item("item-submit"),
        report_data,
        lambda w, p: give_evidence(p, fresh(w.clerk)),
    ),
    "recall": Deed("verifying", "recall", beside("recall"), with_seen()),
    "recall_claimed": Deed("verifying", "recall", beside("recall"), with_seen(), claim_by_inspector),
    "pass_verification": Deed("verifying", "pass_verification", on_item("item-verify"), visit_data("pass")),
    "fail_verification": Deed("verifying", "fail_verification", on_item("item-verify"), visit_data("back")),
    **{
        f"pass_{level}": Deed(f"{level}_review", f"pass_{level}", on_item("item-review"), verdict("pass"))
        for level in ("village", "township", "sector", "county")
    },
    **{
        f"send_back_{level}": Deed(f"{level}_review", "send_back", on_item("item-review"), verdict("back"))
        for level in ("village", "township", "sector", "county")
    },
    **{
        f"paper_{level}": Deed(f"{level}_review", f"pass_{level}", on_item("item-paper"), paper_data("pass"), give_scan)
        for level in ("village", "township", "sector", "county")
    },
    "paper_county_back": Deed("county_review", "send_back", on_item("item-paper"), paper_data("back"), give_scan),
    "designate": Deed(
        "county_review",
        "designated",
        beside("designate"),
        lambda w, p: {**with_seen()(w, p), "post": w.people["deputy"].posts.get().pk},
        no_leader,
    ),
    "suspend": Deed("rectifying", "suspend", beside("suspend"), with_seen(review_on=in_days(30))),
    "resume": Deed("suspended", "resume", beside("resume"), with_seen(due_on=in_days(30))),
    "reassign": Deed(
        "rectifying",
        "reassign",
        beside("reassign"),
        lambda w, p: {**with_seen()(w, p), **assignment_data(w, p, "sector")},
    ),
    "reopen": Deed("closed", "reopen", beside("reopen"), with_seen(due_on=in_days(30))),
    "merge": Deed("rectifying", "merge", beside("merge"), merge_data),
    "withdraw": Deed("rectifying", "withdraw", beside("withdraw"), with_seen()),
    "correct": Deed("rectifying", "corrected", beside("correct"), correction),
    "major": Deed("rectifying", "marked_major", about("problem-major")),
    "progress": Deed(
        "rectifying", "progress", about("progress-new"), lambda w, p: {"percent": 40, "text": "已换一半。"}
    ),
    "unchanged": Deed("rectifying", "progress", about("progress-unchanged")),
    "evidence": Deed(
        "rectifying",
        "evidence_added",
        about("evidence-new"),
        photo,
    ),
    "cooperate": Deed("rectifying", "cooperation_reported", side_page, lambda w, p: {"text": "资金已拨付。"}),
    "claim": Deed("assigned", "claimed", on_item("item-claim")),
    "release": Deed("assigned", "released", on_item("item-release"), before=claim_by_clerk),
    "hand_over": Deed("assigned", "handed_over", on_item("item-hand-over"), lambda w, p: {"to": w.clerk.pk}),
}


def post(user: User, page: str, data: dict[str, Any]) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(page, data)


def sentences(response: Any) -> list[str]:
    """What the page says against it: on the form as a whole, or as a message after a button."""
    if response.status_code == 200 and response.context and "form" in response.context:
        form = response.context["form"]
        fields = {name: errors for name, errors in form.errors.items() if name != "__all__"}
        assert not fields, f"the test's data is not good: {fields}"
        return [str(error) for error in form.non_field_errors()]
    return [str(each) for each in get_messages(response.wsgi_request) if each.level_tag == "error"]


def outcome(user: User, problem: Problem, page: str, data: dict[str, Any], event: str) -> str:
    """One letter of the table, after making sure that what was not done left everything as it was."""
    was, counted = standing(problem), seen(problem)
    response = post(user, page, data)
    if response.status_code == 302 and seen(problem) > counted:
        names = event_names(problem)[counted:]
        prepared = {("plan_prepared",): "P", ("report_prepared",): "P"}
        return {**prepared, (event,): "D"}.get(tuple(names), f"did {names}")
    now = standing(problem)
    if now != was:
        return f"{response.status_code} and yet {was} became {now}"
    if response.status_code in (403, 404):
        return "F" if response.status_code == 403 else "N"
    said = sentences(response)
    return "S" if said and all(text.endswith("。") for text in said) else f"{response.status_code} without a sentence"


def brought_to(world: World, name: str) -> Problem:
    story, deed = Story(world), DEEDS[name]
    if name == "designate":
        Post.objects.filter(user=world.leader).update(valid_to=clock.today() - timedelta(days=1))
    problem = reach(story, deed.state, partners=("partner",)) if deed.state != "registered" else story.registered()
    deed.before(world, problem)
    return reread(problem)


@pytest.mark.parametrize("name", TABLE)
def test_an_action_is_done_by_whom_the_domain_names_and_by_nobody_else(world: World, name: str) -> None:
    problem, deed = brought_to(world, name), DEEDS[name]
    page = deed.page(problem)
    expected = dict(zip(ROLES, TABLE[name].replace(" ", ""), strict=True))

    found = {}
    for role in ROLES:
        with undone():
            data = deed.data(world, problem)
            found[role] = outcome(fresh(world.people[role]), problem, page, data, deed.event)

    assert found == expected


def test_the_table_holds_every_action_a_page_can_do() -> None:
    assert set(TABLE) == set(DEEDS)


@pytest.mark.parametrize("name", ["object", "submit", "reassign", "withdraw", "merge", "send_back_village"])
def test_whoever_has_done_a_step_lands_on_a_page_that_opens(world: World, name: str) -> None:
    problem, deed = brought_to(world, name), DEEDS[name]
    page, data = deed.page(problem), deed.data(world, problem)
    role = ROLES[TABLE[name].replace(" ", "").index("D")]
    client = Client()
    client.force_login(fresh(world.people[role]))

    response = client.post(page, data, follow=True)

    assert event_names(problem)[-1] == deed.event
    assert response.status_code == 200


WHO_MAKES = {
    "problem-new": "DD DD FF F F F F F F FFF FF F",
    "batch-new": "FD DD FF F F F F F F FFF FF F",
}


@pytest.mark.parametrize("name", WHO_MAKES)
def test_problems_and_batches_are_made_by_the_office_and_the_team(world: World, name: str) -> None:
    policies = {"review_policy": world.batch.review_policy_id, "deadline_policy": world.batch.deadline_policy_id}
    data = {
        "problem-new": {"batch": world.batch.pk, "place": "一村", "title": "水井干涸", "kind": "dated"},
        "batch-new": {"name": "新批次", "source": world.batch.source_id, **policies},
    }[name]
    model: Any = {"problem-new": Problem, "batch-new": Batch}[name]
    expected = dict(zip(ROLES, WHO_MAKES[name].replace(" ", ""), strict=True))

    found = {}
    for role in ROLES:
        with undone():
            before = model.objects.count()
            response = post(fresh(world.people[role]), reverse(name), data)
            made = model.objects.count() - before
            found[role] = {(302, 1): "D", (403, 0): "F"}.get((response.status_code, made), f"{response.status_code}")

    assert found == expected


def test_a_secret_batch_is_fed_back_by_the_leader_of_its_team_alone(world: World) -> None:
    batch = make_batch(world, "M1", secret=True)
    expected = dict(zip(ROLES, "FD NN NN N N N N N N NNN NN N".replace(" ", ""), strict=True))

    found = {}
    for role in ROLES:
        with undone():
            response = post(fresh(world.people[role]), reverse("batch-feed-back", args=[batch.code]), {})
            done = Batch.objects.get(pk=batch.pk).fed_back_on is not None
            found[role] = {(302, True): "D", (403, False): "F", (404, False): "N"}.get(
                (response.status_code, done), f"{response.status_code} {done}"
            )

    assert found == expected


# The same people at the door itself, without a page before it: never a trace, always a refusal.
def direct(world: World, problem: Problem) -> dict[str, tuple[set[str], Callable[[User], Any]]]:
    """Every action with the states it belongs to and a call with good data."""
    item = main_item(problem.pk) or WorkItem.objects.filter(process__case_id=problem.pk).latest("pk")
    today, later = clock.today(), clock.today() + timedelta(days=30)
    bureau, elsewhere = world.units["bureau"], world.units["sector"]
    now = seen(problem)
    reason = {"seen": now, "reason": "按会议要求。"}
    visit = SiteVisit(visited_on=today, place="一村", people="李组长", seen="已更换。")
    scan = problem.evidence.first()
    paper = PaperDecision(True, "同意", "领导小组会议", today, "〔2026〕6号", scan)
    entry = ReportEntry("已整改。", today, [row.pk for row in problem.evidence.all()], partners_note="已催办。")
    side = WorkItem.objects.filter(process__case_id=problem.pk, process__kind="cooperation").first()
    reviews = {"village_review", "township_review", "sector_review", "county_review"}
    before_report = {"registered", "assigned", "planning", "plan_review", "rectifying", "suspended"}
    open_states = before_report | {"verifying"} | reviews
    target = world.people["target"]
    calls: dict[str, tuple[set[str], Callable[[User], Any]]] = {
        "assign": (
            {"registered"},
            lambda by: assign_problem(item.pk, by=by, assignment=Assignment(bureau, "dated", later)),
        ),
        "object": ({"assigned"}, lambda by: object_assignment(item.pk, by=by, reason="不属我单位。")),
        "accept": ({"assigned"}, lambda by: accept_assignment(item.pk, by=by)),
        "submit_plan": (
            {"planning"},
            lambda by: submit_plan(item.pk, by=by, text="", measures=[MeasureEntry("更换", "张三", today)]),
        ),
        "approve_plan": ({"plan_review"}, lambda by: approve_plan(item.pk, by=by)),
        "return_plan": ({"plan_review"}, lambda by: return_plan(item.pk, by=by, reason="太粗。")),
        "submit": ({"rectifying"}, lambda by: submit_rectification(item.pk, by=by, entry=entry)),
        "prepare_plan": ({"planning"}, lambda by: prepare_plan(problem.pk, by=by, fields={})),
        "prepare": ({"rectifying"}, lambda by: prepare_report(problem.pk, by=by, fields={})),
        "recall": ({"verifying"}, lambda by: recall_report(problem.pk, by=by, seen=now)),
        "pass_verification": ({"verifying"}, lambda by: verify_on_site(item.pk, by=by, visit=visit, passed=True)),
        "fail_verification": ({"verifying"}, lambda by: verify_on_site(item.pk, by=by, visit=visit, passed=False)),
        "pass_review": (reviews, lambda by: pass_review(item.pk, by=by, opinion="同意")),
        "send_back": (reviews, lambda by: send_back(item.pk, by=by, reason="还漏。")),
        "paper": (reviews, lambda by: record_paper_decision(item.pk, by=by, decision=paper)),
        "designate": (
            set(),
            lambda by: designate_reviewer(problem.pk, by=by, post=target.posts.get(), reason="无人可办。"),
        ),
        "designate_verifier": (
            set(),
            lambda by: designate_verifier(problem.pk, by=by, post=target.posts.get(), reason="无人可查。"),
        ),
        "suspend": ({"rectifying"}, lambda by: suspend_problem(problem.pk, by=by, review_on=later, **reason)),
        "resume": ({"suspended"}, lambda by: resume_problem(problem.pk, by=by, due_on=later, **reason)),
        "reassign": (
            {"assigned", "planning", "plan_review", "rectifying", "suspended"},
            lambda by: reassign_problem(problem.pk, by=by, assignment=Assignment(elsewhere, "dated", later), **reason),
        ),
        "reopen": ({"closed"}, lambda by: reopen_problem(problem.pk, by=by, seen=now, relapse="反弹。", due_on=later)),
        "merge": (before_report, lambda by: merge_problem(problem.pk, by=by, target=world.batch.target, **reason)),
        "withdraw": (open_states, lambda by: withdraw_problem(problem.pk, by=by, **reason)),
        "progress": (
            {"planning", "plan_review", "rectifying", "suspended"},
            lambda by: report_progress(problem.pk, by=by, percent=10, text="已开工。"),
        ),
        "evidence": (open_states | {"public_notice"}, lambda by: upload(problem, by)),
        "claim": (open_states, lambda by: claim_item(item.pk, by=by)),
        "release": (open_states, lambda by: release_item(item.pk, by=by)),
        "hand_over": (open_states, lambda by: hand_over_item(item.pk, by=by, to=world.clerk)),
    }
    if side is not None and not side.is_open:
        calls["cooperate"] = (set(), lambda by: report_cooperation(side.pk, by=by, text="已落实。"))
    return calls


def upload(problem: Problem, by: User) -> Any:
    return add_evidence(problem.pk, by=by, name="说明.pdf", stream=BytesIO(PDF), phase="document")


# Who would be the right person for each action, had its time come.
RIGHT = {
    "object": "head",
    "accept": "clerk",
    "submit_plan": "head",
    "submit": "head",
    "prepare_plan": "clerk",
    "prepare": "clerk",
    "recall": "head",
    "pass_verification": "lead",
    "fail_verification": "lead",
    "progress": "clerk",
    "cooperate": "partner",
    "evidence": "registrar",
    "pass_review": "leader",
    "send_back": "leader",
}


@pytest.mark.parametrize("state", ProblemState.values)
def test_an_action_out_of_its_time_is_refused_with_a_sentence_and_writes_nothing(world: World, state: str) -> None:
    story = Story(world)
    world.people["target"] = add_person(world, "target", "sector", "unit_head")
    world.batch.target = story.registered(title="另一处")
    partners = {} if state == "registered" else {"partners": ("partner",)}
    problem = reach(story, state, **partners)

    wrong = {}
    for name, (states, call) in direct(world, problem).items():
        unit_gone = state == "registered" and RIGHT.get(name) in {"clerk", "partner"}
        if state in states or unit_gone:
            continue
        was = standing(problem)
        with undone():
            by = fresh(world.people[RIGHT.get(name, "registrar")])
            with pytest.raises(Exception) as refusal:  # noqa: PT011 -- which one is judged below
                call(by)
        if not isinstance(refusal.value, ActionRefused) or not str(refusal.value).endswith("。"):
            wrong[name] = repr(refusal.value)
        if standing(problem) != was:
            wrong[name] = "left a trace"

    assert wrong == {}


@pytest.mark.parametrize("state", ["merged", "withdrawn"])
def test_a_final_problem_accepts_no_step_from_anybody(world: World, state: str) -> None:
    story = Story(world)
    world.people["target"] = add_person(world, "target", "sector", "unit_head")
    world.batch.target = story.registered(title="另一处")
    problem = reach(story, state, partners=("partner",))
    was = standing(problem)

    for name, (_states, call) in direct(world, problem).items():
        with undone(), pytest.raises(ActionRefused):
            call(fresh(world.people[RIGHT.get(name, "registrar")]))

    assert standing(problem) == was


EMPTY_REASONS: dict[str, tuple[str, str, Callable[[Problem, User], Any]]] = {
    "object": ("assigned", "head", lambda p, by: object_assignment(item_of(p).pk, by=by, reason=" ")),
    "return_plan": ("plan_review", "registrar", lambda p, by: return_plan(item_of(p).pk, by=by, reason=" ")),
    "send_back": ("village_review", "assessor", lambda p, by: send_back(item_of(p).pk, by=by, reason=" ")),
    "withdraw": ("rectifying", "registrar", lambda p, by: withdraw_problem(p.pk, by=by, seen=seen(p), reason=" ")),
    "suspend": (
        "rectifying",
        "registrar",
        lambda p, by: suspend_problem(
            p.pk, by=by, seen=seen(p), reason=" ", review_on=clock.today() + timedelta(days=9)
        ),
    ),
    "reassign": (
        "rectifying",
        "registrar",
        lambda p, by: reassign_problem(
            p.pk,
            by=by,
            seen=seen(p),
            reason=" ",
            assignment=Assignment(p.batch.team, "dated", clock.today() + timedelta(days=9)),
        ),
    ),
}


@pytest.mark.parametrize("name", EMPTY_REASONS)
def test_a_step_that_needs_a_reason_is_refused_without_one(story: Story, name: str) -> None:
    state, role, call = EMPTY_REASONS[name]
    problem = reach(story, state)
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="理由"):
        call(problem, fresh(story.world.people[role]))

    assert standing(problem) == was


def test_designating_is_the_offices_alone_even_without_a_page_before_it(world: World) -> None:
    problem = brought_to(world, "designate")
    deputy = world.people["deputy"].posts.get()
    was = standing(problem)

    for role in ("clerk", "stranger", "observer", "nobody"):
        with undone(), pytest.raises(PermissionDenied):
            designate_reviewer(problem.pk, by=fresh(world.people[role]), post=deputy, reason="无人可办。")

    assert standing(problem) == was
    assert not Event.objects.filter(case_id=problem.pk, name="designated").exists()
