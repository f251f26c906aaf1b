"""Who sees which rows: the query against a plain reading of the rule (DOMAIN §5), and views that ask nothing else."""

import ast
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from viewflow.workflow.token import Token

from organizations import clock
from organizations.models import Division, Post, Unit, User
from rectification.models import Batch, Cooperation, Evidence, Problem
from tests.conftest import Story, World, fresh, give_evidence, make_batch, make_division, reach, undone
from workflows.flows import RectificationFlow
from workflows.models import Case, Routing, WorkItem

ROOT = Path(__file__).resolve().parents[2]
OWING = ["", "bureau", "partner", "township"]
PLACES = ["county", "town", "village", "other_town", "other_village", "far_county", "far_village", "far_city"]
UNITS = [
    "office",
    "team",
    "bureau",
    "partner",
    "sector",
    "village",
    "township",
    "elsewhere",
    "city_office",
    "far_bureau",
]
ROLES = [
    "inspector", "team_lead", "office", "unit_head", "unit_clerk", "village_assessor", "township_reviewer",
    "sector_reviewer", "county_leader", "observer", "system_admin", "auditor",
]  # fmt: skip
SUPERVISING = {"office", "county_leader", "township_reviewer", "village_assessor", "observer"}
WORKING = {"unit_head", "unit_clerk", "inspector", "team_lead"}


@dataclass(frozen=True)
class Seat:
    """A post of the viewer as it is drawn."""

    unit: str
    role: str
    when: str  # now, ended, not yet
    acting: bool


@dataclass(frozen=True)
class Matter:
    """A problem as it is drawn: where, of which batch, and whose."""

    place: str
    batch: str  # open, secret, fed_back
    lead: str
    partner: str
    partner_left: bool
    found_by: str
    given_to: str  # nobody, viewer, boss, sector


seats = st.lists(
    st.builds(
        Seat,
        unit=st.sampled_from([*UNITS, *OWING[1:]]),
        role=st.sampled_from(ROLES),
        when=st.sampled_from(["now", "now", "now", "ended", "not yet"]),
        acting=st.booleans(),
    ),
    max_size=3,
)
matters = st.lists(
    st.builds(
        Matter,
        place=st.sampled_from(PLACES),
        batch=st.sampled_from(["open", "secret", "fed_back"]),
        lead=st.sampled_from(OWING),
        partner=st.sampled_from(OWING),
        partner_left=st.booleans(),
        found_by=st.sampled_from(["", "team", "far_bureau"]),
        given_to=st.sampled_from(["nobody", "nobody", "nobody", "viewer", "boss", "sector"]),
    ),
    min_size=4,
    max_size=8,
)
DAYS = {"now": (None, None), "ended": (-30, -1), "not yet": (1, 30)}


