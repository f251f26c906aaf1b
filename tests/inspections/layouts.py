"""Builds made-up tables: header, bands, merged cells, points, praise, hidden things; and the truth of each row."""

from datetime import date
from random import Random
from typing import Any

from tests.inspections import due
from tests.inspections.columns import Style, group_title, groups_of
from tests.inspections.grid import Block, Formula, Rich, Value
from tests.inspections.wording import AREAS, NUMERALS, PRAISE, STATES, Words

CIRCLES = "①②③④⑤⑥⑦⑧⑨"
UNMERGED_BLANK = 0.08
HIDEABLE = ["measures", "status", "remark", "person", "source"]


def empty_truth() -> dict[str, Any]:
    """A row of which nothing is known yet."""
    return {
        "row": 0,
        "serial": "",
        "category": "",
        "location": "",
        "problem": "",
        "points": [],
        "units": [],
        "lead_unit": "",
        "measures": "",
        "deadline_text": "",
        "deadline": dict(due.NONE),
        "status_text": "",
        "positive": False,
    }


def in_chinese(count: int) -> str:
    """A number up to 99 in words."""
    tens, ones = divmod(count, 10)
    ten = "" if not tens else NUMERALS[9] if tens == 1 else NUMERALS[tens - 1] + NUMERALS[9]
    return ten + (NUMERALS[ones - 1] if ones else "")


