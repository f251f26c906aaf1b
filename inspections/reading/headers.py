"""What the header of a column, or the label in a form, means: a table of synonyms by pattern, with weights."""

import re
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from inspections.reading.synonyms import OTHERS, RULES, Meaning, Sureness

LONGEST_HEADER = 24  # characters without blanks; what is longer is a sentence


__all__ = ["LABELS", "LONGEST_HEADER", "Meaning", "Sureness", "is_header_word", "meanings_of", "plain"]

LABELS = {
    Meaning.SERIAL: _("序号"),
    Meaning.CATEGORY: _("类别"),
    Meaning.LOCATION: _("地点或被检查对象"),
    Meaning.PROBLEM: _("问题"),
    Meaning.LEAD: _("牵头单位"),
    Meaning.UNITS: _("责任单位"),
    Meaning.MEASURES: _("整改措施"),
    Meaning.DEADLINE: _("整改时限"),
    Meaning.STATUS: _("整改情况"),
    Meaning.VERDICT: _("检查结论"),
    Meaning.REMARK: _("备注"),
    Meaning.OTHER: _("其他"),
    Meaning.IGNORE: _("不导入"),
}

_BOTH = re.compile(r"牵头[^\S\n]*[/／、,，(（\n及和与或]+[^\S\n]*(?:整改)?(?:责任|配合)")
_UNIT_WORD = re.compile(r"单位|部门|主体|科室")
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), meaning, weight) for pattern, meaning, weight in RULES)
_MARKS = re.compile(r"[\s:：、，,。.;；/／\\|·*＊\"“”'‘’<>《》\-—_~～+&]+")
_BRACKETS = re.compile(r"[(（【\[〔][^)）】\]〕]*[)）】\]〕]")
_ORDINAL = re.compile(r"^(?:[(（]?[一二三四五六七八九十\d]{1,2}[)）、.．])+")
_LAST_NUMBER = re.compile(r"(?<=[\u4e00-\u9fff])[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）]?[:：]?$")
_NEGATIONS = frozenset("无未没缺")  # 无问题 is an answer, not a header
_DATED = re.compile(r"^(?:截至|截止)?(?=\d)(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?[底末前]?(?=\D)")
_SENTENCE = re.compile(r"[。；;！!？?]")


@lru_cache(maxsize=8192)
def meanings_of(header: str) -> tuple[tuple[Meaning, float], ...]:
    """What the header may mean, heaviest first; weights lie in (0, 1], nothing if it is unknown."""
    if len(header) > 4 * LONGEST_HEADER or _SENTENCE.search(header.strip("。；; \n")):
        return ()
    header = without_number(header)
    words = plain(header)
    if not words or len(words) > LONGEST_HEADER or words[0] in _NEGATIONS:
        return ()
    bare = plain(_BRACKETS.sub("", header))
    if _BOTH.search(header):
        return ((Meaning.UNITS, 1.0),)
    # What stands in brackets explains: 点位(单位), 责任单位（人）, 整改时限（年月日）.
    forms = [form for form in (bare, words) if form]
    if any(map(_is_other, forms)):
        return ((Meaning.OTHER, 1.0),)
    found: dict[Meaning, float] = {}
    for pattern, meaning, weight in _COMPILED:
        if weight > found.get(meaning, 0) and any(map(pattern.fullmatch, forms)):
            found[meaning] = weight
    return tuple(sorted(found.items(), key=lambda pair: -pair[1]))


def _is_other(form: str) -> bool:
    if not OTHERS.fullmatch(form):
        return False
    # 责任单位及责任人 names units as well, and they are what counts; a household's head stands for the place.
    if form.endswith("姓名") and "户" in form:
        return False
    return not ("责任" in form and "人" in form and _UNIT_WORD.search(form))


def plain(header: str) -> str:
    """The header without blanks, line breaks, marks, a leading number or a leading date."""
    return _DATED.sub("", _MARKS.sub("", _ORDINAL.sub("", header.strip()))).strip("()（）[]【】")


def without_number(label: str) -> str:
    """The label without a number at its end: 问题1, 整改措施二."""
    return _LAST_NUMBER.sub("", label.strip())


def is_header_word(text: str) -> bool:
    """Whether the text may head a column."""
    return bool(meanings_of(text))
