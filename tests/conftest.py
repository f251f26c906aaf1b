"""The small cast and the county every test plays in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

from organizations import clock
from organizations.models import Division, Post, Unit, User
from rectification.actions.assignment import Assignment, accept_assignment, assign_problem
from rectification.actions.extending import ask_extension, endorse_extension, grant_extension
from rectification.actions.noticing import record_objection
from rectification.actions.office import merge_problem, suspend_problem, withdraw_problem
from rectification.actions.planning import MeasureEntry, approve_plan, submit_plan
from rectification.actions.progress import report_cooperation
from rectification.actions.registration import Registration, register_problem
from rectification.actions.reporting import ReportEntry, submit_rectification
from rectification.actions.review import SiteVisit, pass_review, verify_on_site
from rectification.models import Batch, Category, Evidence, Extension, NoticeObjection, Problem, Source
from rectification.models.evidence import private_store
from tests.lifted import guards_lifted
from workflows.calendar import CHINA
from workflows.models import DeadlinePolicy, Event, ReviewPolicy, WorkItem
from workflows.queries import calendar, forget_kept, main_item, side_items

# CI draws the same examples each time, so that a landing does not hang on luck; at a desk they vary.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")


# What takes minutes and mostly waits begins first, so that nobody is left alone with it at the end.
FIRST = ("tests/kill/", "tests/project/test_demo_", "tests/project/test_real_ledgers")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Race tests need row locks: skipped on SQLite with a reason, required on PostgreSQL."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    for item in items:
        if "postgres" in item.keywords and connection.vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL's row locks; make test-services runs it"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        call_command("load_defaults", verbosity=0)


@pytest.fixture(scope="session")
def flush_past_the_guards() -> Iterator[None]:
    """The flush after a transactional test: the guards are lifted for it alone, the defaults put back."""
    flush = TransactionTestCase._fixture_teardown

    def flush_and_load_again(case: TransactionTestCase) -> None:
        with guards_lifted(connection):
            flush(case)
        forget_kept()
        call_command("load_defaults", verbosity=0)

    TransactionTestCase._fixture_teardown = flush_and_load_again
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture
def lasting(flush_past_the_guards: None, transactional_db: Any) -> None:
    """A transactional test, for threads and real commits; ask for it beside `world` or `story`."""
    forget_kept()
    call_command("load_defaults", verbosity=0)


@pytest.fixture(autouse=True)
def evidence_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The store and the file fields share one object, which settings no longer reach once it is made."""
    folder = str(tmp_path / "evidence")
    monkeypatch.setitem(vars(private_store()), "base_location", folder)
    monkeypatch.setitem(vars(private_store()), "location", folder)


@pytest.fixture(autouse=True)
def fresh_calendar() -> None:
    forget_kept()


@dataclass
class World:
    """One county with two towns, and people in every role."""

    county: Division
    town: Division
    village: Division
    other_town: Division
    other_village: Division
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    batch: Any = None
    category: Any = None

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


def make_division(code: str, name: str, level: str, parent: Division | None = None) -> Division:
    row = Division.objects.create(code=code, name=name, level=level, parent=parent, path="", initials="yxx")
    row.path = f"{parent.path if parent else '/'}{row.pk}/"
    row.save()
    return row


CAST = {
    "inspector": ("team", "inspector"),
    "lead": ("team", "team_lead"),
    "registrar": ("office", "office"),
    "colleague": ("office", "office"),
    "head": ("bureau", "unit_head"),
    "clerk": ("bureau", "unit_clerk"),
    "partner": ("partner", "unit_clerk"),
    "assessor": ("village", "village_assessor"),
    "reviewer": ("township", "township_reviewer"),
    "sector": ("sector", "sector_reviewer"),
    "leader": ("leaders", "county_leader"),
    "observer": ("leaders", "observer"),
    "sysadmin": ("platform", "system_admin"),
    "secadmin": ("platform", "security_admin"),
    "auditor": ("platform", "auditor"),
    "stranger": ("elsewhere", "unit_head"),
    "stranger_reviewer": ("elsewhere", "township_reviewer"),
}


