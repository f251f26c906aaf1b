"""The rules of verification and review: levels, recusal, paper, rounds, partners, secrecy (DOMAIN §3 and §5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import Post, Unit, User
from rectification.actions.assignment import (
    Assignment,
    accept_assignment,
    assign_problem,
    object_assignment,
    reassign_problem,
)
from rectification.actions.batches import feed_back_batch
from rectification.actions.evidence import add_evidence
from rectification.actions.items import claim_item
from rectification.actions.office import merge_problem, reopen_problem, withdraw_problem
from rectification.actions.progress import report_cooperation
from rectification.actions.registration import Registration, register_problem
from rectification.actions.reporting import recall_report
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
from rectification.models import Evidence, Problem
from rectification.problem_page import signatures
from rectification.turns import note_text
from tests.conftest import (
    JUDGES,
    Story,
    World,
    add_person,
    event_names,
    fresh,
    item_of,
    make_batch,
    reach,
    reread,
    seen,
    standing,
    undone,
    walk_on,
)
from workflows.actions.policies import new_version
from workflows.models import Event, ReviewPolicy, Routing, WorkItem
from workflows.queries import main_item, review_policy_in_force, side_items
from workflows.steps import ActionRefused

VISIT = {"place": "一村", "people": "李组长", "seen": "管网已更换。"}


def leave(user: User) -> None:
    """The person's posts end yesterday."""
    Post.objects.filter(user=user).update(valid_to=clock.today() - timedelta(days=1))


def also(world: World, person: str, unit: str, role: str, **fields: Any) -> Post:
    """A second post of somebody of the cast."""
    return Post.objects.create(user=world.people[person], unit=world.units[unit], role=role, **fields)


def last_event(problem: Problem) -> Event:
    return Event.objects.filter(case_id=problem.pk).latest("number")


def notes(problem: Problem) -> list[str]:
    return [note_text(note) for note in last_event(problem).data.get("notes", [])]


def stations(story: Story, problem: Problem) -> list[str]:
    """The states a report passes from verification to closure."""
    passed = []
    while (state := reread(problem).state) != "closed":
        passed.append(state)
        if state == "verifying":
            story.verify(problem)
        else:
            pass_review(item_of(problem).pk, by=fresh(getattr(story.world, JUDGES[state])), opinion="同意")
    return passed


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def agree(problem: Problem, by: User, opinion: str = "同意") -> None:
    pass_review(item_of(problem).pk, by=fresh(by), opinion=opinion)


def change_policy(world: World, **fields: Any) -> ReviewPolicy:
    return new_version(review_policy_in_force("three_levels"), fields, by=world.sysadmin)


# Levels

LEVELS = {
    ("three_levels", "village"): ["village_review", "township_review", "county_review"],
    ("three_levels", "town"): ["township_review", "county_review"],
    ("three_levels", "county"): ["county_review"],
    ("sector_office", "village"): ["sector_review", "county_review"],
    ("sector_office", "county"): ["sector_review", "county_review"],
    ("county_only", "village"): ["county_review"],
    ("county_only", "county"): ["county_review"],
}


@pytest.mark.parametrize(("policy", "place"), LEVELS)
def test_policy_and_place_decide_which_levels_review(story: Story, policy: str, place: str) -> None:
    world = story.world
    batch = make_batch(world, "L1", policy)
    problem = story.verifying(batch=batch, division=getattr(world, place))

    passed = stations(story, problem)

    assert passed == ["verifying", *LEVELS[policy, place]]


def test_a_policy_without_verification_goes_straight_to_the_first_level(story: Story) -> None:
    change_policy(story.world, verifies=False)

    problem = story.verifying()

    assert problem.state == "village_review"


def test_a_level_without_anybody_is_passed_up_and_the_timeline_says_so(story: Story) -> None:
    leave(story.world.assessor)

    problem = story.village_review()

    assert problem.state == "township_review"
    assert notes(problem) == ["村级评定没有在岗人员，由上一级审定。"]


def test_two_levels_without_anybody_are_both_named(story: Story) -> None:
    leave(story.world.assessor)
    leave(story.world.reviewer)

    problem = story.village_review()

    assert problem.state == "county_review"
    assert [text[:4] for text in notes(problem)] == ["村级评定", "乡镇审核"]


def test_a_stopped_account_holds_no_level(story: Story) -> None:
    User.objects.filter(pk=story.world.assessor.pk).update(is_active=False)

    problem = story.village_review()

    assert problem.state == "township_review"


def test_a_level_whose_own_unit_is_responsible_is_skipped_visibly(story: Story) -> None:
    world = story.world
    also(world, "head", "township", "unit_head")
    also(world, "clerk", "township", "unit_clerk")
    problem = story.village_review(unit="township")

    agree(problem, world.assessor)

    assert reread(problem).state == "county_review"
    assert notes(problem) == ["乡镇审核所在单位即责任单位，回避，由上一级审定。"]


