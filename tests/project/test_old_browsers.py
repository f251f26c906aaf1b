"""What we send runs in Chrome 90, comes from our own address, and is light enough for a village line."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from project.settings import BASE_DIR
from tests.conftest import Story, World

pytestmark = pytest.mark.pure

CSS = sorted((BASE_DIR / "static" / "css").glob("**/*.css"))
JS = sorted((BASE_DIR / "static" / "js").glob("**/*.js"))
TEMPLATES = sorted((BASE_DIR / "templates").glob("**/*.html"))
FIRST_PAGE_BYTES = 60 * 1024

# What Chrome 90 does not know, as a pattern and the version that learned it.
NEW_CSS = {
    r":has\(": 105,
    r"@layer\b": 99,
    r"@container\b|container-type": 105,
    r"@scope\b": 118,
    r"@starting-style\b": 117,
    r"color-mix\(": 111,
    r"\b(oklch|oklab|lch|lab|hwb)\(": 101,
    r"\b(light-dark|round|linear)\(": 113,
    r"\b\d+(dvh|svh|lvh|dvw|svw|cqw|cqi|cap|lh)\b": 108,
    r"\bsubgrid\b": 117,
    r"text-wrap\s*:": 114,
    r"accent-color\s*:": 93,
    r"scrollbar-(gutter|color|width)\s*:": 94,
    r"@media[^{]*[<>]=?": 104,
    r"animation-timeline|view-transition|anchor-name|interpolate-size|field-sizing": 111,
    r"^\s*&|[;{]\s*&": 120,  # nesting
    r"user-select\s*:\s*contain|font-palette|hyphenate-limit-chars": 101,
}
NEW_JS = {
    r"\bstructuredClone\b": 98,
    r"\.at\(": 92,
    r"\bObject\.(groupBy|hasOwn)\b": 93,
    r"\.(toSorted|toReversed|toSpliced|with)\(": 110,
    r"\.(findLast|findLastIndex)\(": 97,
    r"\bArray\.fromAsync\b|\bPromise\.(withResolvers|try)\b": 119,
    r"\bAbortSignal\.(timeout|any)\b": 103,
    r"\bURLPattern\b|\bURL\.(canParse|parse)\b": 95,
    r"\.(showPopover|hidePopover|togglePopover)\(": 114,
    r"\bstartViewTransition\b|\bnavigation\.navigate\b": 102,
    r"\bstatic\s*\{|#\w+\s+in\s+\w": 94,
    r"\.(isSubsetOf|union|intersection|difference)\(": 122,
    r"/[^/\n]+/[gimsuy]*[vd][gimsuy]*\.(exec|test)": 112,
    r"\bassert\s*\{\s*type|with\s*\{\s*type": 91,
}
NEW_HTML = {
    r"\bpopover(target)?\b\s*=": 114,
    r"\binert\b": 102,
    r"<search\b": 118,
    r"<details[^>]*\bname=": 120,
    r"\bfetchpriority=": 102,
    r"\bblocking=": 105,
    r"\bcommandfor=": 135,
}
INLINE = (r"<style\b", r"\sstyle\s*=", r"<script\b(?![^>]*\bsrc=)", r"\son[a-z]+\s*=\s*[\"']", r"javascript:")
ELSEWHERE = re.compile(r"""(?:https?:)?//[\w.-]+\.\w""")


def found(pattern: str, text: str) -> list[str]:
    """The lines of a text that show a pattern."""
    return [line.strip()[:120] for line in text.splitlines() if re.search(pattern, line)]


def without_comments(path: Path) -> str:
    """The code of a file."""
    text = re.sub(r"/\*.*?\*/|\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"^\s*//.*$", "", text, flags=re.M) if path.suffix == ".js" else text


@pytest.mark.parametrize("path", [*CSS, *JS, *TEMPLATES], ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_nothing_is_newer_than_chrome_90(path: Path) -> None:
    denied = {".css": NEW_CSS, ".js": NEW_JS, ".html": NEW_HTML}[path.suffix]
    text = without_comments(path)

    newer = {pattern: found(pattern, text) for pattern in denied if found(pattern, text)}

    assert newer == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_templates_carry_no_script_and_no_style(path: Path) -> None:
    text = without_comments(path)

    assert [line for pattern in INLINE for line in found(pattern, text)] == []


@pytest.mark.parametrize("path", [*CSS, *JS, *TEMPLATES], ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    assert [line for line in found(ELSEWHERE.pattern, without_comments(path)) if "www.w3.org" not in line] == []


def test_the_list_would_see_what_it_denies() -> None:
    samples = {
        ".a:has(.b) { }": NEW_CSS, "  &:hover { }": NEW_CSS, ".a { color: oklch(1 0 0); }": NEW_CSS,
        "rows.at(-1)": NEW_JS, "rows.toSorted()": NEW_JS, "structuredClone(row)": NEW_JS,
        '<div popover="auto">': NEW_HTML,
    }  # fmt: skip

    for sample, denied in samples.items():
        assert any(found(pattern, sample) for pattern in denied), sample


def weight(page: bytes) -> int:
    """Bytes of a page with its style and its scripts, each compressed as a server sends it."""
    assets = re.findall(r'<(?:link rel="stylesheet" href|script src)="/static/([^"?]+)', page.decode())
    assert assets, "the page names no style and no script"
    bodies = [page, *(Path(finders.find(name)).read_bytes() for name in assets)]
    return sum(len(gzip.compress(body)) for body in bodies)


def test_the_first_pages_are_light(story: Story, world: World, client: Client) -> None:
    for place in range(12):
        story.assigned(title=f"饮水管网漏损{place}")
    login = client.get(reverse("login"))
    client.force_login(world.clerk, backend="django.contrib.auth.backends.ModelBackend")
    workbench = client.get(reverse("workbench"))

    assert (login.status_code, workbench.status_code) == (200, 200)
    assert weight(login.content) <= FIRST_PAGE_BYTES
    assert weight(workbench.content) <= FIRST_PAGE_BYTES
