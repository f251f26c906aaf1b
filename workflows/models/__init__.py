"""How things move: cases, routings, work items, events, deadlines, policies, the day table."""

from workflows.models.calendar import CalendarDay, CalendarYear
from workflows.models.cases import Case, NumberSequence
from workflows.models.drafts import Draft
from workflows.models.events import Event, FrozenRow, Outbox, Seal, SealEntry
from workflows.models.policies import DeadlinePolicy, ReviewPolicy
from workflows.models.routing import OPEN, Deadline, Routing, WorkItem

__all__ = [
    "OPEN",
    "CalendarDay",
    "CalendarYear",
    "Case",
    "Deadline",
    "DeadlinePolicy",
    "Draft",
    "Event",
    "FrozenRow",
    "NumberSequence",
    "Outbox",
    "ReviewPolicy",
    "Routing",
    "Seal",
    "SealEntry",
    "WorkItem",
]
