"""The docs say what the code says: states, arrows, events, roles, settings, dependencies, commands, links."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspections.event_types import EVENTS as LIST_EVENTS
from organizations.roles import AREA_ROLES, SEAT_OF_ROLE, Role
from project.demo import words
from rectification.event_types import EVENTS
from rectification.models import Problem
from workflows.event_types import EVENTS as CLOCK_EVENTS
from workflows.lifecycles.problem import ProblemState

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PROJECT = [ROOT / "project" / name for name in ("settings.py", "env.py")]

_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_VARIABLE = re.compile(r"(?:env\.\w+\(|environ(?:\.get\(|\[))\s*\"([A-Z][A-Z0-9_]*)\"")


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def table(path: str, first: str) -> list[list[str]]:
    """The rows of the table whose first column is headed so."""
    rows: list[list[str]] = []
    inside = False
    for line in text_of(path).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == first:
            inside = True
        elif inside and not set(cells[0]) <= {"-", ":"}:
            rows.append(cells)
    return rows


def codes(cell: str) -> list[str]:
    return _CODE.findall(cell)


def test_the_state_table_has_every_state_with_its_chinese_name() -> None:
    written = {codes(row[0])[0]: row[1] for row in table("docs/domain.md", "state")}

    assert written == {state.value: str(state.label) for state in ProblemState}


def arrows() -> dict[str, tuple[str, set[str], set[str]]]:
    """Label, sources and targets of every transition, as the life cycle declares them."""
    found: dict[str, tuple[str, set[str], set[str]]] = {}
    field: Any = Problem._meta.get_field("state")
    for arrow in field.get_all_transitions(Problem):
        targets = getattr(arrow.target, "allowed_states", [arrow.target])
        _label, sources, known = found.setdefault(arrow.name, (str(arrow.custom["label"]), set(), set()))
        sources.add(str(arrow.source))
        known.update(str(target) for target in targets)
    return found


def test_the_transition_table_has_every_arrow() -> None:
    rows = table("docs/domain.md", "transition")
    written = {codes(row[0])[0]: (row[1], set(codes(row[2])), set(codes(row[3]))) for row in rows}

    assert written == arrows()


def test_every_transition_says_who_and_what_must_hold() -> None:
    assert [row[0] for row in table("docs/domain.md", "transition") if not all(row[4:6])] == []


def test_the_event_table_has_every_event_with_its_sentence_and_who_is_recused() -> None:
    written = {codes(row[0])[0]: (row[1], row[2] == "yes") for row in table("docs/domain.md", "event")}

    assert written == {each.name: (str(each.sentence), each.recuses) for each in EVENTS}


def test_the_events_of_lists_have_a_table_of_their_own() -> None:
    written = {codes(row[0])[0]: (row[1], row[2] == "yes") for row in table("docs/domain.md", "event of lists")}

    assert written == {each.name: (str(each.sentence), each.recuses) for each in LIST_EVENTS}


def test_the_events_of_clocks_have_a_table_of_their_own() -> None:
    written = {codes(row[0])[0]: (row[1], row[2] == "yes") for row in table("docs/domain.md", "event of clocks")}

    assert written == {each.name: (str(each.sentence), each.recuses) for each in CLOCK_EVENTS}


def test_the_role_table_has_every_role_with_its_seat() -> None:
    written = {codes(row[0])[0]: (row[1], (codes(row[2]) or [""])[0]) for row in table("docs/domain.md", "role")}

    assert written == {role.value: (str(role.label), str(SEAT_OF_ROLE.get(role, ""))) for role in Role}


def test_only_supervising_roles_are_said_to_see_an_area() -> None:
    areas = re.compile(r"division and everything below|^the (village|township|county)\b")
    written = {codes(row[0])[0] for row in table("docs/domain.md", "role") if areas.search(row[3])}

    assert written == {str(role) for role in AREA_ROLES}


def variables() -> set[str]:
    return {name for path in PROJECT for name in _VARIABLE.findall(path.read_text(encoding="utf-8"))}


def test_every_environment_variable_has_its_row_and_every_row_its_variable() -> None:
    written = {codes(row[0])[0] for row in table("docs/operations.md", "variable")}

    assert written == variables()


def dependencies() -> Iterator[str]:
    project = tomllib.loads(text_of("pyproject.toml"))
    for entry in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        yield re.split(r"[\[<>=~! ;]", entry)[0]


def test_every_dependency_has_a_sentence() -> None:
    written = re.findall(r"^- `([^`]+)`: .+\.$", text_of("docs/adr/0006-dependencies.md"), re.MULTILINE)

    assert sorted(written) == sorted(dependencies())


def test_the_readme_names_every_make_target_and_no_other() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.MULTILINE))
    written = {codes(row[0])[0].removeprefix("make ") for row in table("README.md", "target")}

    assert written == targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.MULTILINE))
    ours = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    foreign = {"migrate", "makemigrations", "collectstatic", "check", "clearsessions", "axes_reset_username"}

    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= ours | foreign


def test_our_own_management_commands_are_all_told_of() -> None:
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    ours = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}

    assert [name for name in sorted(ours) if f"manage.py {name}" not in told] == []


def test_the_readme_lists_the_demo_log_ins() -> None:
    written = [(codes(row[0])[0], row[1], row[2].split(",")[0]) for row in table("README.md", "log-in")]

    assert written == [(login, name, words.ROLE_LABELS[role]) for login, name, _unit, role in words.DEMO_PEOPLE]
    assert f"`{words.PASSWORD}`" in text_of("README.md")


def anchors(page: Path) -> set[str]:
    heads = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        place, _hash, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if link.startswith("http"):
            broken.append(f"{link}: docs stand on their own")
        elif not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


# A file or folder of ours in backticks: with a slash and a known ending, or a folder that ends with a slash.
_FILE = re.compile(r"(?:project|organizations|workflows|rectification|templates|tests|bench)/[\w./]+")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    named = [code for code in codes(page.read_text(encoding="utf-8")) if _FILE.fullmatch(code)]

    assert [name for name in named if not (ROOT / name).exists()] == []


USUAL = "__init__ admin apps asgi checks consumers event_types forms models queries routing settings tasks urls views"


def test_a_file_beside_the_usual_ones_stands_in_the_first_decision() -> None:
    decision = text_of("docs/adr/0001-the-house-and-its-files.md")
    apps = ("project", "organizations", "workflows", "rectification", "inspections", "notifications")
    files = [path for app in apps for path in (ROOT / app).glob("*.py") if path.stem not in USUAL.split()]

    assert [str(path.relative_to(ROOT)) for path in files if f"`{path.name}`" not in decision] == []


def test_every_decision_is_numbered_once() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs/adr").glob("*.md"))]

    assert numbers == [f"{place:04d}" for place in range(1, len(numbers) + 1)]


def test_the_licence_is_the_one_the_project_names() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]

    assert project["license"] == "AGPL-3.0-or-later"
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text_of("LICENSE")
