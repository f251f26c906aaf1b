"""Gives every column of a table its meaning: by its header, else by what stands in it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inspections.reading.cells import looks_like_unit
from inspections.reading.deadlines import parse_deadline
from inspections.reading.headers import Meaning, Sureness, meanings_of, plain

_NUMERIC = re.compile(r"[\d.,%％+-]+\s*(?:万|亿)?(?:元|户|人|个|名|亩|次|处|项|分|件|起|家|公里|平方米|㎡|吨)?")
_SERIAL = re.compile(r"[(（]?(?:\d{1,4}(?:[-.]\d{1,3})*|[一二三四五六七八九十]{1,3})[)）、.]?")
_DATED = frozenset({"deadline", "range", "class", "recurring", "duration"})
# Columns of which there may be several; the others exist once in a table.
_SHARED = {Meaning.LOCATION: 0.75, Meaning.UNITS: 0.7, Meaning.CATEGORY: 0.8, Meaning.REMARK: 0.5, Meaning.OTHER: 0.0}
_TEXTUAL = frozenset(
    {Meaning.LOCATION, Meaning.CATEGORY, Meaning.UNITS, Meaning.LEAD, Meaning.PROBLEM, Meaning.MEASURES}
)
# What a group says of all its columns, even of those whose own words are unknown: 责任单位 over 县级 and 乡级.
_INHERITED = frozenset({Meaning.UNITS, Meaning.LEAD, Meaning.LOCATION})
# Said of a thing named above: 问题 over 内容, 责任单位 over 名称.
_GENERIC = re.compile(
    r"单位|部门|名称|内容|情况|时间|日期|描述|说明|类型|类别|性质|结果|要求|人员|乡镇"
    r"|村|责任|序号|具体情况|具体内容|项目|事项|备注|状态|表现"
)
_DUTIES = frozenset({Meaning.UNITS, Meaning.LEAD, Meaning.DEADLINE, Meaning.MEASURES, Meaning.STATUS})
_SAMPLE = 200
_ANY_DAY = date(2024, 1, 1)  # whether a text is a deadline does not depend on the day
_BORROWED = 0.95  # weight of a meaning that needs the header above
_WEAK = 0.5
_SHORTEST_PROBLEM = 4  # characters


@dataclass(frozen=True, slots=True)
class Head:
    """The header of one column: the words above it and its own."""

    index: int
    group: str
    leaf: str

    @property
    def text(self) -> str:
        """Both levels as one line."""
        parts = [part.replace("\n", "") for part in (self.group, self.leaf) if part]
        return " / ".join(parts)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A column's meaning, how sure, and its weight among columns of the same meaning."""

    meaning: Meaning
    sureness: Sureness
    weight: float


_NOBODY = Assigned(Meaning.OTHER, Sureness.SYNONYM, 0)


def candidates(head: Head) -> dict[Meaning, float]:
    """What the header may mean with its weights, both levels taken together."""
    own = dict(meanings_of(head.leaf))
    if not head.group:
        return own
    if Meaning.OTHER in own:
        return own
    if _GENERIC.fullmatch(plain(head.leaf)):
        own = {meaning: weight * 0.6 for meaning, weight in own.items()}
    for meaning, weight in meanings_of(head.group + head.leaf):
        own[meaning] = max(own.get(meaning, 0), weight * _BORROWED)
    if not own and head.leaf:
        own = {meaning: weight * _WEAK for meaning, weight in meanings_of(head.group) if meaning in _INHERITED}
    return own


def assign(
    heads: Sequence[Head], values: Mapping[int, Sequence[str]], given: Mapping[int, Meaning], *, cautious: bool = False
) -> dict[int, Assigned]:
    """The meaning of every column by index; `cautious` forbids guessing which column holds the problems."""
    found = {index: Assigned(meaning, Sureness.GIVEN, 1.0) for index, meaning in given.items()}
    wishes = []
    for head in heads:
        if head.index in found:
            continue
        for meaning, weight in candidates(head).items():
            if _fits(meaning, values[head.index]):
                wishes.append((-weight, head.index, meaning))
    for minus, index, meaning in sorted(wishes):
        if index not in found and _is_free(meaning, -minus, found.values()):
            found[index] = Assigned(meaning, Sureness.SYNONYM, -minus)
    _find_problem(heads, found, values)
    known = {index for _minus, index, _meaning in wishes}
    unknown = [head.index for head in heads if head.index not in found and head.index not in known]
    _guess(found, unknown, values, cautious=cautious)
    for head in heads:
        found.setdefault(head.index, Assigned(Meaning.OTHER, Sureness.SYNONYM, 0))
    return found


