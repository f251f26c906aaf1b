"""Who may take evidence away again: the unit that uploaded it, or the office."""

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import Post
from rectification.actions.evidence import withdraw_evidence
from rectification.models import Evidence, Problem
from tests.conftest import Story, event_names, fresh, give_evidence, reach, standing, undone
from workflows.steps import ActionRefused


def uploaded(story: Story, by: str) -> tuple[Problem, Evidence]:
    problem = reach(story, "rectifying", partners=("partner",))
    return problem, give_evidence(problem, fresh(story.world.people[by]))


OTHERS = [
    ("clerk", "partner"),
    ("clerk", "lead"),
    ("partner", "head"),
    ("inspector", "clerk"),
    ("registrar", "lead"),
]


@pytest.mark.parametrize(("uploader", "other"), OTHERS)
def test_another_unit_reads_whose_it_is_and_removes_nothing(story: Story, uploader: str, other: str) -> None:
    problem, row = uploaded(story, uploader)
    was = standing(problem)

    with undone(), pytest.raises(ActionRefused, match=f"这份材料是{row.unit}上传的") as refusal:
        withdraw_evidence(row.pk, by=fresh(story.world.people[other]))

    assert str(refusal.value).endswith("只有上传单位和整改办可以移除。")
    assert standing(problem) == was
    assert Evidence.objects.get(pk=row.pk).withdrawn_at is None


@pytest.mark.parametrize("other", ["observer", "assessor", "leader", "stranger", "nobody"])
def test_whoever_could_not_have_uploaded_it_is_turned_away(story: Story, other: str) -> None:
    _problem, row = uploaded(story, "clerk")

    with undone(), pytest.raises(PermissionDenied):
        withdraw_evidence(row.pk, by=fresh(story.world.people[other]))

    assert Evidence.objects.get(pk=row.pk).withdrawn_at is None


@pytest.mark.parametrize(
    ("uploader", "remover"),
    [("clerk", "clerk"), ("clerk", "head"), ("inspector", "lead"), ("partner", "partner"), ("clerk", "colleague")],
)
def test_the_uploaders_unit_and_the_office_remove_it(story: Story, uploader: str, remover: str) -> None:
    problem, row = uploaded(story, uploader)

    withdraw_evidence(row.pk, by=fresh(story.world.people[remover]))

    assert Evidence.objects.get(pk=row.pk).withdrawn_at is not None
    assert event_names(problem)[-1] == "evidence_removed"


def test_somebody_of_two_units_removes_by_the_post_in_the_uploaders(story: Story) -> None:
    world = story.world
    problem, row = uploaded(story, "partner")
    Post.objects.create(user=world.clerk, unit=world.units["partner"], role="unit_clerk")

    withdraw_evidence(row.pk, by=fresh(world.clerk))

    assert problem.case.events.last().unit == world.units["partner"]


def test_the_button_answers_with_the_sentence(story: Story) -> None:
    _problem, row = uploaded(story, "clerk")
    client = Client()
    client.force_login(fresh(story.world.partner))

    answer = client.post(reverse("evidence-remove", args=[row.pk]))

    assert answer.status_code == 302
    assert "只有上传单位和整改办可以移除" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Evidence.objects.get(pk=row.pk).withdrawn_at is None


@pytest.mark.parametrize(
    ("person", "offered"), [("clerk", True), ("registrar", True), ("partner", False), ("lead", False)]
)
def test_the_button_is_there_for_those_who_may_and_until_a_report_names_the_file(
    story: Story, person: str, offered: bool
) -> None:
    problem, row = uploaded(story, "clerk")
    client = Client()
    client.force_login(fresh(story.world.people[person]))
    address = reverse("evidence-remove", args=[row.pk])

    assert (address in client.get(problem.get_absolute_url()).content.decode()) is offered
    Evidence.objects.filter(pk=row.pk).update(locked_at=clock.now())
    assert address not in client.get(problem.get_absolute_url()).content.decode()
