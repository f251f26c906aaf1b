"""Every address of the site against every kind of person."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from inspections.actions.drafts import Upload, begin_import
from notifications.actions.telling import deliver_event
from notifications.models import Address, Delivery, Notice
from organizations.models import User
from project.health import note_tick
from rectification.models import Problem
from tests.conftest import Story, World, fresh, give_evidence, item_of, make_batch, reach, undone
from tests.inspections.lists import usual, workbook
from tests.timing import asked, cycled, noticed, objected, proposed, side_item
from workflows.models import LocalDay, Outbox, WorkItem
from workflows.queries import side_items

SIDES = {"extension": asked, "escalation": proposed, "objection": objected, "progress": cycled}
BESIDE = {**SIDES, "public_notice": noticed}
ADMIN = "/admin/"
OPEN = {
    "login",
    "logout",
    "demo-login",
    "demo-clock",
    "demo-mail",
    "demo-mail-detail",
    "healthz",
    "readyz",
}  # the only pages without a log-in


class Row(NamedTuple):
    """How an address is asked, of a problem in which state, and what each kind of person is answered."""

    ask: str  # GET or POST, and for the actor the state of the problem
    actor: str
    stranger: int
    onlooker: int
    done: int


# The stranger is a head in another town, the onlooker an observer of the county.
TABLE = {
    # the entrance
    "login": Row("GET", "clerk", 302, 302, 302),
    "logout": Row("POST", "clerk", 302, 302, 302),
    "demo-login": Row("POST", "clerk", 404, 404, 404),
    "password": Row("GET", "clerk", 200, 200, 200),
    # for machines, and what only the demo has
    "healthz": Row("GET", "clerk", 200, 200, 200),
    "readyz": Row("GET", "clerk", 200, 200, 200),
    "demo-clock": Row("POST", "clerk", 404, 404, 404),
    "demo-mail": Row("GET", "clerk", 404, 404, 404),
    "demo-mail-detail": Row("GET", "clerk", 404, 404, 404),
    # the administrators
    "admin:index": Row("GET", "sysadmin", 403, 403, 200),
    "access-log": Row("GET", "auditor", 403, 403, 200),
    "people": Row("GET", "secadmin", 403, 403, 200),
    "people-reset": Row("POST", "secadmin", 403, 403, 200),
    "people-active": Row("POST", "secadmin", 403, 403, 302),
    "people-import": Row("GET", "secadmin", 403, 403, 200),
    "people-import-commit": Row("POST", "secadmin", 403, 403, 302),
    "people-import-result": Row("GET", "secadmin", 403, 403, 200),
    "people-template": Row("GET", "secadmin", 403, 403, 200),
    "people-passwords": Row("POST", "secadmin", 403, 403, 302),
    "policy-list": Row("GET", "sysadmin", 403, 200, 200),
    "policy-detail": Row("GET", "sysadmin", 403, 200, 200),
    "policy-new": Row("GET", "sysadmin", 403, 403, 200),
    "policy-edit": Row("GET", "sysadmin", 403, 403, 200),
    # everybody's desk: what it shows is each person's own
    "workbench": Row("GET", "clerk", 200, 200, 200),
    "ledger": Row("GET", "clerk", 200, 200, 200),
    "ledger-export": Row("GET", "clerk", 200, 200, 200),
    "flow-chart": Row("GET", "clerk", 200, 200, 200),
    "lookup-places": Row("GET", "registrar", 200, 200, 200),
    "lookup-units": Row("GET", "registrar", 200, 200, 200),
    "draft": Row("POST", "clerk", 400, 400, 400),
    "batch-list": Row("GET", "registrar", 200, 200, 200),
    "bulk-assign": Row("POST", "registrar", 403, 403, 302),
    # messages: what one was told is one's own, the sending is the system administrator's
    "message-list": Row("GET", "clerk", 200, 200, 200),
    "message-open": Row("GET notice", "clerk", 404, 404, 302),
    "messages-read": Row("POST", "clerk", 302, 302, 302),
    "message-preferences": Row("GET", "clerk", 200, 200, 200),
    "unit-addresses": Row("GET", "head", 200, 403, 200),
    "address-switch": Row("POST address", "head", 404, 404, 302),
    "delivery-list": Row("GET", "sysadmin", 403, 403, 200),
    "delivery-resend": Row("POST delivery", "sysadmin", 403, 403, 302),
    "live": Row("GET", "clerk", 200, 200, 200),
    # the calendar: read by everybody, kept by the system administrator, local days by the office of the county
    "calendar": Row("GET", "clerk", 200, 200, 200),
    "calendar-year": Row("GET", "clerk", 200, 200, 200),
    "calendar-progress": Row("GET", "clerk", 200, 200, 200),
    "calendar-publish": Row("GET", "sysadmin", 403, 403, 200),
    "calendar-local": Row("GET", "registrar", 403, 403, 200),
    "calendar-local-drop": Row("POST", "registrar", 403, 403, 302),
    "calendar-hours": Row("GET", "sysadmin", 403, 403, 200),
    # making
    "problem-new": Row("GET", "inspector", 403, 403, 200),
    "batch-new": Row("GET", "lead", 403, 403, 200),
    "batch-detail": Row("GET", "registrar", 404, 200, 200),
    "batch-feed-back": Row("POST secret", "lead", 404, 404, 302),
    # one problem
    "problem-detail": Row("GET rectifying", "clerk", 404, 200, 200),
    "problem-do": Row("GET rectifying", "registrar", 404, 403, 200),
    "problem-major": Row("POST rectifying", "registrar", 404, 403, 302),
    "progress-new": Row("GET rectifying", "clerk", 404, 403, 200),
    "progress-unchanged": Row("POST rectifying", "clerk", 404, 403, 302),
    "evidence-new": Row("GET rectifying", "clerk", 404, 403, 200),
    "evidence-file": Row("GET rectifying", "clerk", 404, 200, 200),
    "evidence-original": Row("GET rectifying", "registrar", 404, 403, 200),
    "evidence-remove": Row("POST rectifying", "clerk", 404, 403, 302),
    # one work item
    "item-open": Row("GET rectifying", "clerk", 404, 302, 302),
    "item-assign": Row("GET registered", "registrar", 404, 403, 200),
    "item-accept": Row("POST assigned", "clerk", 404, 403, 302),
    "item-object": Row("GET assigned", "head", 404, 403, 200),
    "item-plan": Row("GET planning", "clerk", 404, 403, 200),
    "item-plan-review": Row("GET plan_review", "registrar", 404, 403, 200),
    "item-submit": Row("GET rectifying", "clerk", 404, 403, 200),
    "item-verify": Row("GET verifying", "lead", 404, 403, 200),
    "item-review": Row("GET village_review", "assessor", 404, 403, 200),
    "item-paper": Row("GET village_review", "registrar", 404, 403, 200),
    "item-cooperate": Row("GET side", "partner", 404, 403, 200),
    "item-claim": Row("POST assigned", "clerk", 404, 403, 302),
    "item-release": Row("POST claimed", "clerk", 404, 403, 302),
    "item-hand-over": Row("GET assigned", "clerk", 404, 403, 200),
    # dates, and what stands beside the main line
    "problem-dates": Row("GET rectifying", "clerk", 404, 200, 200),
    "extension-new": Row("GET rectifying", "head", 404, 403, 200),
    "extension-take-back": Row("POST extension", "head", 404, 403, 302),
    "item-extension": Row("GET extension", "registrar", 404, 403, 200),
    "item-escalation": Row("GET escalation", "registrar", 404, 403, 200),
    "item-objection": Row("GET objection", "registrar", 404, 403, 200),
    "item-progress": Row("GET progress", "clerk", 404, 403, 302),
    "notice-sheet": Row("GET public_notice", "registrar", 404, 200, 200),
    "notice-revise": Row("GET public_notice", "registrar", 404, 403, 200),
    "notice-objection": Row("GET public_notice", "registrar", 404, 403, 200),
    # a received list: a draft is its clerk's own
    "import-list": Row("GET", "registrar", 403, 403, 200),
    "import-new": Row("GET", "registrar", 403, 403, 200),
    "import-detail": Row("GET list", "registrar", 404, 404, 200),
    "import-sheet": Row("GET list", "registrar", 404, 404, 200),
    "import-shown": Row("POST list", "registrar", 404, 404, 404),
    "import-row": Row("GET list", "registrar", 404, 404, 200),
    "import-row-set": Row("POST list", "registrar", 404, 404, 302),
    "import-choose": Row("POST list", "registrar", 404, 404, 302),
    "import-units": Row("POST list", "registrar", 404, 404, 302),
    "import-again": Row("POST list", "registrar", 404, 404, 302),
    "import-meaning": Row("POST list", "registrar", 404, 404, 302),
    "import-skip": Row("POST list", "registrar", 404, 404, 302),
    "import-commit": Row("POST list", "registrar", 404, 404, 302),
    "import-drop": Row("POST list", "registrar", 404, 404, 302),
    "import-take-back": Row("POST list", "registrar", 404, 404, 302),
}


def names(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """Every name of the resolver; of Django's admin only its front page."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace == "admin":
            yield "admin:index"
        elif isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, prefix)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def test_every_address_of_the_site_stands_in_the_table() -> None:
    found = list(names())

    assert "None" not in found, "an address without a name"
    assert sorted(found) == sorted(TABLE), "an address is missing from the table, or the table names one that is gone"