def test_a_level_whose_only_holder_took_part_is_skipped_visibly(story: Story) -> None:
    world = story.world
    also(world, "reviewer", "team", "inspector")
    problem = story.verifying()
    visit = SiteVisit(visited_on=clock.today(), **VISIT)
    verify_on_site(item_of(problem).pk, by=fresh(world.reviewer), visit=visit, passed=True)

    agree(problem, world.assessor)

    assert reread(problem).state == "county_review"
    assert notes(problem) == ["乡镇审核人均已参与本轮办理，回避，由上一级审定。"]


# Recusal

TOOK_PART = {
    "inspector": "登记问题",
    "head": "申请销号",
    "lead": "现场核查通过",
    "assessor": "村级评定同意",
}


@pytest.mark.parametrize("person", TOOK_PART)
def test_whoever_found_reported_verified_or_judged_may_not_judge_the_round(story: Story, person: str) -> None:
    world = story.world
    problem = story.township_review()
    also(world, person, "township", "township_reviewer")
    was = standing(problem)
    by = fresh(world.people[person])

    with undone(), pytest.raises(ActionRefused, match=f"您已参与这个问题的{TOOK_PART[person]}，按回避规定"):
        pass_review(item_of(problem).pk, by=by, opinion="同意")
    with undone(), pytest.raises(ActionRefused, match="回避"):
        send_back(item_of(problem).pk, by=by, reason="还漏。")

    assert standing(problem) == was
    agree(problem, world.reviewer)
    assert reread(problem).state == "county_review"


def test_a_new_round_frees_whoever_judged_the_old_one_but_not_the_finder(story: Story) -> None:
    world = story.world
    problem = story.township_review()
    send_back(item_of(problem).pk, by=fresh(world.reviewer), reason="还漏。")
    story.submit(problem)
    walk_on(story, problem, until="township_review")
    also(world, "inspector", "township", "township_reviewer")

    with undone(), pytest.raises(ActionRefused, match="登记问题"):
        agree(problem, world.inspector)
    agree(problem, world.reviewer)

    assert reread(problem).state == "county_review"


def test_the_last_level_goes_to_another_holder_when_one_took_part(story: Story) -> None:
    world = story.world
    other = add_person(world, "second_leader", "leaders", "county_leader")
    also(world, "leader", "team", "inspector")
    problem = story.verifying()
    visit = SiteVisit(visited_on=clock.today(), **VISIT)
    verify_on_site(item_of(problem).pk, by=fresh(world.leader), visit=visit, passed=True)
    walk_on(story, problem, until="county_review")

    with undone(), pytest.raises(ActionRefused, match="回避"):
        agree(problem, world.leader)
    agree(problem, other)

    assert reread(problem).state == "closed"


def test_the_last_level_with_nobody_left_waits_for_the_office_to_designate(story: Story) -> None:
    world = story.world
    leave(world.leader)
    deputy = add_person(world, "deputy", "sector", "unit_head")
    problem = story.county_review()
    item = item_of(problem)
    assert (item.unit_id, item.role) == (world.units["office"].pk, "office")
    assert notes(problem)[-1] == "县级审定没有可以办理的人员，请整改办指定审定人。"
    with undone(), pytest.raises(PermissionDenied):
        agree(problem, world.registrar)

    designate_reviewer(problem.pk, by=fresh(world.registrar), post=deputy.posts.get(), reason="领导外出。")

    assert event_names(problem)[-1] == "designated"
    assert Problem.objects.visible_to(fresh(deputy)).filter(pk=problem.pk).exists()
    with undone(), pytest.raises(PermissionDenied):
        agree(problem, world.registrar)
    agree(problem, deputy)
    assert reread(problem).state == "closed"
    assert problem.review_steps.get(level="county").post.user == deputy


@pytest.mark.parametrize("person", ["head", "lead", "second_head"])
def test_nobody_who_took_part_or_is_responsible_is_designated(story: Story, person: str) -> None:
    world = story.world
    leave(world.leader)
    add_person(world, "second_head", "bureau", "unit_head")
    problem = story.county_review()
    was = standing(problem)
    post = world.people[person].posts.get()

    with undone(), pytest.raises(ActionRefused, match="回避"):
        designate_reviewer(problem.pk, by=fresh(world.registrar), post=post, reason="领导外出。")

    assert standing(problem) == was


def lead_by(story: Story, leader: User | None) -> Problem:
    """A problem for immediate rectification, perhaps with a lead leader, reported by its unit."""
    world = story.world
    problem = story.registered()
    due = clock.today() + timedelta(days=40)
    assignment = Assignment(world.units["bureau"], "immediate", due, lead_leader=leader)
    assign_problem(item_of(problem).pk, by=fresh(world.registrar), assignment=assignment)
    accept_assignment(item_of(problem).pk, by=fresh(world.clerk))
    story.submit(problem)
    return problem


