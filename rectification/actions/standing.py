"""长期坚持：each cycle a progress duty is raised; the report of progress does it."""

from organizations import clock
from organizations.roles import Seat
from rectification.actions.clocks import start_cycle
from rectification.models import Problem
from rectification.turns import side_turn
from workflows.clocks import start_of_day
from workflows.lifecycles.problem import ProblemState
from workflows.models import Deadline, Routing
from workflows.scanning import looking_at, set_next
from workflows.steps import open_routing
from workflows.turning import in_short

WAITS = "progress"


def check_cycle(key: int) -> None:
    """The cycle has run: the lead unit owes a report of progress, and the next cycle begins."""
    with looking_at(key) as (door, deadline):
        if deadline is None:
            return
        problem = door.subject(Problem)
        if deadline.due_on > clock.today():
            set_next(key, start_of_day(deadline.due_on))
            return
        start_cycle(door, problem)
        owes = Routing.objects.filter(case=door.case, kind=WAITS, finished__isnull=True).exists()
        if problem.state != ProblemState.RECTIFYING or owes or problem.lead_unit_id is None:
            return  # reporting, judging or already asked: nobody is asked twice
        number = Routing.objects.filter(case=door.case, kind=WAITS).count() + 1
        turn = side_turn(problem, WAITS, problem.lead_unit_id, Seat.UNIT)
        open_routing(door, WAITS, str(number), turn)
        door.happening.name = "progress_due"
        door.note(number=number, turn=in_short(turn), cycle=_live(key))


def _live(key: int) -> str:
    return Deadline.objects.get(pk=key).due_on.isoformat()