def of_a_list(story: Story, name: str) -> list[Any]:
    """A draft of an import, and the row or sheet an address names."""
    upload = Upload("清单.xlsx", workbook(usual("立行立改")))
    made = begin_import(story.world.batch, upload, by=fresh(story.world.registrar))
    row = made.rows.get(position=0).pk
    more = {"import-row": [row], "import-row-set": [row, "skip"], "import-skip": ["error"]}
    return [made.pk, *more.get(name, [0] if name in {"import-sheet", "import-shown"} else [])]


def of_a_message(story: Story, state: str) -> int:
    """A notice of the clerk, an address of the unit, or a message that was sent to the clerk."""
    world = story.world
    if state == "address":
        return Address.objects.create(unit=world.units["bureau"], channel="robot", address="https://robot.test/1").pk
    story.assigned()
    email = Address.objects.create(user=world.clerk, channel="email", address="clerk@gov.test")
    for pk in Outbox.objects.values_list("pk", flat=True):
        deliver_event(pk)
    Delivery.objects.filter(address=email).update(state="failed")
    rows = Notice.objects.filter(person=world.clerk) if state == "notice" else Delivery.objects.filter(address=email)
    return rows[0].pk


def brought(story: Story, state: str) -> Problem:
    """The problem an address is about."""
    if state == "side":
        return reach(story, "rectifying", partners=("partner",))
    if state in BESIDE:
        return BESIDE[state](story)
    problem = reach(story, "assigned" if state == "claimed" else state)
    if state == "claimed":
        WorkItem.objects.filter(pk=item_of(problem).pk).update(owner=story.world.clerk, status="ASSIGNED")
    return problem


