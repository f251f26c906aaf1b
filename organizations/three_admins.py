"""三员分立: nobody is two of system administrator, security administrator and auditor at one time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from organizations.queries import label_of
from organizations.roles import ADMIN_ROLES


@dataclass(frozen=True)
class Term:
    """A role held from a day until a day; no day is no bound."""

    role: str
    begins: date | None
    ends: date | None

    def meets(self, other: "Term") -> bool:
        """Whether the two share a day."""
        begins = max(self.begins or date.min, other.begins or date.min)
        return begins <= min(self.ends or date.max, other.ends or date.max)


def rival(wanted: Term, held: Iterable[Term]) -> str:
    """The administrator's role that stands in the way of another one, or nothing."""
    if wanted.role not in ADMIN_ROLES:
        return ""
    for term in held:
        if term.role in ADMIN_ROLES and term.role != wanted.role and term.meets(wanted):
            return term.role
    return ""


def refusal(name: str, held: str, wanted: str) -> str:
    """Why somebody cannot become a second kind of administrator."""
    return _("%(name)s已任%(held)s，按三员分立的要求，不能同时再任%(wanted)s。请另选一人，或者先办理原任职的离任。") % {
        "name": name,
        "held": label_of("role", held),
        "wanted": label_of("role", wanted),
    }
