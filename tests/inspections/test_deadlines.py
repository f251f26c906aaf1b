"""Deadline phrases: what each is read as, and what is left to a person."""

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from inspections.reading.deadlines import parse_deadline
from inspections.reading.due import DeadlineReading

pytestmark = pytest.mark.pure

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REQUIRED = os.environ.get("BIHUAN_REQUIRE_ALL") == "1" and DATA.parent.is_dir()
DAY = date(2026, 3, 11)  # a Wednesday

DAYS = {
    "2026-06-30": [
        "2026-06-30", "2026/6/30", "2026.6.30", "20260630", "二〇二六年六月三十日前", "2026年6月30日", "26年6月底前",
        "6月30日前", "6.30", "６月３０日前", "6月30前", "6月底", "6月", "6月份", "六月底前", "6月下旬", "2026年6月",
        "2026.6", "2026年上半年", "上半年", "二季度末", "第二季度", "Q2", "于6月30日全面完成整改",
        "最迟不超过6月30日",
        "2026 年 6 月 30 日前", "整改时限：6月30日", "6月底前完成并长期坚持", "截止6月30日",
    ],
    "2026-06-20": ["6月中旬", "2026年6月中旬"],
    "2026-06-10": ["6月上旬"],
    "2026-12-31": [
        "年底前", "年内", "今年年底前", "2026年底", "2026年12月底前", "下半年", "四季度末", "元旦前",
        "2026年内", "2026年年底前完成",
    ],
    "2027-06-30": ["明年6月底前", "2027年6月底"],
    "2027-01-15": ["1月15日前"],
    "2026-03-31": ["本月底前", "月底前", "本月内", "一季度末"],
    "2026-04-30": ["下月底前", "次月底前", "五一节前", "“五一”之前", "4月份"],
    "2026-09-30": ["国庆节前", "“十一”前", "三季度末前"],
    "2026-06-18": ["端午节前"],
    "2026-09-24": ["中秋前"],
    "2026-03-13": ["本周五前", "周五前"],
    "2026-03-16": ["下周一前", "3个工作日内"],
    "2026-03-15": ["本周内"],
    "2026-03-14": ["三日内", "限其3日内整改完毕", "自收到本通知之日起三日内"],
    "2026-03-18": ["一周内", "7日内", "七天之内", "5个工作日内"],
    "2026-03-25": ["两周内", "二周之内"],
    "2026-03-26": ["半个月内", "15日内", "十五日以内", "限期15日"],
    "2026-04-11": ["一个月内"],
    "2026-04-26": ["一个半月内"],
    "2026-06-11": ["3个月内", "三个月之内", "一个季度内"],
    "2026-09-11": ["半年内", "6个月内"],
    "2027-03-11": ["一年内", "12个月内"],
    "2026-05-01": ["2026年4月1日起30日内"],
    "2026-03-12": ["24小时内"],
    "2026-03-20": ["本月20日前"],
}  # fmt: skip

OTHERS = {
    "即日起至6月30日": ("range", "2026-03-11", "2026-06-30", None),
    "3月—6月": ("range", "2026-03-01", "2026-06-30", None),
    "2026年4-5月": ("range", "2026-04-01", "2026-05-31", None),
    "2026年11月至2027年2月": ("range", "2026-11-01", "2027-02-28", None),
    "9月11日至13日": ("range", "2026-09-11", "2026-09-13", None),
    "3.15-4.20": ("range", "2026-03-15", "2026-04-20", None),
    "2025.12.1—2026.3.31": ("range", "2025-12-01", "2026-03-31", None),
    "2026-2028年": ("range", "2026-01-01", "2028-12-31", None),
    "每月25日前": ("recurring", None, "2026-03-25", "P1M"),
    "每月10日前": ("recurring", None, "2026-04-10", "P1M"),
    "每季度末": ("recurring", None, "2026-03-31", "P3M"),
    "每周五前": ("recurring", None, "2026-03-13", "P7D"),
    "每年6月底前": ("recurring", None, "2026-06-30", "P1Y"),
    "每半年一次": ("recurring", None, None, "P6M"),
    "每两周一次": ("recurring", None, None, "P14D"),
    "每年两次": ("recurring", None, None, "P6M"),
    "按月调度": ("recurring", None, None, "P1M"),
    "为期7天": ("duration", None, None, "P7D"),
    "两个月": ("duration", None, None, "P2M"),
    "截至2月底": ("asof", None, "2026-02-28", None),
    "已完成": ("none", None, None, None),
    "/": ("none", None, None, None),
    "": ("none", None, None, None),
    "待定": ("none", None, None, None),
    "不定期": ("none", None, None, None),
    "春节后": ("none", None, None, None),
    "6月30日后": ("none", None, None, None),
}

