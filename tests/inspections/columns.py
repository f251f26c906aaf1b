"""Which columns a made-up table has, what they are called and how its cells are filled."""

from dataclasses import dataclass, field
from random import Random

HEADERS = {
    "serial": ["序号", "编号", "序 号", "问题编号"],
    "category": ["问题类别", "类别", "问题类型", "问题分类", "所属类别"],
    "location": [
        "点位", "地点", "点位名称", "被检查对象", "涉及地点", "检查点位", "问题点位", "具体位置", "点位（单位）",
    ],
    "problem": [
        "问题", "存在问题", "存在的问题", "问题描述", "反馈问题", "主要问题", "发现问题", "具体问题", "发现的主要问题",
        "问题内容", "存 在 问 题",
    ],
    "lead": ["牵头单位", "牵头部门", "牵头责任单位"],
    "units": ["责任单位", "整改责任单位", "责任单位（部门）", "整改单位", "责任\n单位"],
    "partners": ["配合单位", "责任单位", "协办单位", "配合部门"],
    "measures": ["整改措施", "整改举措", "主要措施", "整改\n措施", "拟采取的整改措施"],
    "deadline": ["整改时限", "完成时限", "期限", "整改期限", "整改完成时限", "整 改 时 限", "时限要求"],
    "status": ["整改情况", "进展情况", "落实情况", "整改进展", "整改落实情况", "目前整改进度", "整改完成情况"],
    "remark": ["备注", "备 注"],
    "source": ["问题来源", "来源"],
    "person": ["责任人", "整改责任人"],
    "leader": ["包抓领导", "责任领导"],
    "phone": ["联系电话"],
    "when": ["督查时间", "检查日期"],
    "closed": ["是否销号", "销号情况"],
}  # fmt: skip
FIELDS = {"deadline_text": "deadline"}
EXTRAS = ["remark", "source", "person", "leader", "phone", "when"]
GROUPS = {
    ("location", "problem"): ["问题情况", "检查发现问题", "督查反馈情况"],
    ("lead", "units", "partners"): ["责任落实", "责任分工"],
    ("measures", "deadline", "status"): ["整改落实", "整改推进", "整改情况"],
}
MERGEABLE = ["location", "units", "measures", "deadline"]
# Words no table of synonyms will know, though a clerk does.
ODD_HEADERS = {
    "problem": ["具体表现", "情况描述", "现场情况"],
    "units": ["落实主体", "由谁负责"],
    "deadline": ["何时完成", "改到什么时候"],
}
SERIALS = ["number", "number", "formula", "text", "padded", "paren", "code", "chinese"]
NUMBERINGS = ["dot", "dot", "paren", "circle", "comma", "inline"]
SEPARATORS = ["、", "、", "，", ",", "；", ";", "\n"]
CATEGORIES = ["none", "none", "column", "merged", "merged", "band", "band"]


@dataclass
class Style:
    """One table's habits; `supplied` are fields which a form above gives for every row."""

    columns: list[str]
    headers: dict[str, str]
    categories: str = "none"
    numbered_categories: str = ""
    two_level: bool = False
    merged: set[str] = field(default_factory=set)
    serial: str = "number"
    restarts: bool = False
    slips: bool = False
    separator: str = "、"
    lead: str = ""
    numbering: str = "dot"
    pointed: float = 0.0
    praised: float = 0.0
    dated: bool = False
    spaced: float = 0.0
    odd_header: str = ""
    may_merge: bool = True
    supplied: dict[str, object] = field(default_factory=dict)


