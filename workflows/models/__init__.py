"""How things move: cases, routings, work items, events, clocks, policies, the day table."""

from workflows.models.calendar import CalendarDay, CalendarYear, LocalDay, WorkingTime
from workflows.models.cases import Case, NumberSequence
from workflows.models.clocks import ClockKind, Crossing, Deadline, Recomputation, RecomputationPart
from workflows.models.drafts import Draft
from workflows.models.events import Event, FrozenRow, Outbox, Seal, SealEntry
from workflows.models.policies import DeadlinePolicy, EscalationPolicy, ReviewPolicy, WarningPolicy
from workflows.models.routing import OPEN, Routing, WorkItem

__all__ = [
    "OPEN",
    "CalendarDay",
    "CalendarYear",
    "Case",
    "ClockKind",
    "Crossing",
    "Deadline",
    "DeadlinePolicy",
    "Draft",
    "EscalationPolicy",
    "Event",
    "FrozenRow",
    "LocalDay",
    "NumberSequence",
    "Outbox",
    "Recomputation",
    "RecomputationPart",
    "ReviewPolicy",
    "Routing",
    "Seal",
    "SealEntry",
    "WarningPolicy",
    "WorkItem",
    "WorkingTime",
]