def _find_problem(heads: Sequence[Head], found: dict[int, Assigned], values: Mapping[int, Sequence[str]]) -> None:
    """Where no column is plainly the problem, the one that may also be it: 情况说明 without a 问题 beside it."""
    if any(assigned.meaning == Meaning.PROBLEM for assigned in found.values()):
        return
    weights = {
        head.index: candidates(head).get(Meaning.PROBLEM, 0)
        for head in heads
        if _fits(Meaning.PROBLEM, values[head.index]) and any(values[head.index])
    }
    best = max(weights, key=lambda index: weights[index], default=None)
    if best is not None and weights[best] >= 0.3 and found.get(best, _NOBODY).sureness != Sureness.GIVEN:
        found[best] = Assigned(Meaning.PROBLEM, Sureness.GUESS, weights[best])


def _fits(meaning: Meaning, values: Sequence[str]) -> bool:
    """A column of numbers holds neither places nor units nor problems, whatever its header says."""
    filled = [value for value in values if value][:_SAMPLE]
    if meaning not in _TEXTUAL or not filled:
        return True
    return sum(bool(_NUMERIC.fullmatch(value)) for value in filled) <= 0.6 * len(filled)


def _is_free(meaning: Meaning, weight: float, taken: Iterable[Assigned]) -> bool:
    same = [other for other in taken if other.meaning == meaning]
    return not same or (meaning in _SHARED and weight >= _SHARED[meaning])


def _guess(
    found: dict[int, Assigned], unknown: Sequence[int], values: Mapping[int, Sequence[str]], *, cautious: bool
) -> None:
    """Fill in by content what no header told: serial, deadline, units, and at last the problem itself."""
    present = {assigned.meaning for assigned in found.values()}
    for index in unknown:
        filled = [value for value in values[index] if value][:_SAMPLE]
        meaning = _by_content(filled, present)
        if meaning:
            present.add(meaning)
            found[index] = Assigned(meaning, Sureness.GUESS, 0.3)
    if Meaning.PROBLEM not in present and not cautious and _speaks_of_duty(found):
        _guess_problem(found, unknown, values)


def _by_content(filled: Sequence[str], present: set[Meaning]) -> Meaning | None:
    tests = (
        (Meaning.SERIAL, 2, 0.9, lambda value: bool(_SERIAL.fullmatch(value))),
        (Meaning.DEADLINE, 2, 0.7, _is_dated),
        (Meaning.UNITS, 2, 0.7, looks_like_unit),
    )
    for meaning, least, share, test in tests:
        if meaning in present or (meaning == Meaning.UNITS and Meaning.LEAD in present) or len(filled) < least:
            continue
        if sum(map(test, filled)) >= share * len(filled):
            return meaning
    return None


def _is_dated(value: str) -> bool:
    return len(value) <= 30 and parse_deadline(value, _ANY_DAY).kind in _DATED


def _speaks_of_duty(found: Mapping[int, Assigned]) -> bool:
    """Whether some column plainly says who must do what by when: a list of names or rules has none."""
    return any(assigned.meaning in _DUTIES for assigned in found.values()) or (
        {Meaning.LOCATION, Meaning.VERDICT} <= {assigned.meaning for assigned in found.values()}
    )


def _guess_problem(found: dict[int, Assigned], unknown: Sequence[int], values: Mapping[int, Sequence[str]]) -> None:
    """The verdict where it is all there is, else the unknown column with the longest texts."""
    for index, assigned in found.items():
        if assigned.meaning == Meaning.VERDICT:
            found[index] = Assigned(Meaning.PROBLEM, Sureness.GUESS, 0.4)
            return
    lengths = {}
    for index in unknown:
        filled = [value for value in values[index] if value][:_SAMPLE]
        if (
            filled
            and index not in found
            and sum(bool(_NUMERIC.fullmatch(value)) for value in filled) < 0.5 * len(filled)
        ):
            lengths[index] = sum(map(len, filled)) / len(filled)
    best = max(lengths, key=lambda index: lengths[index], default=None)
    if best is not None and lengths[best] >= _SHORTEST_PROBLEM - 1 and max(map(len, values[best])) >= _SHORTEST_PROBLEM:
        found[best] = Assigned(Meaning.PROBLEM, Sureness.GUESS, 0.3)
