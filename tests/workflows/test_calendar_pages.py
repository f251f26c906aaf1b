"""The pages of the calendar: a year for everybody, the notice in two steps, local days, office hours, the progress."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import User
from rectification.models import Problem
from rectification.templatetags.bihuan import left
from tests.conftest import Story, World, fresh, item_of, reread
from tests.workflows.notices import INVENTED_2027, official
from tests.workflows.test_publishing import EARLY, everything
from workflows import recomputing
from workflows.actions.calendar import LocalEntry, publish_year, set_local_day
from workflows.calendar import DayKind
from workflows.holiday_notice import read_notice
from workflows.models import CalendarYear, LocalDay, Recomputation, WorkingTime
from workflows.queries import read_calendar
from workflows.recomputing import continue_recomputing

LAST_DAY = datetime(2026, 12, 31, 2, tzinfo=UTC)


@pytest.fixture
def last_day() -> Any:
    with clock.at(LAST_DAY):
        yield


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def pasted(client: Client, text: str, year: int = 2027, **fields: str) -> Any:
    return client.post(reverse("calendar-publish", args=[year]), {"text": text, "document": "", **fields})


# A year


def test_a_published_year_shows_its_document_and_every_day_by_a_word(world: World) -> None:
    text = text_of(client_of(world.clerk).get(reverse("calendar-year", args=[2026])))

    assert "已公布" in text
    assert "国务院办公厅节假日安排" in text
    assert text.count('<table class="month">') == 12
    assert text.count("<small>休</small>") == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert text.count("<small>班</small>") == 6
    assert 'title="2026年2月15日 春节 放假"' in text
    assert "2026年2月15日至2月23日" in text


def test_a_provisional_year_says_so_on_the_page_and_on_each_day(world: World) -> None:
    text = text_of(client_of(world.clerk).get(reverse("calendar-year", args=[2027])))

    assert "暂定" in text.split("<h1>")[1].split("</h1>")[0]
    assert "尚未录入" in text
    assert 'title="2027年2月6日 春节 放假 暂定"' in text
    assert "months--presumed" in text


def test_a_year_outside_the_table_is_not_there(world: World) -> None:
    client = client_of(world.sysadmin)
    last = CalendarYear.objects.latest("year").year

    assert client.get(reverse("calendar-year", args=[1999])).status_code == 404
    assert client.get(reverse("calendar-publish", args=[1999])).status_code == 404
    assert client.get(reverse("calendar-publish", args=[last + 2])).status_code == 404
    assert client.get(reverse("calendar-publish", args=[last + 1])).status_code == 200


def test_everybody_finds_the_calendar_and_only_its_keepers_find_buttons(world: World) -> None:
    pages = {
        who: text_of(client_of(world.people[who]).get(reverse("calendar")))
        for who in ("clerk", "registrar", "sysadmin")
    }

    assert all(f'href="{reverse("calendar")}"' in text for text in pages.values())
    buttons = {
        who: [name in text for name in ("放假通知", "calendar/local/", "calendar/hours/")]
        for who, text in pages.items()
    }
    assert {who: found for who, found in buttons.items() if who != "sysadmin"} == {
        "clerk": [False, False, False],
        "registrar": [False, True, False],
    }
    assert buttons["sysadmin"][1:] == [True, True]


def test_the_year_page_asks_the_same_few_questions_however_many_local_days(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 21):
        LocalDay.objects.create(division=world.county, day=date(2026, 3, number), kind="holiday")
    client = client_of(world.registrar)
    client.get(reverse("calendar-year", args=[2026]))

    with django_assert_max_num_queries(20):
        client.get(reverse("calendar-year", args=[2026]))


# The notice


def test_the_preview_shows_what_was_understood_and_stores_nothing(story: Story, world: World, last_day: None) -> None:
    story.assigned()
    client = client_of(world.sysadmin)
    before = everything()

    text = text_of(pasted(client, official(2027, EARLY)))

    assert "2027年2月5日至2月11日" in text
    assert "国办发明电〔2026〕7号" in text
    assert "<td>周末</td><td>上班（春节）</td>" in text.replace("\n", "")
    assert "<strong>1</strong> 个正在计时的日期会移动" in text
    assert "签收（县水利局）" in text
    assert "核对无误，公布" in text
    assert everything() == before


def test_the_preview_names_each_date_that_moves_with_its_problem_and_both_days(
    story: Story, world: World, last_day: None
) -> None:
    problem = story.assigned(title="要挪日子的问题")
    now = item_of(problem).due_at

    text = text_of(pasted(client_of(world.sysadmin), official(2027, EARLY)))

    listed = text.partition("会移动的日期")[2].partition("</table>")[0]
    assert problem.case.number in listed
    assert "要挪日子的问题" in listed
    publish_year(2027, read_notice(official(2027, EARLY), 2027), "", fresh(world.sysadmin))
    continue_recomputing()
    then = item_of(reread(problem)).due_at
    assert now is not None
    assert then is not None
    assert listed.index(clock.spelled(clock.local(now).date())) < listed.index(clock.spelled(clock.local(then).date()))


def test_the_preview_counts_a_secret_problem_and_does_not_name_it(story: Story, world: World, last_day: None) -> None:
    open_one, secret = story.assigned(title="公开的问题"), story.assigned(title="不能说的事")
    Problem.objects.filter(pk=secret.pk).update(disclosed_at=None)

    text = text_of(pasted(client_of(world.sysadmin), official(2027, EARLY)))

    assert "<strong>2</strong> 个正在计时的日期会移动" in text
    assert open_one.case.number in text
    assert "不能说的事" not in text
    assert secret.case.number not in text
    assert "共 2 个，这里列出 1 个。" in text
    assert "尚在保密的问题只计数，不列出" in text


def test_a_long_list_of_moves_shows_the_first_and_says_how_many_there_are(
    story: Story, world: World, last_day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "LISTED_MOST", 2)
    titles = [story.assigned(title=f"第{n}件") and f"第{n}件" for n in range(3)]

    text = text_of(pasted(client_of(world.sysadmin), official(2027, EARLY)))

    assert [title in text for title in titles] == [True, True, False]
    assert "共 3 个，这里列出 2 个。" in text
    assert "保密" not in text.partition("会移动的日期")[2].partition("</form>")[0]


def test_confirming_publishes_and_the_page_follows_the_recomputation(
    story: Story, world: World, last_day: None
) -> None:
    problem = story.assigned()
    due_at = item_of(problem).due_at
    client = client_of(world.sysadmin)
    fields = {"document": "国办发明电〔2026〕7号", "confirm": "1", "seen": read_calendar().version}

    response = client.post(
        reverse("calendar-publish", args=[2027]), {"text": official(2027, EARLY), **fields}, follow=True
    )

    page = text_of(response)
    assert response.redirect_chain == [(reverse("calendar-year", args=[2027]), 302)]
    assert "正在重新计算时限" in page
    assert "hx-get" in page
    assert item_of(problem).due_at == due_at
    continue_recomputing()
    # Another log-in, another day: what was done is still to be seen.
    panel = text_of(client_of(world.registrar).get(reverse("calendar-progress")))
    assert "时限已重新计算" in panel
    assert "调整 1 个" in panel
    assert "hx-get" not in panel
    assert item_of(problem).due_at == due_at - timedelta(days=1)


def test_a_notice_with_errors_offers_no_way_to_publish_it(world: World) -> None:
    client = client_of(world.sysadmin)
    wrong = official(2027, INVENTED_2027).replace("共7天", "共9天")
    before = everything()

    text = text_of(pasted(client, wrong))
    forced = text_of(pasted(client, wrong, confirm="1", seen=read_calendar().version))

    assert "第8行：2月5日(周五)至11日(周四)是7天，原文写的是9天。" in text
    assert "核对无误，公布" not in text + forced
    assert everything() == before


def test_what_changed_since_the_preview_is_previewed_again(world: World) -> None:
    client = client_of(world.sysadmin)
    old = read_calendar().version
    publish_year(2028, read_notice("5月1日至5日放假。", 2028), "", fresh(world.sysadmin))

    response = pasted(client, official(2027, INVENTED_2027), confirm="1", seen=old)

    assert "请再核对一遍" in text_of(response)
    assert not CalendarYear.objects.get(pk=2027).published
    assert f'name="seen" value="{read_calendar().version}"' in text_of(response)


def test_an_empty_paste_is_asked_for(world: World) -> None:
    text = text_of(pasted(client_of(world.sysadmin), " "))

    assert "请填写这一栏。" in text
    assert "读出的安排" not in text


def test_the_document_is_taken_from_the_notice_unless_it_was_typed(world: World) -> None:
    client = client_of(world.sysadmin)

    text = text_of(pasted(client, official(2027, INVENTED_2027), document="县政府转发件"))

    assert 'name="document" value="县政府转发件"' in text


# Local days and hours


def test_an_office_sets_a_local_day_sees_it_and_drops_it(world: World) -> None:
    client = client_of(world.registrar)
    entry = {"division": str(world.county.pk), "day": "2026-11-16", "kind": "holiday", "name": "县庆"}

    page = text_of(client.post(reverse("calendar-local"), entry, follow=True))

    row = LocalDay.objects.get()
    assert (row.division, row.day, row.kind, row.name) == (world.county, date(2026, 11, 16), "holiday", "县庆")
    assert 'title="2026年11月16日 县庆 放假 地方调整"' in page
    assert reverse("calendar-local-drop", args=[row.pk]) in page
    client.post(reverse("calendar-local-drop", args=[row.pk]))
    assert not LocalDay.objects.exists()
    assert Recomputation.objects.count() == 2


def test_whoever_does_not_keep_a_local_day_sees_it_without_a_button(world: World) -> None:
    set_local_day(LocalEntry(world.county, date(2026, 11, 16), DayKind.HOLIDAY, "县庆"), fresh(world.registrar))

    page = text_of(client_of(world.clerk).get(reverse("calendar-year", args=[2026])))

    assert "县庆" in page
    assert "/drop/" not in page


def test_an_office_is_not_offered_and_cannot_send_another_division(world: World) -> None:
    client = client_of(world.registrar)
    entry = {"division": str(world.town.pk), "day": "2026-11-16", "kind": "holiday"}

    form = text_of(client.get(reverse("calendar-local")))
    answer = text_of(client.post(reverse("calendar-local"), entry))

    assert f'<option value="{world.county.pk}"' in form
    assert f'<option value="{world.town.pk}"' not in form
    assert "请从列表中选择。" in answer
    assert not LocalDay.objects.exists()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("2026-02-30", "没有2026年2月30日这一天"), ("2060-01-01", "日历里还没有2060年"), ("", "请填写这一栏。")],
)
def test_a_local_day_that_does_not_exist_is_refused_with_a_sentence(world: World, day: str, sentence: str) -> None:
    entry = {"division": str(world.county.pk), "day": day, "kind": "holiday"}

    text = text_of(client_of(world.registrar).post(reverse("calendar-local"), entry))

    assert sentence in text
    assert not LocalDay.objects.exists()


def test_office_hours_are_changed_for_everybody_or_for_one_county(world: World) -> None:
    client = client_of(world.sysadmin)
    walls = {"opens": "09:00", "noon_from": "12:00", "noon_to": "13:00", "closes": "18:00"}

    client.post(reverse("calendar-hours"), {"division": "", **walls})
    page = text_of(client.post(reverse("calendar-hours"), {"division": world.county.pk, **walls}, follow=True))

    assert WorkingTime.objects.count() == 2
    assert page.count("09:00—12:00，13:00—18:00") == 2


def test_hours_out_of_order_are_refused_with_a_sentence(world: World) -> None:
    walls = {"opens": "09:00", "noon_from": "08:00", "noon_to": "13:00", "closes": "x"}
    client = client_of(world.sysadmin)

    unread = text_of(client.post(reverse("calendar-hours"), {"division": "", **walls}))
    backwards = text_of(client.post(reverse("calendar-hours"), {"division": "", **walls, "closes": "18:00"}))

    assert "请按 08:30 的样子填写。" in unread
    assert "从早到晚" in backwards
    assert str(WorkingTime.objects.get()) == "08:30—17:30"


# 暂定 wherever a date leans on a year without notice


def test_every_page_that_shows_a_date_of_an_unpublished_year_says_so_until_it_is_published(
    story: Story, world: World, last_day: None
) -> None:
    problem = reread(story.assigned())
    client = client_of(world.clerk)
    pages = {
        "problem": reverse("problem-detail", args=[problem.case.number]),
        "inbox": reverse("workbench"),
        "ledger": reverse("ledger"),
        "dates": reverse("problem-dates", args=[problem.case.number]),
    }

    before = {name: "（暂定）" in text_of(client.get(page)) for name, page in pages.items()}
    publish_year(2027, read_notice(official(2027, INVENTED_2027), 2027), "", fresh(world.sysadmin))
    continue_recomputing()
    after = {name: "暂定" in text_of(client.get(page)) for name, page in pages.items()}

    assert before == dict.fromkeys(pages, True)
    assert after == dict.fromkeys(pages, False)


def test_the_days_left_count_by_the_calendar_of_the_place(world: World, last_day: None) -> None:
    due = date(2027, 1, 8)
    set_local_day(LocalEntry(world.county, date(2027, 1, 5), DayKind.HOLIDAY), fresh(world.sysadmin))

    assert "剩5个工作日（暂定）" in left(due)
    assert "剩4个工作日（暂定）" in left(due, world.village)
    assert "剩5个工作日（暂定）" in left(due, "")


def test_a_date_that_passed_in_an_unpublished_year_is_late_by_a_provisional_number(world: World) -> None:
    with clock.at(datetime(2027, 1, 8, 2, tzinfo=UTC)):
        assert "逾期" in left(date(2027, 1, 4))
        assert "（暂定）" in left(date(2027, 1, 4))
    with clock.at(datetime(2026, 3, 10, 2, tzinfo=UTC)):
        assert "暂定" not in left(date(2026, 3, 4))
