"""Ledger and inbox narrowed to one warning level or one task: what is shown is what the colour beside it says."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organizations import clock
from rectification.actions.office import suspend_problem
from rectification.colours import at_level, level_of
from rectification.models import Batch, Problem
from tests.conftest import Story, World, fresh, item_of, make_batch, seen
from workflows.models import LocalDay, WarningPolicy
from workflows.queries import Narrowing, forget_kept, inbox_counts, inbox_page, inbox_tasks, level_names

DAYS = 40
PACE = [
    {"code": "calm", "name": "正常", "colour": "green", "when": [{"kind": "used", "count": 0}]},
    {"code": "slow", "name": "偏慢", "colour": "amber", "when": [{"kind": "behind", "count": 20}]},
    {"code": "late", "name": "很迟", "colour": "red",
     "when": [{"kind": "overdue", "count": 3}, {"kind": "sent_back", "count": 2}]},
]  # fmt: skip


@pytest.fixture
def many(story: Story, world: World) -> list[Problem]:
    """Problems of four batches, each under a policy of its own, one of them in a town with days of its own."""
    WarningPolicy.objects.create(code="pace", name="按进度", levels=PACE)
    codes = ["blue_yellow_red", "green_yellow_red", "red_orange_yellow", "pace"]
    assert {*codes} & set(WarningPolicy.objects.values_list("code", flat=True)) >= {"pace", "green_yellow_red"}
    found = []
    for number, code in enumerate(codes):
        batch = make_batch(world, f"L{number}", warning_code=code)
        found += [story.rectifying(batch=batch, title=f"第{number}-{n}处") for n in range(4)]
    for day in range(1, 6):
        LocalDay.objects.create(
            division=world.town, day=clock.today() + timedelta(days=day), kind="holiday", name="庙会"
        )
    forget_kept()
    return found


def shuffle(problems: list[Problem], chance: random.Random) -> None:
    """Other dates, progress and send-backs for each; the colour is made of nothing else."""
    for problem in problems:
        due_on = clock.today() + timedelta(days=chance.randint(-DAYS, DAYS))
        begun = due_on - timedelta(days=chance.choice([0, 1, 7, 30, 60])) if chance.random() < 0.9 else None
        Problem.objects.filter(pk=problem.pk).update(
            due_on=due_on if chance.random() < 0.95 else None,
            clock_from=begun,
            progress=chance.choice([0, 10, 50, 99, 100]),
            sent_back=chance.choice([0, 0, 1, 2, 3]),
        )


@pytest.mark.parametrize("seed", range(12))
def test_the_list_of_a_level_is_what_the_rows_say(many: list[Problem], seed: int) -> None:
    shuffle(many, random.Random(seed))
    rows = list(Problem.objects.select_related("batch", "case__division"))
    said = {row.pk: level_of(row) for row in rows}

    for code in level_names():
        listed = set(Problem.objects.filter(at_level(code)).values_list("pk", flat=True))
        assert listed == {pk for pk, level in said.items() if level and level.code == code}, code


def test_a_suspended_and_a_closed_problem_have_no_colour_and_stand_in_no_such_list(story: Story) -> None:
    closed, suspended = story.closed(), story.rectifying()
    suspend_problem(
        suspended.pk,
        by=fresh(story.world.registrar),
        seen=seen(suspended),
        reason="等资金。",
        review_on=clock.today() + timedelta(days=30),
    )
    Problem.objects.filter(pk__in=[closed.pk, suspended.pk]).update(due_on=clock.today() - timedelta(days=9))

    for code in level_names():
        assert not Problem.objects.filter(at_level(code)).exists()


def listed(client: Client, name: str, **query: Any) -> str:
    return client.get(reverse(name), query).content.decode()


@pytest.fixture
def two(story: Story, world: World) -> tuple[Problem, Problem]:
    """One that is late and one that is not."""
    late, fine = story.rectifying(title="早该修好的桥"), story.rectifying(title="还有时间的路")
    Batch.objects.filter(pk=late.batch_id).update(warning_code="blue_yellow_red")
    Problem.objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=5))
    return late, fine


def test_the_ledger_shows_one_level_alone_and_exports_the_same(
    two: tuple[Problem, Problem], world: World, client: Client
) -> None:
    client.force_login(fresh(world.registrar))

    page = listed(client, "ledger", level="red")

    assert "早该修好的桥" in page
    assert "还有时间的路" not in page
    assert "还有时间的路" in listed(client, "ledger", level="no such level")
    exported = client.get(reverse("ledger-export"), {"level": "red"})
    assert exported["Content-Type"].endswith("sheet")


def test_the_inbox_shows_one_level_or_one_task_alone_and_says_how_many(
    two: tuple[Problem, Problem], story: Story, world: World, client: Client
) -> None:
    task = item_of(story.assigned(title="等着签收的井")).step
    client.force_login(fresh(world.clerk))

    by_level, by_task = listed(client, "workbench", level="red"), listed(client, "workbench", task=task)

    todo = by_level.partition('id="todo"')[2].partition("各乡镇")[0]
    assert "早该修好的桥" in todo
    assert "还有时间的路" not in todo
    assert "筛选出 1 件，共 3 件" in todo
    todo = by_task.partition('id="todo"')[2].partition("各乡镇")[0]
    assert "等着签收的井" in todo
    assert "早该修好的桥" not in todo
    assert "没有符合筛选的待办" in listed(client, "workbench", task="nonsense")


def test_tasks_add_up_to_the_inbox_and_a_narrowed_one_costs_no_more_with_many_rows(
    story: Story, world: World, django_assert_num_queries: Any
) -> None:
    for _each in range(25):
        story.assigned()
    story.rectifying()
    user = fresh(world.clerk)

    tasks = inbox_tasks(user)

    assert sum(number for _name, _title, number in tasks) == inbox_counts(user)["all"] == 26
    name = tasks[0][0]
    with django_assert_num_queries(2):
        rows = inbox_page(user, size=21, narrowed=Narrowing(task=name, cases=Problem.objects.values("pk")))
        assert len([row.process.case.number for row in rows]) == 21
    with django_assert_num_queries(2):
        assert len(inbox_page(user, size=21, offset=21, narrowed=Narrowing(task=name))) == 4