def test_the_lead_leader_decides_where_one_is_named(story: Story) -> None:
    world = story.world
    named = add_person(world, "named", "leaders", "county_leader")
    problem = lead_by(story, named)
    walk_on(story, problem, until="county_review")

    assert item_of(problem).addressee_id == named.pk
    with undone(), pytest.raises(PermissionDenied):
        agree(problem, world.leader)
    agree(problem, named)

    assert reread(problem).state == "closed"


def test_a_lead_leader_who_has_left_gives_way_to_another_holder(story: Story) -> None:
    world = story.world
    named = add_person(world, "named", "leaders", "county_leader")
    problem = lead_by(story, named)
    walk_on(story, problem, until="township_review")
    leave(named)

    agree(problem, world.reviewer)

    assert item_of(problem).addressee_id is None
    agree(problem, world.leader)
    assert reread(problem).state == "closed"


def test_a_lead_leader_who_took_part_gives_way_to_another_holder(story: Story) -> None:
    world = story.world
    named = add_person(world, "named", "leaders", "county_leader")
    also(world, "named", "team", "inspector")
    problem = lead_by(story, named)
    visit = SiteVisit(visited_on=clock.today(), **VISIT)
    verify_on_site(item_of(problem).pk, by=fresh(named), visit=visit, passed=True)

    walk_on(story, problem, until="county_review")

    assert item_of(problem).addressee_id is None
    agree(problem, world.leader)
    assert reread(problem).state == "closed"


@pytest.mark.parametrize("addressed", [False, True], ids=["seat", "addressed"])
def test_an_acting_post_decides_and_is_marked_as_acting(story: Story, addressed: bool) -> None:
    world = story.world
    leave(world.leader)
    acting = add_person(world, "acting", "leaders", "county_leader", acting_for=world.leader)
    problem = lead_by(story, world.leader) if addressed else story.county_review()
    walk_on(story, problem, until="county_review")

    agree(problem, acting)

    assert reread(problem).state == "closed"
    assert last_event(problem).data["acting_for"] == world.leader.pk
    assert signatures(reread(problem))[-1]["acting_for"] == world.leader


# Rounds and versions of policies


def test_a_running_round_keeps_its_policy_and_the_next_one_takes_the_new(story: Story) -> None:
    world = story.world
    problem = story.village_review()
    newer = change_policy(world, village=False, township=False)

    agree(problem, world.assessor)
    assert reread(problem).state == "township_review"
    assert reread(problem).review_policy.version == newer.version - 1
    send_back(item_of(problem).pk, by=fresh(world.reviewer), reason="还漏。")

    assert reread(problem).review_policy == newer
    story.submit(problem)
    assert stations(story, problem) == ["verifying", "county_review"]


def test_a_failed_verification_too_takes_the_policy_in_force(story: Story) -> None:
    problem = story.verifying()
    newer = change_policy(story.world, village=False)

    story.verify(problem, passed=False)

    again = reread(problem)
    assert (again.state, again.round, again.review_policy) == ("rectifying", 2, newer)


def test_a_registered_problem_takes_the_policy_in_force_when_it_is_assigned(story: Story) -> None:
    problem = story.registered()
    newer = change_policy(story.world, township=False)
    due = clock.today() + timedelta(days=40)

    assignment = Assignment(story.world.units["bureau"], "dated", due)
    assign_problem(item_of(problem).pk, by=fresh(story.world.registrar), assignment=assignment)

    assert reread(problem).review_policy == newer


def test_every_round_has_its_own_report_steps_and_verification(story: Story) -> None:
    world = story.world
    problem = story.township_review()
    send_back(item_of(problem).pk, by=fresh(world.reviewer), reason="还漏。")
    story.submit(problem)
    story.verify(problem, passed=False)
    story.submit(problem)

    stations(story, problem)

    again = reread(problem)
    assert (again.state, again.round) == ("closed", 3)
    assert list(again.reports.values_list("round", "version")) == [(1, 1), (2, 2), (3, 3)]
    assert list(again.verifications.values_list("round", "passed")) == [(1, True), (2, False), (3, True)]
    assert [row.round for row in again.review_steps.all()] == [1, 1, 3, 3, 3]


def test_closing_takes_the_outcomes_and_the_date_of_the_report_that_was_accepted(story: Story) -> None:
    from rectification.actions.reporting import Outcomes

    day = clock.today() - timedelta(days=3)
    problem = story.rectifying()
    story.submit(problem, rectified_on=day, outcomes=Outcomes(rules_written=2, households=18))

    stations(story, problem)

    again = reread(problem)
    assert (again.rectified_on, again.closed_on, again.progress) == (day, clock.today(), 100)
    assert (again.rules_written, again.households) == (2, 18)


# Verification


@pytest.mark.parametrize("unit", ["bureau", "partner"])
def test_a_verifier_never_comes_from_a_unit_that_has_to_rectify(story: Story, unit: str) -> None:
    world = story.world
    problem = reach(story, "verifying", partners=("partner",))
    also(world, "inspector", unit, "unit_clerk")
    visit = SiteVisit(visited_on=clock.today(), **VISIT)
    was = standing(problem)

    for passed in (True, False):
        with undone(), pytest.raises(ActionRefused, match="核查人不能来自承担整改任务的单位"):
            verify_on_site(item_of(problem).pk, by=fresh(world.inspector), visit=visit, passed=passed)

    assert standing(problem) == was
    story.verify(problem)
    assert reread(problem).state == "village_review"


