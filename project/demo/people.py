"""Who takes a step: the people of the county by post, and somebody who is not recused where it matters."""

from random import Random

from organizations import clock
from organizations.models import Unit, User
from organizations.roles import Role, Seat
from project.demo import words
from project.demo.county import County
from rectification.models import Batch
from workflows.models import WorkItem
from workflows.steps import recused_people

SEAT_ROLES: dict[str, tuple[Role, ...]] = {
    Seat.TEAM: (Role.INSPECTOR, Role.TEAM_LEAD),
    Seat.OFFICE: (Role.OFFICE,),
    Seat.VILLAGE: (Role.VILLAGE_ASSESSOR,),
    Seat.TOWNSHIP: (Role.TOWNSHIP_REVIEWER,),
    Seat.SECTOR: (Role.SECTOR_REVIEWER,),
    Seat.COUNTY: (Role.COUNTY_LEADER,),
}


class People:
    """Picks people. Only the acting leader's posts change with the day, so only hers are read anew."""

    def __init__(self, county: County) -> None:
        self.county = county

    def user(self, username: str) -> User:
        """One person by log-in."""
        user = self.county.users[username]
        if username == words.LEADER_ACTING[0]:
            user.__dict__.pop("_actor", None)
        return user

    def office(self, rng: Random) -> User:
        """Somebody of the rectification office."""
        return rng.choice(self.county.holders(self.county.units["office"].pk, Role.OFFICE))

    def head(self, unit: Unit | None) -> User:
        """The head of a unit."""
        return self.county.holders(unit.pk if unit else None, Role.UNIT_HEAD)[0]

    def clerk(self, unit: Unit | None) -> User:
        """The clerk of a unit, or its head where there is none."""
        found = self.county.holders(unit.pk if unit else None, Role.UNIT_CLERK)
        return found[0] if found else self.head(unit)

    def finder(self, batch: Batch, rng: Random) -> User:
        """Who registers: an inspector of the batch's team, else the office."""
        if batch.team_id is None:
            return self.office(rng)
        return rng.choice(self.county.holders(batch.team_id, Role.INSPECTOR))

    def judge(self, item: WorkItem, case_id: int, rng: Random) -> User:
        """Somebody who holds an item and had no part in the round; the acting leader during the leave."""
        on_leave = self.county.users[words.LEADER_ON_LEAVE[0]]
        if item.addressee_id == on_leave.pk and self._leave_has_begun():
            return self.user(words.LEADER_ACTING[0])
        if item.addressee_id:
            return next(u for u in self.county.users.values() if u.pk == item.addressee_id)
        barred = set(recused_people(case_id, item.round)) | {on_leave.pk}
        found = [
            user
            for role in SEAT_ROLES[item.role]
            for user in self.county.holders(item.unit_id, role)
            if user.pk not in barred
        ]
        return self.user(rng.choice(found).username)

    def _leave_has_begun(self) -> bool:
        post = self.county.acting_post
        return bool(post and post.valid_from and post.valid_from <= clock.today())