CLASSES = {
    "立行立改": ("立行立改",),
    "立即整改": ("立行立改",),
    "边查边改": ("立行立改",),
    "当日整改": ("立行立改",),
    "持续推进": ("长期坚持",),
    "常态化": ("长期坚持",),
    "分阶段推进": ("分阶段整改",),
    "限期整改": ("限期整改",),
    "立行立改、长期坚持": ("立行立改", "长期坚持"),
}

DOUBTFUL = [
    "2月30日", "6月31日前", "13月5日", "2200年6月底", "1899年12月30日", "6月前", "第三季度前", "6月中旬前",
    "6月初", "3月内",
    "三月内", "25日前", "30日", "3-5个工作日内", "6月底前完成50%，12月底前全部完成", "2027年春节前", "春节期间",
    "汛期前",
    "按省方案时限", "99999999日内", "12", "整改到位后10日内6月底", "6-30", "长" * 200,
]  # fmt: skip


@pytest.mark.parametrize(("end", "text"), [(end, text) for end, texts in DAYS.items() for text in texts])
def test_a_phrase_means_a_day(end: str, text: str) -> None:
    reading = parse_deadline(text, DAY)

    assert (reading.kind, reading.start, reading.end) == ("deadline", None, end)
    assert reading.reading.endswith("。")


@pytest.mark.parametrize("text", OTHERS)
def test_a_phrase_means_something_else_than_one_day(text: str) -> None:
    reading = parse_deadline(text, DAY)

    assert (reading.kind, reading.start, reading.end, reading.period) == OTHERS[text]


@pytest.mark.parametrize("text", CLASSES)
def test_a_phrase_names_a_kind_of_rectification(text: str) -> None:
    reading = parse_deadline(text, DAY)

    assert (reading.kind, reading.classes, reading.end) == ("class", CLASSES[text], None)


@pytest.mark.parametrize("text", DOUBTFUL)
def test_what_is_not_certain_is_no_date(text: str) -> None:
    reading = parse_deadline(text, DAY)

    assert (reading.kind, reading.end) == ("unsure", None)
    assert reading.warnings == (reading.reading,)


def test_a_date_may_carry_a_kind_and_an_hour() -> None:
    assert parse_deadline("立行立改，3月底前完成", DAY).classes == ("立行立改",)
    assert parse_deadline("限期6月底前完成", DAY).classes == ()
    assert [parse_deadline(text, DAY).time for text in ("6月30日17时前", "6月30日下午5点半前", "6月30日24时前")] == [
        "17:00",
        "17:30",
        None,
    ]


def test_without_a_document_date_only_full_dates_are_certain() -> None:
    kinds = {text: parse_deadline(text).kind for text in ("2026年6月底前", "6月底前", "三日内", "年底前", "立行立改")}

    assert kinds == {
        "2026年6月底前": "deadline", "6月底前": "unsure", "三日内": "unsure", "年底前": "unsure", "立行立改": "class"
    }  # fmt: skip


def test_soft_words_and_presumed_years_carry_a_warning() -> None:
    hedged = parse_deadline("争取6月底前完成", DAY)
    passed = parse_deadline("2月底前", DAY)
    ordinary = parse_deadline("12月底前", DAY)

    assert "不是硬性期限" in hedged.warnings[0]
    assert hedged.end == "2026-06-30"
    assert passed.end == "2027-02-28"
    assert "核对年份" in passed.warnings[0]
    assert not ordinary.warnings


def test_working_days_beyond_the_published_notices_are_provisional() -> None:
    reading = parse_deadline("5个工作日内", date(2031, 9, 29))

    assert "暂定" in reading.reading


def as_text(reading: DeadlineReading) -> str:
    return (reading.end or "") + (f"T{reading.time}" if reading.time else "")


@pytest.mark.ledgers
@pytest.mark.skipif(not DATA.is_dir() and not REQUIRED, reason=f"the real phrases are not here: {DATA} does not exist")
def test_every_collected_phrase_is_read_as_expected() -> None:
    with (DATA / "date_expressions.csv").open(encoding="utf-8-sig", newline="") as stream:
        collected = list(csv.DictReader(stream))

    wrong = []
    for line in collected:
        reading = parse_deadline(line["expr"], date.fromisoformat(line["ref_date"]))
        said = (reading.kind, reading.start or "", as_text(reading))
        classes = tuple(name for name in ("立行立改", "限期整改") if f"整改类型={name}" in line["note"])
        period = line["note"] if line["note"].startswith("P") else reading.period
        if said != (line["kind"], line["start"], line["end"]) or period != reading.period:
            wrong.append((line["expr"], said))
        if classes and reading.classes != classes:
            wrong.append((line["expr"], reading.classes))

    assert collected
    assert wrong == []