def test_the_office_verifies_where_the_team_has_nobody(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    leave(world.inspector)
    leave(world.lead)

    story.submit(problem)

    assert item_of(problem).unit_id == world.units["office"].pk
    visit = SiteVisit(visited_on=clock.today(), **VISIT)
    verify_on_site(item_of(problem).pk, by=fresh(world.registrar), visit=visit, passed=True)
    assert reread(problem).state == "village_review"


def test_the_office_verifies_where_the_team_itself_has_to_rectify(story: Story) -> None:
    world = story.world
    also(world, "head", "team", "unit_head")
    also(world, "clerk", "team", "unit_clerk")

    problem = story.verifying(unit="team")

    assert item_of(problem).unit_id == world.units["office"].pk


def led_by_the_office(story: Story) -> Problem:
    """A problem the office leads itself, reported, and nobody of the team left to verify it."""
    world = story.world
    also(world, "head", "office", "unit_head")
    also(world, "clerk", "office", "unit_clerk")
    problem = story.rectifying(unit="office")
    leave(world.inspector)
    leave(world.lead)
    story.submit(problem)
    return reread(problem)


def test_where_the_office_itself_rectifies_it_designates_who_verifies(story: Story) -> None:
    world = story.world
    guest = add_person(world, "guest", "sector", "unit_head")
    problem = led_by_the_office(story)
    assert notes(problem) == ["整改办承担整改任务，回避核查，请整改办指定核查人。"]
    visit = SiteVisit(visited_on=clock.today(), **VISIT)
    with undone(), pytest.raises(ActionRefused, match="核查人不能来自承担整改任务的单位"):
        verify_on_site(item_of(problem).pk, by=fresh(world.registrar), visit=visit, passed=True)
    page = client_of(world.registrar).get(problem.get_absolute_url())
    assert "下一步：指定核查人" in page.content.decode()

    form = reverse("problem-do", args=[problem.case.number, "designate-verifier"])
    data = {"seen": seen(problem), "post": guest.posts.get().pk, "reason": "整改办回避。"}
    assert client_of(world.observer).post(form, data).status_code == 403
    assert client_of(world.registrar).post(form, data).status_code == 302

    assert event_names(problem)[-1] == "verifier_designated"
    assert Problem.objects.visible_to(fresh(guest)).filter(pk=problem.pk).exists()
    with undone(), pytest.raises(PermissionDenied):
        verify_on_site(item_of(problem).pk, by=fresh(world.registrar), visit=visit, passed=True)
    verify_on_site(item_of(problem).pk, by=fresh(guest), visit=visit, passed=True)
    assert reread(problem).state == "village_review"
    assert problem.verifications.get().post.user == guest


@pytest.mark.parametrize("person", ["head", "colleague", "both"])
def test_nobody_of_a_unit_that_rectifies_is_designated_to_verify(story: Story, person: str) -> None:
    world = story.world
    add_person(world, "both", "sector", "unit_head")
    problem = led_by_the_office(story)
    also(world, "both", "office", "office")
    was = standing(problem)
    post = world.people[person].posts.first()

    with undone(), pytest.raises(ActionRefused, match="回避"):
        designate_verifier(problem.pk, by=fresh(world.registrar), post=post, reason="整改办回避。")

    assert standing(problem) == was


def test_nobody_is_designated_while_the_office_may_verify_itself(story: Story) -> None:
    world = story.world
    guest = add_person(world, "guest", "sector", "unit_head")
    problem = story.rectifying()
    leave(world.inspector)
    leave(world.lead)
    story.submit(problem)
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="才需要指定核查人"):
        designate_verifier(problem.pk, by=fresh(world.registrar), post=guest.posts.get(), reason="忙。")

    assert standing(problem) == was
    assert "指定核查人" not in client_of(world.registrar).get(problem.get_absolute_url()).content.decode()


def test_a_visit_of_tomorrow_is_refused(story: Story) -> None:
    problem = story.verifying()
    was = standing(problem)
    visit = SiteVisit(visited_on=clock.today() + timedelta(days=1), **VISIT)

    with undone(), pytest.raises(ActionRefused, match="核查日期不能晚于今天"):
        verify_on_site(item_of(problem).pk, by=fresh(story.world.lead), visit=visit, passed=True)

    assert standing(problem) == was


# Decisions on paper


