"""The clerk fills in the plan or the report, the head finds it filled in, edits it and sends it in."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import User
from rectification.actions.assignment import Assignment, accept_assignment, reassign_problem
from rectification.actions.planning import return_plan
from rectification.actions.preparing import prepare_plan, prepare_report
from rectification.models import Problem, ReportDraft
from rectification.models.handling import PlanDraft
from tests.conftest import (
    Story,
    World,
    add_person,
    event_names,
    fresh,
    give_evidence,
    item_of,
    reread,
    seen,
    standing,
    undone,
)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def plan(measure: str = "更换管网", **more: Any) -> dict[str, Any]:
    due = (clock.today() + timedelta(days=20)).isoformat()
    return {"measure_0": measure, "owner_0": "张三", "due_0": due, "text": "分两步走。", **more}


def page_of(problem: Problem, name: str = "item-plan") -> str:
    return reverse(name, args=[item_of(problem).pk])


@pytest.mark.parametrize("person", ["partner", "registrar", "inspector", "stranger"])
def test_nobody_outside_the_lead_unit_prepares(story: Story, person: str) -> None:
    problem = story.planning(partners=("partner",))
    was = standing(problem)

    with undone(), pytest.raises(PermissionDenied):
        prepare_plan(problem.pk, by=fresh(story.world.people[person]), fields=plan())

    assert standing(problem) == was
    assert not PlanDraft.objects.exists()


def test_the_head_finds_the_plan_as_the_clerk_left_it_and_sends_it_in(story: Story) -> None:
    world, problem = story.world, story.planning()
    clerk, head = client_of(world.clerk), client_of(world.head)
    form = clerk.get(page_of(problem)).content.decode()
    assert "拟写整改方案" in form
    assert "交单位负责人报送" in form

    answer = clerk.post(page_of(problem), plan(), follow=True)

    assert "请本单位负责人登录核对后报送。" in answer.content.decode()
    assert (reread(problem).state, event_names(problem)[-1]) == ("planning", "plan_prepared")
    told = f"{world.clerk}于"
    assert told in head.get(problem.get_absolute_url()).content.decode()
    found = head.get(page_of(problem))
    assert told in found.content.decode()
    assert found.context["form"]["measure_0"].value() == "更换管网"
    assert found.context["form"]["text"].value() == "分两步走。"
    head.post(page_of(problem), plan("更换管网并加装水表"))
    assert reread(problem).state == "plan_review"
    assert problem.plans.get().by == world.head
    assert problem.measures.get().text == "更换管网并加装水表"
    assert not PlanDraft.objects.exists()


def test_a_plan_that_was_returned_can_be_prepared_anew_without_old_measures(story: Story) -> None:
    world, problem = story.world, story.plan_review()
    return_plan(item_of(problem).pk, by=fresh(world.registrar), reason="太粗。")

    client_of(world.clerk).post(page_of(problem), plan("逐户更换"))

    form = client_of(world.head).get(page_of(problem)).context["form"]
    assert form["measure_0"].value() == "逐户更换"
    assert form["owner_1"].value() == ""


def test_a_plan_that_is_not_filled_in_is_not_handed_to_the_head(story: Story) -> None:
    problem = story.planning()
    was = standing(problem)

    answer = client_of(story.world.clerk).post(page_of(problem), plan(owner_0=""))

    assert answer.status_code == 200
    assert "owner_0" in answer.context["form"].errors
    assert standing(problem) == was
    assert not PlanDraft.objects.exists()


def test_the_report_is_prepared_the_same_way(story: Story) -> None:
    world, problem = story.world, story.rectifying()
    evidence = give_evidence(problem, fresh(world.clerk))
    data = {"text": "已整改。", "rectified_on": clock.today().isoformat(), "evidence": [evidence.pk], "money": "12.50"}

    client_of(world.clerk).post(page_of(problem, "item-submit"), data)

    assert (reread(problem).state, event_names(problem)[-1]) == ("rectifying", "report_prepared")
    head = client_of(world.head)
    form = head.get(page_of(problem, "item-submit")).context["form"]
    assert (form["text"].value(), form["money"].value()) == ("已整改。", "12.50")
    assert form["evidence"].value() == [evidence.pk]
    head.post(page_of(problem, "item-submit"), data)
    assert reread(problem).state == "verifying"
    assert not ReportDraft.objects.exists()


def test_what_a_unit_prepared_does_not_go_with_the_problem_to_another(story: Story, world: World) -> None:
    problem = story.planning()
    prepare_plan(problem.pk, by=fresh(world.clerk), fields=plan())
    new_head = add_person(world, "new_head", "sector", "unit_head")
    chosen = Assignment(world.units["sector"], "dated", clock.today() + timedelta(days=40))
    why = {"seen": seen(problem), "reason": "职责调整。"}
    reassign_problem(problem.pk, by=fresh(world.registrar), assignment=chosen, **why)
    accept_assignment(item_of(problem).pk, by=fresh(new_head))

    found = client_of(new_head).get(page_of(problem))

    assert found.context["form"]["measure_0"].value() is None
    assert "拟好了内容" not in found.content.decode()


def test_where_policy_lets_the_clerk_send_in_nothing_is_prepared(story: Story) -> None:
    problem = story.planning()
    policy = reread(problem).review_policy
    type(policy).objects.filter(pk=policy.pk).update(clerk_submits=True)

    client_of(story.world.clerk).post(page_of(problem), plan())

    assert reread(problem).state == "plan_review"
    assert "plan_prepared" not in event_names(problem)


def test_a_report_is_not_prepared_before_its_time(story: Story) -> None:
    problem = story.planning()
    was = standing(problem)

    with undone(), pytest.raises(Exception, match="只有整改中的问题"):
        prepare_report(problem.pk, by=fresh(story.world.clerk), fields={})

    assert standing(problem) == was
