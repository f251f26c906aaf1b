"""What one cell holds: several units, numbered problems, a remark in brackets."""

import re
from dataclasses import dataclass
from functools import lru_cache

_OPEN, _CLOSE = "(（[【〔“‘《「", ")）]】〕”’》」"
_SEPARATORS = "、，,；;\n/／|｜"
_UNIT_END = re.compile(
    r"(?:局|委|办|办公室|委员会|政府|党委|党组|党工委|支部|街道|镇|乡|村|社区|居委会"
    r"|村委会|公司|集团|中心|站|所|院|校|学校|大队|支队|"
    r"中队|队|部|厅|处|科|会|社|行|馆|园|店|厂|场|组|专班|单位|部门|法院|检察院|银行"
    r"|联社|指挥部|两委|县|区|市|旗|物业|医院|干部)$"
)
_LABEL = re.compile(
    r"^(?P<lead>牵头|主责|主办|第一责任)?(?P<other>责任|配合|协办|协助|参与|整改|具体责任|整改责任|落实|承办|配合责任)*"
    r"(?:单位|部门|责任单位)?\s*[:：]\s*"
)
_LEAD_TAIL = re.compile(r"^(?P<name>.+?)\s*[(（](?:牵头|主责|主办|牵头单位|主责单位)[)）]$")
_OTHER_TAIL = re.compile(r"^(?P<name>.+?)\s*[(（](?:配合|协办|协助|参与|责任|配合单位|责任单位)[)）]$")
_NUMBER = re.compile(r"^(?:[(（]?\d{1,2}[)）]|\d{1,2}[.、．]|[①-⑳])\s*(?=\D)")
_TAIL = re.compile(r"[。.；;，,、\s]+$")
_PLACEHOLDER = re.compile(r"^[\s/／\\\-—–_~～…*＊]+$")
_EMBEDDED = re.compile(r"[(（]\s*([^()（）:：]{2,10})[:：]\s*([^()（）]+)[)）]")

_DIGIT = r"\d{1,2}"
_MARKS = (
    re.compile(rf"(?:(?<=^)|(?<=[\n。；;！!\s]))({_DIGIT})[.．、](?!\d)\s*"),
    re.compile(rf"(?:(?<=^)|(?<=[\n。；;，,！!：:\s]))[(（]({_DIGIT})[)）]\s*"),
    re.compile(rf"(?:(?<=^)|(?<=[\n。；;！!：:\s]))({_DIGIT})[)）]\s*"),
    re.compile(r"([①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳])\s*"),
    re.compile(r"(?:(?<=^)|(?<=[\n。；;！!：:\s]))([一二三四五六七八九十]{1,3})[、.．]\s*"),
    re.compile(r"(?:(?<=^)|(?<=[\n。；;！!：:\s]))[(（]([一二三四五六七八九十]{1,3})[)）]\s*"),
    re.compile(r"(?:(?<=^)|(?<=[\n。；;，,：:\s]))([一二三四五六七八九十])是(?=\S)"),
)
_SECOND = re.compile(r"2[.．、)）]|②|二[、.．)）是]")  # without a second there is no list
_CHINESE = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one cell in order, and the one the cell itself calls the lead."""

    names: tuple[str, ...]
    lead: str = ""


@lru_cache(maxsize=4096)
def split_units(text: str) -> Units:
    """Units apart by 、，,；; a slash or a line break; never inside brackets or quotation marks."""
    names: list[str] = []
    lead = ""
    in_lead = False
    for piece in _cut(text):
        name, role = _role(_NUMBER.sub("", piece.strip()))
        # A label such as 牵头单位： holds until the next label or line.
        in_lead = role == "lead" if role else in_lead and not piece.startswith("\n")
        if not name or _PLACEHOLDER.match(name):
            continue
        if (role == "lead" or in_lead) and not lead:
            lead = name
        if name not in names:
            names.append(name)
    return Units(tuple(names), lead)


def _cut(text: str) -> list[str]:
    """The text at its separators, and at blanks where every part looks like a unit."""
    pieces, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth = max(0, depth - 1)
        elif character in _SEPARATORS and (depth == 0 or character == "\n"):
            pieces.append(text[start:position])
            start = position if character == "\n" else position + 1
    pieces.append(text[start:])
    return [part for piece in pieces for part in _at_blanks(piece)]


def _at_blanks(piece: str) -> list[str]:
    parts = piece.split()
    if len(parts) > 1 and all(len(part) > 1 and _UNIT_END.search(part) for part in parts):
        return parts
    return [piece]


def _role(piece: str) -> tuple[str, str]:
    """The bare name and what the cell calls it: lead, other or nothing."""
    label = _LABEL.match(piece)
    if label and label.end() > 1:
        role = "lead" if label["lead"] else "other"
        return piece[label.end() :].strip(" 。."), role
    tail = _LEAD_TAIL.match(piece)
    if tail:
        return tail["name"], "lead"
    tail = _OTHER_TAIL.match(piece)
    if tail:
        return tail["name"], "other"
    return _strip_marks(piece), ""


def _strip_marks(piece: str) -> str:
    return piece.strip(" 。.:：")


def looks_like_unit(text: str) -> bool:
    """Whether every part of the cell ends as the name of a unit does."""
    names = split_units(text).names
    return bool(names) and all(len(name) <= 30 and _UNIT_END.search(re.sub(r"[(（].*$", "", name)) for name in names)


def numbered_points(text: str) -> tuple[str, ...]:
    """The parts of a text numbered from one upwards, without their numbers; nothing if it is not numbered."""
    if not _SECOND.search(text):
        return ()
    for mark in _MARKS:
        points = _points(text, mark)
        if points:
            return points
    return ()


def _points(text: str, mark: re.Pattern[str]) -> tuple[str, ...]:
    wanted, starts = 1, []
    for found in mark.finditer(text):
        if _ordinal(found[1]) == wanted:
            starts.append((found.start(), found.end()))
            wanted += 1
    if len(starts) < 2:
        return ()
    # A sentence before the first number introduces them; more than that, and the numbers belong to something else.
    if len(text[: starts[0][0]].strip()) > 60:
        return ()
    ends = [start for start, _end in starts[1:]] + [len(text)]
    parts = [_TAIL.sub("", text[begin:end].strip()) for (_start, begin), end in zip(starts, ends, strict=True)]
    return tuple(parts) if all(parts) else ()


def _ordinal(number: str) -> int:
    if number.isascii():
        return int(number)
    if len(number) == 1 and "①" <= number <= "⑳":
        return ord(number) - ord("①") + 1
    tens, ten, ones = number.rpartition("十")
    high = (_CHINESE.index(tens[0]) + 1 if tens else 1) * 10 if ten else 0
    return high + (_CHINESE.index(ones[-1]) + 1 if ones else 0)


def without_placeholder(text: str) -> str:
    """The text, or nothing where it is only a stroke that says “nothing here”."""
    return "" if _PLACEHOLDER.match(text) else text


def without_labelled_brackets(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without brackets such as （责任单位：住建局）, and these labels with their values."""
    pairs = [(found[1].strip(), found[2].strip()) for found in _EMBEDDED.finditer(text)]
    return (_EMBEDDED.sub("", text).strip(), pairs) if pairs else (text, [])
