"""What the pages of those who judge ask, refuse, show and answer."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from organizations import clock
from organizations.models import User
from rectification.actions.registration import Registration, mark_major, register_problem
from rectification.actions.review import SiteVisit, verify_on_site
from rectification.models import Problem
from tests.conftest import Story, fresh, item_of, make_batch, reach, reread, standing, undone
from workflows.steps import ActionRefused


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def said(answer: Any) -> list[str]:
    return [str(each) for each in get_messages(answer.wsgi_request)]


def page_of(problem: Problem, name: str) -> str:
    return reverse(name, args=[item_of(problem).pk])


def visit(**fields: Any) -> dict[str, Any]:
    return {
        "visited_on": clock.today().isoformat(),
        "place": "一村",
        "people": "李组长",
        "seen": "管网未换。",
        **fields,
    }


@pytest.mark.parametrize("words", ["同意", " 同意。 ", "同意！"])
def test_a_plan_is_not_returned_with_the_proposed_words(story: Story, words: str) -> None:
    problem = story.plan_review()
    was = standing(problem)

    answer = client_of(story.world.registrar).post(
        page_of(problem, "item-plan-review"), {"opinion": words, "verdict": "back"}
    )

    assert "不能写“同意”" in answer.context["form"].errors["opinion"][0]
    assert standing(problem) == was


def test_a_plan_is_returned_with_own_words_and_the_answer_says_which_way_it_went(story: Story) -> None:
    problem = story.plan_review()
    client, page = client_of(story.world.registrar), page_of(problem, "item-plan-review")

    answer = client.post(page, {"opinion": "措施太粗。", "verdict": "back"})

    assert said(answer) == ["方案已退回修改，由责任单位改好后重新报送。"]
    assert reread(problem).state == "planning"


@pytest.mark.parametrize(
    ("verdict", "sentence"), [("pass", "已同意，转乡镇审核。"), ("back", "已退回重改，由责任单位重新整改后再报。")]
)
def test_a_judge_reads_which_way_it_went(story: Story, verdict: str, sentence: str) -> None:
    problem = story.village_review()
    words = {"pass": "同意", "back": "还有一处漏水。"}[verdict]

    answer = client_of(story.world.assessor).post(
        page_of(problem, "item-review"), {"opinion": words, "verdict": verdict}
    )

    assert said(answer) == [sentence]


def test_the_last_judge_reads_that_it_is_closed(story: Story) -> None:
    problem = story.county_review()

    answer = client_of(story.world.leader).post(page_of(problem, "item-review"), {"opinion": "同意", "verdict": "pass"})

    assert said(answer) == ["已同意，予以销号。"]


@pytest.mark.parametrize(("value", "label"), [("not_done", "未整改"), ("paper", "书面整改"), ("false", "虚假整改")])
def test_what_was_not_put_right_does_not_pass_the_verification(story: Story, value: str, label: str) -> None:
    problem = story.verifying()
    was = standing(problem)
    client = client_of(story.world.lead)

    answer = client.post(page_of(problem, "item-verify"), visit(authenticity=value, verdict="pass"))

    assert f"“{label}”的不能核查通过" in answer.context["form"].errors["authenticity"][0]
    assert standing(problem) == was
    assert client.post(page_of(problem, "item-verify"), visit(authenticity=value, verdict="back")).status_code == 302
    assert reread(problem).authenticity == value


def test_the_rule_stands_in_the_action_too(story: Story) -> None:
    problem = story.verifying()
    record = SiteVisit(clock.today(), "一村", "李组长", "未换。", authenticity="false")

    with undone(), pytest.raises(ActionRefused, match="虚假整改"):
        verify_on_site(item_of(problem).pk, by=story.world.lead, visit=record, passed=True)

    assert reread(problem).state == "verifying"


def test_judges_read_how_the_verifier_rated_it(story: Story) -> None:
    problem = story.verifying()
    rated = visit(veracity="mostly", authenticity="incomplete", verdict="pass")
    client_of(story.world.lead).post(page_of(problem, "item-verify"), rated)

    form = client_of(story.world.assessor).get(page_of(problem, "item-review")).content.decode()
    page = client_of(story.world.assessor).get(problem.get_absolute_url()).content.decode()

    for text in (form, page):
        assert "属实性" in text
        assert "基本属实" in text
        assert "整改真实性" in text
        assert "不彻底" in text


def test_the_rating_of_an_earlier_report_does_not_stick_to_the_next(story: Story) -> None:
    problem = story.verifying()
    client_of(story.world.lead).post(page_of(problem, "item-verify"), visit(authenticity="false", verdict="back"))
    story.submit(reread(problem))

    story.verify(problem)

    assert reread(problem).authenticity == ""


def test_who_found_it_and_who_typed_it_in_are_two_facts(story: Story) -> None:
    world = story.world
    entry = Registration(batch=world.batch, division=world.village, title="水井干涸")
    problem = register_problem(entry, by=world.registrar)

    text = client_of(world.registrar).get(problem.get_absolute_url()).content.decode()

    assert "发现单位 第一督查组" in text
    assert f"<dt>登记人</dt><dd>{world.registrar}<small>县整改办 " in text


def test_the_review_page_has_the_problem_and_the_proof_above_the_buttons_and_leads_to_the_signatures(
    story: Story,
) -> None:
    problem = story.village_review(description="主管网锈蚀，八处漏水。")

    text = client_of(story.world.assessor).get(page_of(problem, "item-review")).content.decode()

    buttons = text.index('name="verdict"')
    assert text.index("主管网锈蚀，八处漏水。") < buttons
    assert text.index("photo--after") < buttons
    assert text.index('href="#signatures"') < buttons < text.index('id="signatures"')


def test_the_verifier_adds_photos_and_the_unit_adds_them_to_its_progress(story: Story) -> None:
    problem = story.rectifying()
    page = reverse("progress-new", args=[problem.case.number])
    client_of(story.world.clerk).post(page, {"percent": 50, "text": "已过半。", "photos": picture("进展.jpg")})
    story.submit(reread(problem))
    form = client_of(story.world.lead).get(page_of(problem, "item-verify")).content.decode()
    assert "核查照片" in form
    assert 'enctype="multipart/form-data"' in form

    client_of(story.world.lead).post(
        page_of(problem, "item-verify"), visit(verdict="pass", photos=picture("核查.jpg", 99))
    )

    rows = problem.evidence.order_by("id").values_list("name", "phase", "unit__name")
    assert [row for row in rows if row[0] != "照片.jpg"] == [
        ("进展.jpg", "after", "县水利局"),
        ("核查.jpg", "after", "第一督查组"),
    ]


def test_photos_that_came_with_a_refused_form_have_to_be_chosen_again_and_the_page_says_so(story: Story) -> None:
    problem = story.rectifying()
    page = reverse("progress-new", args=[problem.case.number])
    client = client_of(story.world.clerk)

    answer = client.post(page, {"percent": 300, "text": "已过半。", "photos": picture("进展.jpg")})

    assert "照片需要重新选择" in answer.content.decode()
    assert "照片需要重新选择" not in client.post(page, {"percent": 300, "text": "已过半。"}).content.decode()
    assert not problem.evidence.exists()


def test_photos_that_came_with_a_refused_report_are_kept_and_nothing_is_asked_again(story: Story) -> None:
    problem = story.rectifying()

    answer = client_of(story.world.head).post(
        page_of(problem, "item-submit"), {"text": "", "photos": picture("整改后.jpg")}
    )

    assert "照片需要重新选择" not in answer.content.decode()
    assert problem.evidence.get().name == "整改后.jpg"


def picture(name: str, shade: int = 40) -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (64, 48), (shade, 120, 90)).save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), "image/jpeg")


def test_a_plan_that_was_returned_says_by_whom_and_why_and_comes_with_its_text(story: Story) -> None:
    world, problem = story.world, story.planning()
    due = (clock.today() + timedelta(days=20)).isoformat()
    plan = {"measure_0": "更换管网", "owner_0": "张三", "due_0": due, "text": "分两步走。"}
    client_of(world.head).post(page_of(problem, "item-plan"), plan)
    shown = client_of(world.registrar).get(problem.get_absolute_url()).content.decode()
    assert "方案说明" in shown
    assert "分两步走。" in shown
    assert "待整改办审核" in shown
    client_of(world.registrar).post(page_of(problem, "item-plan-review"), {"opinion": "措施太粗。", "verdict": "back"})

    page = client_of(world.head).get(problem.get_absolute_url()).content.decode()
    form = client_of(world.head).get(page_of(problem, "item-plan"))

    why = f"县整改办 {world.registrar}于"
    for text in (page[: page.index("基本情况")], form.content.decode()):
        assert why in text
        assert "措施太粗。" in text
    assert form.context["form"]["text"].value() == "分两步走。"
    assert form.context["form"]["measure_0"].value() == "更换管网"


@pytest.mark.parametrize("by", ["lead", "assessor"])
def test_a_report_that_was_sent_back_says_by_whom_and_why(story: Story, by: str) -> None:
    problem = story.verifying() if by == "lead" else story.village_review()
    client = client_of(story.world.people[by])
    if by == "lead":
        client.post(page_of(problem, "item-verify"), visit(seen="还有一处漏水。", verdict="back"))
    else:
        client.post(page_of(problem, "item-review"), {"opinion": "还有一处漏水。", "verdict": "back"})

    page = client_of(story.world.head).get(problem.get_absolute_url()).content.decode()
    form = client_of(story.world.head).get(page_of(problem, "item-submit")).content.decode()

    for text in (page[: page.index("基本情况")], form):
        assert f"{story.world.people[by]}于" in text
        assert "还有一处漏水。" in text


def test_what_was_sent_back_long_ago_is_not_said_again(story: Story) -> None:
    problem = story.verifying()
    client_of(story.world.lead).post(page_of(problem, "item-verify"), visit(seen="还有一处漏水。", verdict="back"))
    story.submit(reread(problem))

    page = client_of(story.world.lead).get(problem.get_absolute_url()).content.decode()

    assert "还有一处漏水。" not in page[: page.index("基本情况")]


@pytest.mark.parametrize("state", ["planning", "plan_review"])
def test_no_change_is_not_offered_before_there_is_something_to_change(story: Story, state: str) -> None:
    problem = reach(story, state)

    text = client_of(story.world.clerk).get(problem.get_absolute_url()).content.decode()

    assert reverse("progress-unchanged", args=[problem.case.number]) not in text
    assert reverse("progress-new", args=[problem.case.number]) in text


def test_no_change_is_one_tap_and_reads_as_such_in_the_history(story: Story) -> None:
    problem = story.rectifying()
    client = client_of(story.world.clerk)
    address = reverse("progress-unchanged", args=[problem.case.number])
    page = client.get(problem.get_absolute_url()).content.decode()
    button = page[page.index(f'action="{address}"') :]
    assert "data-confirm" not in button[: button.index("</button>")]

    client.post(address)

    assert "报送进展：无变化" in client.get(problem.get_absolute_url()).content.decode()


@pytest.mark.parametrize("deed", ["withdraw", "merge"])
def test_what_cannot_be_undone_is_red_and_asked_twice(story: Story, deed: str) -> None:
    problem = story.rectifying()
    client = client_of(story.world.registrar)

    text = client.get(reverse("problem-do", args=[problem.case.number, deed])).content.decode()

    assert '<button class="btn btn--danger" type="submit" data-confirm="确定' in text
    other = client.get(reverse("problem-do", args=[problem.case.number, "suspend"])).content.decode()
    assert "data-confirm" not in other


@pytest.mark.parametrize(("state", "phase"), [("planning", "before"), ("rectifying", "after"), ("verifying", "after")])
def test_evidence_is_taken_for_the_state_before_until_rectifying_begins(story: Story, state: str, phase: str) -> None:
    problem = reach(story, state)

    form = client_of(story.world.clerk).get(reverse("evidence-new", args=[problem.case.number])).context["form"]

    assert form["phase"].value() == phase


def test_of_two_matters_due_the_same_day_the_major_one_stands_first(story: Story) -> None:
    world = story.world
    first, second = (story.county_review(title=title) for title in ("路灯不亮", "大坝渗漏"))
    mark_major(second.pk, by=world.registrar, major=True)

    lines = client_of(world.leader).get(reverse("workbench")).context["items"]

    assert [line["problem"].pk for line in lines] == [second.pk, first.pk]


def test_registering_says_who_will_verify_and_proposes_no_secret_batch(story: Story) -> None:
    world = story.world
    hidden = make_batch(world, "B2", "sector_office", secret=True)

    answer = client_of(world.inspector).get(reverse("problem-new"))

    text, form = answer.content.decode(), answer.context["form"]
    assert form["batch"].value() == world.batch.pk
    assert form["batch"].help_text == "整改后由第一督查组核查，再经村级评定、乡镇审核、县级审定。"
    assert f'<option value="{hidden.pk}" data-note="反馈前保密；整改后' in text
    world.batch.delete()
    assert client_of(world.inspector).get(reverse("problem-new")).context["form"]["batch"].value() is None