class TableMaker:
    """Fills one table; `found` collects the names of what it came to contain."""

    def __init__(self, chance: Random, words: Words, style: Style, today: date, found: set[str]) -> None:
        self.chance, self.words, self.style, self.today, self.found = chance, words, style, today, found
        self.cells: list[dict[str, Value]] = []
        self.truths: list[dict[str, Any]] = []
        self.areas: list[tuple[str, int, int]] = []
        self.runs: list[tuple[str, int, int]] = []

    # What the rows say

    def fill(self) -> None:
        """Draw areas and rows, then every column."""
        style = self.style
        if style.odd_header:
            self.found.add("odd header")
        names = self.chance.sample(list(AREAS), self.chance.randint(1, 4))
        for number, name in enumerate(names):
            start, count = len(self.cells), self.chance.randint(1, 6)
            title = self.area_title(name, number)
            self.areas.append((title, start, start + count))
            for _ in range(count):
                truth = {**empty_truth(), **style.supplied}
                if style.categories in {"column", "merged", "band"}:
                    truth["category"] = title
                speaks = style.categories == "column" or (style.categories == "merged" and len(self.cells) == start)
                self.cells.append({"category": title} if speaks else {})
                self.truths.append(truth)
                self.say_problem(name)
        if style.categories == "merged":
            self.runs += [("category", start, stop) for _, start, stop in self.areas]
            self.found.add("merged category")
        self.number()
        for column in style.columns:
            self.fill_column(column)
        self.praise()

    def area_title(self, name: str, number: int) -> str:
        """A category's name, numbered as the style has it."""
        mark = self.style.numbered_categories.replace("一", NUMERALS[number])
        return mark + name + ("方面" if mark and self.chance.random() < 0.4 else "")

    def say_problem(self, area: str) -> None:
        """One problem, or several numbered in the cell."""
        cell, truth = self.cells[-1], self.truths[-1]
        if self.chance.random() < self.style.pointed:
            points = self.words.points(area, self.chance.randint(2, 5))
            text = self.numbered(points)
            truth["points"] = points
            self.found |= {"points", f"points {self.style.numbering}"}
        else:
            text = self.words.problem(area)
        truth["problem"] = text
        cell["problem"] = Rich(text) if self.chance.random() < 0.03 else text

    def numbered(self, points: list[str]) -> str:
        """The parts with their numbers, on lines of their own or in a row."""
        marks = {
            "dot": [f"{n}." for n in range(1, 10)],
            "inline": [f"{n}." for n in range(1, 10)],
            "comma": [f"{n}、" for n in range(1, 10)],
            "paren": [f"（{n}）" for n in range(1, 10)],
            "circle": list(CIRCLES),
        }[self.style.numbering]
        joint = "；" if self.style.numbering == "inline" else "；\n"
        return joint.join(mark + point for mark, point in zip(marks, points, strict=False)) + "。"

    def number(self) -> None:
        """Serials in the table's manner: going on, starting again with each area, with gaps and doubles."""
        if "serial" not in self.style.columns:
            self.found.add("no serial column")
            return
        restarts = self.style.restarts and len(self.areas) > 1
        if restarts:
            self.found.add("restarting serials")
        for _, start, stop in self.areas:
            for line in range(start, stop):
                count = line - start + 1 if restarts else line + 1
                if self.style.slips and self.chance.random() < 0.15:
                    count = max(1, count - 1)
                    self.found.add("repeated serials")
                if self.style.slips and self.chance.random() < 0.1:
                    self.found.add("missing serials")
                    continue
                said = self.serial(count)
                self.cells[line]["serial"] = said
                self.truths[line]["serial"] = str(said)
                self.found.add(f"serial {self.style.serial}")

    def serial(self, count: int) -> Value:
        """A serial as it stands in the cell."""
        forms: dict[str, Value] = {
            "number": count,
            "formula": Formula(count),
            "text": str(count),
            "padded": f"{count:02}",
            "paren": f"（{count}）",
            "code": f"ZG-{count:03}",
            "chinese": in_chinese(count),
        }
        return forms[self.style.serial]

    def fill_column(self, column: str) -> None:
        """Values for a column: one for each row, or one for each merged run."""
        if column in {"serial", "category", "problem"}:
            return
        merged = column in self.style.merged
        for start, stop in self.spans(merged):
            if not merged and self.is_left_blank(column):
                self.found.add("blank cells")
                continue
            value, truth = self.value(column)
            self.cells[start][column] = value
            for line in range(start, stop):
                self.truths[line].update(truth)
            if stop - start > 1:
                self.runs.append((column, start, stop))
                self.found.add(f"merged {column}")

    def is_left_blank(self, column: str) -> bool:
        """Whether nobody filled this cell in.

        Where cells cannot be merged a blank under a filled one may mean "the same", so none is left in what could.
        """
        if column in self.style.supplied:
            self.found.add("form and column")
            return False
        if not self.style.may_merge and column in {"location", "units", "partners", "lead", "measures", "deadline"}:
            return False
        return self.chance.random() < (0.25 if column == "deadline" else UNMERGED_BLANK)

    def spans(self, merged: bool) -> list[tuple[int, int]]:
        """Single rows, or runs of rows within an area, or one for the whole table."""
        if not merged:
            return [(line, line + 1) for line in range(len(self.cells))]
        if self.style.categories != "band" and self.chance.random() < 0.2:
            return [(0, len(self.cells))]
        found = []
        for _, start, stop in self.areas:
            line = start
            while line < stop:
                end = min(stop, line + self.chance.randint(1, 4))
                found.append((line, end))
                line = end
        return found

    def value(self, column: str) -> tuple[Value, dict[str, Any]]:
        """A cell's value and what it tells about the row."""
        if column in {"units", "partners", "lead"}:
            return self.unit_value(column)
        if column == "deadline":
            return self.deadline_value()
        if column == "location":
            place = self.words.place()
            return place, {"location": place}
        if column == "measures":
            text = self.words.measures()
            return text, {"measures": text}
        if column == "status":
            text = self.chance.choice(STATES)
            return text, {"status_text": text}
        return self.words.extra(column, self.today), {}

    def unit_value(self, column: str) -> tuple[Value, dict[str, Any]]:
        """Units by separators; a lead unit alone, with labels or with a mark."""
        names = self.words.units(self.chance.choice([1, 1, 2, 3]))
        if column == "lead":
            self.found.add("lead column")
            return names[0], {"lead_unit": names[0]}
        if len(names) > 1:
            self.found |= {"several units", f"units by {self.style.separator!r}"}
        if column == "partners" or not self.style.lead or len(names) == 1:
            return self.style.separator.join(names), {"units": names}
        self.found.add(f"lead {self.style.lead}")
        truth = {"units": names[1:], "lead_unit": names[0]}
        if self.style.lead == "marked":
            return "、".join([f"{names[0]}（牵头）", *names[1:]]), truth
        joint = self.chance.choice(["\n", "；", " "])
        return f"牵头单位：{names[0]}{joint}配合单位：{'、'.join(names[1:])}", truth

    def deadline_value(self) -> tuple[Value, dict[str, Any]]:
        """A phrase, or a date as the sheet's own type."""
        if self.style.dated:
            self.found.add("date cells")
            day, reading = due.date_cell(self.chance, self.today)
            return day, {"deadline_text": day.isoformat(), "deadline": reading}
        text, reading = due.phrase(self.chance, self.today)
        self.found.add(f"deadline {reading['kind']}")
        return text, {"deadline_text": text, "deadline": reading}

    def praise(self) -> None:
        """Turn some rows, none of them in a merged cell but the category's, into reports of what is fine."""
        for line in self.free_lines({"category"}):
            if self.chance.random() < self.style.praised:
                self.found.add("positive")
                text = self.chance.choice(PRAISE)
                self.cells[line]["problem"] = text
                for column in ("deadline", "measures", "status", "closed"):
                    self.cells[line].pop(column, None)
                blank = empty_truth()
                for key in ("points", "measures", "deadline_text", "deadline", "status_text"):
                    self.truths[line][key] = self.style.supplied.get(key, blank[key])
                self.truths[line].update(problem=text, positive=True)

    def free_lines(self, except_in: set[str]) -> list[int]:
        """Rows that no merged run covers."""
        bound = {n for column, a, z in self.runs if column not in except_in and z - a > 1 for n in range(a, z)}
        return [line for line in range(len(self.cells)) if line not in bound]

    # How they stand on the sheet

    def block(self, may_hide: bool, alone: bool) -> Block:
        """The whole table; columns are hidden only where the table is alone on its sheet."""
        self.fill()
        style = self.style
        block = Block(width=len(style.columns))
        header = self.header()
        block.append(header)
        hidden = self.hide_rows() if may_hide else set()
        lines = self.lay_rows(block, header)
        for column, start, stop in self.runs:
            place = style.columns.index(column)
            block.merge(lines[start], place, lines[stop - 1], place)
        block.hidden_rows |= {lines[line] for line in hidden}
        for line, truth in enumerate(self.truths):
            if line not in hidden:
                block.rows.append({**truth, "row": lines[line]})
        if may_hide and alone:
            self.hide_columns(block)
        self.add_tail(block)
        return block

    def header(self) -> Block:
        """One level, or families of columns under a common header."""
        style = self.style
        block = Block(width=len(style.columns))
        names = [style.headers[column] for column in style.columns]
        if not style.two_level:
            self.found.add("one-level header")
            block.add_row(names)
            return block
        self.found.add("two-level header")
        block.add_row(names)
        block.add_row([])
        for family in groups_of(style.columns):
            left = style.columns.index(family[0])
            for place in range(left, left + len(family)):
                block.cells[1, place] = block.cells.pop((0, place))
            block.cells[0, left] = group_title(self.chance, family)
            block.merge(0, left, 0, left + len(family) - 1)
        for place in range(len(names)):
            if (1, place) not in block.cells:
                block.merge(0, place, 1, place)
        return block

    def lay_rows(self, block: Block, header: Block) -> list[int]:
        """Write bands and rows, now and then the header again where no merged cell is cut; each row's line."""
        lines: list[int] = []
        repeats = self.chance.random() < 0.15
        starts = {start: title for title, start, _ in self.areas}
        for line, cell in enumerate(self.cells):
            if repeats and line and self.may_cut(line) and self.chance.random() < 0.35:
                block.append(header)
                self.found.add("repeated header")
                repeats = False
            if self.style.categories == "band" and line in starts:
                # Only a numbered band is plain to see when it stands in one cell of a blank row.
                able = self.style.numbered_categories and "serial" in self.style.columns
                loose = not self.style.may_merge or (able and self.chance.random() < 0.1)
                block.add_band(starts[line], merged=not loose)
                self.found.add("bands")
            elif line and self.may_cut(line) and self.chance.random() < self.style.spaced:
                block.height += 1
                self.found.add("blank row between")
            lines.append(block.add_row([cell.get(column) for column in self.style.columns]))
        return lines

    def may_cut(self, line: int) -> bool:
        """Whether no merged run goes over the border above this row."""
        return all(not start < line < stop for _, start, stop in self.runs)

    def hide_rows(self) -> set[int]:
        """Rows the sender has hidden, none of them in a merged cell."""
        free = self.free_lines(set())
        if len(free) < 2 or len(self.cells) < 4 or self.chance.random() > 0.1:
            return set()
        self.found.add("hidden rows")
        return set(self.chance.sample(free, self.chance.randint(1, 2)))

    def hide_columns(self, block: Block) -> None:
        """Columns the sender has hidden: what they say is not imported."""
        columns = self.style.columns
        # Beside the middle nothing of the title or the day above is anchored in the hidden column.
        able = [name for name in HIDEABLE if name in columns and columns.index(name) > len(columns) // 2]
        if "closed" in columns and "status" in able:
            able.remove("status")
        if not able or self.chance.random() > 0.12:
            return
        self.found.add("hidden columns")
        gone = self.chance.choice(able)
        block.hidden_columns.add(self.style.columns.index(gone))
        field = {"measures": "measures", "status": "status_text"}.get(gone)
        for row in block.rows if field else []:
            row[field] = ""

    def add_tail(self, block: Block) -> None:
        """A total, or numbered rows nobody filled in."""
        luck = self.chance.random()
        if luck < 0.07 and "serial" in self.style.columns:
            self.found.add("total row")
            total = f"共{len(self.cells)}项"
            block.add_row([{"serial": "合计", "problem": total}.get(column) for column in self.style.columns])
        elif luck < 0.16 and "serial" in self.style.columns:
            self.found.add("numbered blank tail")
            for more in range(1, 4):
                count = self.serial(len(self.cells) + more)
                block.add_row([count if name == "serial" else None for name in self.style.columns])
        elif luck < 0.3:
            self.found.add("blank tail")
            block.height += self.chance.randint(1, 5)