def choose_style(chance: Random, may_merge: bool, supplied: dict[str, object]) -> Style:
    """Draw a table's habits; without merged cells there are neither two-level headers nor cells to fill down."""
    columns, categories = choose_columns(chance, supplied)
    style = Style(columns, {}, categories=categories, supplied=supplied, may_merge=may_merge)
    if not may_merge and categories == "merged":
        style.categories = "column"
    if not may_merge and categories == "band" and "serial" not in columns:
        style.categories = "none"  # a heading alone in the column of problems or places could be either
    style.numbered_categories = chance.choice(["", "一、", "（一）"])
    if style.categories == "band":
        style.numbered_categories = chance.choice(["一、", "一、", "（一）", ""] if may_merge else ["一、", "（一）"])
    style.two_level = may_merge and chance.random() < 0.3 and bool(groups_of(columns))
    style.merged = {name for name in MERGEABLE if may_merge and name in columns and chance.random() < 0.25}
    style.serial, style.restarts = chance.choice(SERIALS), chance.random() < 0.35
    style.slips = chance.random() < 0.2
    style.separator, style.numbering = chance.choice(SEPARATORS), chance.choice(NUMBERINGS)
    style.pointed = chance.choice([0, 0, 0.15, 0.5])
    style.praised = chance.choice([0, 0, 0, 0.12])
    style.spaced = chance.choice([0, 0, 0, 0, 0, 0.15])
    style.dated = chance.random() < 0.2
    style.lead = choose_lead(chance, columns)
    style.headers = choose_headers(chance, style)
    if chance.random() < 0.05:
        style.odd_header = add_odd_header(chance, style)
    if style.two_level or chance.random() < 0.85:
        style.columns = ordered(columns, style.two_level)
    if style.columns[:2] == ["serial", "category"] and chance.random() < 0.3:
        style.columns[:2] = ["category", "serial"]
    return style


def choose_columns(chance: Random, supplied: dict[str, object]) -> tuple[list[str], str]:
    """The meanings that get a column, and how the table tells categories."""
    categories = "form" if "category" in supplied else chance.choice(CATEGORIES)
    likely = {"serial": 0.88, "location": 0.75, "units": 0.85, "measures": 0.4, "deadline": 0.7, "status": 0.6}
    given = {FIELDS.get(name, name) for name in supplied}
    chosen = [name for name, share in likely.items() if name not in given and chance.random() < share]
    # A table may also say for each row what its form says for all; the row's own word goes first.
    chosen += [name for name in ("location", "deadline") if name in given and chance.random() < 0.15]
    if categories in {"column", "merged"}:
        chosen.append("category")
    if "units" in chosen and chance.random() < 0.3:
        chosen[chosen.index("units")] = "partners"
        chosen.append("lead")
    extras = [name for name in EXTRAS if chance.random() < 0.13]
    if "status" in chosen and chance.random() < 0.3:
        extras.append("closed")
    rest = [*(name for name in chosen if name != "serial"), "problem", *extras]
    chance.shuffle(rest)
    if len(rest) < 3:
        rest += [name for name in ("measures", "status") if name not in rest]
    return [*(["serial"] if "serial" in chosen else []), *rest], categories


def choose_lead(chance: Random, columns: list[str]) -> str:
    """How a lead unit is told: in a column of its own, by labels or a mark in the cell, or not at all."""
    if "lead" in columns:
        return "column"
    return chance.choice(["", "", "", "labelled", "marked"]) if "units" in columns else ""


def choose_headers(chance: Random, style: Style) -> dict[str, str]:
    """A name for each column, no name twice."""
    names: dict[str, str] = {}
    for column in style.columns:
        names[column] = chance.choice(HEADERS[column])
    if style.lead == "labelled":
        names["units"] = chance.choice(["责任单位", "整改责任单位"])
    return names


def add_odd_header(chance: Random, style: Style) -> str:
    """Give one column a strange name, if what stands in it still tells what it is."""
    able = [name for name in ODD_HEADERS if name in style.columns]
    if {"measures", "status"} & set(style.columns):
        able.remove("problem")
    if not able:
        return ""
    odd = chance.choice(able)
    style.headers[odd] = chance.choice(ODD_HEADERS[odd])
    return odd


def groups_of(columns: list[str]) -> list[tuple[str, ...]]:
    """The families of columns of which a table has at least two."""
    found = [tuple(name for name in family if name in columns) for family in GROUPS]
    return [family for family in found if len(family) > 1]


def ordered(columns: list[str], by_family: bool) -> list[str]:
    """The usual order: what, where, who, how, when; families stand together under a common header."""
    usual = ["serial", "category", "location", "problem", "lead", "partners", "units"]
    usual += ["measures", "deadline", "status"]
    if by_family:
        head = [name for name in usual if name in columns]
        return head + [name for name in columns if name not in usual]
    # Outside families the tail keeps the chance order it was drawn in.
    head = [name for name in ("serial", "category", "location", "problem") if name in columns]
    return head + [name for name in columns if name not in head]


def group_title(chance: Random, family: tuple[str, ...]) -> str:
    """The common header of a family; never the very word of a column below it."""
    return chance.choice(next(titles for members, titles in GROUPS.items() if family[0] in members))
