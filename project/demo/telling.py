"""What the people of the county do, each step through the real actions."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from organizations import clock
from organizations.models import Unit, User
from organizations.roles import Role, Seat
from project.demo import words
from project.demo.county import County, leave_began_on
from project.demo.pictures import Album
from project.demo.threads import Thread
from rectification.actions.assignment import (
    Assignment,
    accept_assignment,
    assign_problem,
    object_assignment,
    propose_due,
    reassign_problem,
)
from rectification.actions.evidence import add_evidence
from rectification.actions.items import claim_item, hand_over_item
from rectification.actions.office import (
    merge_problem,
    reopen_problem,
    resume_problem,
    suspend_problem,
    withdraw_problem,
)
from rectification.actions.planning import MeasureEntry, approve_plan, return_plan, submit_plan
from rectification.actions.progress import report_cooperation, report_progress
from rectification.actions.registration import (
    Registration,
    correct_problem,
    disclose_problem,
    mark_major,
    register_problem,
)
from rectification.actions.reporting import (
    Outcomes,
    ReportEntry,
    prepare_report,
    recall_report,
    submit_rectification,
)
from rectification.actions.review import (
    PaperDecision,
    SiteVisit,
    pass_review,
    record_paper_decision,
    send_back,
    verify_on_site,
)
from rectification.models import Batch, Cooperation, Evidence, Problem
from workflows.models import WorkItem
from workflows.queries import main_item, side_items
from workflows.scope import actor_of
from workflows.steps import recused_people

SEAT_ROLES = {
    Seat.TEAM: (Role.INSPECTOR, Role.TEAM_LEAD),
    Seat.OFFICE: (Role.OFFICE,),
    Seat.VILLAGE: (Role.VILLAGE_ASSESSOR,),
    Seat.TOWNSHIP: (Role.TOWNSHIP_REVIEWER,),
    Seat.SECTOR: (Role.SECTOR_REVIEWER,),
    Seat.COUNTY: (Role.COUNTY_LEADER,),
    Seat.UNIT: (Role.UNIT_HEAD, Role.UNIT_CLERK),
}


class Teller:
    """Takes steps on threads; `take` is called with the clock pinned to the step's instant."""

    def __init__(self, county: County, album: Album) -> None:
        self.county = county
        self.album = album

    def take(self, step: str, thread: Thread) -> None:
        """Take one step; a refusal is a bug and crashes the build."""
        STEPS[step](self, thread)

    # People

    def office(self, thread: Thread) -> User:
        """Somebody of the rectification office."""
        return self._fresh(thread.rng.choice(self._holders(self.county.units["office"], Role.OFFICE)))

    def head(self, unit: Unit) -> User:
        """The head of a unit."""
        return self._fresh(self._holders(unit, Role.UNIT_HEAD)[0])

    def clerk(self, unit: Unit) -> User:
        """The clerk of a unit, or its head where there is none."""
        return self._fresh(
            (self._holders(unit, Role.UNIT_CLERK) or self._holders(unit, Role.UNIT_HEAD))[0]
        )

    def finder(self, thread: Thread) -> User:
        """Who registers: the batch's team, else the office."""
        team = thread.batch.team
        if team is None:
            return self.office(thread)
        return self._fresh(self._holders(team, Role.INSPECTOR)[thread.problem_id % 2])

    def judge(self, thread: Thread, item: WorkItem) -> User:
        """Somebody who holds an item and had no part in the round; the acting leader during the leave."""
        if item.addressee_id:
            named = next(user for user in self.county.users.values() if user.pk == item.addressee_id)
            away = named.username == words.LEADER_ON_LEAVE[0] and clock.today() >= leave_began_on()
            return self._fresh(self.county.users[words.LEADER_ACTING[0]] if away else named)
        barred = recused_people(thread.problem_id, item.round)
        found = [
            user
            for role in SEAT_ROLES[Seat(item.role)]
            for user in self.county.holders(item.unit_id, role)
            if user.pk not in barred and user.username != words.LEADER_ON_LEAVE[0]
        ]
        return self._fresh(thread.rng.choice(found))

    def _holders(self, unit: Unit, role: str) -> list[User]:
        return self.county.holders(unit.pk, role)

    def _fresh(self, user: User) -> User:
        """The user without posts read on an earlier day."""
        user.__dict__.pop("_actor", None)
        return user

    # Registration

    def register(self, thread: Thread) -> None:
        """登记."""
        entry = Registration(
            batch=thread.batch,
            division=thread.place,
            title=thread.text(thread.matter.title),
            description=thread.text(thread.matter.text),
            category=thread.category,
            kind=thread.kind,
            place_text=thread.rng.choice(("一组", "二组", "三组", "村部旁", "主路沿线", "")),
            source_serial=str(thread.plan.serials.pop()) if thread.plan.serials else "",
            found_on=clock.today() - timedelta(days=thread.rng.randint(0, 3)),
            proposed_unit=thread.lead,
            major=False,
        )
        thread.problem_id = register_problem(entry, by=self.finder(thread)).pk