def scan_of(problem: Problem, by: User) -> Evidence:
    from io import BytesIO

    pdf = BytesIO(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    row, _used = add_evidence(problem.pk, by=fresh(by), name="决定.pdf", stream=pdf, phase="document")
    return row


def decision(scan: Evidence | None, **fields: Any) -> PaperDecision:
    values = {
        "passed": True,
        "opinion": "会议同意。",
        "decided_by": "县整改领导小组会议",
        "decided_on": clock.today(),
        "document_number": "〔2026〕6号",
        **fields,
    }
    return PaperDecision(scan=scan, **values)


def test_a_decision_on_paper_moves_the_problem_and_says_who_decided(story: Story) -> None:
    world = story.world
    problem = story.township_review()
    scan = scan_of(problem, world.registrar)

    record_paper_decision(item_of(problem).pk, by=fresh(world.registrar), decision=decision(scan))

    step = problem.review_steps.get(level="township")
    assert reread(problem).state == "county_review"
    assert (step.on_paper, step.decided_by, step.by, step.scan) == (True, "县整改领导小组会议", world.registrar, scan)
    assert last_event(problem).data["on_paper"] is True
    assert Evidence.objects.get(pk=scan.pk).locked_at is not None
    assert "县整改领导小组会议" in signatures(reread(problem))[-1]["paper"]


def test_a_decision_on_paper_may_send_back_and_begins_a_new_round(story: Story) -> None:
    problem = story.county_review()
    scan = scan_of(problem, story.world.registrar)
    back = decision(scan, passed=False, opinion="资金未到位。")

    record_paper_decision(item_of(problem).pk, by=fresh(story.world.registrar), decision=back)

    again = reread(problem)
    assert (again.state, again.round, event_names(problem)[-1]) == ("rectifying", 2, "send_back")


def test_paper_is_refused_where_policy_does_not_allow_it(story: Story) -> None:
    change_policy(story.world, allows_paper=False)
    problem = story.township_review()
    scan = scan_of(problem, story.world.registrar)
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="不允许代录"):
        record_paper_decision(item_of(problem).pk, by=fresh(story.world.registrar), decision=decision(scan))

    assert standing(problem) == was


def test_paper_needs_the_scan_of_this_very_problem(story: Story) -> None:
    world = story.world
    problem = story.township_review()
    foreign = scan_of(story.registered(title="另一处"), world.registrar)
    was = standing(problem)

    for scan in (None, foreign):
        with undone(), pytest.raises(ActionRefused, match="扫描件"):
            record_paper_decision(item_of(problem).pk, by=fresh(world.registrar), decision=decision(scan))

    assert standing(problem) == was


def test_a_scan_that_was_removed_counts_for_nothing(story: Story) -> None:
    world = story.world
    problem = story.township_review()
    scan = scan_of(problem, world.registrar)
    Evidence.objects.filter(pk=scan.pk).update(withdrawn_at=clock.now())
    scan.refresh_from_db()
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="扫描件"):
        record_paper_decision(item_of(problem).pk, by=fresh(world.registrar), decision=decision(scan))

    assert standing(problem) == was


def test_a_paper_of_tomorrow_is_refused(story: Story) -> None:
    problem = story.township_review()
    scan = scan_of(problem, story.world.registrar)
    was = standing(problem)
    early = decision(scan, decided_on=clock.today() + timedelta(days=1))

    with undone(), pytest.raises(ActionRefused, match="决定日期不能晚于今天"):
        record_paper_decision(item_of(problem).pk, by=fresh(story.world.registrar), decision=early)

    assert standing(problem) == was


def test_the_recorder_of_a_paper_decision_is_recused_like_a_judge(story: Story) -> None:
    world = story.world
    problem = story.township_review()
    scan = scan_of(problem, world.registrar)
    record_paper_decision(item_of(problem).pk, by=fresh(world.registrar), decision=decision(scan))
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="回避"):
        record_paper_decision(item_of(problem).pk, by=fresh(world.registrar), decision=decision(scan))
    assert standing(problem) == was

    record_paper_decision(item_of(problem).pk, by=fresh(world.colleague), decision=decision(scan))
    assert reread(problem).state == "closed"


def test_sending_back_on_paper_needs_a_reason_too(story: Story) -> None:
    problem = story.township_review()
    scan = scan_of(problem, story.world.registrar)
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="理由"):
        record_paper_decision(
            item_of(problem).pk, by=fresh(story.world.registrar), decision=decision(scan, passed=False, opinion=" ")
        )

    assert standing(problem) == was


# Objections, partners, kinds


def test_objections_are_counted_and_limited_by_policy(story: Story) -> None:
    world = story.world
    problem = story.assigned()
    due = clock.today() + timedelta(days=40)
    for _time in range(2):
        object_assignment(item_of(problem).pk, by=fresh(world.head), reason="不属我单位职责。")
        assert reread(problem).lead_unit is None
        assignment = Assignment(world.units["bureau"], "dated", due)
        assign_problem(item_of(problem).pk, by=fresh(world.registrar), assignment=assignment)
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="已提出过2次异议"):
        object_assignment(item_of(problem).pk, by=fresh(world.head), reason="不属我单位职责。")

    assert standing(problem) == was


