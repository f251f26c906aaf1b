"""The real ledgers: four counties, 131 problems as they were worded, each walked to closure by chance."""

import json
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from organizations import clock
from organizations.models import Division, Post, Unit, User
from rectification.actions.assignment import (
    Assignment,
    accept_assignment,
    assign_problem,
    object_assignment,
    reassign_problem,
)
from rectification.actions.evidence import add_evidence
from rectification.actions.office import resume_problem, suspend_problem
from rectification.actions.planning import MeasureEntry, approve_plan, return_plan, submit_plan
from rectification.actions.progress import report_cooperation, report_progress
from rectification.actions.registration import Registration, register_problem
from rectification.actions.reporting import ReportEntry, recall_report, submit_rectification
from rectification.actions.review import (
    PaperDecision,
    SiteVisit,
    designate_reviewer,
    pass_review,
    record_paper_decision,
    send_back,
    verify_on_site,
)
from rectification.models import Batch, Category, Problem, Source
from rectification.queries import state_counts, town_bars
from rectification.search import matching
from rectification.turns import LEVEL_ROLE
from tests.conftest import fresh, item_of, reread, seen
from workflows.lifecycles.problem import LEVEL_OF_STATE
from workflows.models import DeadlinePolicy, Event, ReviewPolicy
from workflows.queries import main_item, side_items
from workflows.steps import ActionRefused

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
REQUIRED = os.environ.get("BIHUAN_REQUIRE_ALL") == "1" and DATA.parent.is_dir()
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SEED = 20260
TURNS = [
    "objection", "reassignment", "plan returned", "suspension", "progress", "recall", "failed verification", "paper",
    "sent back",
]  # fmt: skip

pytestmark = [
    pytest.mark.ledgers,
    pytest.mark.postgres,
    pytest.mark.skipif(
        not DATA.is_dir() and not REQUIRED, reason=f"the real ledgers are not here: {DATA} does not exist"
    ),
]


@dataclass
class County:
    """One county with its office, its team, its leaders and the approvers of the places that are used."""

    division: Division
    chance: random.Random
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    places: list[Division] = field(default_factory=list)

    def __post_init__(self) -> None:
        below = Division.objects.filter(path__startswith=self.division.path)
        self.places = list(below.select_related("parent").order_by("code"))
        for key, kind in (("office", "office"), ("team", "team"), ("leaders", "leadership")):
            self.units[key] = Unit.objects.create(name=f"县{key}", division=self.division, kind=kind)
        for name, unit, role in (
            ("office1", "office", "office"),
            ("office2", "office", "office"),
            ("inspector", "team", "inspector"),
            ("lead", "team", "team_lead"),
            ("leader1", "leaders", "county_leader"),
            ("leader2", "leaders", "county_leader"),
            ("deputy", "leaders", "unit_head"),
        ):
            self.add(name, self.units[unit], role)
        # Who verifies or registers is an approver too, so that recusal is met again and again.
        self.post("leader2", self.units["team"], "inspector")

    def add(self, name: str, unit: Unit, role: str) -> User:
        user = User.objects.create(username=f"{self.division.code}-{name}", name=name[:40])
        self.people[name] = user
        Post.objects.create(user=user, unit=unit, role=role)
        return user

    def post(self, name: str, unit: Unit, role: str) -> None:
        Post.objects.create(user=self.people[name], unit=unit, role=role)

    def department(self, name: str) -> Unit:
        """The unit of a name, made with its head and its clerk when it is first named."""
        if name not in self.units:
            unit = Unit.objects.create(name=name, division=self.division, kind="department")
            self.units[name] = unit
            self.add(f"head {unit.pk}", unit, "unit_head")
            self.add(f"clerk {unit.pk}", unit, "unit_clerk")
        return self.units[name]

    def staff(self, place: Division) -> None:
        """Approvers of a village and its town; some towns have a reviewer who inspects as well."""
        for division in (place, place.parent):
            if division is None or division.level not in {"village", "town"}:
                continue
            key = f"gov {division.pk}"
            if key in self.units:
                continue
            role = "village_assessor" if division.level == "village" else "township_reviewer"
            self.units[key] = Unit.objects.create(name=f"{division.name}村镇", division=division, kind=division.level)
            luck = self.chance.random()
            if luck < 0.1:
                continue  # nobody in post: the level is passed up
            if luck > 0.3:
                self.add(f"approver {division.pk}", self.units[key], role)
            if luck < 0.5:
                self.post("inspector", self.units[key], role)

    def batch(self, ledger: dict[str, Any]) -> Batch:
        if ledger["id"] not in self.batches:
            policy = self.chance.choice(["three_levels", "three_levels", "three_levels", "county_only"])
            self.batches[ledger["id"]] = Batch.objects.create(
                code=f"{self.division.code}-{ledger['id']}",
                name=f"{ledger['title'][:100]}·{self.division.name}",
                source=Source.objects.get(code="supervision"),
                division=self.division,
                team=self.units["team"] if self.chance.random() < 0.8 else None,
                review_policy=ReviewPolicy.objects.get(code=policy, in_force=True),
                deadline_policy=DeadlinePolicy.objects.get(code="standard", in_force=True),
                created_at=clock.now(),
            )
        return self.batches[ledger["id"]]


