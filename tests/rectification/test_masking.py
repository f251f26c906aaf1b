"""What a public notice must not carry never survives, whatever stands around it; what it may carry stays readable."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectification.masking import mask, private_kinds

pytestmark = pytest.mark.pure

WORDS = st.text("饮水管网漏损，已更换。户主电话身份证卡号：（）、；a-_/ .\n", max_size=12)
DIGIT = st.integers(0, 9).map(str)
SEPARATORS = st.sampled_from(["", "", "", " ", "-"])
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def digits(count: int) -> st.SearchStrategy[str]:
    return st.lists(DIGIT, min_size=count, max_size=count).map("".join)


BIRTHS = st.dates().map(lambda day: f"{1920 + day.year % 100}{day:%m%d}")
IDS = st.builds("{}{}{}{}".format, digits(6), BIRTHS, digits(3), st.one_of(DIGIT, st.sampled_from("xX")))
OLD_IDS = st.builds("{}{}{}".format, digits(6), BIRTHS.map(lambda day: day[2:]), digits(3))
MOBILES = st.builds("1{}{}".format, st.sampled_from("3456789"), digits(9))
LANDLINES = st.builds("0{}{}{}".format, digits(3), st.sampled_from(["-", " ", "—"]), digits(7))
CARDS = st.builds("{}{}".format, st.sampled_from(["62", "45"]), st.integers(14, 17).flatmap(digits))
SECRETS = st.one_of(IDS, OLD_IDS, MOBILES, LANDLINES, CARDS)


def parts(number: str, sizes: list[int], between: str) -> str:
    """The number as people space it."""
    found, place = [], 0
    for size in sizes:
        found.append(number[place : place + size])
        place += size
    return between.join([*found, number[place:]]) if place < len(number) else between.join(found)


SPACED = st.one_of(
    st.builds(parts, MOBILES, st.just([3, 4, 4]), SEPARATORS),
    st.builds(parts, CARDS, st.just([4, 4, 4, 4]), SEPARATORS),
    st.builds(parts, IDS, st.just([6, 8, 4]), SEPARATORS),
)


def bare(text: str) -> str:
    """Only what identifies: digits, whatever stands between them."""
    return re.sub(r"[^0-9]", "", text.translate({wide: narrow for narrow, wide in WIDE.items()}))


@given(WORDS, st.one_of(SECRETS, SPACED), WORDS, st.booleans())
@settings(max_examples=600)
def test_no_number_that_leads_to_a_person_survives(before: str, secret: str, after: str, wide: bool) -> None:
    text = before + (secret.translate(WIDE) if wide else secret) + after

    masked = mask(text)

    assert bare(masked) == "" or len(bare(masked)) < 6, masked
    assert private_kinds(text) != []


@given(WORDS, SECRETS, st.text("，、； ", min_size=1, max_size=2), SECRETS, WORDS)
def test_two_numbers_side_by_side_go_both(before: str, one: str, between: str, other: str, after: str) -> None:
    assert len(bare(mask(before + one + between + other + after))) < 6


@given(WORDS, st.one_of(SECRETS, SPACED), WORDS)
def test_what_has_been_masked_is_found_clean(before: str, secret: str, after: str) -> None:
    masked = mask(before + secret + after)

    assert private_kinds(masked) == []
    assert mask(masked) == masked


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("户主张三反映", "张三"),
        ("村民：李小四家", "李小四"),
        ("王老五户饮水不通", "王老五"),
        ("患有糖尿病", "糖尿病"),
        ("二级肢体残疾", "二级"),
        ("电话（0991）1234567", "1234567"),
        ("银行卡6222 0212 3456 7890 123", "7890"),
    ],
)
def test_names_health_and_numbers_are_taken_out(text: str, gone: str) -> None:
    assert gone not in mask(text)
    assert private_kinds(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "2026年6月30日前完成，投入资金1234567.89元，惠及312户。",
        "编号DX2026-0000118，依据〔2026〕6号文。",
        "甲镇一村饮水管网漏损，已更换管道3.5公里，群众满意。",
        "村民代表会议评议通过，部分农户用水不便。",
    ],
)
def test_what_says_nothing_about_a_person_stays(text: str) -> None:
    assert mask(text) == text
    assert private_kinds(text) == []