def _local_day(world: World) -> int:
    return LocalDay.objects.create(division=world.county, day=date(2026, 12, 1), kind="holiday").pk


def arguments(story: Story, name: str, state: str) -> list[Any]:
    """What the address is made of."""
    world = story.world
    if state in {"list", "notice", "address", "delivery"}:
        return of_a_list(story, name) if state == "list" else [of_a_message(story, state)]
    if not state or state == "secret":
        made = {
            "readyz": lambda: note_tick() or [],  # beat has just come by
            "people-reset": lambda: [world.clerk.pk],
            "people-active": lambda: [world.clerk.pk],
            "draft": lambda: ["register"],
            "calendar-year": lambda: [2026],
            "calendar-publish": lambda: [2027],
            "calendar-local-drop": lambda: [_local_day(world)],
            "demo-mail-detail": lambda: ["20261122083000000000-00000000"],
            "policy-new": lambda: ["warning"],
            "policy-detail": lambda: ["deadline", "standard"],
            "policy-edit": lambda: ["escalation", "standard"],
            "batch-detail": lambda: [world.batch.code],
            "batch-feed-back": lambda: [make_batch(world, "M1", secret=True).code],
        }
        return made.get(name, list)()
    problem = brought(story, state)
    if name.startswith("evidence-") and name != "evidence-new":
        evidence = give_evidence(problem, fresh(world.clerk))
        return [evidence.pk, "view"] if name == "evidence-file" else [evidence.pk]
    if state in SIDES:
        return [side_item(problem, state).pk]
    if name.startswith("item-"):
        item = side_items(problem.pk).get() if state == "side" else item_of(problem)
        return [item.pk]
    return [problem.case.number, "suspend"] if name == "problem-do" else [problem.case.number]


