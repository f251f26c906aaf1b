"""Makes received ledgers by seed, in the layouts authorities use, with the truth about every row beside them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.inspections import forms
from tests.inspections.columns import choose_style
from tests.inspections.grid import Block, Page
from tests.inspections.layouts import TableMaker
from tests.inspections.wording import Words
from tests.inspections.writers import WRITERS

FORMATS = {"xlsx": 60, "ods": 8, "xls": 8, "docx": 10, "csv": 4, "csv-bom": 5, "csv-gb18030": 5}
SHEET_NAMES = ["Sheet1", "台账", "问题清单", "附件1", "2024年第一批", "汇总"]


@dataclass
class Ledger:
    """A made-up file with what a careful clerk would read in it.

    `reference_date` is handed to the reader; `document_date` is the day phrases count from. They differ when the
    file itself says its day.
    """

    seed: int
    name: str
    bytes: bytes
    format: str
    reference_date: date
    document_date: date
    sheets: list[dict[str, Any]]
    pages: list[Page]
    features: set[str] = field(default_factory=set)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of all sheets, in order."""
        return [row for sheet in self.sheets for row in sheet["rows"]]


class Maker:
    """Draws one ledger."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.words = Words(self.chance)
        self.found: set[str] = set()
        self.format = self.chance.choices(list(FORMATS), list(FORMATS.values()))[0]
        self.may_merge = not self.format.startswith("csv")
        self.may_hide = self.format in {"xlsx", "xls", "ods"}
        day = date(2020, 1, 6) + timedelta(days=self.chance.randint(0, 2060))
        self.today = day.replace(day=min(day.day, 28))
        self.stated = self.today if self.chance.random() < 0.75 else None
        self.found.add(f"format {self.format}")

    def ledger(self, seed: int) -> Ledger:
        """Pages, bytes and truth."""
        pages = self.pages()
        given = self.today
        # A day in the file outranks the given one; in Word it stands outside the table and nothing is asked of it.
        if self.stated and len(pages) == 1 and self.format != "docx" and self.chance.random() < 0.5:
            given += timedelta(days=self.chance.randint(20, 90))
            self.found.add("stated day differs from the given one")
        name = f"{self.words.title()}.{self.format.split('-')[0]}"
        return Ledger(
            seed=seed,
            name=name,
            bytes=WRITERS[self.format](pages),
            format=self.format,
            reference_date=given,
            document_date=self.today,
            sheets=[page.truth() for page in pages],
            pages=pages,
            features=self.found,
        )

    def pages(self) -> list[Page]:
        """Sheets with tables or cards, and between them sheets in which nothing is reported."""
        many = self.format in {"xlsx", "xls", "ods"}
        count = self.chance.choice([1, 1, 1, 1, 2, 3]) if many else 1
        if count > 1:
            self.found.add("several sheets")
        names = self.chance.sample(SHEET_NAMES, count)
        # The day stands on every sheet or on none: which one holds for the others nobody could say.
        cards = self.may_merge and self.chance.random() < 0.1
        pages = [self.card_page(name) if cards else self.table_page(name) for name in names]
        if many and self.chance.random() < 0.15:
            self.found.add("explanatory sheet")
            self.add_aside(pages, "填表说明", forms.explanation())
        if many and self.chance.random() < 0.08:
            self.found.add("statistics sheet")
            self.add_aside(pages, "统计", forms.statistics(self.chance))
        return pages

    def add_aside(self, pages: list[Page], name: str, block: Block) -> None:
        """A sheet before or after the others."""
        page = Page(name)
        page.put(block)
        pages.insert(self.chance.choice([0, len(pages)]), page)

    def empty_page(self, name: str) -> tuple[Page, int]:
        """A sheet, and how many blank rows stand above its first block."""
        right, top = self.chance.choice([0, 0, 0, 1, 2]), self.chance.choice([0, 0, 0, 1, 2, 3])
        if self.format == "docx":
            right = top = 0
        if right or top:
            self.found.add("not at A1")
        return Page(name, right=right), top

    def card_page(self, name: str) -> Page:
        """One problem as a card."""
        self.found.add("card")
        page, top = self.empty_page(name)
        block = forms.card(self.chance, self.words, self.today, self.stated)
        page.put(block, top)
        return page

    def table_page(self, name: str) -> Page:
        """One table, seldom two, with title, form and notes."""
        page, top = self.empty_page(name)
        two = self.chance.random() < 0.12
        self.put_table(page, top, self.stated, alone=not two, first=True)
        if two:
            self.found.add("two tables")
            self.put_table(page, self.chance.randint(1, 3), None, alone=False, first=False)
        return page

    def put_table(self, page: Page, gap: int, stated: date | None, alone: bool, first: bool) -> None:
        """Title, form now and then, table, notes."""
        pairs, supplied = [], {}
        # A form above the first of two tables might be meant for both; above the second it is for that one.
        if self.may_merge and (alone or not first) and self.chance.random() < 0.14:
            self.found.add("form above table")
            pairs, supplied = forms.form_values(self.chance, self.words, self.today)
        style = choose_style(self.chance, self.may_merge, supplied)
        maker = TableMaker(self.chance, self.words, style, self.today, self.found)
        table = maker.block(self.may_hide, alone and not pairs)
        above = forms.heading(self.chance, self.words, table.width, None if pairs else stated, self.may_merge)
        page.put(above, gap)
        if pairs:
            # In one table with the rows below, as such forms are printed.
            table = stacked(forms.form(self.chance, pairs, stated, table.width), table)
        elif stated:
            self.found.add("stated day")
        page.put(table, self.chance.choice([0, 0, 0, 1]))
        below = forms.footing(self.chance, self.words, table.width, self.may_merge and not table.hidden_columns)
        if below.height:
            self.found.add("notes below")
            page.put(below, self.chance.choice([0, 0, 1, 2]))


def stacked(upper: Block, lower: Block) -> Block:
    """Two blocks as one, without a gap."""
    whole = Block(width=upper.width)
    whole.append(upper)
    whole.append(lower)
    return whole


def make_ledger(seed: int) -> Ledger:
    """The ledger of a seed: the same seed, the same bytes and the same truth."""
    return Maker(seed).ledger(seed)