def make_world() -> World:
    county = make_division("999921000000", "测试县", "county")
    town = make_division("999921100000", "甲镇", "town", county)
    village = make_division("999921100201", "一村", "village", town)
    other_town = make_division("999921101000", "乙镇", "town", county)
    other_village = make_division("999921101201", "二村", "village", other_town)
    world = World(county, town, village, other_town, other_village)
    seats = {
        "office": (county, "县整改办", "office"),
        "team": (county, "第一督查组", "team"),
        "bureau": (county, "县水利局", "department"),
        "partner": (county, "县财政局", "department"),
        "sector": (county, "县住建局", "department"),
        "leaders": (county, "县委县政府", "leadership"),
        "platform": (county, "平台管理", "administration"),
        "village": (village, "一村村委会", "village"),
        "township": (town, "甲镇人民政府", "township"),
        "elsewhere": (other_town, "乙镇人民政府", "township"),
    }
    for key, (division, name, kind) in seats.items():
        world.units[key] = Unit.objects.create(name=name, division=division, kind=kind)
    for key, (unit, role) in CAST.items():
        add_person(world, key, unit, role)
    world.people["nobody"] = User.objects.create(username="nobody", name="无职", must_change_password=False)
    world.category = Category.objects.filter(name="饮水安全").first()
    world.category.sector_unit = world.units["sector"]
    world.category.save()
    world.batch = make_batch(world)
    return world


def add_person(world: World, key: str, unit: str, role: str, **post: Any) -> User:
    user = User.objects.create(username=key, name=f"人{key}", must_change_password=False)
    Post.objects.create(user=user, unit=world.units[unit], role=role, **post)
    world.people[key] = user
    return user


def make_batch(world: World, code: str = "B1", policy: str = "three_levels", **fields: Any) -> Batch:
    return Batch.objects.create(
        code=code,
        name=f"批次{code}",
        source=Source.objects.get(code="inspection"),
        division=world.county,
        team=world.units["team"],
        review_policy=ReviewPolicy.objects.get(code=policy, in_force=True),
        deadline_policy=DeadlinePolicy.objects.get(code="standard", in_force=True),
        created_at=clock.now(),
        **fields,
    )


@pytest.fixture
def world(db: Any) -> World:
    return make_world()


def fresh(user: User) -> User:
    """The user as another request reads them: without the posts of an earlier one."""
    return User.objects.get(pk=user.pk)


def item_of(problem: Problem) -> WorkItem:
    item = main_item(problem.pk)
    assert item is not None
    return item


def reread(problem: Problem) -> Problem:
    return Problem.objects.select_related("case").get(pk=problem.pk)


def event_names(problem: Problem) -> list[str]:
    return list(Event.objects.filter(case_id=problem.pk).order_by("number").values_list("name", flat=True))


def seen(problem: Problem) -> int:
    return reread(problem).case.event_count


def give_evidence(problem: Problem, by: User) -> Evidence:
    from io import BytesIO

    from PIL import Image

    from rectification.actions.evidence import add_evidence

    picture = BytesIO()
    Image.new("RGB", (64, 48), (200, problem.pk % 255, 90)).save(picture, "JPEG")
    picture.seek(0)
    row, _used = add_evidence(problem.pk, by=by, name="照片.jpg", stream=picture, phase="after")
    return row


