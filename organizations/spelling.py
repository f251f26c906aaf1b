"""The ways a unit's name is typed: in full, without the county in front, short, by alias, by pinyin initials."""

import re
from collections.abc import Iterable

_AREA = re.compile(r"^.{0,4}?[县市区旗](?=.{2,})")


def initials_of(name: str) -> str:
    """Lower-case pinyin initials of a Chinese name; other characters are dropped."""
    from pypinyin import Style, lazy_pinyin  # half a second that only those who store names should pay

    return "".join(part[0] for part in lazy_pinyin(name, style=Style.FIRST_LETTER) if part[:1].isalnum()).lower()[:80]


def without_area(name: str) -> str:
    """A name without the county, city or district in front: 县医保局 and 云溪县医保局 are 医保局."""
    return _AREA.sub("", name)


def spellings(names: Iterable[str]) -> str:
    """Every spelling on a line of its own, between line ends: one text that any of them can be found in."""
    plain = [name.strip() for name in names if name and name.strip()]
    written = dict.fromkeys(spelling for name in plain for spelling in (name, without_area(name)))
    initials = dict.fromkeys(initials_of(spelling) for spelling in written)
    return "\n" + "".join(f"{line}\n" for line in [*written, *initials] if line)