def test_a_silent_partner_has_to_be_explained(story: Story) -> None:
    problem = story.rectifying(partners=("partner",))
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="县财政局还没有报送落实情况"):
        story.submit(problem)
    assert standing(problem) == was

    story.submit(problem, partners_note="已两次催办。")
    assert reread(problem).state == "verifying"
    assert problem.reports.get().partners_note == "已两次催办。"


def test_a_partner_that_reported_needs_no_explanation(story: Story) -> None:
    world = story.world
    problem = story.rectifying(partners=("partner",))
    side = side_items(problem.pk).get()
    before = reread(problem)
    report_cooperation(side.pk, by=fresh(world.partner), text="资金已拨付。")

    assert reread(problem).state == before.state
    assert not side_items(problem.pk).exists()
    with undone(), pytest.raises(ActionRefused, match="已由人partner办理"):
        report_cooperation(side.pk, by=fresh(world.partner), text="资金已拨付。")
    story.submit(problem)
    assert reread(problem).state == "verifying"


def test_a_standing_problem_has_a_review_cycle_instead_of_a_date(story: Story) -> None:
    world = story.world
    problem = story.registered()
    was = standing(problem)
    assignment = Assignment(world.units["bureau"], "standing")
    with undone(), pytest.raises(ActionRefused, match="复查周期"):
        assign_problem(item_of(problem).pk, by=fresh(world.registrar), assignment=assignment)
    assert standing(problem) == was

    problem = story.assigned(kind="standing")

    assert (problem.due_on, problem.review_cycle) == (None, 6)
    running = problem.case.deadlines.filter(item__isnull=True, superseded_at__isnull=True)
    assert [row.kind for row in running] == ["cycle"]


def test_a_standing_problem_closes_only_with_a_reason(story: Story) -> None:
    problem = story.county_review(kind="standing")
    was = standing(problem)

    for opinion in ("", "同意"):
        with undone(), pytest.raises(ActionRefused, match="理由"):
            agree(problem, story.world.leader, opinion)
    assert standing(problem) == was

    agree(problem, story.world.leader, "机制已运行两年，未再发生。")
    assert reread(problem).state == "closed"


def test_immediate_rectification_needs_no_plan(story: Story) -> None:
    problem = story.assigned(kind="immediate")

    accept_assignment(item_of(problem).pk, by=fresh(story.world.clerk))

    assert reread(problem).state == "rectifying"
    assert not problem.plans.exists()


@pytest.mark.parametrize("kind", ["dated", "phased", "standing"])
def test_every_other_kind_begins_with_a_plan(story: Story, kind: str) -> None:
    problem = story.assigned(kind=kind)

    accept_assignment(item_of(problem).pk, by=fresh(story.world.clerk))

    assert reread(problem).state == "planning"


def test_a_date_is_asked_for_or_a_reason_why_there_is_none(story: Story) -> None:
    world = story.world
    problem = story.registered()
    was = standing(problem)
    past = clock.today() - timedelta(days=1)
    bureau = world.units["bureau"]
    for assignment, sentence in (
        (Assignment(bureau, "dated"), "请填写整改时限"),
        (Assignment(bureau, "dated", past), "不能早于今天"),
        (Assignment(bureau, "dated", clock.today(), partners=[bureau]), "不能同时是配合单位"),
    ):
        with undone(), pytest.raises(ActionRefused, match=sentence):
            assign_problem(item_of(problem).pk, by=fresh(world.registrar), assignment=assignment)
    assert standing(problem) == was

    assignment = Assignment(bureau, "dated", due_reason="待上级批复。")
    assign_problem(item_of(problem).pk, by=fresh(world.registrar), assignment=assignment)

    assert reread(problem).due_on is None
    assert problem.statements.get(kind="no_due_date").text == "待上级批复。"


# The end of a problem, and after it


@pytest.mark.parametrize("ending", ["merge", "withdraw"])
def test_an_early_end_closes_the_side_duties_too(story: Story, ending: str) -> None:
    world = story.world
    problem = story.rectifying(partners=("partner",))
    target = story.registered(title="另一处漏水")
    side = side_items(problem.pk).get()
    office: dict[str, Any] = {"by": fresh(world.registrar), "seen": seen(problem), "reason": "同一处。"}

    if ending == "merge":
        merge_problem(problem.pk, target=target, **office)
    else:
        withdraw_problem(problem.pk, **office)

    assert main_item(problem.pk) is None
    assert not side_items(problem.pk).exists()
    assert not Routing.objects.filter(case_id=problem.pk, finished__isnull=True).exists()
    with undone(), pytest.raises(ActionRefused):
        report_cooperation(side.pk, by=fresh(world.partner), text="资金已拨付。")
    assert reread(target).state == "registered"