class Story:
    """Walks a problem to a state through the real actions."""

    def __init__(self, world: World) -> None:
        self.world = world

    def registered(self, **fields: Any) -> Problem:
        w = self.world
        values = {
            "batch": w.batch,
            "division": w.village,
            "title": "饮水管网漏损",
            "category": w.category,
            **fields,
        }
        return register_problem(Registration(**values), by=fields.pop("by", None) or w.inspector)

    def assigned(
        self, *, kind: str = "dated", partners: tuple[str, ...] = (), unit: str = "bureau", **fields: Any
    ) -> Problem:
        problem = self.registered(**fields)
        w = self.world
        assign_problem(
            item_of(problem).pk,
            by=w.registrar,
            assignment=Assignment(
                lead_unit=w.units[unit],
                kind=kind,
                due_on=None if kind == "standing" else clock.today() + timedelta(days=40),
                partners=[w.units[name] for name in partners],
                review_cycle=6 if kind == "standing" else None,
            ),
        )
        return reread(problem)

    def planning(self, **fields: Any) -> Problem:
        problem = self.assigned(**fields)
        accept_assignment(item_of(problem).pk, by=self.world.clerk)
        return reread(problem)

    def plan_review(self, **fields: Any) -> Problem:
        problem = self.planning(**fields)
        measures = [MeasureEntry("更换管网", "张三", clock.today() + timedelta(days=20))]
        submit_plan(item_of(problem).pk, by=self.world.head, text="", measures=measures)
        return reread(problem)

    def rectifying(self, **fields: Any) -> Problem:
        problem = self.plan_review(**fields)
        approve_plan(item_of(problem).pk, by=self.world.registrar)
        return reread(problem)

    def verifying(self, **fields: Any) -> Problem:
        problem = self.rectifying(**fields)
        self.submit(problem)
        return reread(problem)

    def submit(self, problem: Problem, **entry: Any) -> None:
        evidence = give_evidence(problem, self.world.clerk)
        values = {"text": "已整改。", "rectified_on": clock.today(), "evidence_ids": [evidence.pk], **entry}
        submit_rectification(item_of(problem).pk, by=self.world.head, entry=ReportEntry(**values))

    def village_review(self, **fields: Any) -> Problem:
        problem = self.verifying(**fields)
        self.verify(problem)
        return reread(problem)

    def verify(self, problem: Problem, passed: bool = True) -> None:
        visit = SiteVisit(visited_on=clock.today(), place="一村", people="李组长、王督查", seen="管网已更换。")
        verify_on_site(item_of(problem).pk, by=self.world.lead, visit=visit, passed=passed)

    def township_review(self, **fields: Any) -> Problem:
        problem = self.village_review(**fields)
        pass_review(item_of(problem).pk, by=self.world.assessor, opinion="同意")
        return reread(problem)

    def county_review(self, **fields: Any) -> Problem:
        problem = self.township_review(**fields)
        pass_review(item_of(problem).pk, by=self.world.reviewer, opinion="同意")
        return reread(problem)

    def public_notice(self, **fields: Any) -> Problem:
        if "batch" not in fields:
            fields["batch"] = notice_batch(self.world)
        problem = self.county_review(**fields)
        pass_review(item_of(problem).pk, by=fresh(self.world.leader), opinion="同意")
        return reread(problem)

    def ask(self, problem: Problem, days: int = 20, by: str = "head") -> Extension:
        """The lead unit asks for some days more."""
        until = reread(problem).due_on + timedelta(days=days)
        grounds = "汛期无法施工，需待水位回落后更换管网。"
        return ask_extension(problem.pk, by=fresh(self.world.people[by]), grounds=grounds, until=until)

    def endorse(self, extension: Extension, by: str = "registrar", until: date | None = None) -> Extension:
        """The office puts it before the leader."""
        item, until = side_item(extension.case_id, "extension"), until or extension.asked_until
        return endorse_extension(item.pk, by=fresh(self.world.people[by]), opinion="情况属实。", until=until)

    def grant(self, extension: Extension, by: str = "leader", until: date | None = None) -> Extension:
        """The leader grants it, for the whole or for another day."""
        item, until = side_item(extension.case_id, "extension"), until or extension.asked_until
        return grant_extension(item.pk, by=fresh(self.world.people[by]), opinion="同意。", until=until)

    def late(self, days: int = 1, **fields: Any) -> tuple[Problem, datetime]:
        """A problem being rectified, and noon of a day so many working days after its date."""
        problem = self.rectifying(**fields)
        assert problem.due_on is not None
        return problem, noon(calendar().add_working_days(problem.due_on, days))

    def objection(self, problem: Problem, by: str = "registrar") -> NoticeObjection:
        """The office records that somebody objects to the notice."""
        entry = {"text": "管网还在漏水。", "source": "村民来电", "received_on": clock.today()}
        return record_objection(problem.pk, by=fresh(self.world.people[by]), **entry)

    def closed(self, **fields: Any) -> Problem:
        problem = self.county_review(**fields)
        pass_review(item_of(problem).pk, by=self.world.leader, opinion="同意")
        return reread(problem)


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


