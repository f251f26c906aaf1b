"""The division tree from a CSV: real counties, bad rows, bounded memory."""

import tracemalloc
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from organizations.models import Division
from organizations.tree import load_rows

COUNTIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "divisions"
FILES = ("340621_濉溪县.csv", "411522_光山县.csv", "411523_新县.csv", "420116_黄陂区.csv")
HEAD = "code,name,level,parent_code\n"


@pytest.mark.ledgers
@pytest.mark.parametrize("name", FILES)
def test_a_real_county_is_loaded_and_loaded_again(db: Any, name: str) -> None:
    path = COUNTIES / name
    if not path.exists():
        pytest.skip(f"{path} is not here; the real counties lie outside the repository")
    lines = len(path.read_text(encoding="utf-8-sig").splitlines()) - 1

    for _run in range(2):
        call_command("load_divisions", path, stdout=StringIO())
        assert Division.objects.count() == lines

    county = Division.objects.get(code=f"{name[:6]}000000")
    assert Division.objects.filter(path__startswith=county.path).count() == lines - 2
    for row in Division.objects.select_related("parent"):
        assert row.path == f"{row.parent.path if row.parent else '/'}{row.pk}/"
        assert row.initials


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code,name\n1,2\n", "文件缺少列：level、parent_code"),
        (HEAD + "9999,某县,county,\n", "第2行：区划代码“9999”不是12位数字"),
        (HEAD + "999900000000,某县,shire,\n", "级别“shire”不认识"),
        (HEAD + "999900000000,某县,county,999000000000\n", "上级代码“999000000000”不存在"),
    ],
)
def test_a_bad_row_is_told_with_its_line(db: Any, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "divisions.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError, match=sentence):
        call_command("load_divisions", path, stdout=StringIO())
    assert not Division.objects.exists()


def villages(count: int) -> Iterator[tuple[int, dict[str, str]]]:
    """A county with towns of two hundred villages each."""
    row = {"name": "某县", "level": "county", "parent_code": ""}
    yield 2, {"code": "990000000000", **row}
    for n in range(count):
        town = f"9900{n // 200 + 1:05d}000"
        if n % 200 == 0:
            yield n, {"code": town, "name": "某镇", "level": "town", "parent_code": "990000000000"}
        yield n, {"code": f"{town[:9]}{n % 200 + 200:03d}", "name": f"第{n}村", "level": "village", "parent_code": town}


def peak_of(count: int) -> int:
    """The most memory that loading so many villages has needed, in bytes."""
    tracemalloc.start()
    try:
        assert load_rows(villages(count)) == count + count // 200 + 1
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.pure
def test_four_times_the_villages_do_not_need_four_times_the_memory(db: Any) -> None:
    load_rows(villages(200))

    few, many = peak_of(2_000), peak_of(8_000)

    assert Division.objects.filter(level="village").count() == 8_000
    assert many < 4 * few
    assert many < 10 * 1024 * 1024