def test_a_problem_is_not_merged_into_itself_or_into_one_that_is_gone(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    gone = reach(story, "withdrawn", title="登错的")
    was = standing(problem)

    for target, sentence in ((problem, "不能并入自己"), (gone, "已并案或撤销")):
        with undone(), pytest.raises(ActionRefused, match=sentence):
            merge_problem(problem.pk, by=fresh(world.registrar), seen=seen(problem), target=target, reason="同一处。")

    assert standing(problem) == was


def test_reopening_begins_the_next_round_on_a_new_routing_and_keeps_the_old_round(story: Story) -> None:
    world = story.world
    problem = story.closed()
    old = {name: list(getattr(problem, name).values()) for name in ("reports", "review_steps", "verifications")}
    due = clock.today() + timedelta(days=30)

    reopen_problem(problem.pk, by=fresh(world.registrar), seen=seen(problem), relapse="又漏了。", due_on=due)

    again = reread(problem)
    assert (again.state, again.round, again.closed_on, again.rectified_on) == ("assigned", 2, None, None)
    assert (again.lead_unit, again.due_on, again.progress) == (world.units["bureau"], due, 0)
    routings = Routing.objects.filter(case_id=problem.pk, kind="main").order_by("pk")
    assert [routing.finished is None for routing in routings] == [False, True]
    item = item_of(again)
    assert (item.round, item.unit_id, item.role) == (2, world.units["bureau"].pk, "unit")
    assert {name: list(getattr(again, name).values()) for name in old} == old


def test_a_relapse_asks_the_cooperating_units_anew(story: Story) -> None:
    world = story.world
    problem = reach(story, "closed", partners=("partner",))
    due = clock.today() + timedelta(days=30)

    reopen_problem(problem.pk, by=fresh(world.registrar), seen=seen(problem), relapse="又漏了。", due_on=due)

    (duty,) = side_items(problem.pk)
    assert (duty.unit, duty.round, duty.due_at.date()) == (world.units["partner"], 2, due)
    assert problem.cooperations.get().reported_at is None


def test_a_reopened_problem_walks_to_closure_again_without_whoever_reopened_it(story: Story) -> None:
    world = story.world
    problem = lead_by(story, None)
    walk_on(story, problem, until="closed")
    due = clock.today() + timedelta(days=30)
    reopen_problem(problem.pk, by=fresh(world.registrar), seen=seen(problem), relapse="又漏了。", due_on=due)
    accept_assignment(item_of(problem).pk, by=fresh(world.clerk))
    story.submit(problem)
    walk_on(story, problem, until="county_review")
    scan = scan_of(problem, world.registrar)

    with undone(), pytest.raises(ActionRefused, match="反弹重启"):
        record_paper_decision(item_of(problem).pk, by=fresh(world.registrar), decision=decision(scan))
    agree(problem, world.leader)

    assert (reread(problem).state, reread(problem).round) == ("closed", 2)


# Taking a report back


def test_a_report_is_recalled_before_anybody_has_claimed_it_in_the_same_round(story: Story) -> None:
    world = story.world
    problem = story.verifying()

    recall_report(problem.pk, by=fresh(world.head), seen=seen(problem))

    again = reread(problem)
    assert (again.state, again.round) == ("rectifying", 1)
    assert again.reports.get().recalled_at is not None
    assert item_of(again).unit_id == world.units["bureau"].pk
    story.submit(problem)
    assert list(again.reports.values_list("round", "version")) == [(1, 1), (1, 2)]
    assert stations(story, problem)[-1] == "county_review"


def test_a_report_somebody_has_claimed_is_not_recalled(story: Story) -> None:
    world = story.world
    problem = story.verifying()
    claim_item(item_of(problem).pk, by=fresh(world.inspector))
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="已经认领"):
        recall_report(problem.pk, by=fresh(world.head), seen=seen(problem))

    assert standing(problem) == was


@pytest.mark.parametrize("state", ["village_review", "township_review"])
def test_a_report_that_was_judged_is_not_recalled(story: Story, state: str) -> None:
    problem = reach(story, state)
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match="已经有人核查或审议过"):
        recall_report(problem.pk, by=fresh(story.world.head), seen=seen(problem))

    assert standing(problem) == was


def test_a_report_is_recalled_from_the_first_level_where_nobody_verifies(story: Story) -> None:
    change_policy(story.world, verifies=False)
    problem = story.verifying()
    assert problem.state == "village_review"

    recall_report(problem.pk, by=fresh(story.world.head), seen=seen(problem))

    assert reread(problem).state == "rectifying"


# Secrecy and sight


def sees(user: User, problem: Problem) -> bool:
    return Problem.objects.visible_to(fresh(user)).filter(pk=problem.pk).exists()


def secret_problem(world: World) -> tuple[Any, Problem]:
    principal = Unit.objects.create(name="县纪委", division=world.county, kind="department")
    world.units["principal"] = principal
    add_person(world, "principal", "principal", "unit_head")
    batch = make_batch(world, "M1", secret=True, principal=principal)
    problem = register_problem(Registration(batch, world.village, "虚报工程量"), by=fresh(world.inspector))
    return batch, problem