@pytest.fixture
def tomorrow() -> date:
    return clock.today() + timedelta(days=1)


JUDGES = {
    "village_review": "assessor",
    "township_review": "reviewer",
    "sector_review": "sector",
    "county_review": "leader",
}


def noon(day: date) -> datetime:
    """Midday in the county."""
    return datetime.combine(day, time(12), tzinfo=CHINA)


def side_item(case_id: int, kind: str) -> WorkItem:
    """The one open duty of a kind beside the main line."""
    return side_items(case_id).get(process__kind=kind)


def report_for_partners(problem: Problem) -> None:
    """Every cooperating unit reports what it did, so that the lead unit may send in."""
    for item in side_items(problem.pk):
        post = Post.objects.filter(unit_id=item.unit_id, role__in=["unit_clerk", "unit_head"]).first()
        report_cooperation(item.pk, by=fresh(post.user), text="配合措施已落实。")


def reach(story: Story, state: str, **fields: Any) -> Problem:
    """A problem in any state of its life, through the real actions."""
    world = story.world
    if state in {"registered", "assigned", "planning", "plan_review", "rectifying"}:
        return getattr(story, state)(**fields)
    if state == "sector_review":
        fields.setdefault("batch", make_batch(world, "S1", "sector_office"))
    if state == "public_notice" and "batch" not in fields:
        fields["batch"] = notice_batch(world)
    problem = story.rectifying(**fields)
    if state == "suspended":
        values = {"reason": "等资金。", "review_on": clock.today() + timedelta(days=30)}
        suspend_problem(problem.pk, by=world.registrar, seen=seen(problem), **values)
    elif state == "merged":
        target = story.registered(title="另一处漏水")
        merge_problem(problem.pk, by=world.registrar, seen=seen(problem), target=target, reason="同一处。")
    elif state == "withdrawn":
        withdraw_problem(problem.pk, by=world.registrar, seen=seen(problem), reason="登记有误。")
    else:
        report_for_partners(problem)
        story.submit(problem)
        walk_on(story, problem, until=state)
    return reread(problem)


def notice_batch(world: World, days: int = 7) -> Batch:
    """A batch whose closures are put up before they count."""
    ReviewPolicy.objects.get_or_create(code="with_notice", defaults={"name": "三级评定并公示", "notice_days": days})
    return make_batch(world, "N1", "with_notice")


def walk_on(story: Story, problem: Problem, *, until: str) -> None:
    """Each judge agrees in turn until the problem stands in a state."""
    while (state := reread(problem).state) != until:
        if state == "verifying":
            story.verify(problem)
        else:
            pass_review(item_of(problem).pk, by=fresh(getattr(story.world, JUDGES[state])), opinion="同意")


def standing(problem: Problem) -> dict[str, Any]:
    """What must stay as it is when nothing may happen: state, events, open items, frozen rows."""
    again = reread(problem)
    columns = ("pk", "status", "owner_id", "unit_id", "role", "addressee_id", "due_at")
    items = WorkItem.objects.filter(process__case_id=problem.pk, status__in=["NEW", "ASSIGNED"])
    return {
        "state": (again.state, again.round, again.lead_unit_id, again.due_on, again.progress),
        "events": (again.case.event_count, Event.objects.filter(case_id=problem.pk).count()),
        "items": list(items.order_by("pk").values_list(*columns)),
        "rows": [
            manager.count()
            for manager in (again.statements, again.reports, again.review_steps, again.verifications, again.evidence)
        ],
    }


@contextmanager
def undone() -> Iterator[None]:
    """A savepoint that is rolled back; the doors' durable transactions take it for the test's own."""
    block: Any = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)
