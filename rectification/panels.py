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
FactMaker = Callable[[Problem], tuple[Any, str] | None]
_makers: list[Maker] = []
_fact_makers: list[FactMaker] = []


def register_panel(maker: Maker) -> None:
    """Add a panel to every problem page; called once, from an app's ready()."""
    if maker not in _makers:
        _makers.append(maker)


def panels_of(problem: Problem, user: User) -> list[Panel]:
    """The panels that have something to say about a problem to this person."""
    return [panel for maker in _makers if (panel := maker(problem, user))]


def register_fact(maker: FactMaker) -> None:
    """Add a line, label and text, to the facts of every problem; called once, from an app's ready()."""
    if maker not in _fact_makers:
        _fact_makers.append(maker)


def facts_of(problem: Problem) -> list[tuple[Any, str]]:
    """The lines that apps above have for the facts of a problem."""
    return [fact for maker in _fact_makers if (fact := maker(problem))]
