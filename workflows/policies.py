"""Who may act: one predicate per kind of power, each named in a transition; none runs a query.

Each takes the subject and a workflows.scope.Actor, which carries the person's posts and the locked item.
"""

from typing import Any

from organizations.roles import Role, Seat


def holds_item(subject: Any, actor: Any) -> bool:
    """The open item is this person's to do."""
    return actor.item is not None and actor.post_for(actor.item) is not None


def is_office(subject: Any, actor: Any) -> bool:
    """A post of the rectification office covers the problem's place."""
    return actor.post_over(subject.area_path, Role.OFFICE) is not None


def may_assign(subject: Any, actor: Any) -> bool:
    """The office, with the item in hand: a secret problem's item is still the team's."""
    return is_office(subject, actor) and holds_item(subject, actor)


def may_send_in(subject: Any, actor: Any) -> bool:
    """The unit's head sends in; the clerk only where policy lets the clerk."""
    if not holds_item(subject, actor):
        return False
    is_head = actor.post_in(actor.item.unit_id, Role.UNIT_HEAD) is not None
    return is_head or subject.clerk_may_send_in


def may_recall(subject: Any, actor: Any) -> bool:
    """The lead unit may take its report back, head or clerk."""
    unit_id = subject.lead_unit_id
    return any(actor.post_in(unit_id, role) is not None for role in (Role.UNIT_HEAD, Role.UNIT_CLERK))


def may_verify(subject: Any, actor: Any) -> bool:
    """The verifier, never of a unit that has to rectify (回避)."""
    return holds_item(subject, actor) and not actor.recusal


def may_review(subject: Any, actor: Any) -> bool:
    """The holder of this level's item who had no part in the round so far (回避)."""
    return holds_item(subject, actor) and actor.item.role != Seat.OFFICE and not actor.recusal


def only_the_clock(subject: Any, actor: Any) -> bool:
    """Nobody: what time alone brings about goes past permissions, because no person is at the door."""
    return False


def may_decide(subject: Any, actor: Any) -> bool:
    """The holder of the item, never the person who asked (an extension, an escalation's answer)."""
    return holds_item(subject, actor) and actor.user.pk != subject.by_id


def may_answer(subject: Any, actor: Any) -> bool:
    """The unit that owes the answer."""
    return holds_item(subject, actor)


def may_take_back(subject: Any, actor: Any) -> bool:
    """The unit that asked, head or clerk."""
    unit_id = subject.problem.lead_unit_id
    return any(actor.post_in(unit_id, role) is not None for role in (Role.UNIT_HEAD, Role.UNIT_CLERK))