class Stage:
    """The rows of one example: the viewer, who they act for, the batches and the problems."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.viewer = User.objects.create(username="viewer", name="看的人")
        self.boss = User.objects.create(username="boss", name="被代理的人")
        self.batches = {
            "open": make_batch(world, "open"),
            "secret": make_batch(world, "secret", secret=True, principal=world.units["partner"]),
            "fed_back": make_batch(
                world, "fed_back", secret=True, principal=world.units["partner"], fed_back_on=clock.today()
            ),
        }

    def seat(self, drawn: Seat) -> None:
        begins, ends = DAYS[drawn.when]
        Post.objects.create(
            user=self.viewer,
            unit=self.world.units[drawn.unit],
            role=drawn.role,
            valid_from=None if begins is None else clock.today() + timedelta(days=begins),
            valid_to=None if ends is None else clock.today() + timedelta(days=ends),
            acting_for=self.boss if drawn.acting else None,
        )

    def problem(self, drawn: Matter) -> Problem:
        division: Division = getattr(self.world, drawn.place)
        number = Case.objects.count()
        case = Case.objects.create(number=f"T-{number}", kind="problem", division=division, created_at=clock.now())
        batch = self.batches[drawn.batch]
        # Nobody is given anything of a secret batch: assigning would open it.
        units = {} if drawn.batch == "secret" else self.world.units
        problem = Problem(
            case=case,
            title=f"问题{number}",
            batch=batch,
            review_policy=batch.review_policy,
            deadline_policy=batch.deadline_policy,
            lead_unit=units.get(drawn.lead),
            found_unit=self.world.units.get(drawn.found_by),
            disclosed_at=None if drawn.batch == "secret" else clock.now(),
        )
        problem.place(division)
        problem.save(force_insert=True)
        if units and drawn.partner:
            left = clock.now() if drawn.partner_left else None
            Cooperation.objects.create(case=case, problem=problem, unit=units[drawn.partner], ended_at=left)
        if units and drawn.given_to != "nobody":
            self._give(drawn, case)
        return problem

    def _give(self, drawn: Matter, case: Case) -> None:
        person = {"viewer": self.viewer, "boss": self.boss}.get(drawn.given_to)
        routing = Routing.objects.create(case=case, kind="main", flow_class=RectificationFlow)
        WorkItem.objects.create(
            process=routing,
            flow_task=RectificationFlow.county_review,
            token=Token("start"),
            unit=self.world.units["leaders" if person else "sector"],
            role="county" if person else "sector",
            addressee=person,
        )


def held(drawn: list[Seat]) -> list[Seat]:
    return [seat for seat in drawn if seat.when == "now"]


def lies_in(world: World, place: str, unit: str) -> bool:
    return getattr(world, place).path.startswith(world.units[unit].division.path)


def owes(seat: Seat, matter: Matter) -> bool:
    """Of the lead unit, or of one that still cooperates; nobody does before the batch is opened."""
    cooperates = seat.unit == matter.partner and not matter.partner_left
    return seat.role in WORKING and matter.batch != "secret" and (seat.unit == matter.lead or cooperates)


def supervises(world: World, seat: Seat, matter: Matter) -> bool:
    return seat.role in SUPERVISING and matter.batch != "secret" and lies_in(world, matter.place, seat.unit)


def was_given(seat: Seat, matter: Matter) -> bool:
    """Given to the viewer, to whom they act for, or to their seat of the department in charge."""
    by_seat = (seat.unit, seat.role) == ("sector", "sector_reviewer")
    mine = {"viewer": True, "boss": seat.acting, "sector": by_seat}
    return matter.batch != "secret" and mine.get(matter.given_to, False)


def is_principal(seat: Seat, batch: str) -> bool:
    return seat.unit == "partner" and batch != "open"


def sees(world: World, drawn: list[Seat], matter: Matter) -> bool:
    """The rule as DOMAIN tells it, post by post."""
    return any(
        supervises(world, seat, matter)
        or owes(seat, matter)
        or was_given(seat, matter)
        or is_principal(seat, matter.batch)
        or (seat.role in WORKING and seat.unit == matter.found_by)
        for seat in held(drawn)
    )


def sees_batch(world: World, drawn: list[Seat], batch: str, rows: list[Matter]) -> bool:
    """Of one's area once it is no secret, of one's team, as its principal, or of a problem one owes or supervises."""
    own = [row for row in rows if row.batch == batch]
    return any(
        (seat.role in SUPERVISING and batch != "secret" and lies_in(world, "county", seat.unit))
        or (seat.role in WORKING and seat.unit == "team")
        or is_principal(seat, batch)
        or any(owes(seat, row) or was_given(seat, row) for row in own)
        or any(below_city(world, seat) and supervises(world, seat, row) for row in own)
        for seat in held(drawn)
    )


def below_city(world: World, seat: Seat) -> bool:
    """A county, town or village sees the batches of a higher level by its own problems in them."""
    return world.units[seat.unit].division.level in {"county", "town", "village"}


@pytest.fixture
def wide_world(world: World) -> World:
    """The county, and beyond it a city with another county."""
    city = make_division("999930000000", "远市", "city")
    far_county = make_division("999931000000", "远县", "county", city)
    far_town = make_division("999931100000", "远镇", "town", far_county)
    world.__dict__["far_county"], world.__dict__["far_city"] = far_county, city
    world.__dict__["far_village"] = make_division("999931100201", "远村", "village", far_town)
    world.units["city_office"] = Unit.objects.create(name="远市整改办", division=city, kind="office")
    world.units["far_bureau"] = Unit.objects.create(name="远县水利局", division=far_county, kind="department")
    return world


by_chance = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@by_chance
@given(drawn=seats, rows=matters)
def test_problems_seen_are_exactly_those_the_rule_names(
    wide_world: World, drawn: list[Seat], rows: list[Matter]
) -> None:
    with undone():
        stage = Stage(wide_world)
        for seat in drawn:
            stage.seat(seat)
        problems = {stage.problem(row).pk: row for row in rows}

        found = set(Problem.objects.visible_to(fresh(stage.viewer)).values_list("pk", flat=True))
        counted = Problem.objects.visible_to(fresh(stage.viewer)).count()

        assert found == {pk for pk, row in problems.items() if sees(wide_world, drawn, row)}
        assert counted == len(found)


@by_chance
@given(drawn=seats, rows=matters)
def test_batches_seen_are_exactly_those_the_rule_names(
    wide_world: World, drawn: list[Seat], rows: list[Matter]
) -> None:
    with undone():
        stage = Stage(wide_world)
        for seat in drawn:
            stage.seat(seat)
        for row in rows:
            stage.problem(row)

        found = list(Batch.objects.visible_to(fresh(stage.viewer)).exclude(code="B1").values_list("code", flat=True))

        expected = [code for code in stage.batches if sees_batch(wide_world, drawn, code, rows)]
        assert sorted(found) == sorted(expected)


@by_chance
@given(drawn=seats, rows=matters)
def test_evidence_is_seen_exactly_with_its_problem(wide_world: World, drawn: Any, rows: Any) -> None:
    with undone():
        stage = Stage(wide_world)
        for seat in drawn:
            stage.seat(seat)
        for row in rows:
            problem = stage.problem(row)
            Evidence.objects.create(
                case=problem.case,
                problem=problem,
                phase="after",
                name="照片.jpg",
                kind="jpeg",
                content_type="image/jpeg",
                size=1,
                sha256="0" * 64,
                by=stage.boss,
                at=clock.now(),
            )

        viewer = fresh(stage.viewer)
        found = set(Evidence.objects.visible_to(viewer).values_list("problem_id", flat=True))

        assert found == set(Problem.objects.visible_to(fresh(viewer)).values_list("pk", flat=True))


MODELS: list[Any] = [Problem, Batch, Evidence]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("state", ["registered", "county_review", "closed"])
def test_somebody_stopped_sees_nothing(world: World, model: Any, state: str) -> None:
    problem = reach(Story(world), state)
    if state != "closed":
        give_evidence(problem, fresh(world.lead))
    people = [world.registrar, world.lead, world.head, world.leader, world.observer]
    assert model.objects.visible_to(fresh(world.registrar)).exists()

    User.objects.update(is_active=False)

    assert [model.objects.visible_to(fresh(person)).count() for person in people] == [0] * len(people)


@pytest.mark.parametrize("model", MODELS)
def test_somebody_without_a_post_or_with_an_ended_one_sees_nothing(world: World, model: Any) -> None:
    problem = reach(Story(world), "verifying")
    assert problem.evidence.exists()
    assert not model.objects.visible_to(fresh(world.people["nobody"])).exists()
    assert model.objects.visible_to(fresh(world.head)).exists()

    Post.objects.update(valid_to=clock.today() - timedelta(days=1))

    assert not any(model.objects.visible_to(fresh(person)).exists() for person in world.people.values())


def test_somebody_who_is_nobody_sees_nothing(world: World) -> None:
    Story(world).registered()

    assert [model.objects.visible_to(AnonymousUser()).count() for model in MODELS] == [0, 0, 0]


# Rows a view may ask for otherwise, each with its reason.
ALLOWED = {
    ("rectification/views/desk.py", "User.objects.filter"): "when the person themselves last looked",
    ("rectification/views/items.py", "WorkItem.objects.select_related"): "its problem is fetched in scope next",
    ("rectification/views/evidence.py", "Evidence.objects.all"): "the auditor reads every original, and it is logged",
}


def view_files() -> list[Path]:
    apps = ("rectification", "organizations", "inspections", "notifications", "workflows")
    return sorted(path for app in apps for path in [*(ROOT / app).rglob("views/*.py"), *(ROOT / app).glob("views.py")])


def queries_of(path: Path) -> set[str]:
    """What a file asks managers for, such as Problem.objects.visible_to."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    followed = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {
        f"{ast.unparse(node)}.{followed.get(id(node), '')}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
    }


