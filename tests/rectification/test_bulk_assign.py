"""批量交办 of problems that came without a unit: filled in on the page, said before it is sent, sent once."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations import clock
from organizations.models import User
from rectification.models import Problem
from rectification.queries import BULK_MOST
from tests.conftest import Story, World, event_names, fresh, item_of, make_batch, reread


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def opened(client: Client, problems: list[Problem]) -> Any:
    return client.post(reverse("bulk-assign"), {"pk": [problem.pk for problem in problems]})


def send(client: Client, page: Any, do: str = "send", **boxes: Any) -> Any:
    """The page as a browser without JavaScript posts it: every box comes along."""
    lines = page.context["lines"]
    data: dict[str, Any] = {"signed": page.context["signed"], "do": do}
    for line in lines:
        pk = line.problem.pk
        data |= {f"unit-{pk}": line.typed, f"kind-{pk}": line.kind, f"due-{pk}": line.day}
    return client.post(reverse("bulk-assign"), {**data, **boxes})


def said(answer: Any) -> list[str]:
    return [str(each) for each in get_messages(answer.wsgi_request)]


def in_days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def test_nobody_but_the_office_may_assign_many(story: Story) -> None:
    problem = story.registered()

    answer = opened(client_of(story.world.head), [problem])

    assert answer.status_code == 403
    assert reread(problem).state == "registered"


def test_rows_stand_in_the_order_of_the_list_with_a_box_each(story: Story) -> None:
    problems = [story.registered(title=f"问题{n}") for n in range(3)]

    page = opened(client_of(story.world.registrar), problems[::-1])

    assert [line.problem for line in page.context["lines"]] == problems
    text = page.content.decode()
    for problem in problems:
        for box in ("unit", "kind", "due"):
            assert f'name="{box}-{problem.pk}"' in text
    assert "还有3个没有牵头单位，确认后这3个不交办" in text


def test_one_unit_is_filled_into_all_rows_without_one_and_sent(story: Story) -> None:
    world = story.world
    given = story.registered(proposed_unit=world.units["partner"])
    bare = [story.registered(title=f"问题{n}") for n in range(3)]
    client = client_of(world.registrar)

    page = send(client, opened(client, [given, *bare]), "missing", for_missing="水利局")
    assert [line.typed for line in page.context["lines"]] == ["县财政局", *["县水利局"] * 3]
    assert {reread(problem).state for problem in bare} == {"registered"}
    answer = send(client, page)

    assert said(answer) == ["已交办4个问题。"]
    assert [reread(problem).lead_unit for problem in bare] == [world.units["bureau"]] * 3
    assert reread(given).lead_unit == world.units["partner"]


def test_one_unit_is_filled_into_ticked_rows_only(story: Story) -> None:
    problems = [story.registered(title=f"问题{n}") for n in range(3)]
    client = client_of(story.world.registrar)
    first = opened(client, problems)

    page = send(client, first, "ticked", for_ticked="县财政局", tick=[problems[1].pk])
    assert [line.typed for line in page.context["lines"]] == ["", "县财政局", ""]

    page = send(client, first, "ticked", for_ticked="县财政局")
    assert "请先勾选" in page.content.decode()
    page = send(client, first, "ticked", tick=[problems[1].pk])
    assert "请先填写单位" in page.content.decode()
    page = send(client, first, "missing", for_missing="没有的局")
    assert "没有找到“没有的局”" in page.content.decode()
    assert 'value="没有的局"' in page.content.decode()
    assert {reread(problem).state for problem in problems} == {"registered"}


def test_what_still_lacks_a_unit_stays_on_the_page_as_one_list(story: Story) -> None:
    problems = [story.registered(title=f"问题{n}") for n in range(14)]
    client = client_of(story.world.registrar)
    boxes = {f"unit-{problems[0].pk}": "县水利局", f"unit-{problems[1].pk}": "财政局"}

    answer = send(client, opened(client, problems), **boxes)

    assert said(answer) == ["已交办2个问题，还有12个没有交办。"]
    assert [line.problem for line in answer.context["lines"]] == problems[2:]
    text = answer.content.decode()
    assert text.count("alert--") == 1
    assert problems[5].get_absolute_url() in text
    assert "还有12个没有牵头单位" in text


def test_a_box_that_cannot_be_taken_is_said_at_its_row_and_nothing_is_sent(story: Story) -> None:
    good, bad, late = (story.registered(title=f"问题{n}", proposed_unit=story.world.units["bureau"]) for n in range(3))
    client = client_of(story.world.registrar)
    boxes = {f"unit-{bad.pk}": "民正局", f"due-{late.pk}": in_days(-1)}

    answer = send(client, opened(client, [good, bad, late]), **boxes)

    assert [bool(line.errors) for line in answer.context["lines"]] == [False, True, True]
    text = answer.content.decode()
    assert "没有找到“民正局”" in text
    assert "不能早于今天" in text
    assert "现在还没有交办" in text
    assert {reread(problem).state for problem in (good, bad, late)} == {"registered"}


def test_a_unit_that_was_typed_but_not_filled_in_is_asked_about_before_anything_is_sent(story: Story) -> None:
    ready, bare = story.registered(proposed_unit=story.world.units["bureau"]), story.registered()
    client = client_of(story.world.registrar)

    answer = send(client, opened(client, [ready, bare]), for_missing="县财政局")

    assert "“县财政局”还没有填到问题里" in answer.content.decode()
    assert {reread(ready).state, reread(bare).state} == {"registered"}


def test_a_row_to_be_put_right_at_once_gets_fifteen_days(story: Story) -> None:
    problem = story.registered(kind="immediate", proposed_unit=story.world.units["bureau"])
    plain = story.registered(kind="dated", proposed_unit=story.world.units["bureau"])
    client = client_of(story.world.registrar)

    page = opened(client, [problem, plain])
    assert page.context["lines"][0].day == in_days(15)
    assert page.context["lines"][1].day > in_days(15)
    send(client, page)

    problem = reread(problem)
    assert (problem.kind, problem.due_on) == ("immediate", clock.today() + timedelta(days=15))


def test_a_batch_that_ends_sooner_ends_sooner_for_such_a_row_too(story: Story) -> None:
    soon = clock.today() + timedelta(days=7)
    batch = make_batch(story.world, "B7", due_on=soon)
    problem = story.registered(kind="immediate", batch=batch)

    page = opened(client_of(story.world.registrar), [problem])

    assert page.context["lines"][0].day == soon.isoformat()


def test_a_day_follows_the_kind_without_javascript_and_is_shown_before_it_is_sent(story: Story) -> None:
    problem = story.registered(kind="dated", proposed_unit=story.world.units["bureau"])
    client = client_of(story.world.registrar)

    page = send(client, opened(client, [problem]), **{f"kind-{problem.pk}": "immediate"})
    assert page.context["lines"][0].day == in_days(15)
    assert "时限已跟着改" in page.content.decode()
    assert reread(problem).state == "registered"
    send(client, page)

    assert reread(problem).due_on == clock.today() + timedelta(days=15)


def test_what_is_kept_up_for_good_needs_no_day(story: Story) -> None:
    problem = story.registered(kind="standing", proposed_unit=story.world.units["bureau"])
    client = client_of(story.world.registrar)

    send(client, opened(client, [problem]))

    problem = reread(problem)
    assert (problem.state, problem.due_on, problem.review_cycle) == ("assigned", None, 6)


def test_a_full_page_costs_as_many_queries_as_a_short_one(story: Story) -> None:
    world = story.world
    problems = [story.registered(title=f"问题{n}", proposed_partners=[world.units["partner"].pk]) for n in range(30)]
    client = client_of(world.registrar)
    costs = []
    for some in (problems[:3], problems):
        page = opened(client, some)
        with CaptureQueriesContext(connection) as captured:
            send(client, page, "missing", for_missing="县水利局")
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_as_many_rows_as_one_step_takes_fit_into_one_form(story: Story, settings: Any) -> None:
    boxes = 4 * BULK_MOST + 10
    assert boxes <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


@pytest.mark.parametrize("do", ["send", "missing"])
def test_a_row_that_somebody_else_has_assigned_meanwhile_is_left_alone(story: Story, do: str) -> None:
    mine, theirs = (story.registered(proposed_unit=story.world.units["bureau"]) for _n in range(2))
    client = client_of(story.world.registrar)
    page = opened(client, [mine, theirs])
    opened_by_another = opened(client_of(story.world.colleague), [theirs])
    send(client_of(story.world.colleague), opened_by_another)
    before = event_names(theirs)

    send(client, page, do, for_missing="县水利局")

    assert event_names(theirs) == before


def test_after_one_assignment_the_next_one_is_a_button_away(story: Story) -> None:
    world = story.world
    other = story.registered(title="另一批次", batch=make_batch(world, "B2"))
    first, second = story.registered(title="第一个"), story.registered(title="第二个")
    client = client_of(world.registrar)
    form = {"lead_unit": "县水利局", "kind": "dated", "due_on": in_days(20)}

    answer = client.post(reverse("item-assign", args=[item_of(first).pk]), form, follow=True)
    assert "下一个待交办" in answer.content.decode()
    assert reverse("item-assign", args=[item_of(second).pk]) in answer.content.decode()
    answer = client.post(reverse("item-assign", args=[item_of(second).pk]), form, follow=True)
    assert reverse("item-assign", args=[item_of(other).pk]) in answer.content.decode()
    answer = client.post(reverse("item-assign", args=[item_of(other).pk]), form, follow=True)
    assert "下一个待交办" not in answer.content.decode()


def test_a_half_typed_unit_comes_back_from_the_draft_with_its_error(world: World, story: Story) -> None:
    problem = story.registered()
    client = client_of(world.registrar)
    page = reverse("item-assign", args=[item_of(problem).pk])
    draft = reverse("draft", args=[f"assign-{item_of(problem).pk}"])
    client.post(draft, {"fields": {"lead_unit": "县zhu"}}, content_type="application/json")

    text = client.get(page).content.decode()
    assert "已恢复您上次没有提交的内容" in text
    assert "没有找到“县zhu”" in text

    client.post(draft, {"fields": {"lead_unit": "县水利局"}}, content_type="application/json")
    assert "field--error" not in client.get(page).content.decode()


def test_the_ledger_names_the_proposed_unit_and_keeps_its_panel_closed(story: Story) -> None:
    problem = story.registered(proposed_unit=story.world.units["sector"])
    client = client_of(story.world.registrar)

    text = client.get(reverse("ledger"), {"state": "registered"}).content.decode()

    assert "拟：县住建局" in text
    assert '<details class="fold"><summary>更多筛选</summary>' in text
    assert 'aria-current="true" href="/ledger/?state=registered">待交办' in text
    text = client.get(reverse("ledger"), {"state": "registered", "batch": problem.batch_id}).content.decode()
    assert "（已选：批次）" in text
    assert '<details class="fold"><summary>' in text


def test_the_problems_of_a_batch_stand_as_in_the_list(story: Story) -> None:
    problems = [story.registered(title=f"问题{n}") for n in range(35)]
    client = client_of(story.world.registrar)
    address = reverse("batch-detail", args=[story.world.batch.code])

    first = client.get(address).context["page"]
    second = client.get(address, {"after": first.next_key}).context["page"]
    back = client.get(address, {"before": second.previous_key}).context["page"]

    assert first.rows + second.rows == problems
    assert back.rows == first.rows
