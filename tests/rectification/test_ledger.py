"""The ledger: filters, search, pages by key, totals, export; and pages whose cost does not grow with their rows."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from organizations import clock
from organizations.models import AccessEntry, AccessKind, User
from rectification import queries
from rectification.actions.progress import report_progress
from rectification.actions.review import send_back
from rectification.models import Category, Problem, Source
from rectification.search import matching
from rectification.views import ledger
from tests.conftest import Story, World, fresh, give_evidence, item_of, make_batch, reach, seen, walk_on


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def listed(world: World, **wanted: Any) -> set[str]:
    """Titles of the rows the office sees under some filters."""
    response = client_of(world.registrar).get(reverse("ledger"), wanted)
    assert response.status_code == 200
    return {row.title for row in response.context["page"].rows}


@pytest.fixture
def shelf(story: Story) -> dict[str, Problem]:
    """A small ledger in which each row differs from the others in what one filters by."""
    world = story.world
    audit = make_batch(world, "A1")
    audit.source = Source.objects.get(code="audit")
    audit.save()
    money = Category.objects.get(name="资金管理")
    late = story.assigned(title="已逾期的")
    Problem.objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=1))
    resting = reach(story, "suspended", title="挂账的")
    Problem.objects.filter(pk=resting.pk).update(due_on=clock.today() - timedelta(days=1))
    return {
        "新登记的": story.registered(title="新登记的"),
        "审计的": story.registered(title="审计的", batch=audit),
        "资金的": story.registered(title="资金的", category=money),
        "乙镇的": story.registered(title="乙镇的", division=world.other_village),
        "立行立改的": story.assigned(title="立行立改的", kind="immediate"),
        "财政局的": story.assigned(title="财政局的", unit="partner"),
        "已逾期的": late,
        "挂账的": resting,
        "已销号的": story.closed(title="已销号的"),
    }


def test_every_filter_keeps_its_rows_and_no_others(story: Story, shelf: dict[str, Problem]) -> None:
    world = story.world
    everything = set(shelf)
    category = Category.objects.get(name="资金管理").pk
    wanted: list[tuple[dict[str, Any], set[str]]] = [
        ({}, everything),
        ({"state": "closed"}, {"已销号的"}),
        ({"state": ["closed", "suspended"]}, {"已销号的", "挂账的"}),
        ({"place": "乙镇"}, {"乙镇的"}),
        ({"place": "甲镇 / 一村"}, everything - {"乙镇的"}),
        ({"unit": "县财政局"}, {"财政局的"}),
        ({"source": Source.objects.get(code="audit").pk}, {"审计的"}),
        ({"batch": shelf["审计的"].batch_id}, {"审计的"}),
        ({"category": category}, {"资金的"}),
        ({"kind": "immediate"}, {"立行立改的"}),
        ({"late": "yes"}, {"已逾期的"}),
        ({"late": "no"}, everything - {"已逾期的"}),
        ({"q": "逾期"}, {"已逾期的"}),
        ({"state": "registered", "place": "乙镇"}, {"乙镇的"}),
        ({"state": "closed", "late": "yes"}, set()),
    ]

    found = [(filters, listed(world, **filters)) for filters, _rows in wanted]

    assert found == wanted


def test_a_filter_that_cannot_be_read_is_left_out(story: Story, shelf: dict[str, Problem]) -> None:
    found = listed(story.world, state="rubbish", unit="火星局", batch="x", late="maybe")

    assert found == set(shelf)


def test_the_ledger_shows_each_person_their_own_rows(story: Story, shelf: dict[str, Problem]) -> None:
    world = story.world
    client = client_of(world.people["partner"])

    rows = client.get(reverse("ledger")).context["page"].rows

    assert [row.title for row in rows] == ["财政局的"]


# Search


def test_a_number_finds_its_own_problem_however_it_is_typed(story: Story) -> None:
    problem, other = story.registered(), story.registered()
    visible = Problem.objects.visible_to(fresh(story.world.registrar))

    for typed in (problem.case.number, problem.case.number.lower(), f"  {problem.case.number} "):
        assert list(matching(visible, typed)) == [problem]
    assert other not in matching(visible, problem.case.number)


def test_any_two_neighbouring_characters_find_the_problem(story: Story) -> None:
    title, description, place = "一村饮水管网漏损，水质异常", "入户走访发现管道老化", "村委会东侧三百米"
    problem = story.registered(title=title, description=description, place_text=place)
    story.registered(title="危房改造资金", division=story.world.other_village)
    visible = Problem.objects.visible_to(fresh(story.world.registrar))
    pairs = [text[at : at + 2] for text in (*title.split("，"), description, place) for at in range(len(text) - 1)]

    missed = [pair for pair in pairs if list(matching(visible, pair)) != [problem]]

    assert len(pairs) > 20
    assert missed == []


@pytest.mark.parametrize(
    ("typed", "hit"),
    [
        ("饮水 管道", True),
        ("饮水，老化", True),
        ("管网漏损", True),
        ("漏网", False),
        ("饮水 危房", False),
        ("网水", False),
        ("PVC", True),
        ("pvc", True),
        ("！？", False),
        ("' OR 1=1 --", False),
        ("饮水:*", True),
        ("饮水 & !管道", True),
    ],
)
def test_what_is_typed_has_to_stand_there_piece_by_piece(story: Story, typed: str, hit: bool) -> None:
    problem = story.registered(title="饮水管网漏损", description="PVC管道老化")
    visible = Problem.objects.visible_to(fresh(story.world.registrar))

    assert list(matching(visible, typed)) == ([problem] if hit else [])


def test_nothing_typed_finds_everything(story: Story) -> None:
    story.registered()
    visible = Problem.objects.visible_to(fresh(story.world.registrar))

    assert [matching(visible, typed).count() for typed in ("", "  ")] == [1, 1]


# Pages


def page_of(client: Client, **place: str) -> Any:
    return client.get(reverse("ledger"), place).context["page"]


def test_pages_neither_skip_nor_repeat_while_rows_arrive(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(25):
        story.registered(title=f"问题{number:02d}")
    before = list(Problem.objects.order_by("-case_id").values_list("pk", flat=True))
    monkeypatch.setitem(queries.ledger_page.__kwdefaults__, "size", 10)
    client = client_of(story.world.registrar)

    first = page_of(client)
    story.registered(title="刚到的")
    second = page_of(client, after=first.next_key)
    story.registered(title="又到的")
    third = page_of(client, after=second.next_key)

    assert [row.pk for page in (first, second, third) for row in page.rows] == before
    assert third.next_key == ""
    back = page_of(client, before=third.previous_key)
    assert [row.pk for row in back.rows] == [row.pk for row in second.rows]
    newest = page_of(client, before=page_of(client, before=back.previous_key).previous_key)
    assert [row.title for row in newest.rows] == ["又到的", "刚到的"]
    assert newest.previous_key == ""


def test_the_total_is_exact_up_to_a_bound_and_then_says_more(
    story: Story, shelf: dict[str, Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(story.world.registrar)
    assert page_of(client).total_text == str(len(shelf))

    less = len(shelf) - 1
    monkeypatch.setattr(queries, "EXACT", less)
    monkeypatch.setitem(queries.ledger_page.__kwdefaults__, "size", 2)

    response = client.get(reverse("ledger"))
    assert response.context["page"].total_text == "1万以上"
    assert "1万以上" in response.content.decode()
    assert page_of(client, q="逾期").total_text == "1"


@pytest.mark.parametrize("near", [0, 3, 1_000])
def test_a_search_counts_the_same_by_walking_and_by_the_index(
    story: Story, shelf: dict[str, Problem], monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    client = client_of(story.world.registrar)
    for _row in range(3):
        story.registered(title="路灯不亮")
    monkeypatch.setitem(queries.ledger_page.__kwdefaults__, "size", 2)
    monkeypatch.setattr(queries, "NEAR", near)

    assert page_of(client, q="路灯").total_text == "3"
    assert page_of(client, q="路灯", state="closed").total_text == "0"


# What a page costs


def cost(user: User, page: str, **headers: str) -> int:
    """Statements of one page, asked a second time so that caches are warm."""
    client = client_of(user)
    client.get(page, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page, headers=headers).status_code == 200
    return len(captured)


PAGES: dict[str, Callable[[World], tuple[User, str, dict[str, str]]]] = {
    "ledger": lambda w: (w.registrar, reverse("ledger"), {}),
    "ledger rows": lambda w: (w.registrar, reverse("ledger"), {"HX-Request": "true"}),
    "ledger found": lambda w: (w.registrar, reverse("ledger") + "?q=饮水&place=甲镇&state=registered", {}),
    "ledger export": lambda w: (w.registrar, reverse("ledger-export"), {}),
    "workbench": lambda w: (w.registrar, reverse("workbench"), {}),
    "workbench of the team": lambda w: (w.lead, reverse("workbench"), {}),
    "batch": lambda w: (w.registrar, reverse("batch-detail", args=[w.batch.code]), {}),
    "batches": lambda w: (w.registrar, reverse("batch-list"), {}),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_list_costs_the_same_for_five_rows_and_for_forty(story: Story, name: str) -> None:
    world = story.world
    user, page, headers = PAGES[name](world)
    for _row in range(5):
        story.registered(proposed_unit=world.units["bureau"])
    few = cost(user, page, **headers)

    for row in range(35):
        division = world.other_village if row % 2 else world.village
        story.registered(division=division, proposed_unit=world.units["partner"])
    for row in range(10):
        make_batch(world, f"Q{row}")
    many = cost(user, page, **headers)

    # A page that is not full needs no count.
    assert few <= many <= few + 1


def test_previewing_a_bulk_assignment_costs_about_the_same_for_each_row(story: Story) -> None:
    world = story.world
    client = client_of(world.registrar)
    pks = [story.registered(proposed_unit=world.units["bureau"]).pk for _row in range(12)]
    costs = []
    for some in (pks[:2], pks):
        with CaptureQueriesContext(connection) as captured:
            assert client.post(reverse("bulk-assign"), {"pk": some}).status_code == 200
        costs.append(len(captured))

    assert costs[1] <= costs[0], "units, partners and days of all rows are asked for once"


def test_a_problem_page_costs_the_same_however_long_its_history(story: Story) -> None:
    world = story.world
    problem = reach(story, "township_review", partners=("partner",))
    page = problem.get_absolute_url()

    def one_more_round() -> None:
        send_back(item_of(problem).pk, by=fresh(world.reviewer), reason="还有一处漏水。")
        for number in range(4):
            report_progress(problem.pk, by=fresh(world.clerk), percent=number, text=f"进展{number}")
            give_evidence(problem, fresh(world.clerk))
        story.submit(problem)
        walk_on(story, problem, until="township_review")

    one_more_round()
    few = {name: cost(world.people[name], page) for name in ("registrar", "reviewer", "clerk", "observer")}
    events = seen(problem)

    one_more_round()
    one_more_round()

    many = {name: cost(world.people[name], page) for name in few}
    assert seen(problem) > events + 20
    assert many == few


# Export


def exported(client: Client, **wanted: Any) -> list[list[Any]]:
    response = client.get(reverse("ledger-export"), wanted)
    assert response.status_code == 200
    return CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0).to_python()


def test_an_export_holds_the_rows_of_the_filter(story: Story, shelf: dict[str, Problem]) -> None:
    client = client_of(story.world.registrar)

    rows = exported(client, state="registered")

    assert rows[0][:4] == ["编号", "批次", "来文序号", "问题"]
    assert {row[3] for row in rows[1:]} == listed(story.world, state="registered")
    number = shelf["乙镇的"].case.number
    line = next(dict(zip(rows[0], row, strict=True)) for row in rows if row[0] == number)
    assert (line["属地"], line["环节"], line["轮次"], line["牵头单位"]) == ("乙镇 / 二村", "待交办", 1, "")


def test_an_export_holds_only_what_the_person_may_see(story: Story, shelf: dict[str, Problem]) -> None:
    rows = exported(client_of(story.world.people["partner"]))

    assert [row[3] for row in rows[1:]] == ["财政局的"]
    assert len(exported(client_of(story.world.stranger))) == 1


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", '=HYPERLINK("http://x","点我")', "\t=1"])
def test_a_text_that_looks_like_a_formula_is_exported_as_text(story: Story, text: str) -> None:
    story.registered(title=f"{text}", description=text, place_text=text)
    client = client_of(story.world.registrar)

    response = client.get(reverse("ledger-export"))

    with ZipFile(BytesIO(response.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    line = CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0).to_python()[1]
    assert str(line[3]).strip() == text.strip()
    assert isinstance(line[3], str)


def test_an_export_is_written_into_the_auditors_log(story: Story, shelf: dict[str, Problem]) -> None:
    world = story.world

    exported(client_of(world.registrar), q="逾期")

    entry = AccessEntry.objects.get(kind=AccessKind.EXPORT)
    assert (entry.user, entry.address) == (world.registrar, "127.0.0.1")
    assert "1条" in entry.text
    assert "q=" in entry.data["filter"]


def test_an_export_of_too_many_rows_is_refused_with_a_sentence(
    story: Story, shelf: dict[str, Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "EXPORT_MOST", len(shelf) - 1)
    client = client_of(story.world.registrar)

    response = client.get(reverse("ledger-export"), {"late": "no", "kind": ""})
    assert response.status_code == 200
    response = client.get(reverse("ledger-export"), {"kind": ""})

    assert response.status_code == 302
    assert response["Location"].startswith(f"{reverse('ledger')}?kind=")
    assert "请缩小范围" in [str(each) for each in get_messages(response.wsgi_request)][-1]
    assert AccessEntry.objects.filter(kind=AccessKind.EXPORT).count() == 1


# Assigning many at once


def test_assigning_many_at_once_answers_for_each_row(story: Story) -> None:
    world = story.world
    ready = [story.registered(proposed_unit=world.units["bureau"]) for _row in range(2)]
    unready = story.registered(title="没有拟交办单位的")
    running = story.rectifying()
    client = client_of(world.registrar)
    preview = client.post(reverse("bulk-assign"), {"pk": [p.pk for p in (*ready, unready, running)]})

    assert {line.problem.pk for line in preview.context["lines"]} == {p.pk for p in (*ready, unready)}
    response = client.post(reverse("bulk-assign"), {"signed": preview.context["signed"]})

    said = [str(each) for each in get_messages(response.wsgi_request)]
    assert said == ["已交办2个问题，还有1个没有交办。"]
    assert [line.problem for line in response.context["lines"]] == [unready]
    assert unready.get_absolute_url() in response.content.decode()
    states = Problem.objects.filter(pk__in=[p.pk for p in (*ready, unready, running)]).order_by("pk")
    assert [row.state for row in states] == ["assigned", "assigned", "registered", "rectifying"]


def test_the_second_confirmation_of_a_bulk_assigns_nothing_twice(story: Story) -> None:
    world = story.world
    problem = story.registered(proposed_unit=world.units["bureau"])
    client = client_of(world.registrar)
    signed = client.post(reverse("bulk-assign"), {"pk": [problem.pk]}).context["signed"]
    client.post(reverse("bulk-assign"), {"signed": signed})
    events = seen(problem)

    client.post(reverse("bulk-assign"), {"signed": signed})

    assert seen(problem) == events
