"""What time itself did to the demo county: each morning's scan, and what people did about the rungs it proposed."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from random import Random

from notifications.models import Address
from organizations import clock
from organizations.models import User
from project.demo import words
from project.demo.people import People
from rectification.actions.escalating import Decision, answer_escalation, drop_escalation, issue_escalation
from rectification.actions.progress import report_progress
from rectification.models import Escalation, Problem
from workflows.models import Outbox, WorkItem
from workflows.queries import calendar
from workflows.scanning import scan_deadlines

LEFT_OPEN = timedelta(days=4)  # what is younger than that still waits for somebody when the demo begins
TAKES = timedelta(days=1)
OPENS = timedelta(hours=8, minutes=36)  # after midnight, and before anything else of the story happens that day


def mornings(first: datetime, last: datetime) -> list[datetime]:
    """A minute past midnight of every day in between."""
    days = (last - first).days + 1
    begin = clock.local(first).date()
    found = [datetime.combine(begin + timedelta(days=n), time(0, 1), tzinfo=clock.SHANGHAI) for n in range(1, days + 1)]
    return [instant for instant in found if first < instant <= last]


def pass_a_morning(people: People, today: datetime) -> None:
    """Look at every clock; then, in office hours, the office and the units do what the ladder left them."""
    scan_deadlines()
    if not calendar().is_workday(clock.today()) or clock.now() > today - LEFT_OPEN:
        return
    with clock.at(clock.now() + OPENS):
        waiting = WorkItem.objects.filter(status="NEW", created__lt=clock.now() - TAKES)
        for item in waiting.filter(process__kind__in=["escalation", "progress"]).select_related("process__case"):
            _do(people, item)


def _do(people: People, item: WorkItem) -> None:
    routing = item.process
    problem = Problem.objects.select_related("lead_unit").get(pk=routing.case_id)
    dice = Random(f"{problem.pk}-{routing.key}-{item.step}")
    if routing.kind == "progress":
        report_progress(problem.pk, by=people.clerk(problem.lead_unit), text=words.STEADY, percent=problem.progress)
        return
    if item.step == "issued":
        answer_escalation(item.pk, by=people.head(problem.lead_unit), text=words.ANSWER)
        return
    escalation = Escalation.objects.get(problem=problem, number=int(routing.key))
    if escalation.rung in {"remind", "talk"} or dice.random() < 0.1:
        drop_escalation(item.pk, by=people.office(dice), reason=words.DROPPED)
    else:
        text = words.ORDERS[escalation.rung]
        issue_escalation(item.pk, by=people.office(dice), decision=Decision(escalation.rung, text))


def give_addresses(people: Iterable[User]) -> None:
    """Everybody has an address for mail; the demo keeps what is sent there to itself."""
    Address.objects.bulk_create(
        Address(user=user, channel="email", address=f"{user.username}@yunxi.example") for user in people
    )


def forget_old_news() -> None:
    """Nobody is told today of what happened before last week."""
    Outbox.objects.filter(event__at__lt=clock.now() - timedelta(days=7)).delete()
