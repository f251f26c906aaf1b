"""“这些日期怎么来的”：who chose a date and why, the days counted up to it, and how the steps that are over went."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organizations import clock
from rectification.actions.assignment import Assignment, accept_assignment, assign_problem
from rectification.actions.office import resume_problem, suspend_problem
from rectification.models import Problem
from rectification.past_steps import PAGE, past_steps
from tests.conftest import Story, fresh, item_of, noon, reread, seen
from workflows.models import Deadline, LocalDay
from workflows.queries import forget_kept

BEGAN = date(2025, 9, 22)  # a Monday, before a National Day with weekends worked for it


def page_of(problem: Problem, user: Any, **query: Any) -> str:
    client = Client()
    client.force_login(fresh(user))
    return client.get(reverse("problem-dates", args=[problem.case.number]), query).content.decode()


def on(day: date) -> Any:
    return clock.at(noon(day))


def chosen(story: Story, due_on: date = date(2025, 10, 17)) -> Problem:
    """A problem whose date the office typed in itself."""
    problem = story.registered()
    entry = Assignment(lead_unit=story.world.units["bureau"], kind="dated", due_on=due_on, partners=[])
    assign_problem(item_of(problem).pk, by=story.world.registrar, assignment=entry)
    return reread(problem)


def test_a_chosen_date_shows_the_days_used_and_left_and_the_holidays_between_by_name(story: Story) -> None:
    with on(BEGAN):
        problem = chosen(story)
    with on(date(2025, 10, 9)):
        page = page_of(problem, story.world.registrar)

    assert "县整改办 人registrar于2025年9月22日确定（交办）" in page
    assert "自2025年9月22日次日至2025年10月17日共15个工作日：已用8个，剩7个。" in page
    assert "国庆节" in page
    assert "（10月1日至10月8日）" in page
    assert "调休上班9月28日、10月11日。" in page
    assert "daystrip-day--off" in page


def test_a_chosen_date_that_has_passed_says_by_how_many_days(story: Story) -> None:
    with on(BEGAN):
        problem = chosen(story)
    with on(date(2025, 10, 21)):
        page = page_of(problem, story.world.registrar)

    assert "共15个工作日，已全部用完，逾期2个工作日。" in page


def test_the_days_of_a_place_with_a_holiday_of_its_own_are_counted_and_named_as_it_lives_them(story: Story) -> None:
    LocalDay.objects.create(division=story.world.town, day=date(2025, 9, 24), kind="holiday", name="县庆")
    forget_kept()
    with on(BEGAN):
        problem = chosen(story)
        page = page_of(problem, story.world.registrar)

    assert "共14个工作日" in page
    assert "县庆（9月24日）" in page


def test_a_date_made_by_a_rule_names_nobody_who_chose_it(story: Story) -> None:
    problem = story.assigned()
    Deadline.objects.filter(case_id=problem.pk, kind="case").update(limit={"count": 60, "unit": "days"})

    page = page_of(problem, story.world.registrar)

    assert "确定（交办）" not in page


def test_a_review_day_and_the_date_after_it_show_who_chose_them_and_the_reasons(story: Story) -> None:
    with on(BEGAN):
        problem = story.rectifying()
        suspend_problem(
            problem.pk,
            by=fresh(story.world.registrar),
            seen=seen(problem),
            reason="等上级资金。",
            review_on=date(2025, 10, 10),
        )
        page = page_of(problem, story.world.registrar)
    assert "县整改办 人registrar于2025年9月22日确定（挂账）" in page
    assert "理由：等上级资金。" in page

    with on(date(2025, 10, 10)):
        again = reread(problem)
        resume_problem(
            again.pk, by=fresh(story.world.registrar), seen=seen(again), reason="资金已到。", due_on=date(2025, 11, 3)
        )
        page = page_of(problem, story.world.registrar)

    assert "理由：资金已到。" in page
    assert "确定（恢复整改）" in page
    assert "理由：等上级资金。" not in page.partition("改动过程")[0]
    assert "等上级资金。" in page.partition("改动过程")[2]


def test_two_dates_chosen_for_the_same_day_keep_their_own_reasons(story: Story) -> None:
    due_on = date(2025, 11, 3)
    with on(BEGAN):
        problem = story.rectifying()
    for day, why in ((date(2025, 9, 23), "第一次。"), (date(2025, 9, 25), "第二次。")):
        with on(day):
            suspend_problem(
                problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason="等。", review_on=due_on
            )
        with on(day + timedelta(days=1)):
            resume_problem(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason=why, due_on=due_on)

    with on(date(2025, 9, 26)):
        clocks = page_of(problem, story.world.registrar).partition("已经过去的环节")[0]

    assert clocks.index("理由：第二次。") < clocks.index("理由：第一次。")
    assert clocks.count("理由：第一次。") == clocks.count("理由：第二次。") == 1


def test_steps_that_are_over_say_their_limit_their_date_and_how_early_or_late_they_were_done(story: Story) -> None:
    with on(BEGAN):
        problem = chosen(story)
    with on(date(2025, 9, 26)):  # two working days were given
        accept_assignment(item_of(problem).pk, by=story.world.clerk)
        rows = {row.item.step: row for row in past_steps(reread(problem), None)}
        page = page_of(problem, story.world.registrar)

    assert (rows["registered"].result, rows["registered"].limit) == ("提前3个工作日办结", "3个工作日")
    assert (rows["assigned"].result, rows["assigned"].limit) == ("逾期2个工作日办结", "2个工作日")
    assert rows["assigned"].due_on == date(2025, 9, 24)
    past = page.partition("已经过去的环节")[2].partition("改动过程")[0]
    assert "2025年9月26日 12:00" in past
    assert "人clerk" in past
    assert "逾期2个工作日办结" in past


def test_a_step_that_was_overtaken_is_not_called_done(story: Story) -> None:
    problem = story.rectifying()
    day = clock.today() + timedelta(days=30)
    suspend_problem(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason="等。", review_on=day)

    rows = {row.item.step: row for row in past_steps(reread(problem), None)}

    assert rows["rectifying"].result == "未办结，已转入其他环节"
    assert rows["planning"].result.endswith("办结")


def test_many_past_steps_come_in_pages_and_cost_no_more(
    story: Story, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    few, many = story.rectifying(), story.rectifying()
    office, day = story.world.registrar, clock.today() + timedelta(days=30)
    for _each in range(PAGE // 2):
        suspend_problem(many.pk, by=fresh(office), seen=seen(many), reason="等。", review_on=day)
        resume_problem(many.pk, by=fresh(office), seen=seen(many), reason="好。", due_on=day)
    client = Client()
    client.force_login(office)
    first, second = (reverse("problem-dates", args=[each.case.number]) for each in (few, many))
    client.get(first)
    with django_assert_max_num_queries(60) as queries:
        client.get(first)

    with django_assert_num_queries(len(queries)):
        page = client.get(second)
    last = client.get(second, {"past": 2})

    assert len(page.context["past"]) == PAGE
    assert "?past=2#past" in page.content.decode()
    assert len(last.context["past"]) == 4


@pytest.mark.parametrize("number", ["0", "99", "x", "-1"])
def test_a_page_of_past_steps_that_does_not_exist_is_the_nearest_one(story: Story, number: str) -> None:
    problem = story.rectifying()

    assert "签收" in page_of(problem, story.world.registrar, past=number).partition("已经过去的环节")[2]


def test_the_instant_of_a_setting_event_is_not_what_binds_it(story: Story) -> None:
    with clock.at(datetime(2025, 9, 22, 4, tzinfo=clock.SHANGHAI)):
        problem = chosen(story)

    row = Deadline.objects.get(case_id=problem.pk, kind="case")

    assert row.computation["event"] == 2
