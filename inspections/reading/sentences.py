"""Small words that several sentences of the reader share."""

from datetime import date

from django.utils.translation import gettext as _

_LETTERS = 26


def in_words(day: date) -> str:
    """The day as 2026年6月30日."""
    return _("%(year)d年%(month)d月%(day)d日") % {"year": day.year, "month": day.month, "day": day.day}


def column_letters(column: int) -> str:
    """The column as Excel names it; counted from zero."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """The cell as Excel names it, both counted from zero."""
    return f"{column_letters(column)}{row + 1}"