def answer(user: User | None, method: str, page: str) -> Any:
    client = Client()
    if user is not None:
        client.force_login(fresh(user))
    response = getattr(client, method.lower())(page)
    if page == ADMIN and response.status_code == 302:
        return client.get(response["Location"])  # the admin sends on to its own door first
    return response


@pytest.mark.parametrize("name", TABLE)
def test_each_kind_of_person_is_answered_as_the_table_says(world: World, name: str) -> None:
    row = TABLE[name]
    method, _space, state = row.ask.partition(" ")
    page = reverse(name, args=arguments(Story(world), name, state))
    people = {"stranger": world.stranger, "onlooker": world.observer, "actor": world.people[row.actor]}

    found = {}
    for kind, user in people.items():
        with undone():
            response = answer(user, method, page)
            found[kind] = response.status_code
            b"".join(response)  # a file is closed by reading it to its end

    assert found == {"stranger": row.stranger, "onlooker": row.onlooker, "actor": row.done}


@pytest.mark.parametrize("name", sorted(set(TABLE) - OPEN))
def test_whoever_has_not_logged_in_is_sent_to_the_entrance(world: World, name: str) -> None:
    row = TABLE[name]
    method, _space, state = row.ask.partition(" ")
    page = reverse(name, args=arguments(Story(world), name, state))

    response = answer(None, method, page)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.ask.startswith("POST")])
def test_what_changes_something_does_not_answer_to_a_mere_look(world: World, name: str) -> None:
    row = TABLE[name]
    state = row.ask.partition(" ")[2]
    page = reverse(name, args=arguments(Story(world), name, state))

    response = answer(world.people[row.actor], "GET", page)

    assert response.status_code == 405


def test_a_first_password_has_to_be_changed_before_anything_opens(world: World) -> None:
    User.objects.filter(pk=world.clerk.pk).update(must_change_password=True)

    for name in ("workbench", "ledger", "flow-chart", "problem-new"):
        response = answer(world.clerk, "GET", reverse(name))
        assert (response.status_code, response["Location"]) == (302, reverse("password"))


def test_an_administrator_who_logs_in_on_the_way_arrives_where_they_were_going(world: World) -> None:
    world.sysadmin.set_password("yunshan2026x")
    world.sysadmin.save()
    client = Client()
    entrance = client.get(ADMIN, follow=True).redirect_chain[-1][0]

    response = client.post(entrance, {"username": "sysadmin", "password": "yunshan2026x"}, follow=True)

    assert response.status_code == 200
    assert response.redirect_chain[-1][0] == ADMIN
