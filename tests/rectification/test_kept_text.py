"""Nothing that was typed is lost: not by a refusal, not by a session that ended, not by a page that is too old."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import User
from rectification.models import Problem
from tests.conftest import Story, World, event_names, fresh, item_of, reread
from workflows.models import Draft

TEXT = "八处漏点逐一开挖修复。"


def client_of(user: User, **kind: Any) -> Client:
    client = Client(**kind)
    client.force_login(fresh(user))
    return client


def progress_page(problem: Problem) -> str:
    return reverse("progress-new", args=[problem.case.number])


def hidden(answer: Any) -> str:
    """The note in the form that says whose draft its text is."""
    return str(answer.context["carried"])


def test_a_form_that_was_refused_comes_back_with_the_refused_text(story: Story) -> None:
    problem = story.rectifying()
    client = client_of(story.world.clerk)
    Draft.objects.create(
        user=story.world.clerk, key=f"progress-{problem.pk}", fields={"text": "旧的"}, saved_at=clock.now()
    )

    refused = client.post(progress_page(problem), {"percent": "200", "text": TEXT})

    assert refused.status_code == 200
    again = client.get(progress_page(problem))
    assert again.context["form"]["text"].value() == TEXT
    assert "已恢复您上次没有提交的内容" in again.content.decode()
    assert event_names(problem)[-1] != "progress"


def test_what_an_action_refuses_is_kept_too(story: Story) -> None:
    problem = story.planning()
    page = reverse("item-plan", args=[item_of(problem).pk])
    late = (clock.today() + timedelta(days=300)).isoformat()
    client = client_of(story.world.head)

    client.post(page, {"measure_0": "更换管网", "owner_0": "张三", "due_0": late, "text": TEXT})

    form = client.get(page).context["form"]
    assert (form["text"].value(), form["due_0"].value()) == (TEXT, late)
    assert reread(problem).state == "planning"


def test_a_refused_text_with_a_mark_of_secrecy_is_kept_nowhere(story: Story) -> None:
    problem = story.rectifying()

    client_of(story.world.clerk).post(progress_page(problem), {"percent": 10, "text": "内容机密★1年"})

    assert not Draft.objects.exists()


def test_text_sent_after_the_session_ended_is_there_after_the_next_log_in(story: Story) -> None:
    problem = story.rectifying()
    client = client_of(story.world.clerk)
    note = hidden(client.get(progress_page(problem)))
    client.post(reverse("logout"))

    answer = client.post(progress_page(problem), {"percent": 40, "text": TEXT, "kept_as": note})

    assert answer["Location"] == f"{reverse('login')}?next={progress_page(problem)}"
    assert event_names(problem)[-1] != "progress"
    form = client_of(story.world.clerk).get(progress_page(problem)).context["form"]
    assert (form["text"].value(), form["percent"].value()) == (TEXT, "40")
    assert client_of(story.world.head).get(progress_page(problem)).context["form"]["text"].value() is None


def test_text_sent_after_too_long_a_pause_is_there_after_the_next_log_in(story: Story) -> None:
    problem = story.rectifying()
    client = client_of(story.world.clerk)
    note = hidden(client.get(progress_page(problem)))

    with clock.at(clock.now() + timedelta(minutes=31)):
        client.post(progress_page(problem), {"percent": 40, "text": TEXT, "kept_as": note})

    assert Draft.objects.get().fields == {"percent": "40", "text": TEXT}


def test_text_sent_from_a_page_older_than_the_log_in_is_kept_and_answered_in_chinese(story: Story) -> None:
    problem = story.rectifying()
    client = client_of(story.world.clerk, enforce_csrf_checks=True)
    note = hidden(client.get(progress_page(problem)))

    answer = client.post(progress_page(problem), {"percent": 40, "text": TEXT, "kept_as": note})

    assert answer.status_code == 403
    assert "这一页已经过期" in answer.content.decode()
    assert Draft.objects.get().fields["text"] == TEXT
    assert event_names(problem)[-1] != "progress"


@pytest.mark.parametrize(
    "note",
    ["", "rubbish", signing.dumps([1, "progress-1", ["text"]], salt="another")],
    ids=["none", "rubbish", "signed elsewhere"],
)
def test_a_note_that_this_site_did_not_sign_keeps_nothing(story: Story, note: str) -> None:
    problem = story.rectifying()

    Client().post(progress_page(problem), {"percent": 40, "text": TEXT, "kept_as": note})

    assert not Draft.objects.exists()


def test_a_note_names_text_only_and_no_ticks(story: Story) -> None:
    problem = story.rectifying()
    client = client_of(story.world.head)
    page = reverse("item-submit", args=[item_of(problem).pk])
    note = hidden(client.get(page))
    client.post(reverse("logout"))

    client.post(page, {"text": TEXT, "evidence": "1", "csrfmiddlewaretoken": "x", "kept_as": note})

    assert Draft.objects.get().fields == {"text": TEXT}


def test_whoever_leaves_is_told_so(world: World) -> None:
    answer = client_of(world.clerk).post(reverse("logout"), follow=True)

    assert "已退出。" in answer.content.decode()


def test_a_reviewers_opinion_is_a_draft_as_well(story: Story) -> None:
    problem = story.village_review()
    page = reverse("item-review", args=[item_of(problem).pk])
    client = client_of(story.world.assessor)

    client.post(page, {"opinion": "同意", "verdict": "back"})
    first = client.get(page).context["form"]["opinion"].value()
    client.post(page, {"opinion": "", "verdict": "back"})

    assert first == "同意"
    assert client.get(page).context["form"]["opinion"].value() == ""


def test_kept_text_is_thrown_away_by_its_owner_alone(story: Story) -> None:
    for user in (story.world.clerk, story.world.head):
        Draft.objects.create(user=user, key="register", fields={"title": TEXT}, saved_at=clock.now())
    client = Client()
    client.force_login(story.world.clerk, backend="django.contrib.auth.backends.ModelBackend")

    away = client.post(reverse("draft", args=["register"]), {"drop": "1", "next": "https://elsewhere.example/"})
    home = client.post(reverse("draft", args=["register"]), {"drop": "1", "next": reverse("ledger")})

    assert (away["Location"], home["Location"]) == (reverse("workbench"), reverse("ledger"))
    assert list(Draft.objects.values_list("user__username", flat=True)) == ["head"]
