"""The colour of a problem: which level of its warning policy its case clock has reached today."""

from organizations import clock
from rectification.models import Problem
from rectification.models.problem import STOPPED
from workflows.colours import Facts, Level, level_on
from workflows.queries import calendar, warning_levels


def facts_of(problem: Problem) -> Facts | None:
    """What the levels depend on; None where no clock runs."""
    if problem.is_final or problem.state in STOPPED or problem.due_on is None or problem.lead_unit_id is None:
        return None
    return Facts(problem.due_on, problem.clock_from, problem.progress, problem.sent_back)


def level_of(problem: Problem) -> Level | None:
    """The gravest level reached today, or None."""
    facts = facts_of(problem)
    if facts is None:
        return None
    levels = warning_levels(problem.batch.warning_code)
    return level_on(clock.today(), levels, facts, calendar(problem.case.division))
