"""A month in a county: what people receive, counted; and that nobody is disturbed outside office hours (R23–R25)."""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db.models import Min

from notifications.actions import digests, escalating, sending, telling
from notifications.actions.reading import read_all
from notifications.models import UNSENT, Address, Delivery, Notice, Preference
from notifications.timing import AT_ONCE, NO_WISHES, wishes_of
from organizations import clock
from organizations.models import Post, Unit, User
from rectification.models import Problem
from tests.conftest import World, fresh
from tests.notifications.conftest import FakeChannel, PostOffice
from workflows.models import Case, Outbox
from workflows.office_hours import is_open
from workflows.queries import calendar, office_hours
from workflows.steps import record

PROBLEMS, UNITS, PEOPLE = 400, 60, 200
# October: a week of holidays with make-up days around it.
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
# What happens to a problem after its assignment: whose turn it is then, in whose seat, and how often it happens.
LIFE = [
    ("submit_plan", "office", 0.15),
    ("return_plan", "lead", 0.1),
    ("approve_plan", "lead", 0.15),
    ("overdue", "lead", 0.1),
    ("red", "lead", 0.06),
    ("submit", "office", 0.15),
    ("pass_verification", "village", 0.15),
    ("pass_village", "town", 0.12),
    ("send_back", "lead", 0.1),
    ("pass_township", "leaders", 0.1),
    ("pass_county", "", 0.1),
]


