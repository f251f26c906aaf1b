"""The same form sent twice, a form changed after Back, a form whose step is over."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from organizations.models import User
from rectification.models import Problem
from tests.conftest import Story, World, event_names, fresh, item_of, reach, reread, standing
from workflows.models import NumberSequence, WorkItem


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def said(answer: Any) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def registration(world: World, **fields: Any) -> dict[str, Any]:
    return {"batch": world.batch.pk, "place": "甲镇 / 一村", "title": "水井干涸", "kind": "dated", **fields}


def register(world: World, **fields: Any) -> Any:
    return client_of(world.inspector).post(reverse("problem-new"), registration(world, **fields))


def drawn() -> int:
    return NumberSequence.objects.get().last


def test_a_registration_sent_twice_leads_to_the_one_problem_and_draws_no_number(world: World) -> None:
    token = uuid4()
    register(world, submission=token)
    made = Problem.objects.get()

    second = register(world, submission=token)

    assert second["Location"] == made.get_absolute_url()
    assert f"已经提交过，编号是{made.case.number}" in said(second)
    assert Problem.objects.count() == drawn() == 1
    assert event_names(made) == ["registered"]


def test_a_registration_changed_after_back_is_another_one(world: World) -> None:
    token = uuid4()
    register(world, submission=token)

    second = register(world, submission=token, title="路灯不亮")

    assert second.status_code == 302
    assert "已登记" in said(second)
    assert sorted(Problem.objects.values_list("title", flat=True)) == ["水井干涸", "路灯不亮"]
    assert "已经提交过" in said(register(world, submission=token, title=" 路灯不亮 "))


def test_a_serial_that_is_taken_is_refused_before_a_number_is_drawn(world: World) -> None:
    register(world, source_serial="17")

    answer = register(world, source_serial=" 17 ", title="路灯不亮")

    assert "已经有序号“17”的问题" in answer.context["form"].errors["source_serial"][0]
    assert Problem.objects.count() == drawn() == 1


def test_progress_sent_twice_makes_one_entry(story: Story) -> None:
    problem = story.rectifying()
    page = reverse("progress-new", args=[problem.case.number])
    client = client_of(story.world.clerk)
    form = {"percent": 30, "text": "已开工。", "submission": client.get(page).context["form"]["submission"].value()}
    client.post(page, form)

    second = client.post(page, form)

    assert second["Location"] == problem.get_absolute_url()
    assert "已经报送过" in said(second)
    assert problem.progress_entries.count() == 1
    assert event_names(problem).count("progress") == 1


def test_the_same_words_on_a_new_page_are_a_new_entry(story: Story) -> None:
    problem = story.rectifying()
    page = reverse("progress-new", args=[problem.case.number])
    client = client_of(story.world.clerk)

    for _turn in range(2):
        token = client.get(page).context["form"]["submission"].value()
        client.post(page, {"percent": 30, "text": "继续推进。", "submission": token})

    assert problem.progress_entries.count() == 2


FORMS = {
    "item-assign": ("registered", "registrar"),
    "item-plan": ("planning", "head"),
    "item-plan-review": ("plan_review", "registrar"),
    "item-submit": ("rectifying", "head"),
    "item-verify": ("verifying", "lead"),
    "item-review": ("village_review", "assessor"),
    "item-paper": ("village_review", "registrar"),
    "item-hand-over": ("planning", "head"),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_form_of_a_step_that_is_over_leads_to_the_problem_and_says_who_did_it(story: Story, name: str) -> None:
    state, person = FORMS[name]
    problem = reach(story, state)
    item = item_of(problem)
    client = client_of(story.world.people[person])
    page = reverse(name, args=[item.pk])
    assert client.get(page).status_code == 200
    WorkItem.objects.filter(pk=item.pk).update(status="DONE", owner=story.world.colleague)
    was = standing(problem)

    answer = client.get(page)

    assert answer["Location"] == problem.get_absolute_url()
    assert f"这一步已由{story.world.colleague}办理" in said(answer)
    assert standing(problem) == was


def test_a_step_that_was_overtaken_says_so(story: Story) -> None:
    problem = story.planning()
    item = item_of(problem)
    WorkItem.objects.filter(pk=item.pk).update(status="CANCELED")

    answer = client_of(story.world.head).get(reverse("item-plan", args=[item.pk]))

    assert "已经结束或被撤回" in said(answer)


def test_a_real_step_that_is_done_names_its_doer(story: Story) -> None:
    problem = story.planning()
    done = WorkItem.objects.filter(process__case_id=problem.pk, status="DONE").order_by("pk").last()
    assert done is not None

    answer = client_of(story.world.registrar).get(reverse("item-assign", args=[done.pk]))

    assert reread(problem).state == "planning"
    assert f"这一步已由{story.world.clerk}办理" in said(answer)


@pytest.mark.parametrize("deed", ["withdraw", "suspend", "reassign", "merge", "resume"])
def test_what_the_office_cannot_do_now_is_said_before_a_form_is_filled_in(story: Story, deed: str) -> None:
    problem = reach(story, "closed")

    answer = client_of(story.world.registrar).get(reverse("problem-do", args=[problem.case.number, deed]))

    assert answer["Location"] == problem.get_absolute_url()
    assert "现在是“已销号”，不能办理这一步" in said(answer)


def test_progress_is_not_asked_for_when_there_is_none_to_report(story: Story) -> None:
    problem = reach(story, "verifying")

    answer = client_of(story.world.clerk).get(reverse("progress-new", args=[problem.case.number]))

    assert "现在是“待核查”" in said(answer)
