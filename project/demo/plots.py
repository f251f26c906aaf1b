"""Which problems the demo county has lived through: batches, where each problem got to, and what befell it."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class BatchPlan:
    """One batch. Days are working days before today; `limit` is natural days from its start, 0 for none."""

    code: str
    name: str
    source: str
    policy: str
    authority: str
    document: str
    days_ago: int
    spread: int
    team: str = ""
    limit: int = 0
    secret: bool = False
    fed_back: int = 0


@dataclass(frozen=True)
class Plot:
    """One problem: its batch, the state it has reached, and what befell it on the way.

    `due` is natural days from today; `start` working days before today, where the batch does not say.
    """

    batch: str
    goal: str
    twists: tuple[str, ...] = ()
    lead: str = ""
    place: str = ""
    due: int | None = None
    start: int = 0

    def has(self, *twists: str) -> bool:
        """Whether any of these befell this problem."""
        return any(twist in self.twists for twist in twists)


BATCHES = (
    BatchPlan(
        "I", "县委第二轮专项巡察反馈意见", "inspection", "three_levels", "县委巡察工作领导小组",
        "云巡反馈〔{year}〕3号", 150, 3, team="team3", limit=180,
    ),
    BatchPlan(
        "A", "衔接资金和惠农补贴专项审计", "audit", "sector_office", "县审计局",
        "云审行〔{year}〕7号", 115, 3,
    ),
    BatchPlan(
        "U", "农村人居环境和民生实事暗访", "unannounced", "three_levels", "县委督查室",
        "云督查〔{year}〕11号", 80, 4, team="team2", limit=150,
    ),
    BatchPlan(
        "T", "巩固拓展成果第三方评估反馈", "third_party", "three_levels", "第三方评估组",
        "云巩固函〔{year}〕5号", 50, 2,
    ),
    BatchPlan(
        "H", "12345热线转办事项", "hotline", "county_only", "县12345热线受理中心", "", 100, 0,
    ),
    BatchPlan(
        "N", "民生实事项目抽查（销号前公示）", "survey", "three_levels_notice", "县民生实事专班",
        "云民生〔{year}〕2号", 60, 3, team="team2",
    ),
    BatchPlan(
        "S", "饮水安全和人居环境专项督查", "supervision", "three_levels", "县委督查室",
        "云督查〔{year}〕16号", 16, 3, team="team1", secret=True, fed_back=9,
    ),
    BatchPlan(
        "X", "公益岗位和惠农补贴专项暗访（反馈前保密）", "unannounced", "three_levels", "县委督查室",
        "云督查〔{year}〕19号", 6, 5, team="team1", secret=True,
    ),
)  # fmt: skip


def _many(batch: str, goal: str, count: int) -> Iterator[Plot]:
    for _number in range(count):
        yield Plot(batch, goal)


def _inspection() -> Iterator[Plot]:
    yield from _many("I", "closed", 13)
    for twist in ("failed", "sent_back", "paper", "village_lead", "partner_silent", "major", "returned"):
        yield Plot("I", "closed", (twist,))
    yield Plot("I", "rectifying", ("reopened",), lead="agriculture", due=12)
    yield Plot("I", "rectifying", ("standing", "unchanged"))
    yield Plot("I", "rectifying", ("unchanged",), lead="agriculture", due=-25)
    yield Plot("I", "county_review", ("addressed", "major", "partners"), due=3)
    yield Plot("I", "township_review", ("failed",), place="town:0", due=6)
    yield Plot("I", "suspended", due=40)


def _audit() -> Iterator[Plot]:
    yield from _many("A", "closed", 7)
    yield Plot("A", "closed", ("resumed",))
    yield Plot("A", "closed", ("acting",))
    yield from (Plot("A", "sector_review", lead=lead, due=9) for lead in ("agriculture", "revival", "civil"))
    yield Plot("A", "county_review", due=5)
    yield Plot("A", "county_review", ("on_leave",), due=8)
    yield Plot("A", "rectifying", ("partners",), lead="agriculture", due=-6)
    yield Plot("A", "rectifying", ("sent_back_sector",), due=18)
    yield Plot("A", "rectifying", ("no_due",))
    yield Plot("A", "suspended", ("major",), due=60)


def _unannounced() -> Iterator[Plot]:
    yield from _many("U", "closed", 8)
    yield Plot("U", "county_review", ("partners",), due=4)
    yield Plot("U", "township_review", place="town:0", due=2)
    yield Plot("U", "township_review", due=-1)
    yield Plot("U", "village_review", place="village:0", due=5)
    yield Plot("U", "village_review", due=7)
    yield Plot("U", "verifying", ("recalled",), due=10)
    yield Plot("U", "verifying", due=1)
    yield Plot("U", "rectifying", ("sent_back",), lead="agriculture", due=9)
    yield Plot("U", "rectifying", ("failed",), due=4)
    yield Plot("U", "rectifying", lead="agriculture", due=-12)
    yield Plot("U", "rectifying", ("drafted",), lead="agriculture", due=2)
    yield Plot("U", "rectifying", ("unchanged", "partners"), due=0)
    yield Plot("U", "withdrawn")
    yield Plot("U", "merged")


def _third_party() -> Iterator[Plot]:
    yield from _many("T", "closed", 2)
    yield Plot("T", "verifying", due=12)
    yield Plot("T", "verifying", ("claimed_by_office",), due=8)
    yield Plot("T", "village_review", place="village:0", due=6)
    yield Plot("T", "village_review", due=11)
    yield Plot("T", "township_review", ("village_lead",), place="town:0", due=13)
    yield Plot("T", "township_review", place="town:0", due=9)
    yield Plot("T", "county_review", ("addressed",), due=7)
    yield Plot("T", "rectifying", ("reassigned",), lead="agriculture", due=30)
    yield Plot("T", "rectifying", ("recalled",), due=3)
    yield Plot("T", "rectifying", ("handover",), lead="agriculture", due=16)
    yield from (Plot("T", "rectifying", due=due) for due in (-3, 1, 5, 45))
    yield Plot("T", "rectifying", ("standing",))
    yield Plot("T", "rectifying", ("asks",), lead="agriculture", due=6)
    yield Plot("T", "rectifying", ("asks", "endorsed"), due=4)
    yield Plot("T", "rectifying", ("asks", "endorsed", "granted"), lead="agriculture", due=2)
    yield Plot("T", "suspended", due=25)
    yield Plot("T", "plan_review", ("objected",), lead="agriculture", due=35)
    yield Plot("T", "merged")


def _housing() -> Iterator[Plot]:
    yield Plot("N", "closed")
    yield from (Plot("N", "public_notice", due=due) for due in (8, 12, 20))
    yield Plot("N", "county_review", due=15)


def _hotline() -> Iterator[Plot]:
    for place, start in enumerate((95, 80, 66, 52, 41, 30)):
        yield Plot("H", "closed", ("major",) if place == 2 else (), start=start)
    yield Plot("H", "rectifying", lead="agriculture", due=5, start=12)
    yield Plot("H", "rectifying", ("corrected",), due=-2, start=25)
    yield from (Plot("H", "registered", start=start) for start in (1, 2, 5))
    yield Plot("H", "assigned", lead="agriculture", due=20, start=3)
    yield Plot("H", "assigned", ("reassigned_early",), due=15, start=8)
    yield Plot("H", "withdrawn", start=18)
    yield Plot("H", "county_review", due=6, start=24)
    yield Plot("H", "verifying", due=4, start=17)


def _supervision() -> Iterator[Plot]:
    yield Plot("S", "rectifying", lead="agriculture", due=10)
    yield Plot("S", "rectifying", ("partners",), lead="water", due=20)
    yield from (Plot("S", "planning", lead=lead, due=30) for lead in ("agriculture", "agriculture", "water", ""))
    yield Plot("S", "plan_review", ("claimed_by_office",), lead="agriculture", due=28)
    yield from (Plot("S", "plan_review", due=due) for due in (26, 32))
    yield Plot("S", "plan_review", ("returned",), lead="water", due=40)
    yield Plot("S", "assigned", lead="agriculture", due=25)
    yield Plot("S", "assigned", ("objected",), due=35)
    yield Plot("S", "registered")
    yield Plot("S", "verifying", ("claimed_by_team",), due=8)
    yield Plot("S", "verifying", due=14)
    yield Plot("S", "village_review", place="village:0", due=9)


def plots() -> list[Plot]:
    """Every problem of the demo, batch by batch."""
    return [
        *_inspection(),
        *_audit(),
        *_unannounced(),
        *_third_party(),
        *_housing(),
        *_hotline(),
        *_supervision(),
        *_many("X", "registered", 5),
    ]