@dataclass
class County:
    """Units with their people, and the plan of the month: who hears of what, when."""

    world: World
    chance: random.Random
    units: dict[str, list[Unit]] = field(default_factory=dict)
    people: list[User] = field(default_factory=list)

    def staff(self, kind: str, number: int, roles: list[str]) -> None:
        for n in range(number):
            unit = Unit.objects.create(name=f"{kind}{n}", division=self.world.county, kind=kind)
            self.units.setdefault(kind, []).append(unit)
            for role in roles:
                name = f"p{len(self.people)}"
                user = User.objects.create(username=name, name=name, must_change_password=False)
                Post.objects.create(user=user, unit=unit, role=role)
                Address.objects.create(user=user, channel="email", address=f"{name}@gov.test")
                self.people.append(user)
            Address.objects.create(unit=unit, channel="robot", address=f"https://robot.test/{kind}{n}")

    def wish(self) -> None:
        """A third of the people have wishes of their own."""
        for user in self.chance.sample(self.people, len(self.people) // 3):
            quiet = self.chance.choice([(None, None), (time(12), time(14)), (time(16), time(9))])
            Preference.objects.create(
                user=user,
                preset=self.chance.choice(["all", "important", "digest"]),
                quiet_from=quiet[0],
                quiet_to=quiet[1],
                digest_at=self.chance.choice([time(8, 30), time(9), time(16)]),
            )

    def problem(self, number: int) -> Problem:
        batch, world = self.world.batch, self.world
        case = Case.objects.create(number=f"N{number}", kind="problem", division=world.county, created_at=clock.now())
        lead = self.units["bureau"][number % 18]
        made = Problem(
            case=case, title="某处漏水", batch=batch, review_policy=batch.review_policy, lead_unit=lead,
            deadline_policy=batch.deadline_policy, disclosed_at=clock.now(), due_on=LAST + timedelta(days=30),
        )  # fmt: skip
        made.place(world.county)
        made.save(force_insert=True)
        return made

    def turn(self, problem: Problem, whose: str) -> dict[str, Any]:
        """Unit and seat of whoever is next."""
        unit, seat = {
            "office": (self.units["office"][0], "office"),
            "lead": (problem.lead_unit, "unit"),
            "village": (self.units["village"][problem.pk % 30], "village"),
            "town": (self.units["town"][problem.pk % 10], "township"),
            "leaders": (self.units["leaders"][0], "county"),
        }[whose]
        assert unit is not None
        return {"unit": unit.pk, "role": seat, "due": LAST.isoformat()}

    def moment(self, first: date) -> datetime:
        """Mostly in office hours of a working day, now and then at night or on a day of rest."""
        day = first + timedelta(days=self.chance.randrange((LAST - first).days + 1))
        hour = self.chance.randrange(24 * 60) if self.chance.random() < 0.2 else self.chance.randrange(510, 1050)
        if self.chance.random() < 0.85:
            day = calendar().previous_workday(day)
        return datetime.combine(day, time(hour // 60, hour % 60, self.chance.randrange(60)), tzinfo=clock.SHANGHAI)

    def told(self, problem: Problem, name: str, whose: str) -> tuple[str, dict[str, Any]]:
        """The event and its note; the clock's warnings have no event of their own here."""
        note: dict[str, Any] = {"turn": self.turn(problem, whose)} if whose else {}
        return ("marked_major", {**note, "urgent": name}) if name in {"overdue", "red"} else (name, note)

    def plan(self) -> list[tuple[datetime, Problem, str, dict[str, Any]]]:
        """Assignments in sweeps of forty within a minute, then each problem's own life."""
        found = []
        for number in range(PROBLEMS):
            problem = self.problem(number)
            bulk = datetime(2026, 10, 8 + number // 40, 9 + number // 40 % 3, 5, tzinfo=clock.SHANGHAI)
            given = bulk + timedelta(seconds=number % 40)
            found.append((given, problem, "assign", {"turn": self.turn(problem, "lead")}))
            moments = sorted(self.moment(given.date()) for _step in LIFE)
            for (name, whose, share), at in zip(LIFE, moments, strict=True):
                if self.chance.random() < share:
                    happens = max(at, given + timedelta(minutes=1))
                    found.append((happens, problem, *self.told(problem, name, whose)))
        return sorted(found, key=lambda row: row[0])


@dataclass
class Month:
    """The month as it passes: events, and every sweep whenever something is due."""

    county: County
    post: PostOffice
    sent_at: dict[str, datetime] = field(default_factory=dict)

    def pass_by(self) -> None:
        plan = self.county.plan()
        mornings = [
            datetime.combine(FIRST + timedelta(days=n), hour, tzinfo=clock.SHANGHAI)
            for n in range((LAST - FIRST).days + 1)
            for hour in (time(3), time(8, 30), time(9), time(13), time(16), time(23))
        ]
        for channel in (self.post.email, self.post.robot):
            self._note(channel)
        for instant, *what in sorted([*plan, *((each,) for each in mornings)], key=lambda row: row[0]):
            self._catch_up(instant)
            with clock.at(instant):
                if what:
                    self._happen(*what)
                else:
                    digests.make_digests()
                    if clock.local(instant).hour == 13:
                        self._read()
        self._catch_up(datetime(2026, 11, 3, tzinfo=clock.SHANGHAI))

    def _note(self, channel: FakeChannel) -> None:
        send = channel.send

        def noted(message: Any) -> Any:
            self.sent_at[message.delivery] = clock.now()
            return send(message)

        channel.send = noted  # type: ignore[method-assign]

    def _happen(self, problem: Problem, name: str, note: dict[str, Any]) -> None:
        with record(problem.pk, name, by=None) as door:
            door.note(**note)
        for pk in Outbox.objects.values_list("pk", flat=True):
            telling.deliver_event(pk)

    def _read(self) -> None:
        for user in self.county.chance.sample(self.county.people, 40):
            read_all(user)

    def _catch_up(self, until: datetime) -> None:
        """Everything that is due before an instant, when it is due."""
        for instant in self._due(until):
            with clock.at(instant):
                for pk in sending.due_deliveries(1000):
                    sending.send_delivery(pk)
                for pk in escalating.unread_notices(1000):
                    escalating.pass_on(pk)

    def _due(self, until: datetime) -> Iterator[datetime]:
        while True:
            waiting = Delivery.objects.filter(state__in=UNSENT).aggregate(at=Min("next_try_at"))["at"]
            unread = Notice.objects.filter(pass_on_at__isnull=False).aggregate(at=Min("pass_on_at"))["at"]
            due = min((each for each in (waiting, unread) if each), default=until)
            if due >= until:
                return
            yield due


@pytest.fixture
def month(world: World, post: PostOffice) -> Month:
    county = County(world, random.Random(20261001))
    county.staff("office", 1, ["office"] * 12)
    county.staff("leaders", 1, ["county_leader"] * 4)
    county.staff("bureau", 18, ["unit_head", "unit_clerk", "unit_clerk"])
    county.staff("town", 10, ["township_reviewer", "township_reviewer", "unit_head", "unit_clerk"])
    county.staff("village", 30, ["village_assessor", "unit_head", "unit_clerk"])
    county.wish()
    assert (len(county.people), sum(map(len, county.units.values()))) == (PEOPLE, UNITS)
    made = Month(county, post)
    with clock.at(datetime(2026, 10, 1, tzinfo=clock.SHANGHAI)):
        made.pass_by()
    return made


@pytest.mark.pure
def test_a_month_in_a_county_is_quiet(month: Month) -> None:
    outside = list(Delivery.objects.exclude(channel="in_app").prefetch_related("notices"))
    wishes = wishes_of([user.pk for user in month.county.people])

    assert len(outside) > 1000
    for row in outside:
        sent = month.sent_at[str(row.key)]
        assert is_open(sent, office_hours(), calendar()), sent
        assert not wishes.get(row.person_id or 0, NO_WISHES).is_quiet(clock.local(sent).time()), sent
        assert row.state == "sent"
        if row.kind == "instant":
            assert {each.urgency for each in row.notices.all()} <= AT_ONCE
    once_a_day = Counter((row.person_id, clock.local(month.sent_at[str(row.key)]).date())
                         for row in outside if row.kind == "digest")  # fmt: skip
    assert once_a_day
    assert set(once_a_day.values()) == {1}
    nothing_lost(month, outside, wishes)
    tell_of(month, outside)


def nothing_lost(month: Month, outside: list[Delivery], wishes: dict[int, Any]) -> None:
    """Every notice went out once to its person; or was read before, or waits, or is not wanted."""
    carried = Counter(each.pk for row in outside if row.person_id for each in row.notices.all())
    assert set(carried.values()) == {1}
    for notice in Notice.objects.all():
        wish = wishes.get(notice.person_id, NO_WISHES)
        told = carried[notice.pk] or notice.read_at or notice.for_digest
        unwanted = not wish.at_once(notice.urgency) and not wish.in_digest(notice.urgency, notice.todo)
        assert told or unwanted, notice


def tell_of(month: Month, outside: list[Delivery]) -> None:
    """What the month came to, for whoever reads the test's output."""
    days = sum(calendar().is_workday(FIRST + timedelta(days=n)) for n in range((LAST - FIRST).days + 1))
    personal = [row for row in outside if row.person_id]
    daily = Counter((row.person_id, clock.local(month.sent_at[str(row.key)]).date()) for row in personal)
    rest = Counter(row.kind for row in outside if row.person_id), len([row for row in outside if row.unit_id])
    busiest = sorted(daily.values())
    assert fresh(month.county.people[0]).notices.count() > 50  # the office hears of everything …
    lines = [
        f"{Notice.objects.count()} notices to {PEOPLE} people on {days} office days",
        f"messages outside: {dict(rest[0])} to people, {rest[1]} to groups",
        f"per person and office day: {len(personal) / PEOPLE / days:.2f} on average",
        f"per person and day with any: 95 of 100 at most {busiest[len(busiest) * 95 // 100]}, most {busiest[-1]}",
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
