"""The workbook of units, people and posts, from the command line."""

import zipfile
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from organizations.actions.people_load import load_people
from organizations.errors import Refused
from organizations.models import AccessEntry, Post, Unit, User
from organizations.people_file import MAX_ROWS, read_people
from tests.conftest import World
from tests.organizations.workbooks import PEOPLE, POSTS, UNITS, saved, workbook


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Unit, User, Post, AccessEntry))


def test_good_rows_make_units_people_and_posts(world: World, tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_people", saved(tmp_path), stdout=out)

    unit = Unit.objects.get(name="县审计局")
    head, clerk = User.objects.get(username="shen.ji"), User.objects.get(username="shen.yuan")
    assert (unit.short_name, unit.kind, unit.aliases) == ("审计局", "department", ["审计", "县审计"])
    assert head.must_change_password
    assert [post.role for post in head.posts.all()] == ["unit_head"]
    assert clerk.posts.get().acting_for == head
    password = next(line for line in out.getvalue().splitlines() if line.startswith("shen.ji,")).split(",")[1]
    assert len(password) == 14
    assert head.check_password(password)
    assert "人员新增 2 人" in out.getvalue()
    assert AccessEntry.objects.filter(text__contains="导入任职").count() == 2


def test_a_second_run_changes_nothing(world: World, tmp_path: Path) -> None:
    call_command("load_people", saved(tmp_path), stdout=StringIO())
    before = counts()
    out = StringIO()

    call_command("load_people", saved(tmp_path), stdout=out)

    assert counts() == before
    assert "人员新增 0 人" in out.getvalue()


def test_what_is_there_already_is_updated(world: World, tmp_path: Path) -> None:
    call_command("load_people", saved(tmp_path), stdout=StringIO())
    kept = User.objects.get(username="shen.ji")

    ended = [[*POSTS[0][:5], "2026-12-31", ""]]
    path = saved(tmp_path, units=[["县审计局", "县审", *UNITS[0][2:]]], people=[["shen.ji", "申继"]], posts=ended)
    call_command("load_people", path, stdout=StringIO())

    again = User.objects.get(username="shen.ji")
    assert (again.pk, again.name, again.password) == (kept.pk, "申继", kept.password)
    assert Unit.objects.get(name="县审计局").short_name == "县审"
    assert str(again.posts.get().valid_to) == "2026-12-31"
    entry = AccessEntry.objects.filter(text__contains="导入更新任职").get()
    assert (entry.data["old"]["valid_to"], entry.data["new"]["valid_to"]) == (None, "2026-12-31")


def test_a_dry_run_writes_nothing(world: World, tmp_path: Path) -> None:
    before, out = counts(), StringIO()

    call_command("load_people", saved(tmp_path), "--dry-run", stdout=out)

    assert counts() == before
    assert "全部可以导入" in out.getvalue()


BAD = {
    "unit without a name": ({"units": [["", "", "县直部门", "999921000000", ""]]}, "单位”第2行：单位名称不能空着"),
    "unknown kind": ({"units": [["某局", "", "公司", "999921000000", ""]]}, "类别“公司”不认识，可以填：整改办"),
    "short code": ({"units": [["某局", "", "县直部门", "9999", ""]]}, "“9999”不是12位数字"),
    "unknown code": ({"units": [["某局", "", "县直部门", "111111111111", ""]]}, "“111111111111”在系统里没有"),
    "unit twice": ({"units": [UNITS[0], UNITS[0]]}, "单位”第3行：与第2行重复"),
    "odd log-in name": ({"people": [*PEOPLE, ["a b", "某"]]}, "人员”第4行：登录名“a b”要由字母"),
    "no name": ({"people": [*PEOPLE, ["ab", ""]]}, "姓名不能空着"),
    "person twice": ({"people": [*PEOPLE, PEOPLE[0]]}, "人员”第4行：与第2行重复"),
    "unknown person": ({"posts": [["who", *POSTS[0][1:]]]}, "任职”第2行：登录名“who”既不在"),
    "unknown unit": ({"posts": [["shen.ji", "县某局", *POSTS[0][2:]]]}, "单位“县某局”在这个区划下没有"),
    "unknown role": ({"posts": [[*POSTS[0][:3], "局长", "", "", ""]]}, "角色“局长”不认识"),
    "no day": ({"posts": [[*POSTS[0][:4], "去年", "", ""]]}, "任职日期“去年”不是日期"),
    "no such day": ({"posts": [[*POSTS[0][:4], "2026-02-30", "", ""]]}, "“2026-02-30”不是日期"),
    "backwards": ({"posts": [[*POSTS[0][:4], "2026-05-01", "2026-04-01", ""]]}, "离任日期早于任职日期"),
    "oneself": ({"posts": [[*POSTS[0][:6], "shen.ji"]]}, "不能代理自己"),
    "unknown absent": ({"posts": [[*POSTS[0][:6], "who"]]}, "“代理何人”里的登录名“who”没有找到"),
    "post twice": ({"posts": [POSTS[0], POSTS[0]]}, "任职”第3行：与第2行重复"),
}


@pytest.mark.parametrize("case", BAD)
def test_one_bad_row_stops_the_whole_file_with_a_sentence(world: World, tmp_path: Path, case: str) -> None:
    rows, sentence = BAD[case]
    before = counts()

    with pytest.raises(CommandError) as caught:
        call_command("load_people", saved(tmp_path, **rows), stdout=StringIO())

    assert sentence in str(caught.value)
    assert counts() == before


def test_a_file_cannot_make_one_person_two_administrators(world: World, tmp_path: Path) -> None:
    place = ["平台管理", "999921000000"]
    both = [["shen.ji", *place, "审计员", "", "", ""], ["shen.ji", *place, "系统管理员", "", "", ""]]
    with pytest.raises(CommandError, match=r"第3行：shen\.ji已任审计员，按三员分立的要求"):
        call_command("load_people", saved(tmp_path, posts=both))

    second = [["sysadmin", *place, "审计员", "", "", ""]]
    with pytest.raises(CommandError, match="sysadmin已任系统管理员"):
        call_command("load_people", saved(tmp_path, posts=second))


def test_one_after_the_other_is_allowed(world: World, tmp_path: Path) -> None:
    place = ["平台管理", "999921000000"]
    posts = [
        ["shen.ji", *place, "审计员", "2026-01-01", "2026-06-30", ""],
        ["shen.ji", *place, "系统管理员", "2026-07-01", "", ""],
    ]

    call_command("load_people", saved(tmp_path, posts=posts), stdout=StringIO())

    assert Post.objects.filter(user__username="shen.ji").count() == 2


def bomb() -> BytesIO:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (101 * 1024 * 1024))
    stream.seek(0)
    return stream


