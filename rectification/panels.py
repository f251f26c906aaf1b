"""What apps above add to the problem page: each panel is a template and its context, made for one person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from organizations.models import User
from rectification.models import Problem


@dataclass(slots=True)
class Panel:
    """A block on the problem page."""

    template: str
    context: dict[str, Any]


Maker = Callable[[Problem, User], Panel | None]
_makers: list[Maker] = []


def register_panel(maker: Maker) -> None:
    """Add a panel to every problem page; called once, from an app's ready()."""
    if maker not in _makers:
        _makers.append(maker)


def panels_of(problem: Problem, user: User) -> list[Panel]:
    """The panels that have something to say about a problem to this person."""
    return [panel for maker in _makers if (panel := maker(problem, user))]
