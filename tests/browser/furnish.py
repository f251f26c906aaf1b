"""`python -m tests.browser.furnish FILE`: the demo county and a few problems for the browser, through the actions.

Writes a JSON object to FILE: the number of each problem by its key, and the names a form needs.
"""

import json
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from organizations import clock  # noqa: E402
from organizations.models import User  # noqa: E402
from project.demo.county import County, build_county  # noqa: E402
from project.demo.pictures import Album  # noqa: E402
from rectification.actions.batches import create_batch  # noqa: E402
from rectification.actions.evidence import add_evidence  # noqa: E402
from rectification.actions.reporting import ReportEntry, submit_rectification  # noqa: E402
from rectification.models import Category, Problem, Source  # noqa: E402
from tests.conftest import Story, World, item_of, reach  # noqa: E402
from workflows.models import DeadlinePolicy, ReviewPolicy  # noqa: E402

SPOT = (30.6, 111.2)
UNITS = {
    "office": "office",
    "team": "team1",
    "bureau": "agriculture",
    "partner": "finance",
    "leaders": "leaders",
    "village": "village:0",
    "township": "town:0",
}
PEOPLE = {
    "inspector": "demo-inspector",
    "lead": "demo-teamlead",
    "registrar": "demo-office",
    "head": "demo-head",
    "clerk": "demo-clerk",
    "assessor": "demo-village",
    "reviewer": "demo-township",
    "leader": "demo-leader",
}
# Key, state to reach, title, category, what the pictures show.
PROBLEMS = (
    ("closed", "closed", "村卫生室药品零差率公示不及时", "医疗保障", "clinic"),
    ("suspended", "suspended", "灌溉渠道年久失修，影响下游两组农田用水", "项目建设", "ditch"),
    ("to_register", "registered", "村务公开栏内容半年未更新", "作风建设", "board"),
    ("to_sign", "assigned", "通组公路错车道路肩塌陷，未设警示标志", "项目建设", "road"),
    ("to_sign_twice", "assigned", "太阳能路灯六盏不亮", "项目建设", "lamp"),
    ("to_sign_plainly", "assigned", "养殖户畜禽粪污直排沟渠", "人居环境", "ditch"),
    ("to_plan", "planning", "产业帮扶大棚闲置三座", "产业帮扶", "greenhouse"),
    ("to_report", "rectifying", "垃圾清运不及时，村口堆放点长期满溢", "人居环境", "rubbish"),
    ("to_extend", "rectifying", "过水路面基础未做，汛期车辆无法通行", "项目建设", "road"),
    ("to_verify", "verifying", "农村危房改造户屋面渗漏", "住房安全", "roof"),
    ("to_review", "county_review", "集中供水点管网漏损，枯水期间歇性停水", "饮水安全", "pipe"),
    ("to_decide", "county_review", "公益性岗位考勤台账缺失", "就业务工", "ledger"),
)


class DrawnStory(Story):
    """The story of tests/conftest with pictures worth looking at."""

    scene = "pipe"
    text = "已完成整改并组织村民代表现场查看，建立了管护责任制，明确专人每周巡查一次。"
    album = Album(7)

    def photograph(self, problem: Problem, by: User, phase: str) -> int:
        taken = clock.local(clock.now()) - timedelta(hours=2)
        body = self.album.picture(self.scene, phase == "after", problem.pk, taken, SPOT)
        name = "整改前.jpg" if phase == "before" else "整改后.jpg"
        row, _used = add_evidence(problem.pk, by=by, name=name, stream=BytesIO(body), phase=phase)
        return row.pk

    def registered(self, **fields: object) -> Problem:
        problem = super().registered(**fields)
        self.photograph(problem, self.world.inspector, "before")
        return problem

    def submit(self, problem: Problem, **entry: object) -> None:
        after = self.photograph(problem, self.world.clerk, "after")
        report = ReportEntry(text=self.text, rectified_on=clock.today(), evidence_ids=[after])
        submit_rectification(item_of(problem).pk, by=self.world.head, entry=report)


def make_world(county: County) -> World:
    """The county as the cast of tests/conftest."""
    towns, villages = county.towns, county.villages
    world = World(county.division, towns[0], villages[0], towns[1], county.villages_of(towns[1])[0])
    world.units = {key: county.units[name] for key, name in UNITS.items()}
    world.people = {key: county.users[name] for key, name in PEOPLE.items()}
    world.batch = create_batch(
        by=world.registrar,
        name="2026年县委第二轮督查反馈问题",
        source=Source.objects.get(code="inspection"),
        authority="县委督查室",
        document_number="云督〔2026〕6号",
        document_date=clock.today() - timedelta(days=20),
        team=world.units["team"],
        review_policy=ReviewPolicy.objects.get(code="three_levels", in_force=True),
        deadline_policy=DeadlinePolicy.objects.get(code="standard", in_force=True),
    )
    return world


def tell(world: World) -> dict[str, str]:
    """Every problem to its state; the first one is long overdue."""
    numbers = {}
    with clock.at(clock.now() - timedelta(days=75)):
        numbers["late"] = _told(world, "rectifying", "农户厕所改造质量不达标", "人居环境", "site")
    for key, state, title, category, scene in PROBLEMS:
        numbers[key] = _told(world, state, title, category, scene)
    numbers["to_put_up"] = put_up(world)
    return numbers


def put_up(world: World) -> str:
    """A problem of a batch that wants a public notice, with a phone number in what the unit reported."""
    fields = {"village": False, "township": False, "notice_days": 5}
    policy = ReviewPolicy.objects.create(code="noticed", name="公示后销号", **fields)
    world.batch = create_batch(
        by=world.registrar,
        name="2026年危房改造抽查",
        source=Source.objects.get(code="survey"),
        team=world.units["team"],
        review_policy=policy,
        deadline_policy=DeadlinePolicy.objects.get(code="standard", in_force=True),
    )

    class Noticed(DrawnStory):
        text = "已全部翻修，住户联系电话13912345678。"

    return _told(world, "county_review", "两户危房屋面翻修不到位", "住房安全", "roof", Noticed)


def _told(world: World, state: str, title: str, category: str, scene: str, kind: type[DrawnStory] | None = None) -> str:
    for user in world.people.values():
        user.__dict__.pop("_actor", None)
    story = (kind or DrawnStory)(world)
    story.scene = scene
    chosen = Category.objects.filter(name=category).first()
    description = "督查组入户走访和现场查看时发现，群众反映已持续一段时间。"
    problem = reach(story, state, title=title, category=chosen, description=description)
    return problem.case.number


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("load_defaults", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    county = build_county()
    world = make_world(county)
    made = {
        "batch": world.batch.name,
        "numbers": tell(world),
        "place": f"{world.town.name} / {world.village.name}",
        "unit": world.units["bureau"].name,
    }
    Path(sys.argv[1]).write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
