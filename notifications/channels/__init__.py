"""Ways a message leaves: each channel is one file of this package, found by looking."""

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal, Protocol, runtime_checkable

from django.utils.functional import Promise

Scope = Literal["person", "unit"]


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent once. `delivery` stays the same over retries; `brief` is all a group may read."""

    delivery: str
    address: str
    secret: str
    subject: str
    text: str
    brief: str
    link: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: sent, or worth another try (after so many seconds), or neither and why."""

    sent: bool
    retry: bool = False
    retry_after: float | None = None
    error: str = ""
    reference: str = ""


@runtime_checkable
class Channel(Protocol):
    """One way to tell a person or a unit."""

    code: str
    label: str | Promise
    scope: Scope

    def check(self, address: str) -> None:
        """Raise ValidationError with a sentence if nothing could ever be sent there; asks no network."""

    def send(self, message: Message) -> Outcome:
        """Send once, within bounded time; whatever the network does is an outcome, never an exception."""


def channels() -> list[Channel]:
    """Every channel there is, those to persons first."""
    return sorted(_ours().values(), key=lambda each: (each.scope, each.code))


def channel(code: str) -> Channel:
    """The channel of a stored code; KeyError where its file has gone."""
    return _ours()[code]


@cache
def _ours() -> dict[str, Channel]:
    return channels_in(__name__)


def channels_in(package: str) -> dict[str, Channel]:
    """The channels among the modules of a package: each class with a `code` of its own, made once."""
    found: dict[str, Channel] = {}
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        for kind in _classes_of(module.name):
            made = kind()
            if not isinstance(made, Channel):
                raise TypeError(f"{module.name}.{kind.__name__} has a code but is no channel.")
            if made.code in found:
                raise TypeError(f"Two channels are called '{made.code}'; one is in {module.name}.")
            found[made.code] = made
    return found


def _classes_of(module: str) -> list[type]:
    members = inspect.getmembers(import_module(module), inspect.isclass)
    return [kind for _, kind in members if kind.__module__ == module and isinstance(vars(kind).get("code"), str)]