class Walk:
    """Takes one problem from registration to closure, turning aside by chance."""

    def __init__(self, county: County, problem: Problem, units: list[Unit], kind: str, chance: random.Random) -> None:
        self.county, self.problem, self.units, self.kind, self.chance = county, problem, units, kind, chance
        self.turned_aside: Counter[str] = Counter()
        self.refusals = 0

    def once(self, what: str, likely: float) -> bool:
        """Whether to turn aside now: by chance, and at most once for each problem."""
        if self.turned_aside[what] or self.chance.random() >= likely:
            return False
        self.turned_aside[what] += 1
        return True

    def who(self, name: str) -> User:
        return fresh(self.county.people[name])

    def of_lead(self, role: str) -> User:
        return self.who(f"{role} {reread(self.problem).lead_unit_id}")

    @property
    def item(self) -> int:
        return item_of(self.problem).pk

    def to_the_end(self) -> None:
        for _step in range(120):
            state = reread(self.problem).state
            if state == "closed":
                return
            getattr(self, "review" if state in LEVEL_OF_STATE else state)()
        raise AssertionError(f"{self.problem.case.number} went round and round")

    def assignment(self, lead: Unit) -> Assignment:
        partners = [unit for unit in self.units[1:] if unit != lead]
        due = None if self.kind == "standing" else clock.today() + timedelta(days=self.chance.randint(20, 90))
        leader = self.who("leader1") if self.chance.random() < 0.3 else None
        cycle = 6 if self.kind == "standing" else None
        return Assignment(lead, self.kind, due, partners=partners, lead_leader=leader, review_cycle=cycle)

    def registered(self) -> None:
        assign_problem(self.item, by=self.who("office1"), assignment=self.assignment(self.units[0]))

    def assigned(self) -> None:
        if self.once("objection", 0.1):
            object_assignment(self.item, by=self.of_lead("head"), reason="职责不在本单位。")
        elif self.once("reassignment", 0.12):
            other = self.county.department("县政府督查室")
            reassign_problem(
                self.problem.pk,
                by=self.who("office2"),
                seen=seen(self.problem),
                assignment=self.assignment(other),
                reason="职能调整。",
            )
        else:
            accept_assignment(self.item, by=self.of_lead("clerk"))

    def planning(self) -> None:
        measures = [MeasureEntry("逐项整改", "张三", clock.today() + timedelta(days=15))]
        submit_plan(self.item, by=self.of_lead("head"), text="", measures=measures)

    def plan_review(self) -> None:
        if self.once("plan returned", 0.15):
            return_plan(self.item, by=self.who("office1"), reason="措施不具体。")
        else:
            approve_plan(self.item, by=self.who("office2"))

    def rectifying(self) -> None:
        if self.once("suspension", 0.06):
            day = clock.today() + timedelta(days=30)
            suspend_problem(
                self.problem.pk, by=self.who("office1"), seen=seen(self.problem), reason="等资金。", review_on=day
            )
            return
        if self.once("progress", 0.5):
            report_progress(self.problem.pk, by=self.of_lead("clerk"), percent=50, text="已过半。")
        for side in side_items(self.problem.pk):
            if self.chance.random() < 0.7:
                report_cooperation(side.pk, by=self.who(f"clerk {side.unit_id}"), text="已配合。")
        evidence = self.paper(self.of_lead("clerk"), "after")
        entry = ReportEntry("已整改到位。", clock.today(), [evidence.pk], partners_note="已催办。")
        submit_rectification(self.item, by=self.of_lead("head"), entry=entry)

    def suspended(self) -> None:
        day = clock.today() + timedelta(days=60)
        resume_problem(
            self.problem.pk, by=self.who("office2"), seen=seen(self.problem), reason="资金已到。", due_on=day
        )

    def paper(self, by: User, phase: str) -> Any:
        return add_evidence(self.problem.pk, by=by, name="材料.pdf", stream=BytesIO(PDF), phase=phase)[0]

    def verifying(self) -> None:
        if self.once("recall", 0.08):
            recall_report(self.problem.pk, by=self.of_lead("head"), seen=seen(self.problem))
            return
        team = item_of(self.problem).role == "team"
        by = self.who(self.chance.choice(["inspector", "lead", "leader2"]) if team else "office2")
        visit = SiteVisit(clock.today(), "现场", "督查组", "已到现场查看。")
        verify_on_site(self.item, by=by, visit=visit, passed=not self.once("failed verification", 0.15))

    def review(self) -> None:
        item = item_of(self.problem)
        if item.role == "office":
            deputy = self.county.people["deputy"].posts.get()
            designate_reviewer(self.problem.pk, by=self.who("office1"), post=deputy, reason="均须回避。")
            self.turned_aside["designation"] += 1
        elif self.once("paper", 0.15) and self.on_paper():
            return
        else:
            self.judge(item)

    def on_paper(self) -> bool:
        by = self.who("office1")
        decision = PaperDecision(
            True, "会议同意。", "领导小组会议", clock.today(), "〔2026〕6号", self.paper(by, "document")
        )
        return self.tried(record_paper_decision, self.item, by=by, decision=decision)

    def judge(self, item: Any) -> None:
        """Whoever holds the item tries in turn; the recused are refused with a sentence."""
        back = self.once("sent back", 0.15)
        for by in self.holders(item):
            act = send_back if back else pass_review
            words = {"reason": "还有遗留。"} if back else {"opinion": "现场已核实，同意销号。"}
            if self.tried(act, item.pk, by=by, **words):
                return
        raise AssertionError(f"nobody may decide {self.problem.case.number} in {reread(self.problem).state}")

    def holders(self, item: Any) -> list[User]:
        if item.addressee_id:
            return [User.objects.get(pk=item.addressee_id)]
        role = LEVEL_ROLE[LEVEL_OF_STATE[reread(self.problem).state]]
        posts = list(Post.objects.filter(unit_id=item.unit_id, role=role))
        self.chance.shuffle(posts)
        return [fresh(post.user) for post in posts]

    def tried(self, act: Any, *args: Any, **kwargs: Any) -> bool:
        before = seen(self.problem)
        try:
            act(*args, **kwargs)
        except ActionRefused as refusal:
            refused = str(refusal)
        else:
            return True
        assert "回避" in refused
        assert seen(self.problem) == before
        self.refusals += 1
        return False