def test_views_speak_of_visible_rows_only() -> None:
    found = {
        (str(path.relative_to(ROOT)), query)
        for path in view_files()
        for query in queries_of(path)
        if not query.endswith(".objects.visible_to")
    }

    assert found - set(ALLOWED) == set()
    assert set(ALLOWED) - found == set(), "an exception nobody needs any more"


def test_views_reach_rows_of_others_only_through_scoped_fetches() -> None:
    """get_object_or_404 with a bare model is a query too."""
    bare = []
    for path in view_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_fetch = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if is_fetch and node.func.id in {"get_object_or_404", "get_list_or_404"}:
                first = node.args[0]
                if isinstance(first, ast.Name) and first.id[0].isupper():
                    bare.append((path.name, first.id))

    # The security administrator's own pages are about every user.
    assert set(bare) <= {("people.py", "User")}


def test_sight_by_many_single_cases_equals_sight_by_few(
    story: Story, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = [story.assigned(partners=("partner",), title=f"第{n}处管网漏损") for n in range(3)]
    story.registered(title="与我无关的问题")
    few = set(Problem.objects.visible_to(fresh(world.partner)).values_list("pk", flat=True))

    monkeypatch.setattr("rectification.models.problem.FEW", 1)
    many = set(Problem.objects.visible_to(fresh(world.partner)).values_list("pk", flat=True))

    assert few == many == {problem.pk for problem in mine}