def test_a_secret_batch_is_seen_by_the_team_and_its_principal_alone(world: World) -> None:
    _batch, problem = secret_problem(world)

    found = {name for name, user in world.people.items() if sees(user, problem)}

    assert found == {"inspector", "lead", "principal"}
    item = item_of(problem)
    assert (item.unit_id, item.role) == (world.units["team"].pk, "team")
    client = Client()
    client.force_login(fresh(world.registrar))
    assert client.get(problem.get_absolute_url()).status_code == 404
    assert client.get(reverse("item-assign", args=[item.pk])).status_code == 404
    assert "批次M1" not in client.get(reverse("batch-list")).content.decode()


def test_the_office_cannot_register_in_a_secret_batch(world: World) -> None:
    batch, _problem = secret_problem(world)
    before = Problem.objects.count()

    with undone(), pytest.raises(ActionRefused, match="反馈前保密"):
        register_problem(Registration(batch, world.village, "另一处"), by=fresh(world.registrar))

    assert Problem.objects.count() == before


def test_feeding_back_opens_the_problems_and_gives_them_to_the_office(world: World) -> None:
    batch, problem = secret_problem(world)

    feed_back_batch(batch.pk, by=fresh(world.lead))

    item = item_of(problem)
    assert (item.unit_id, item.role) == (world.units["office"].pk, "office")
    assert sees(world.registrar, problem)
    assert sees(world.inspector, problem)
    assert event_names(problem) == ["registered", "disclosed"]
    with undone(), pytest.raises(ActionRefused, match="已经反馈过"):
        feed_back_batch(batch.pk, by=fresh(world.lead))


def test_what_an_inspector_had_claimed_is_free_for_the_office_after_feeding_back(world: World) -> None:
    batch, problem = secret_problem(world)
    claim_item(item_of(problem).pk, by=fresh(world.inspector))

    feed_back_batch(batch.pk, by=fresh(world.lead))

    due = clock.today() + timedelta(days=40)
    assignment = Assignment(world.units["bureau"], "dated", due)
    assign_problem(item_of(problem).pk, by=fresh(world.registrar), assignment=assignment)
    assert reread(problem).state == "assigned"


def test_a_problem_registered_after_feeding_back_is_open_at_once(world: World) -> None:
    batch, _problem = secret_problem(world)
    feed_back_batch(batch.pk, by=fresh(world.lead))

    later = register_problem(
        Registration(type(batch).objects.get(pk=batch.pk), world.village, "后发现"), by=fresh(world.inspector)
    )

    assert sees(world.registrar, later)
    assert item_of(later).role == "office"


def test_reassigning_takes_the_sight_from_the_old_unit_and_gives_it_to_the_new(story: Story) -> None:
    world = story.world
    add_person(world, "new_head", "sector", "unit_head")
    problem = story.rectifying(partners=("partner",))
    old_item = item_of(problem)
    assert sees(world.head, problem)
    assert sees(world.partner, problem)
    due = clock.today() + timedelta(days=40)

    reassign_problem(
        problem.pk,
        by=fresh(world.registrar),
        seen=seen(problem),
        assignment=Assignment(world.units["sector"], "dated", due),
        reason="职能调整。",
    )

    again = reread(problem)
    assert (again.state, again.round, again.lead_unit) == ("assigned", 1, world.units["sector"])
    assert [sees(world.people[name], problem) for name in ("head", "clerk", "partner")] == [False] * 3
    assert sees(world.people["new_head"], problem)
    assert not WorkItem.objects.get(pk=old_item.pk).is_open
    assert not side_items(problem.pk).exists()
    with undone(), pytest.raises(ActionRefused, match="已经结束或被撤回"):
        accept_assignment(old_item.pk, by=fresh(world.clerk))


def test_a_partner_kept_through_reassigning_keeps_its_duty(story: Story) -> None:
    world = story.world
    problem = story.rectifying(partners=("partner",))
    side = side_items(problem.pk).get()
    due = clock.today() + timedelta(days=40)
    assignment = Assignment(world.units["sector"], "dated", due, partners=[world.units["partner"]])

    reassign_problem(
        problem.pk, by=fresh(world.registrar), seen=seen(problem), assignment=assignment, reason="职能调整。"
    )

    assert side_items(problem.pk).get().pk == side.pk
    assert sees(world.partner, problem)


def test_reassigning_needs_another_unit(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    was = standing(problem)
    due = clock.today() + timedelta(days=40)

    with undone(), pytest.raises(ActionRefused):
        reassign_problem(
            problem.pk,
            by=fresh(world.registrar),
            seen=seen(problem),
            assignment=Assignment(world.units["bureau"], "dated", due),
            reason="再派一次。",
        )

    assert standing(problem) == was


def test_being_given_an_item_grants_sight_of_that_case_alone(story: Story) -> None:
    world = story.world
    leave(world.leader)
    deputy = add_person(world, "deputy", "elsewhere", "unit_head")
    problem, other = story.county_review(), story.registered(title="另一处")

    designate_reviewer(problem.pk, by=fresh(world.registrar), post=deputy.posts.get(), reason="领导外出。")

    assert list(Problem.objects.visible_to(fresh(deputy)).values_list("pk", flat=True)) == [problem.pk]
    assert not sees(deputy, other)
