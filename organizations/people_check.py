"""Judges the rows of a people workbook against each other and against what is stored; writes nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Division, Post, Unit, User
from organizations.people_file import PeopleRows, PersonRow, PostRow, UnitRow
from organizations.queries import labels
from organizations.roles import ADMIN_ROLES
from organizations.three_admins import Term, refusal, rival

BATCH = 500
_USERNAME = re.compile(r"[\w.@-]{1,60}")
UnitKey = tuple[str, str]


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken, and why, in a sentence."""

    sheet: str
    line: int
    why: str

    def __str__(self) -> str:
        return _("工作表“%(sheet)s”第%(line)d行：%(why)s") % vars(self)


@dataclass(frozen=True)
class Known:
    """What is stored already, by the keys the workbook uses."""

    divisions: dict[str, Division]
    units: dict[UnitKey, Unit]
    users: dict[str, User]
    posts: dict[str, list[Post]]


@dataclass
class Judgement:
    """The rows that can be taken, with labels turned into codes, and the rows that cannot."""

    rows: PeopleRows = field(default_factory=PeopleRows)
    bad: list[BadRow] = field(default_factory=list)
    new_people: int = 0
    new_units: int = 0

    @property
    def units(self) -> list[dict[str, Any]]:
        """Units as people read them."""
        names = labels("unit_kind")
        return [{**vars(row), "kind_label": names.get(row.kind, row.kind)} for row in self.rows.units]

    @property
    def posts(self) -> list[dict[str, Any]]:
        """Posts as people read them."""
        names = labels("role")
        return [
            {
                **vars(row),
                "role_label": names.get(row.role, row.role),
                "begins": day_of(row.valid_from),
                "ends": day_of(row.valid_to),
            }
            for row in self.rows.posts
        ]

    def refuse(self, sheet: str, line: int, why: str) -> None:
        """Note a bad row."""
        self.bad.append(BadRow(sheet, line, why))


def read_known(rows: PeopleRows, *, lock: bool = False) -> Known:
    """Read what the rows name, some hundreds at a time; perhaps lock the people."""
    codes = {row.division_code for row in rows.units} | {row.division_code for row in rows.posts}
    names = {row.username for row in rows.people} | {row.username for row in rows.posts}
    names |= {row.acting_for for row in rows.posts if row.acting_for}
    people = User.objects.select_for_update(of=("self",)).order_by("pk") if lock else User.objects.all()
    users = {user.username: user for part in _parts(names) for user in people.filter(username__in=part)}
    divisions = {d.code: d for part in _parts(codes) for d in Division.objects.filter(code__in=part)}
    units: dict[UnitKey, Unit] = {}
    for part in _parts(codes):
        for unit in Unit.objects.filter(division__code__in=part).select_related("division"):
            units[(unit.division.code, unit.name)] = unit
    posts: dict[str, list[Post]] = {name: [] for name in users}
    for part in _parts(names):
        found = Post.objects.filter(user__username__in=part)
        for post in found.select_related("user", "unit__division", "acting_for"):
            posts[post.user.username].append(post)
    return Known(divisions, units, users, posts)


def _parts(values: Iterable[str]) -> Iterable[list[str]]:
    listed = sorted(values)
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))


def judge(rows: PeopleRows, known: Known) -> Judgement:
    """Sort the rows into good and bad; a row that stands on a bad row is bad too."""
    judgement = Judgement()
    _judge_units(rows.units, known, judgement)
    _judge_people(rows.people, judgement)
    _judge_posts(rows.posts, known, judgement)
    _judge_admins(known, judgement)
    return judgement


def codes_by_name(kind: str) -> dict[str, str]:
    """Label or code to code, of one dictionary."""
    found = labels(kind)
    return {**{label: code for code, label in found.items()}, **{code: code for code in found}}


def _judge_units(rows: list[UnitRow], known: Known, judgement: Judgement) -> None:
    kinds = codes_by_name("unit_kind")
    seen: dict[UnitKey, int] = {}
    for row in rows:
        key = (row.division_code, row.name)
        why = _fault_of_unit(row, known, kinds) or _repeated(seen, key, row.line)
        if why:
            judgement.refuse("单位", row.line, why)
        else:
            judgement.rows.units.append(UnitRow(**{**vars(row), "kind": kinds[row.kind]}))


def _fault_of_unit(row: UnitRow, known: Known, kinds: dict[str, str]) -> str:
    if not row.name or len(row.name) > 120 or len(row.short_name) > 60:
        return _("单位名称不能空着，且不超过120个字；简称不超过60个字。")
    if row.kind not in kinds:
        return _unknown(_("类别"), row.kind, kinds)
    return _fault_of_code(row.division_code, known)


