"""The demo county: its counts, its story, and the order of time in it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from organizations import clock
from organizations.checks import the_demo_door_stays_in_the_demo
from organizations.models import Division, Post, Unit, User
from organizations.roles import ADMIN_ROLES, Role
from project.demo import words
from project.demo.county import County, build_county
from project.demo.story import tell_story
from rectification.models import Batch, Cooperation, Escalation, Evidence, Extension, Problem, Report, ReviewStep
from rectification.models.evidence import private_store
from workflows.lifecycles.problem import ProblemState
from workflows.models import Event, WorkItem
from workflows.queries import inbox_counts, open_items
from workflows.verification import verify

# The mark has the test database made; the county itself is built once, below.
pytestmark = [pytest.mark.django_db, pytest.mark.pure]


@pytest.fixture(scope="module", autouse=True)
def evidence_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One folder of evidence for the whole module, as the county is built once."""
    folder = str(tmp_path_factory.mktemp("evidence"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(private_store()), "base_location", folder)
        patch.setitem(vars(private_store()), "location", folder)
        yield


@pytest.fixture(scope="module")
def county(django_db_setup: Any, django_db_blocker: Any, evidence_folder: None) -> Iterator[County]:
    """The whole demo, told once for this module inside a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        connection = transaction.get_connection()
        # As TestCase does: the doors' durable transactions may nest in this one.
        connection.atomic_blocks[-1]._from_testcase = True
        built = build_county()
        tell_story(built, lambda text: None)
        yield built
        transaction.set_rollback(True)


def person(name: str) -> User:
    return User.objects.get(username=name)


def events_by_case() -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in Event.objects.order_by("case_id", "number"):
        found.setdefault(event.case_id, []).append(event)
    return found


def test_the_county_has_its_places_units_and_people(county: County) -> None:
    levels = Counter(Division.objects.filter(code__startswith="9999").values_list("level", flat=True))

    assert levels == {"city": 1, "county": 1, "town": 10, "village": 120}
    assert Division.objects.get(code="999921000000").name == "云溪县"
    assert Counter(Unit.objects.values_list("kind", flat=True)) == {
        "village": 120, "department": 14, "township": 10, "team": 3,
        "leadership": 2, "office": 1, "administration": 1,
    }  # fmt: skip
    assert len(set(User.objects.values_list("name", flat=True))) == User.objects.count()
    assert not User.objects.filter(must_change_password=True).exists()


def test_every_role_has_a_log_in_every_team_its_leader_and_the_administrators_are_three(county: County) -> None:
    demo = User.objects.filter(username__startswith="demo-").order_by("id")

    assert [user.username for user in demo] == [row[0] for row in words.DEMO_PEOPLE]
    assert set(Post.objects.filter(user__in=demo).values_list("role", flat=True)) == set(Role.values)
    leads = Post.objects.filter(user__in=demo, role=Role.TEAM_LEAD)
    assert sorted(leads.values_list("unit_id")) == sorted(Unit.objects.filter(kind="team").values_list("pk"))
    assert all(user.check_password(words.PASSWORD) for user in demo[:2])
    assert not User.objects.exclude(username__startswith="demo-").first().check_password(words.PASSWORD)
    holders = Post.objects.filter(role__in=ADMIN_ROLES).values_list("user_id", flat=True)
    assert len(holders) == len(set(holders)) == 3
    assert person("demo-head").posts.get().unit == person("demo-clerk").posts.get().unit


def test_every_state_has_a_problem_and_about_forty_five_are_closed(county: County) -> None:
    states = Counter(Problem.objects.values_list("state", flat=True))

    assert set(states) == set(ProblemState.values)
    assert 115 <= sum(states.values()) <= 140
    assert 40 <= states["closed"] <= 50
    assert 6 <= Batch.objects.count() <= 8


def test_titles_are_short_and_no_two_alike(county: County) -> None:
    titles = list(Problem.objects.values_list("title", flat=True))

    assert max(len(title) for title in titles) <= 40
    assert len(set(titles)) == len(titles)
    assert not any("{" in text for text in Problem.objects.values_list("description", flat=True))


def test_time_never_runs_backwards_and_everything_lies_in_the_past(county: County) -> None:
    for events in events_by_case().values():
        instants = [event.at for event in events]
        assert instants == sorted(instants)
        assert instants[-1] < clock.now()
        assert [event.number for event in events] == list(range(1, len(events) + 1))
    everything = list(Event.objects.order_by("id").values_list("at", flat=True))
    assert everything == sorted(everything)


def test_everything_happens_in_office_hours_on_working_days(county: County) -> None:
    from workflows.queries import calendar

    for at in Event.objects.filter(actor__isnull=False).values_list("at", flat=True):
        local = clock.local(at)
        assert calendar().is_workday(local.date())
        assert 8 <= local.hour <= 17


def test_every_decision_names_the_post_it_was_made_by(county: County) -> None:
    assert not Event.objects.filter(post__isnull=True, actor__isnull=False).exists()


def test_time_alone_has_warned_and_proposed_and_nobody_acted_for_it(county: County) -> None:
    by_the_clock = Counter(Event.objects.filter(actor__isnull=True).values_list("name", flat=True))

    assert set(by_the_clock) == {"warned", "step_overdue", "escalation_proposed", "progress_due", "end_notice"}
    assert set(Extension.objects.values_list("state", flat=True)) == {"office_review", "leader_review", "granted"}
    assert {"answered", "proposed", "dropped"} <= set(Escalation.objects.values_list("state", flat=True))


def test_the_special_stories_were_told(county: County) -> None:
    names = Counter(Event.objects.values_list("name", flat=True))
    paper = ReviewStep.objects.get(on_paper=True)

    assert Problem.objects.filter(round=2).count() >= 4
    assert paper.scan is not None
    assert paper.scan.kind == "png"
    assert Report.objects.filter(recalled_at__isnull=False).exists()
    assert Event.objects.filter(data__acting_for__isnull=False).exists()
    assert Problem.objects.filter(kind="standing", review_cycle__isnull=False).exists()
    assert Problem.objects.filter(state="merged", merged_into__isnull=False).exists()
    assert Problem.objects.filter(state="closed", major=True).exists()
    assert Report.objects.exclude(partners_note="").exists()
    assert Cooperation.objects.filter(reported_at__isnull=False).exists()
    assert WorkItem.objects.filter(status="ASSIGNED", owner__isnull=False).exists()
    assert open_items().filter(addressee=person("demo-leader")).exists()
    told = ("fail_verification", "send_back", "recall", "object_assignment", "reassign", "reopen", "return_plan")
    also = ("suspend", "resume", "claimed", "handed_over", "report_prepared", "corrected", "disclosed", "withdraw")
    assert all(names[name] for name in told + also)


def test_a_village_that_is_responsible_does_not_judge_itself(county: County) -> None:
    notes = [note for data in Event.objects.values_list("data", flat=True) for note in data.get("notes", [])]

    assert "own_unit:village" in notes


def test_open_problems_are_late_due_soon_and_unhurried(county: County) -> None:
    today = clock.today()
    left = [(due - today).days for due in Problem.objects.open().exclude(due_on=None).values_list("due_on", flat=True)]

    assert sum(days < 0 for days in left) >= 5
    assert sum(0 <= days <= 5 for days in left) >= 5
    assert sum(days > 14 for days in left) >= 5


def test_a_secret_batch_stays_with_its_team(county: County) -> None:
    secret = Problem.objects.filter(batch__secret=True, batch__fed_back_on=None)

    assert secret.count() == 5
    assert not secret.visible_to(person("demo-office")).exists()
    assert secret.visible_to(person("demo-inspector")).count() == 5
    assert Problem.objects.visible_to(person("demo-office")).filter(batch__secret=True).count() > 10


@pytest.mark.parametrize(
    ("login", "least"),
    [("demo-inspector", 5), ("demo-teamlead", 5), ("demo-office", 10), ("demo-head", 10), ("demo-clerk", 10),
     ("demo-village", 2), ("demo-township", 3), ("demo-sector", 2), ("demo-leader", 4)],
)  # fmt: skip
def test_everybody_finds_work_on_the_desk(county: County, login: str, least: int) -> None:
    assert inbox_counts(person(login))["all"] >= least


def test_pictures_differ_and_carry_time_and_place(county: County) -> None:
    pictures = Evidence.objects.filter(kind="jpeg")
    digests = list(pictures.values_list("sha256", flat=True))

    assert len(digests) == len(set(digests))
    assert not pictures.filter(taken_at=None).exists()
    assert not pictures.filter(latitude=None).exists()
    assert all(row.taken_at < row.at for row in pictures)


def test_the_ledger_and_its_files_verify(county: County) -> None:
    tally = verify(files=True)

    assert tally.cases == Problem.objects.count()
    assert tally.events == Event.objects.count()
    assert tally.files >= Evidence.objects.count()


def test_the_door_without_a_password_is_refused_beyond_loopback(settings: Any) -> None:
    settings.DEMO, settings.DEMO_ON_LOOPBACK = True, True
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert the_demo_door_stays_in_the_demo(None) == []

    settings.ALLOWED_HOSTS = ["127.0.0.1", "demo.example.org"]

    assert [error.id for error in the_demo_door_stays_in_the_demo(None)] == ["organizations.E001"]
