"""Steps about dates: more time asked for and decided."""

from datetime import timedelta

from organizations.roles import Role
from project.demo import words
from project.demo.stage import Stage
from project.demo.threads import Thread
from rectification.actions.extending import ask_extension, endorse_extension, grant_extension
from workflows.models import WorkItem


def _item(thread: Thread) -> WorkItem:
    rows = WorkItem.objects.filter(process__case_id=thread.problem_id, process__kind="extension", status="NEW")
    return rows.get()


def ask(stage: Stage, thread: Thread) -> None:
    """申请延期."""
    due_on = thread.problem().due_on
    if due_on is None:
        raise ValueError("only what has a date can be extended")
    until = due_on + timedelta(days=thread.rng.randint(14, 28))
    ask_extension(thread.problem_id, by=stage.people.head(thread.lead), grounds=words.EXTENSION["ask"], until=until)


def endorse(stage: Stage, thread: Thread) -> None:
    """整改办报县领导."""
    until = thread.problem().extensions.get().asked_until
    by = stage.people.office(thread.rng)
    endorse_extension(_item(thread).pk, by=by, opinion=words.EXTENSION["endorse"], until=until)


def grant(stage: Stage, thread: Thread) -> None:
    """县领导同意, a week less than was asked for."""
    until = thread.problem().extensions.get().asked_until - timedelta(days=7)
    item = _item(thread)
    holders = stage.county.holders(item.unit_id, Role.COUNTY_LEADER)
    by = next((user for user in holders if user.pk == item.addressee_id), holders[0])
    grant_extension(item.pk, by=stage.people.user(by.username), opinion=words.EXTENSION["grant"], until=until)
