"""A step somebody may take, as pages show it."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Link:
    """A step somebody may take: label, address, and how it looks; `due_at` where it is owed by a date."""

    label: str
    url: str
    style: str = ""
    post: bool = False
    due_at: Any = None