def _fault_of_code(code: str, known: Known) -> str:
    if len(code) != 12 or not code.isdecimal():
        return _("区划代码“%(code)s”不是12位数字，请填写统计用区划代码。") % {"code": code}
    if code not in known.divisions:
        return _("区划代码“%(code)s”在系统里没有，请核对，或请系统管理员先载入区划。") % {"code": code}
    return ""


def _unknown(what: str, value: str, known: dict[str, str]) -> str:
    offered = "、".join(label for label, code in known.items() if label != code)
    return _("%(what)s“%(value)s”不认识，可以填：%(offered)s。") % {
        "what": what,
        "value": value,
        "offered": offered,
    }


def _repeated(seen: dict[UnitKey, int] | dict[str, int], key: object, line: int) -> str:
    first = seen.setdefault(key, line)  # type: ignore[arg-type]
    return _("与第%(line)d行重复，请删除其中一行。") % {"line": first} if first != line else ""


def _judge_people(rows: list[PersonRow], judgement: Judgement) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        why = ""
        if not _USERNAME.fullmatch(row.username):
            why = _("登录名“%s”要由字母、数字、汉字或 . _ - @ 组成，不超过60个字符。") % row.username
        elif not row.name or len(row.name) > 40:
            why = _("姓名不能空着，且不超过40个字。")
        why = why or _repeated(seen, row.username, row.line)
        if why:
            judgement.refuse("人员", row.line, why)
        else:
            judgement.rows.people.append(row)


def _judge_posts(rows: list[PostRow], known: Known, judgement: Judgement) -> None:
    roles = codes_by_name("role")
    people = known.users.keys() | {row.username for row in judgement.rows.people}
    units = known.units.keys() | {(row.division_code, row.name) for row in judgement.rows.units}
    seen: dict[str, int] = {}
    for row in rows:
        coded = PostRow(**{**vars(row), "role": roles.get(row.role, row.role)})
        key = "\t".join([coded.username, coded.division_code, coded.unit_name, coded.role, coded.valid_from])
        why = (
            _fault_of_code(row.division_code, known)
            or _fault_of_post(row, people, units)
            or ("" if row.role in roles else _unknown(_("角色"), row.role, roles))
            or _fault_of_days(row)
            or _repeated(seen, key, row.line)
        )
        judgement.refuse("任职", row.line, why) if why else judgement.rows.posts.append(coded)


def _fault_of_post(row: PostRow, people: set[str], units: set[UnitKey]) -> str:
    if row.username not in people:
        return _("登录名“%(name)s”既不在工作表“人员”里，系统里也没有。") % {"name": row.username}
    if (row.division_code, row.unit_name) not in units:
        return _("单位“%(name)s”在这个区划下没有，请先填进工作表“单位”。") % {"name": row.unit_name}
    if row.acting_for and row.acting_for == row.username:
        return _("一个人不能代理自己，请更正“代理何人”。")
    if row.acting_for and row.acting_for not in people:
        return _("“代理何人”里的登录名“%(name)s”没有找到。") % {"name": row.acting_for}
    return ""


def day_of(text: str) -> date | None:
    """The day an ISO text names; empty is no day."""
    return date.fromisoformat(text) if text else None


def _fault_of_days(row: PostRow) -> str:
    for what, text in ((_("任职日期"), row.valid_from), (_("离任日期"), row.valid_to)):
        try:
            day_of(text)
        except ValueError:
            return _("%(what)s“%(text)s”不是日期，请写成 2026-06-30。") % {"what": what, "text": text}
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        return _("离任日期早于任职日期，请更正。")
    return ""


def _judge_admins(known: Known, judgement: Judgement) -> None:
    """Over the file and what is stored, nobody may hold two of the three administrators' roles."""
    wanted = {row.username for row in judgement.rows.posts if row.role in ADMIN_ROLES}
    terms: dict[str, list[Term]] = {name: [] for name in wanted}
    renewed = {post.pk for row in judgement.rows.posts if (post := post_of_row(row, known))}
    for name in wanted:
        stored = [post for post in known.posts.get(name, []) if post.pk not in renewed]
        terms[name] += [Term(post.role, post.valid_from, post.valid_to) for post in stored]
    good = []
    for row in judgement.rows.posts:
        term = Term(row.role, day_of(row.valid_from), day_of(row.valid_to))
        held = rival(term, terms.get(row.username, []))
        if held:
            judgement.refuse("任职", row.line, refusal(row.username, held, row.role))
            continue
        terms.setdefault(row.username, []).append(term)
        good.append(row)
    judgement.rows.posts[:] = good


def post_of_row(row: PostRow, known: Known) -> Post | None:
    """The stored post a row speaks of: same unit and role, and not over, or begun on the same day."""
    today = clock.today()
    for post in known.posts.get(row.username, []):
        unit = post.unit
        if (unit.division.code, unit.name, post.role) != (row.division_code, row.unit_name, row.role):
            continue
        if post.valid_from == day_of(row.valid_from) or post.valid_to is None or post.valid_to >= today:
            return post
    return None
