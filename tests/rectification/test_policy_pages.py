"""The pages of policies: who reads, what is refused in which words, nothing stored before it is put in force."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations import clock
from organizations.models import AccessEntry, AccessKind
from rectification.models import Problem, Source
from tests.conftest import Story, World, fresh, item_of, make_batch, reread
from workflows.clocks import live_clock
from workflows.models import (
    Crossing,
    Deadline,
    DeadlinePolicy,
    EscalationPolicy,
    Event,
    Recomputation,
    WarningPolicy,
)
from workflows.queries import POLICY_KINDS, forget_kept, policies_in_force, rungs, warning_levels
from workflows.recomputing import continue_recomputing
from workflows.scanning import scan_deadlines

LADDER = {"name": "催办", "code": "urge", "after": "red", "working_days": "0", "to": "单位负责人"}
RED = {"name": "红色预警", "code": "red", "colour": "red", "urgent": "red", "kind1": "overdue", "count1": "0"}
BLUE = {"name": "蓝色预警", "code": "blue", "colour": "blue", "kind1": "left", "count1": "7"}


@pytest.fixture
def keeper(client: Client, world: World) -> Client:
    client.force_login(world.sysadmin)
    return client


def in_force(kind: str, code: str) -> Any:
    return POLICY_KINDS[kind].objects.get(code=code, in_force=True)


def page_of(kind: str, code: str) -> str:
    return reverse("policy-edit", args=[kind, code])


REASON = "县委办会议纪要第8期"


def deadlines(policy: DeadlinePolicy, **changes: str) -> dict[str, str]:
    """What the page of a deadline policy posts when nothing but `changes` was touched."""
    limits = {"case": policy.case_limit, **policy.step_limits}
    typed = {
        "seen": str(policy.pk), "name": policy.name, "reason": REASON, "source": policy.source,
        "review_cycle": str(policy.review_cycle),
        "extensions_most": str(policy.extensions_most), "extension_days_most": str(policy.extension_days_most),
        "enabled": "on" if policy.enabled else "", "fixed_due_on": "",
    }  # fmt: skip
    for step in ("case", *POLICY_STEPS):
        limit = limits.get(step) or {}
        typed |= {f"limit-{step}-count": str(limit.get("count", "")), f"limit-{step}-unit": limit.get("unit", "days")}
    return {**typed, **changes}


POLICY_STEPS = (
    "registered", "assigned", "planning", "plan_review", "verifying", "village_review", "township_review",
    "sector_review", "county_review", "extension_office", "extension_leader", "objection", "progress", "escalation",
)  # fmt: skip


def rows(*typed: dict[str, str], seen: Any = None, **more: str) -> dict[str, str]:
    """What a page of numbered rows posts."""
    found = {
        "name": "某政策",
        "reason": REASON,
        "rows": str(len(typed)),
        **({"seen": str(seen.pk)} if seen else {}),
        **more,
    }
    for n, row in enumerate(typed):
        found |= {f"row-{n}-{name}": value for name, value in {"place": str(n + 1), **row}.items()}
    return found


def errors(answer: Any) -> str:
    forms = answer.context["forms"]
    return "".join(str(form.errors) for form in [forms.main, *forms.rows])


def counts() -> list[int]:
    models = (DeadlinePolicy, WarningPolicy, EscalationPolicy, Recomputation, AccessEntry, Event)
    return [model.objects.count() for model in models]


READERS = {"sysadmin", "registrar", "colleague", "leader", "observer"}


def test_policies_are_read_by_the_office_and_leaders_and_changed_by_the_system_administrator(world: World) -> None:
    pages = {
        "list": reverse("policy-list"),
        "detail": reverse("policy-detail", args=["warning", "blue_yellow_red"]),
        "edit": page_of("warning", "blue_yellow_red"),
        "new": reverse("policy-new", args=["escalation"]),
    }
    for name, user in world.people.items():
        client = Client()
        client.force_login(fresh(user))
        found = {key: client.get(page).status_code for key, page in pages.items()}
        read, edit = (200 if name in READERS else 403), (200 if name == "sysadmin" else 403)
        assert found == {"list": read, "detail": read, "edit": edit, "new": edit}, name
        if name != "sysadmin":
            assert client.post(pages["edit"], rows(RED, stage="force")).status_code == 403, name
    assert WarningPolicy.objects.count() == 3


def test_the_list_says_what_is_in_force_by_which_law_and_what_is_switched_off(client: Client, world: World) -> None:
    client.force_login(world.registrar)

    page = client.get(reverse("policy-list")).content.decode()

    assert "浙江省审计条例第39条" in page
    assert "地方做法，请核对" in page
    assert page.count(">停用<") == DeadlinePolicy.objects.filter(enabled=False).count() > 0
    assert "蓝色预警 → 黄色预警 → 红色预警" in page
    assert reverse("policy-new", args=["deadline"]) not in page


@pytest.mark.parametrize("address", ["/policies/review/three_levels/", "/policies/deadline/none/", "/policies/x/new/"])
def test_a_policy_that_is_not_there_is_not_found(keeper: Client, address: str) -> None:
    assert keeper.get(address).status_code == 404


def statements(client: Client, address: str) -> int:
    forget_kept()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("kind", ["deadline", "warning", "escalation"])
def test_a_long_history_costs_no_more_statements(keeper: Client, kind: str) -> None:
    policy = policies_in_force(kind)[0]
    listed, shown = reverse("policy-list"), reverse("policy-detail", args=[kind, policy.code])
    statements(keeper, listed)  # the words for roles are kept from the first page on
    few = statements(keeper, listed), statements(keeper, shown)

    for version in range(2, 12):
        copy = type(policy)(code=policy.code, version=version, in_force=False, name="旧")
        copy.rungs = copy.levels = getattr(policy, "rungs", getattr(policy, "levels", []))
        copy.save()

    assert (statements(keeper, listed), statements(keeper, shown)) == few


def test_the_history_shows_every_version_and_who_put_it_in_force(keeper: Client, world: World) -> None:
    policy = in_force("deadline", "standard")

    keeper.post(page_of("deadline", "standard"), deadlines(policy, stage="force", **{"limit-case-count": "45"}))
    page = keeper.get(reverse("policy-detail", args=["deadline", "standard"])).content.decode()

    assert "现行版本：第2版" in page
    assert "45日" in page
    assert "60日" in page
    assert f"{world.sysadmin}于" in page
    assert "系统预置" in page


# Deadlines


def test_a_draft_is_shown_with_what_it_would_move_and_nothing_is_stored(keeper: Client, story: Story) -> None:
    problem = story.registered()
    policy = in_force("deadline", "standard")
    former, before = item_of(problem).deadline.due_on, counts()

    answer = keeper.post(
        page_of("deadline", "standard"), deadlines(policy, stage="preview", **{"limit-registered-count": "8"})
    )

    page = answer.content.decode()
    trial = answer.context["trial"]
    assert counts() == before
    assert (trial.count, trial.hidden) == (1, 0)
    assert (trial.rows[0].number, trial.rows[0].old) == (problem.case.number, former)
    assert trial.rows[0].new > former
    assert problem.case.number in page
    assert "只对以后新产生的时限生效" in page
    assert "正在办理的也按新政策调整" in page


def test_a_version_for_what_begins_from_now_on_moves_no_running_date(keeper: Client, story: Story) -> None:
    problem, policy = story.registered(), in_force("deadline", "standard")
    former = item_of(problem).due_at

    answer = keeper.post(
        page_of("deadline", "standard"), deadlines(policy, stage="force", **{"limit-registered-count": "8"})
    )
    continue_recomputing()

    assert answer["Location"] == reverse("policy-detail", args=["deadline", "standard"])
    assert in_force("deadline", "standard").step_limits["registered"]["count"] == 8
    assert item_of(problem).due_at == former
    assert Recomputation.objects.count() == 0
    entry = AccessEntry.objects.get(kind=AccessKind.BASIC_DATA)
    assert (entry.data["old"]["step_limits"]["registered"]["count"], entry.user.username) == (3, "sysadmin")


def test_a_version_for_running_dates_moves_them_with_an_event_each(keeper: Client, story: Story) -> None:
    problem, policy = story.registered(), in_force("deadline", "standard")
    former = item_of(problem).due_at
    answer = keeper.post(
        page_of("deadline", "standard"), deadlines(policy, stage="adjust", **{"limit-registered-count": "8"}),
        follow=True,
    )  # fmt: skip

    continue_recomputing()

    assert "逐批调整" in answer.content.decode()
    work = Recomputation.objects.get()
    assert (work.moved, work.begun_by.username, work.policy) == (1, "sysadmin", in_force("deadline", "standard"))
    assert item_of(problem).due_at > former
    assert Event.objects.filter(case_id=problem.pk, name="deadline_moved").count() == 1


def test_a_version_once_put_in_force_can_later_be_applied_to_running_dates(keeper: Client, story: Story) -> None:
    problem, page = story.registered(), page_of("deadline", "standard")
    change = {"limit-registered-count": "8"}
    keeper.post(page, deadlines(in_force("deadline", "standard"), stage="force", **change))

    again = keeper.post(page, deadlines(in_force("deadline", "standard"), stage="preview"))
    keeper.post(page, deadlines(in_force("deadline", "standard"), stage="adjust"))
    continue_recomputing()

    assert again.context["trial"].count == 1
    assert in_force("deadline", "standard").version == 2
    assert Event.objects.filter(case_id=problem.pk, name="deadline_moved").count() == 1


def test_what_was_not_changed_makes_no_version(keeper: Client) -> None:
    policy = in_force("deadline", "standard")

    answer = keeper.post(page_of("deadline", "standard"), deadlines(policy, stage="force"), follow=True)

    assert "没有生成新版本" in answer.content.decode()
    assert DeadlinePolicy.objects.filter(code="standard").count() == 1


def test_a_version_that_is_no_longer_in_force_is_refused_with_a_sentence(keeper: Client) -> None:
    old, page = in_force("deadline", "standard"), page_of("deadline", "standard")
    keeper.post(page, deadlines(old, stage="force", name="另一个名称"))

    answer = keeper.post(page, deadlines(old, stage="force", name="第三个名称"))

    assert answer.status_code == 200
    assert "已不是现行版本" in answer.content.decode()
    assert "第三个名称" in answer.content.decode()
    assert in_force("deadline", "standard").name == "另一个名称"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"limit-case-count": "1000"}, "请填写0到999之间的数"),
        ({"limit-assigned-count": "-1"}, "请填写0到999之间的数"),
        ({"extensions_most": "1000"}, "请填写0到999之间的数"),
        ({"limit-assigned-count": "二"}, "请填写0到999之间的数"),
        ({"limit-assigned-unit": "weeks"}, "请从列表中选择"),
        ({"limit-assigned-roll_forward": "on"}, "不会落在休息日"),
        ({"fixed_due_on": "2030-06-30"}, "只能填一个"),
        ({"name": ""}, "请填写这一栏"),
        ({"review_cycle": "0"}, "之间的数"),
    ],
)
def test_a_deadline_policy_that_makes_no_sense_is_refused(
    keeper: Client, change: dict[str, str], sentence: str
) -> None:
    policy = in_force("deadline", "standard")

    answer = keeper.post(page_of("deadline", "standard"), deadlines(policy, stage="force", **change))

    assert sentence in errors(answer)
    assert in_force("deadline", "standard") == policy


@pytest.mark.parametrize("count", ["0", "999"])
def test_a_limit_may_be_as_short_as_nothing_and_as_long_as_999(keeper: Client, count: str) -> None:
    policy = in_force("deadline", "standard")
    change = {"limit-case-count": count, "limit-case-roll_forward": "on", "limit-case-counts_first": "on"}

    keeper.post(page_of("deadline", "standard"), deadlines(policy, stage="force", **change))

    kept = in_force("deadline", "standard").limit_of_case()
    assert (kept.count, str(kept.unit), kept.roll_forward, kept.counts_first) == (int(count), "days", True, True)


def test_a_fixed_date_is_kept_and_written_into_the_log(keeper: Client) -> None:
    policy = in_force("deadline", "standard")
    change = {"fixed_due_on": "2030-06-30", "limit-case-count": ""}

    keeper.post(page_of("deadline", "standard"), deadlines(policy, stage="force", **change))

    made = in_force("deadline", "standard")
    assert (made.fixed_due_on, made.case_limit) == (date(2030, 6, 30), {})
    assert AccessEntry.objects.get(kind=AccessKind.BASIC_DATA).data["new"]["fixed_due_on"] == "2030-06-30"


def test_secret_problems_are_counted_and_not_named(keeper: Client, story: Story) -> None:
    secret = make_batch(story.world, "M1", secret=True)
    problem, policy = story.registered(batch=secret, title="保密的事"), in_force("deadline", "standard")

    answer = keeper.post(
        page_of("deadline", "standard"), deadlines(policy, stage="preview", **{"limit-registered-count": "8"})
    )

    assert (answer.context["trial"].count, answer.context["trial"].rows) == (1, [])
    assert problem.case.number not in answer.content.decode()
    assert "保密的事" not in answer.content.decode()


def test_a_new_policy_has_a_code_of_its_own(keeper: Client) -> None:
    page, blank = reverse("policy-new", args=["deadline"]), DeadlinePolicy(code="", step_limits={})
    typed = {**deadlines(blank), "name": "专项", "code": "special", "limit-case-count": "10", "enabled": "on"}

    shown = keeper.post(page, {**typed, "stage": "preview"})
    keeper.post(page, {**typed, "stage": "force"})
    again = keeper.post(page, {**typed, "stage": "force"})
    wrong = keeper.post(page, {**typed, "code": "专项", "stage": "force"})

    assert "使其生效" in shown.content.decode()
    assert in_force("deadline", "special").limit_of_case().count == 10
    assert "已经有政策使用" in errors(again)
    assert "小写字母开头" in errors(wrong)


# Warnings


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ([{**RED, "kind1": "", "count1": ""}], "“红色预警”没有条件"),
        ([RED, {**BLUE, "code": "red"}], "代码“red”用了两次"),
        ([{**RED, "count1": ""}], "请填写这个条件的数"),
        ([{**RED, "kind1": ""}], "请选择这个数是什么条件"),
        ([{**RED, "count1": "1000"}], "请填写0到999之间的数"),
        ([{**RED, "colour": "pink"}], "请从列表中选择"),
        ([{**RED, "code": "红"}], "小写字母开头"),
        ([{**RED, "name": ""}], "请填写这一栏"),
        ([{**RED, "kind1": "moon"}], "请从列表中选择"),
        ([], "至少要有一个等级"),
    ],
)
def test_a_level_that_makes_no_sense_is_refused(keeper: Client, typed: list[dict[str, str]], sentence: str) -> None:
    policy = in_force("warning", "blue_yellow_red")

    answer = keeper.post(page_of("warning", policy.code), rows(*typed, seen=policy, stage="force"))

    assert sentence in errors(answer)
    assert in_force("warning", policy.code) == policy


def test_levels_are_numbered_ticked_away_and_joined_by_or(keeper: Client) -> None:
    policy = in_force("warning", "blue_yellow_red")
    both = {**RED, "kind2": "sent_back", "count2": "2", "place": "1"}
    gone = {"name": "黄色预警", "code": "yellow", "colour": "amber", "kind1": "left", "count1": "3", "remove": "on"}

    keeper.post(
        page_of("warning", policy.code), rows({**BLUE, "place": "9"}, gone, both, {}, seen=policy, stage="force")
    )

    made = in_force("warning", policy.code)
    assert [level["code"] for level in made.levels] == ["red", "blue"]
    assert made.levels[0]["when"] == [{"kind": "overdue", "count": 0}, {"kind": "sent_back", "count": 2}]
    assert [level.code for level in warning_levels(policy.code)] == ["red", "blue"]


def test_a_level_without_a_code_is_given_one_that_no_version_has_had(keeper: Client) -> None:
    page = page_of("warning", "blue_yellow_red")
    keeper.post(page, rows({**RED, "code": ""}, seen=in_force("warning", "blue_yellow_red"), stage="force"))

    keeper.post(page, rows({**BLUE, "code": ""}, seen=in_force("warning", "blue_yellow_red"), stage="force"))

    assert [level["code"] for level in in_force("warning", "blue_yellow_red").levels] == ["r2"]


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ("add", ["蓝色预警", "红色预警", ""]),
        ("up:1", ["红色预警", "蓝色预警"]),
        ("down:0", ["红色预警", "蓝色预警"]),
        ("up:0", ["蓝色预警", "红色预警"]),
        ("down:7", ["蓝色预警", "红色预警"]),
        ("nonsense", ["蓝色预警", "红色预警"]),
    ],
)
def test_rows_are_added_and_moved_by_buttons_that_need_no_script(keeper: Client, wish: str, names: list[str]) -> None:
    policy = in_force("warning", "blue_yellow_red")
    typed = rows(BLUE, {**RED, "count1": "一"}, seen=policy, wish=wish)

    answer = keeper.post(page_of("warning", policy.code), typed)

    shown = answer.context["forms"].rows
    assert [row["name"].value() or "" for row in shown] == names
    assert [row["place"].value() for row in shown] == [str(n + 1) for n in range(len(names))]
    assert "一" in [row["count1"].value() for row in shown]  # not judged yet, and not lost
    assert in_force("warning", policy.code) == policy


def test_going_back_from_the_preview_keeps_what_was_typed(keeper: Client) -> None:
    policy = in_force("warning", "blue_yellow_red")
    shown = keeper.post(page_of("warning", policy.code), rows({**BLUE, "count1": "11"}, seen=policy, stage="preview"))

    back = keeper.post(page_of("warning", policy.code), {**dict(shown.context["posted"]), "stage": "back"})

    assert 'value="11"' in back.content.decode()
    assert in_force("warning", policy.code) == policy


def test_what_the_preview_carries_is_what_is_put_in_force(keeper: Client) -> None:
    policy = in_force("escalation", "standard")
    paper = {**LADDER, "name": "通报", "code": "talk", "paper": "on", "answer_days": "3", "working_days": "4"}
    shown = keeper.post(page_of("escalation", "standard"), rows(LADDER, paper, seen=policy, stage="preview"))

    carried = {**dict(shown.context["posted"]), "seen": str(policy.pk), "stage": "force"}
    keeper.post(page_of("escalation", "standard"), carried)

    assert [(rung["code"], rung["paper"], rung["answer_days"]) for rung in rungs("standard")] == [
        ("urge", False, 0),
        ("talk", True, 3),
    ]


def late(story: Story, **fields: Any) -> Problem:
    """A problem whose date has long passed, already warned of."""
    with clock.at(clock.now() - timedelta(days=60)):
        problem = story.rectifying(**fields)
    scan_deadlines()
    return reread(problem)


def test_clocks_are_looked_at_again_and_a_level_told_of_is_not_told_again(keeper: Client, story: Story) -> None:
    problem = late(story)
    told = list(Event.objects.filter(case_id=problem.pk, name="warned").values_list("data__level", flat=True))
    policy = in_force("warning", "blue_yellow_red")
    graver = {"name": "特别预警", "code": "black", "colour": "red", "urgent": "red", "kind1": "overdue", "count1": "1"}

    keeper.post(page_of("warning", policy.code), rows(RED, graver, seen=policy, stage="force"))
    due = live_clock(problem.pk).next_check_at
    scan_deadlines()
    scan_deadlines()

    again = list(Event.objects.filter(case_id=problem.pk, name="warned").values_list("data__level", flat=True))
    assert told == ["red"]
    assert due <= clock.now()
    assert again == ["red", "black"]
    assert Crossing.objects.filter(deadline__case_id=problem.pk, level="red").count() == 1


def test_clocks_under_another_code_and_of_what_is_over_are_left_alone(keeper: Client, story: Story) -> None:
    other = story.assigned(batch=make_batch(story.world, "B2", warning_code="green_yellow_red"))
    closed, running = story.closed(), story.assigned()
    scan_deadlines()
    before = dict(Deadline.objects.values_list("pk", "next_check_at"))
    policy = in_force("warning", "blue_yellow_red")

    keeper.post(page_of("warning", policy.code), rows(RED, seen=policy, stage="force"))

    changed = {
        row.case_id for row in Deadline.objects.all() if row.next_check_at != before[row.pk] and row.item_id is None
    }
    assert changed == {running.pk}
    assert closed.pk not in changed
    assert other.pk not in changed


# Ladders


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"after": "purple"}, "没有等级“purple”"),
        ({"after": ""}, "请填写这一栏"),
        ({"paper": "on"}, "要填写几个工作日内答复"),
        ({"answer_days": "3"}, "不发文的台阶没有答复期限"),
        ({"working_days": "1000"}, "请填写0到999之间的数"),
        ({"to": ""}, "请填写这一栏"),
    ],
)
def test_a_rung_that_makes_no_sense_is_refused(keeper: Client, change: dict[str, str], sentence: str) -> None:
    policy = in_force("escalation", "standard")

    answer = keeper.post(page_of("escalation", "standard"), rows({**LADDER, **change}, seen=policy, stage="force"))

    assert sentence in errors(answer)
    assert in_force("escalation", "standard") == policy


def test_an_empty_ladder_is_allowed_and_proposes_nothing(keeper: Client, story: Story) -> None:
    policy = in_force("escalation", "standard")

    keeper.post(page_of("escalation", "standard"), rows(seen=policy, stage="force"))
    problem = late(story)

    assert in_force("escalation", "standard").rungs == []
    assert problem.escalations.count() == 0


def test_a_page_read_and_sent_back_unchanged_is_the_same_policy(keeper: Client) -> None:
    for kind in ("warning", "escalation"):
        for policy in policies_in_force(kind):
            forms = keeper.get(page_of(kind, policy.code)).context["forms"]
            typed = [{name: row[name].value() or "" for name in row.fields} for row in forms.rows]

            keeper.post(page_of(kind, policy.code), rows(*typed, seen=policy, name=policy.name, stage="force"))

            assert in_force(kind, policy.code) == policy, (kind, policy.code)


def test_a_source_follows_its_policy_to_the_new_version(keeper: Client) -> None:
    policy = in_force("deadline", "audit_60")
    Source.objects.filter(code="audit").update(deadline_policy=policy)

    keeper.post(page_of("deadline", "audit_60"), deadlines(policy, stage="force", source="某省条例"))

    assert Source.objects.get(code="audit").deadline_policy == in_force("deadline", "audit_60") != policy


def test_a_change_needs_a_reason_which_stands_beside_the_version_for_ever(keeper: Client) -> None:
    policy = in_force("deadline", "standard")
    page = page_of("deadline", "standard")
    change = {"limit-registered-count": "8"}

    without = keeper.post(page, deadlines(policy, stage="force", reason="", **change))
    assert "reason" in without.context["forms"].main.errors
    assert in_force("deadline", "standard") == policy

    keeper.post(page, deadlines(policy, stage="force", **change))

    shown = keeper.get(reverse("policy-detail", args=["deadline", "standard"])).content.decode()
    assert f"理由：{REASON}" in shown
