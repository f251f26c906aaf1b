"""Places in the navigation that apps add to what the shell offers anyway."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from organizations.roles import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A page with its label, for people with some roles or (without any) for everybody.

    `count` answers how much waits there for a person; with `on_top` it stands in the bar above every page.
    `live` names the number for the script that keeps it fresh.
    """

    label: Any
    name: str
    roles: tuple[Role, ...] = ()
    count: Callable[[Any], int] | None = None
    on_top: bool = False
    live: str = ""


_places: list[Place] = []


def register_place(place: Place) -> None:
    """Add a place to the side bar; called once, from an app's ready()."""
    if place not in _places:
        _places.append(place)


def places() -> list[Place]:
    """Every place that was added."""
    return list(_places)