def ledgers() -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / "ledgers").glob("*.json"))]


def register_row(county: County, ledger: dict[str, Any], number: int, row: dict[str, Any]) -> Walk:
    chance = county.chance
    place = chance.choice(county.places) if chance.random() < 0.85 else county.division
    county.staff(place)
    names = list(dict.fromkeys(name for name in [row["lead"], *row["resp"]] if name)) or ["县农业农村局"]
    units = [county.department(name) for name in names]
    category = Category.objects.get_or_create(name=row["cat"][:120])[0] if row["cat"] else None
    kind = "immediate" if row["due"] == "立即整改" else chance.choice(["dated", "dated", "phased", "standing"])
    entry = Registration(
        batch=county.batch(ledger),
        division=place,
        title=row["prob"][:200],
        description="\n".join(filter(None, [row["prob"][200:], row["meas"], row["stat"]])),
        category=category,
        kind=kind,
        place_text=row["loc"][:200],
        source_serial=str(number),
        proposed_unit=units[0],
    )
    problem = register_problem(entry, by=fresh(county.people[chance.choice(["inspector", "lead", "office2"])]))
    return Walk(county, problem, units, kind, chance)


def test_every_row_of_the_real_ledgers_is_walked_to_closure_and_the_ledger_adds_up(db: Any) -> None:
    chance = random.Random(SEED)
    call_command("load_divisions", DATA / "divisions" / "all_four_counties.csv", stdout=StringIO())
    counties = [County(division, chance) for division in Division.objects.filter(level="county").order_by("code")]
    rows = [(ledger, number, row) for ledger in ledgers() for number, row in enumerate(ledger["rows"], start=1)]

    walks = [register_row(chance.choice(counties), ledger, number, row) for ledger, number, row in rows]
    for walk in walks:
        walk.to_the_end()

    assert len(counties) == 4
    assert len(walks) == Problem.objects.filter(state="closed").count() == 131
    assert main_item(walks[0].problem.pk) is None
    call_command("verify_ledger", stdout=StringIO())
    from_events = Counter(
        Event.objects.filter(case_id=walk.problem.pk).order_by("-number").values_list("to_state", flat=True)[0]
        for walk in walks
    )
    from_ledger: Counter[str] = Counter()
    for county in counties:
        office = fresh(county.people["office1"])
        visible = Problem.objects.visible_to(office)
        from_ledger.update(state_counts(visible))
        in_towns = sum(row["closed"] for row in town_bars(office))
        assert in_towns <= visible.count()
    assert from_ledger == from_events == {"closed": 131}
    turns = sum((walk.turned_aside for walk in walks), Counter())
    assert all(turns[name] >= 3 for name in TURNS), turns
    assert sum(walk.refusals for walk in walks) >= 3
    assert any("all_barred" in str(data.get("notes")) for data in Event.objects.values_list("data", flat=True))
    for walk in walks[::13]:
        found = matching(Problem.objects.visible_to(walk.who("office1")), walk.problem.case.number)
        assert list(found) == [walk.problem]
        wanted = walk.problem.title[:2]
        assert walk.problem in matching(Problem.objects.visible_to(walk.who("office1")), wanted)
