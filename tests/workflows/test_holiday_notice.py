"""Reading the yearly notice: the published years day by day, other ways of writing it, and what is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.notices import BODIES, INVENTED_2027, official
from workflows.calendar import DayKind, seed_days
from workflows.holiday_notice import Notice, NoticeDay, read_notice

pytestmark = pytest.mark.pure

HOLIDAY, MAKEUP = DayKind.HOLIDAY, DayKind.MAKEUP
PUBLISHED = {day: kind for day, kind, _name in seed_days(2018, 2026)}
# “与周末连休”: the package calls these two days of rest weekend, and those of every other such holiday holiday.
PUBLISHED |= dict.fromkeys([date(2024, 6, 8), date(2024, 6, 9)], DayKind.HOLIDAY)


def effect(day: date, kinds: dict[date, DayKind]) -> bool:
    """Whether a day is worked."""
    return kinds.get(day, DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND) in {DayKind.WORKDAY, MAKEUP}


def read(text: str, year: int = 2026) -> dict[str, str]:
    """The days of a text that must raise no error, as month-day and h(oliday) or m(ake-up)."""
    notice = read_notice(text, year)
    assert notice.errors == []
    return {f"{row.day:%m-%d}": row.kind.value[0] for row in notice.days}


def complaint(text: str, year: int = 2026) -> str:
    """The one error of a text from which no day may come but the right ones."""
    notice = read_notice(text, year)
    assert len(notice.errors) == 1
    return notice.errors[0]


@pytest.mark.parametrize("year", BODIES)
@pytest.mark.parametrize("whole", [True, False], ids=["official", "body"])
def test_the_notices_of_2019_to_2026_give_the_published_calendar_day_by_day(year: int, whole: bool):
    text = official(year) if whole else BODIES[year]

    notice = read_notice(text, year)

    kinds = {row.day: row.kind for row in notice.days}
    every = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    # What the notice of the next year says of the last days of this one is not in the notice of this one.
    every = [day for day in every if (day.month, day.day) < (12, 29)]
    named = {day: kind for day, kind in PUBLISHED.items() if kind in {HOLIDAY, MAKEUP} and day in set(every)}
    assert notice.errors == []
    assert {day: effect(day, kinds) for day in every} == {day: effect(day, PUBLISHED) for day in every}
    assert {day: kind for day, kind in kinds.items() if day.year == year} == named
    assert notice.document == (f"国办发明电〔{year - 1}〕7号" if whole else "")


@pytest.mark.parametrize("year", BODIES)
def test_a_notice_without_line_breaks_reads_the_same(year: int):
    lines = read_notice(official(year), year)

    one_line = read_notice(official(year).replace("\n", ""), year)

    assert [(row.day, row.kind, row.name) for row in one_line.days] == [
        (row.day, row.kind, row.name) for row in lines.days
    ]
    assert one_line.errors == []


def test_the_only_doubts_about_the_published_notices_are_the_years_they_cross_and_the_eve_of_2024():
    doubts = {year: read_notice(official(year), year).warnings for year in BODIES}

    assert {year: len(found) for year, found in doubts.items() if found} == {2019: 3, 2023: 1, 2024: 3}
    assert doubts[2023] == ["第7行：2022年12月31日属于2022年，公布后一并写入2022年的日历。"]
    assert doubts[2024][2] == (
        "第8行：“各单位可结合年休假安排职工在除夕(2月9日)休息”提到了日期，但没有写明放假还是上班，没有采用。"
    )


def test_the_names_are_those_of_the_day_table():
    for year in BODIES:
        seeded = {day: name for day, kind, name in seed_days(year, year) if kind in {HOLIDAY, MAKEUP}}
        read_names = {row.day: row.name for row in read_notice(official(year), year).days}

        pairs = [(seeded[day], name) for day, name in read_names.items() if day in seeded]
        assert [pair for pair in pairs if pair[0] not in pair[1]] == []


def test_days_before_the_new_year_belong_to_the_notice_of_the_new_year():
    notice = read_notice(official(2019), 2019)

    assert notice.days[:4] == [
        NoticeDay(date(2018, 12, 29), MAKEUP, "元旦"),
        NoticeDay(date(2018, 12, 30), HOLIDAY, "元旦"),
        NoticeDay(date(2018, 12, 31), HOLIDAY, "元旦"),
        NoticeDay(date(2019, 1, 1), HOLIDAY, "元旦"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "10月1日至8日放假调休，9月27日、10月10日上班",
        "10月1日至8日放假调休，9月27日和10月10日上班。",
        "10月1日—8日放假，9月27日、10月10日调休上班",
        "１０月１日 至 １０月８日　放假调休，共８天；９月２７日、１０月１０日上班",
        "国庆节：2020年10月1日（周四）至10月8日（周四）放假调休，共8天。9月27日（周日）、10月10日（周六）上班。",
        "10月1-8日放假调休\n9月27日上班\n10月10日补班",
        "10月1号到8号均放假，9月27号、10月10号正常上班",
        "10月1日至8日放假\n调休，共8天。9月27\n日、10月10日上班",
    ],
)
def test_what_a_clerk_types_means_the_same_in_other_ways_of_writing(text: str):
    days = read(text, 2020)

    holidays = {f"10-{day:02d}": "h" for day in range(1, 9)}
    assert days == {"09-27": "m", **holidays, "10-10": "m"}


def test_a_typed_holiday_without_its_name_is_called_by_the_statutory_day_in_it():
    notice = read_notice("5月1日至5日放假，5月9日上班，6月19日至21日放假。", 2026)

    assert {row.name for row in notice.days if row.day.month == 5} == {"劳动节"}
    assert {row.name for row in notice.days if row.day.month == 6} == {"端午"}


def test_a_holiday_that_returns_only_once_keeps_its_own_name():
    notice = read_notice("一、抗战胜利纪念日：9月3日（周四）至5日（周六）放假，共3天。", 2026)

    assert {row.name for row in notice.days} == {"抗战胜利纪念日"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10月1日至7日放假，共8天", "第1行：10月1日至7日是7天，原文写的是8天。"),
        ("元旦放假\n1月1日（周五）放假", "第2行：2026年1月1日是星期四，原文写的是星期五。"),
        ("5月1日至5日放假。5月8日上班", "第1行：2026年5月8日不是周末，本来就上班，请核对调休上班的日期。"),
        ("5月1日至5日放假。5月2日上班", "第1行：2026年5月2日既写了放假又写了上班。"),
        ("2024年5月1日放假", "第1行：2024年5月1日不在2026年之内。"),
        ("2025年11月30日上班", "第1行：2025年11月30日不在2026年之内。"),
        ("2月30日放假", "第1行：没有“2月30日”这一天。"),
        ("3日放假", "第1行：“3日”没有写明月份。"),
        ("12月31日至1月2日放假", "第1行：12月31日至1月2日的起止日期前后颠倒；跨年的请写明年份。"),
        ("10月7日至1日放假", "第1行：10月7日至1日的起止日期前后颠倒；跨年的请写明年份。"),
        ("10月1日起，各单位放假", "第1行：“10月1日起,各单位放假”没有读懂，请改写成“X月X日放假”或“X月X日上班”。"),
        ("关于2025年部分节假日安排的通知\n5月1日放假", "这是2025年的通知，而正在录入的是2026年，请核对年份。"),
        ("今年照常过节。", "没有读出任何放假或上班的日期，请粘贴通知全文。"),
        ("", "没有读出任何放假或上班的日期，请粘贴通知全文。"),
    ],
)
def test_what_cannot_be_right_is_said_with_its_line(text: str, sentence: str):
    assert complaint(text) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("5月1日放假。\n5月1日放假。", "第2行：2026年5月1日写了两次，按一次计。"),
        (
            "5月1日放假。\n建议5月6日错峰返程。",
            "第2行：“建议5月6日错峰返程”提到了日期，但没有写明放假还是上班，没有采用。",
        ),
        ("5月1日放假。\n十月一日放假。", "第2行：“十月一日放假”没有读出日期，没有采用。"),
        ("2025年12月31日至2026年1月2日放假", "第1行：2025年12月31日属于2025年，公布后一并写入2025年的日历。"),
        ("5月1日放假。", "国庆节（2026年10月1日）不在放假日期之内，请核对是否漏了。"),
    ],
)
def test_what_is_doubtful_is_taken_with_a_word(text: str, sentence: str):
    notice = read_notice(text, 2026)

    assert notice.errors == []
    assert sentence in notice.warnings


def test_a_broken_order_leaves_the_others_as_they_are():
    notice = read_notice("5月1日至5日放假，共9天。\n6月19日至21日放假，共3天。", 2026)

    assert [row.day for row in notice.days] == [date(2026, 6, day) for day in (19, 20, 21)]
    assert len(notice.errors) == 1


def test_the_invented_notice_of_2027_raises_nothing():
    notice = read_notice(official(2027, INVENTED_2027), 2027)

    assert (notice.errors, notice.warnings) == ([], [])
    assert len(notice.days) == 3 + 7 + 3 + 5 + 1 + 1 + 7 + 5


@given(st.text(alphabet="0123456789月日年至、，。；：（）周六上班放假调休共天\n 一二国庆元旦-~", max_size=120))
def test_any_text_is_answered_and_no_day_comes_from_nowhere(text: str):
    notice: Notice = read_notice(text, 2026)

    days = [row.day for row in notice.days]
    assert days == sorted(set(days))
    assert all(row.kind in {HOLIDAY, MAKEUP} for row in notice.days)
    assert all(row.day.weekday() >= 5 for row in notice.days if row.kind == MAKEUP)
    assert notice.days or notice.errors
    assert all(str(row.day.day) in "".join(c for c in text) for row in notice.days[:1])