def far_corner() -> BytesIO:
    stream = BytesIO()
    with zipfile.ZipFile(workbook()) as source, zipfile.ZipFile(stream, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/worksheets/sheet2.xml":
                cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                content = content.replace(b"</sheetData>", cell)
            target.writestr(info, content)
    stream.seek(0)
    return stream


def renamed_sheets() -> BytesIO:
    stream = BytesIO()
    with zipfile.ZipFile(workbook()) as source, zipfile.ZipFile(stream, "w") as target:
        for info in source.infolist():
            text = source.read(info).decode()
            target.writestr(info, text.replace('name="单位"', 'name="甲"').replace("登录名", "账号"))
    stream.seek(0)
    return stream


@pytest.mark.parametrize(
    ("stream", "sentence"),
    [
        (lambda: BytesIO(b"not a workbook"), "打不开"),
        (lambda: BytesIO(b"\xd0\xcf\x11\xe0" + b"\0" * 600), "旧版 xls"),
        (lambda: BytesIO(b"x" * (10 * 1024 * 1024 + 1)), "超过 10 MB"),
        (lambda: BytesIO(workbook().getvalue()[:-200]), "打不开"),
        (bomb, "解开后太大"),
        (far_corner, "范围太大"),
        (renamed_sheets, "缺少列：登录名"),
        (lambda: workbook(units=[], people=[], posts=[]), "都是空的"),
        (lambda: workbook(people=[[f"p{n}", "某"] for n in range(MAX_ROWS)]), "超过 10,000 行"),
    ],
)
def test_a_file_that_cannot_be_used_at_all(db: Any, stream: Any, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_people(stream())


def test_more_rows_take_no_more_statements(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(number: int) -> int:
        names = [f"many{number}.{n}" for n in range(number)]
        posts = [[name, *POSTS[0][1:]] for name in names]
        rows = read_people(workbook(people=[[name, "某"] for name in names], posts=posts))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            load_people(rows, by=None)
        return len(captured)

    assert statements(5) >= statements(50)
