"""What people and machines send that they should not: each gets a sentence, and nothing is written twice."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import Post, Unit, User
from rectification import intake
from rectification.models import Problem
from tests.conftest import (
    Story,
    World,
    add_person,
    event_names,
    fresh,
    give_evidence,
    item_of,
    make_division,
    reach,
    reread,
    seen,
    standing,
    undone,
)
from tests.rectification.test_transitions_by_role import DEEDS, ROLES, TABLE, brought_to
from workflows.models import Draft, Event

MARK = "机密★1年"
SECRET_SENTENCE = "本系统为非涉密系统"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def registration(world: World, **fields: Any) -> dict[str, Any]:
    return {"batch": world.batch.pk, "place": "甲镇 / 一村", "title": "水井干涸", "kind": "dated", **fields}


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: [str(each) for each in found] for name, found in response.context["form"].errors.items()}


def register(world: World, **fields: Any) -> Any:
    return client_of(world.inspector).post(reverse("problem-new"), registration(world, **fields))


# Texts and days


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2026年2月30日", "没有2026年2月30日这一天"),
        ("2026-13-01", "没有2026年13月1日这一天"),
        ("明天", "不是日期"),
        ("1026-01-01", "年份应在1990年至2100年之间"),
        ("2099-01-01", "发现日期不能晚于今天"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence(world: World, typed: str, sentence: str) -> None:
    response = register(world, found_on=typed)

    assert sentence in errors(response)["found_on"][0]
    assert not Problem.objects.exists()


@pytest.mark.parametrize("typed", ["2026-6-30", "2026.6.30", "2026年6月30日", "2026/06/30"])
def test_a_day_is_read_as_offices_write_it(story: Story, typed: str) -> None:
    problem = story.rectifying()
    data = {"reason": "等资金。", "review_on": typed.replace("2026", "2099"), "seen": seen(problem)}

    client_of(story.world.registrar).post(reverse("problem-do", args=[problem.case.number, "suspend"]), data)

    assert str(reread(problem).review_on) == "2099-06-30"


def test_control_and_direction_characters_are_dropped_from_texts(world: World) -> None:
    register(world, title="水\x07井\u202e干\u2066涸", description="第一行\n第二行\x1b")

    problem = Problem.objects.get()
    assert (problem.title, problem.description) == ("水井干涸", "第一行\n第二行")


@pytest.mark.parametrize("title", ["\x07\x1b", "\u202e\u2066", "  \x07 "])
def test_a_title_of_nothing_that_can_be_seen_is_no_title(world: World, title: str) -> None:
    response = register(world, title=title)

    assert "title" in errors(response)
    assert not Problem.objects.exists()


def test_a_zero_byte_is_refused_and_not_a_crash(world: World) -> None:
    response = register(world, title="水井\x00干涸")

    assert "title" in errors(response)
    assert not Problem.objects.exists()


@pytest.mark.parametrize("text", [MARK, "机 密 ★", "绝密★长期", "机\x07密★", "秘\u202e密★3年"])
@pytest.mark.parametrize("name", ["title", "description", "place_text"])
def test_a_text_with_a_secrecy_mark_is_refused(world: World, name: str, text: str) -> None:
    response = register(world, **{name: f"水井{text}"})

    assert SECRET_SENTENCE in errors(response)[name][0]
    assert not Problem.objects.exists()


def test_a_secrecy_mark_is_refused_on_every_form_of_the_main_line(world: World) -> None:
    accepted = []
    for name, field in {
        "object": "reason",
        "submit_plan": "measure_0",
        "return_plan": "opinion",
        "submit": "text",
        "pass_verification": "seen",
        "pass_village": "opinion",
        "paper_village": "decided_by",
        "withdraw": "reason",
        "progress": "text",
        "cooperate": "text",
        "evidence": "caption",
    }.items():
        with undone():
            problem, deed = brought_to(world, name), DEEDS[name]
            role = ROLES[TABLE[name].replace(" ", "").index("D")]
            before = event_names(problem)
            data = {**deed.data(world, problem), field: f"内容{MARK}"}
            response = client_of(world.people[role]).post(deed.page(problem), data)
            if SECRET_SENTENCE not in response.content.decode() or event_names(problem) != before:
                accepted.append(name)

    assert accepted == []


def test_a_file_with_a_secrecy_mark_in_its_name_is_refused(story: Story) -> None:
    problem = story.rectifying()
    picture = SimpleUploadedFile(f"{MARK}.pdf", b"%PDF-1.4\n%%EOF\n")

    response = client_of(story.world.clerk).post(
        reverse("evidence-new", args=[problem.case.number]), {"phase": "after", "files": picture}
    )

    assert SECRET_SENTENCE in response.content.decode()
    assert not problem.evidence.exists()


@pytest.mark.parametrize(("name", "length"), [("title", 201), ("description", 5001), ("source_serial", 41)])
def test_a_text_that_is_too_long_is_refused_at_its_field(world: World, name: str, length: int) -> None:
    response = register(world, **{name: "水" * length})

    assert name in errors(response)
    assert not Problem.objects.exists()


def test_a_flood_of_text_is_refused_without_a_crash(world: World) -> None:
    response = register(world, description="水" * 2_000_000)

    assert response.status_code in (400, 413)
    assert not Problem.objects.exists()


def test_numbers_too_large_for_the_ledger_are_refused_when_reported_not_when_closed(story: Story) -> None:
    problem = story.rectifying()
    evidence = give_evidence(problem, story.world.clerk)
    data = {"text": "已整改。", "rectified_on": clock.today().isoformat(), "evidence": [evidence.pk]}
    page = reverse("item-submit", args=[item_of(problem).pk])

    for name in ("rules_written", "people_held", "households"):
        response = client_of(story.world.head).post(page, {**data, name: "99999999999"})
        assert name in errors(response)

    assert reread(problem).state == "rectifying"


# Places and units


def test_an_unknown_place_is_answered_with_what_to_type(world: World) -> None:
    for typed in ("火星村", "/", "甲镇 / 火星村", "甲镇 / 一村 / 三组"):
        response = register(world, place=typed)
        assert "没有找到" in errors(response)["place"][0]

    assert not Problem.objects.exists()


def test_an_ambiguous_place_is_answered_with_the_candidates(world: World) -> None:
    make_division("999921101202", "一村", "village", world.other_town)

    response = register(world, place="一村")

    sentence = errors(response)["place"][0]
    assert "甲镇 / 一村" in sentence
    assert "乙镇 / 一村" in sentence
    assert register(world, place="乙镇 / 一村").status_code == 302


def test_an_unknown_unit_and_an_ambiguous_one_are_answered_with_a_sentence(story: Story) -> None:
    world = story.world
    Unit.objects.create(name="县水务集团", division=world.county, kind="department")
    problem = story.registered()
    page = reverse("item-assign", args=[item_of(problem).pk])
    due = (clock.today() + timedelta(days=30)).isoformat()
    client = client_of(world.registrar)

    unknown = client.post(page, {"lead_unit": "县航天局", "kind": "dated", "due_on": due})
    ambiguous = client.post(page, {"lead_unit": "县水", "kind": "dated", "due_on": due})

    assert "没有找到“县航天局”" in errors(unknown)["lead_unit"][0]
    assert "有多个" in errors(ambiguous)["lead_unit"][0]
    assert reread(problem).state == "registered"


def test_a_place_outside_ones_own_area_cannot_be_typed(world: World) -> None:
    make_division("999922000000", "邻县", "county")

    response = register(world, place="邻县")

    assert "没有找到" in errors(response)["place"][0]


# The same thing twice


STEP_FORMS = [name for name in TABLE if name not in {"unchanged", "progress", "evidence", "recall_claimed"}]


@pytest.mark.parametrize("name", STEP_FORMS)
def test_a_form_that_is_sent_twice_does_its_step_once_and_answers_with_a_sentence(world: World, name: str) -> None:
    problem, deed = brought_to(world, name), DEEDS[name]
    role = ROLES[TABLE[name].replace(" ", "").index("D")]
    page, data = deed.page(problem), deed.data(world, problem)
    client = client_of(world.people[role])
    before = seen(problem)
    first = client.post(page, data)
    done = event_names(problem)[before:]
    list(get_messages(first.wsgi_request))

    second = client_of(world.people[role]).post(page, data)

    assert done == [deed.event]
    assert event_names(problem)[before:] == [deed.event]
    said = [str(each) for each in get_messages(second.wsgi_request)]
    if second.status_code == 200:
        said += [str(each) for each in second.context["form"].non_field_errors()]
    assert said
    assert said[-1].endswith("。")


def test_a_number_of_the_senders_list_is_registered_once(world: World) -> None:
    register(world, source_serial="17")

    response = register(world, source_serial="17")

    assert "已经有序号“17”的问题" in errors(response)["source_serial"][0]
    assert Problem.objects.count() == 1


def test_each_page_of_the_registration_form_is_a_form_of_its_own(world: World) -> None:
    client = client_of(world.inspector)

    pages = [client.get(reverse("problem-new")) for _turn in range(2)]

    tokens = [page.context["form"]["submission"].value() for page in pages]
    assert tokens[0] != tokens[1]
    assert all(
        f'name="submission" value="{token}"' in page.content.decode() for page, token in zip(pages, tokens, strict=True)
    )


# Two people, one matter


def test_a_page_opened_before_something_happened_is_refused(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    old = seen(problem)
    give_evidence(problem, world.clerk)
    was = standing(problem)

    response = client_of(world.registrar).post(
        reverse("problem-do", args=[problem.case.number, "withdraw"]), {"seen": old, "reason": "重复登记。"}
    )

    assert "又有了新的办理情况" in errors(response)["__all__"][0]
    assert standing(problem) == was


def test_a_page_without_what_was_seen_is_refused(story: Story) -> None:
    problem = story.rectifying()
    was = standing(problem)

    response = client_of(story.world.registrar).post(
        reverse("problem-do", args=[problem.case.number, "withdraw"]), {"reason": "重复登记。"}
    )

    assert "seen" in errors(response)
    assert standing(problem) == was


def test_the_second_of_two_reviewers_hears_who_was_first(story: Story) -> None:
    world = story.world
    other = add_person(world, "other_reviewer", "township", "township_reviewer")
    problem = story.township_review()
    page = reverse("item-review", args=[item_of(problem).pk])
    client_of(world.reviewer).post(page, {"opinion": "同意", "verdict": "pass"})

    response = client_of(other).post(page, {"opinion": "同意", "verdict": "pass"})

    assert "已由人reviewer办理" in errors(response)["__all__"][0]
    assert event_names(problem).count("pass_township") == 1


def test_what_somebody_has_claimed_is_not_done_by_a_colleague_but_by_the_head(story: Story) -> None:
    world = story.world
    second = add_person(world, "second_clerk", "bureau", "unit_clerk")
    problem = story.assigned()
    item = item_of(problem)
    client_of(world.clerk).post(reverse("item-claim", args=[item.pk]))

    response = client_of(second).post(reverse("item-accept", args=[item.pk]))

    assert ["已由人clerk认领" in str(each) for each in get_messages(response.wsgi_request)] == [True]
    assert reread(problem).state == "assigned"
    client_of(world.head).post(reverse("item-accept", args=[item.pk]))
    assert reread(problem).state == "planning"


# Sessions


def test_a_session_that_ended_while_typing_gives_the_text_back_after_logging_in(story: Story) -> None:
    world = story.world
    world.clerk.set_password("yunshan2026x")
    world.clerk.save()
    problem = story.rectifying()
    page = reverse("progress-new", args=[problem.case.number])
    client = client_of(world.clerk)
    key = client.get(page).context["page"].draft
    client.post(
        reverse("draft", args=[key]), {"fields": {"text": "管网已换三百米", "percent": "40"}}, "application/json"
    )

    with clock.at(clock.now() + timedelta(hours=2)):
        away = client.post(page, {"text": "管网已换三百米，还差一段", "percent": "45"})
        assert away.status_code == 302
        assert away["Location"].startswith(reverse("login"))
        client.post(reverse("login"), {"username": "clerk", "password": "yunshan2026x"})
        back = client.get(page)

    assert "已恢复您上次没有提交的内容" in back.content.decode()
    assert "管网已换三百米" in back.content.decode()
    assert not problem.progress_entries.exists()


def test_somebody_stopped_in_the_middle_of_a_session_is_out_at_once(story: Story) -> None:
    problem = story.assigned()
    client = client_of(story.world.clerk)
    assert client.get(reverse("workbench")).status_code == 200
    User.objects.filter(pk=story.world.clerk.pk).update(is_active=False)

    response = client.post(reverse("item-accept", args=[item_of(problem).pk]))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))
    assert reread(problem).state == "assigned"


def test_somebody_whose_post_ended_in_the_middle_of_a_session_sees_nothing_more(story: Story) -> None:
    problem = story.assigned()
    client = client_of(story.world.clerk)
    Post.objects.filter(user=story.world.clerk).update(valid_to=clock.today() - timedelta(days=1))

    response = client.post(reverse("item-accept", args=[item_of(problem).pk]))

    assert response.status_code == 404
    assert reread(problem).state == "assigned"


def test_somebody_without_a_post_reads_a_sentence_and_an_empty_ledger(story: Story) -> None:
    story.rectifying()
    client = client_of(story.world.people["nobody"])

    workbench, ledger = client.get(reverse("workbench")), client.get(reverse("ledger"))

    assert "还没有任职" in workbench.content.decode()
    assert ledger.status_code == 200
    assert ledger.context["page"].rows == []


def test_a_division_without_any_approver_says_so_and_asks_the_office(story: Story) -> None:
    world = story.world
    judges = [world.people[name].pk for name in ("assessor", "reviewer", "leader")]
    Post.objects.filter(user__in=judges).update(valid_to=clock.today() - timedelta(days=1))

    problem = reach(story, "county_review")

    text = client_of(world.registrar).get(problem.get_absolute_url()).content.decode()
    assert "村级评定没有在岗人员，由上一级审定。" in text
    assert "请整改办指定审定人" in text
    assert reverse("problem-do", args=[problem.case.number, "designate"]) in text


# Files


def upload(story: Story, problem: Problem, name: str, content: bytes) -> Any:
    return client_of(story.world.clerk).post(
        reverse("evidence-new", args=[problem.case.number]),
        {"phase": "after", "files": SimpleUploadedFile(name, content)},
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("照片.jpg", b"", "空"),
        ("照片.jpg", b"MZ\x90\x00" + b"\x00" * 200, "可执行程序"),
        ("说明.pdf", b"<html><script>alert(1)</script></html>", "网页"),
        ("照片.jpg", b"\xff\xd8\xff\xe0" + b"rubbish" * 30, "图片已损坏"),
        ("材料.docx", b"PK\x03\x04" + b"\x00" * 100, "“材料.docx”没有上传"),
    ],
)
def test_an_empty_or_renamed_file_is_refused_by_name(
    story: Story, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    problem = story.rectifying()
    before = seen(problem)

    response = upload(story, problem, name, content)

    assert sentence in response.content.decode()
    assert seen(problem) == before
    assert not [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]


def test_a_huge_file_is_refused_and_leaves_nothing(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 1000)
    problem = story.rectifying()

    response = upload(story, problem, "说明.pdf", b"%PDF-1.4\n" + b"x" * 2000)

    assert "上限" in response.content.decode()
    assert not problem.evidence.exists()
    assert not [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]


def test_one_bad_file_does_not_take_the_good_ones_with_it(story: Story) -> None:
    problem = story.rectifying()
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    files = [SimpleUploadedFile("好.pdf", pdf), SimpleUploadedFile("坏.exe", b"MZ\x90\x00")]

    response = client_of(story.world.clerk).post(
        reverse("evidence-new", args=[problem.case.number]), {"phase": "after", "files": files}
    )

    assert [row.name for row in problem.evidence.all()] == ["好.pdf"]
    assert "“坏.exe”没有上传" in response.content.decode()


def test_evidence_of_another_problem_cannot_be_reported_as_ones_own(story: Story) -> None:
    world = story.world
    problem, other = story.rectifying(), story.rectifying(title="另一处")
    foreign = give_evidence(other, world.clerk)
    data = {"text": "已整改。", "rectified_on": clock.today().isoformat(), "evidence": [foreign.pk]}

    response = client_of(world.head).post(reverse("item-submit", args=[item_of(problem).pk]), data)

    assert "evidence" in errors(response)
    assert reread(problem).state == "rectifying"
    assert type(foreign).objects.get(pk=foreign.pk).locked_at is None


# Drafts


GARBAGE = [
    b"",
    b"rubbish",
    b"[]",
    b"{}",
    b'{"fields": []}',
    b'{"fields": "text"}',
    b'{"fields": null}',
    b"\xff\xfe\x00",
    b"[" * 50_000,
]


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_the_draft_endpoint_answers_garbage_with_a_sentence(world: World, body: bytes) -> None:
    response = client_of(world.clerk).post(reverse("draft", args=["register"]), body, "application/json")

    assert response.status_code == 400
    assert response.json()["error"].endswith("。")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("text", ["水\u0000井", "水\ud800井"], ids=["zero byte", "half a character"])
def test_a_draft_of_characters_no_database_takes_is_no_crash(world: World, text: str) -> None:
    body = json.dumps({"fields": {"text": text}})

    response = client_of(world.clerk).post(reverse("draft", args=["register"]), body, "application/json")

    assert response.status_code in (200, 400)


def test_a_draft_keeps_no_secrets(world: World) -> None:
    body = json.dumps({"fields": {"text": f"内容{MARK}"}})

    response = client_of(world.clerk).post(reverse("draft", args=["register"]), body, "application/json")

    assert response.status_code == 400
    assert SECRET_SENTENCE in response.json()["error"]
    assert not Draft.objects.exists()


def test_a_draft_that_is_too_long_is_refused_with_a_sentence(world: World) -> None:
    body = json.dumps({"fields": {"text": "水" * 60_000}})

    response = client_of(world.clerk).post(reverse("draft", args=["register"]), body, "application/json")

    assert response.status_code == 413
    assert not Draft.objects.exists()


def test_a_draft_is_its_writers_alone(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    page = reverse("progress-new", args=[problem.case.number])
    key = client_of(world.clerk).get(page).context["page"].draft
    body = json.dumps({"fields": {"text": "只有我看得到"}})
    client_of(world.clerk).post(reverse("draft", args=[key]), body, "application/json")

    others = client_of(world.head).get(page).content.decode()

    assert "只有我看得到" not in others
    assert "已恢复" not in others
    assert "只有我看得到" in client_of(world.clerk).get(page).content.decode()


def test_a_draft_is_gone_when_its_form_has_been_sent(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    page = reverse("progress-new", args=[problem.case.number])
    client = client_of(world.clerk)
    key = client.get(page).context["page"].draft
    body = json.dumps({"fields": {"text": "已过半"}})
    client.post(reverse("draft", args=[key]), body, "application/json")

    client.post(page, {"percent": 50, "text": "已过半"})

    assert not Draft.objects.exists()
    assert "已恢复" not in client.get(page).content.decode()


def test_a_draft_with_a_rubbish_choice_still_opens_its_page(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    page = reverse("item-submit", args=[item_of(problem).pk])
    client = client_of(world.head)
    key = client.get(page).context["page"].draft
    rubbish = {"evidence": "rubbish", "rectified_on": "rubbish", "money": "rubbish", "rules_written": "rubbish"}
    client.post(reverse("draft", args=[key]), json.dumps({"fields": rubbish}), "application/json")

    assert client.get(page).status_code == 200


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "/?page=²",
        "/?page=99999999999999999999",
        "/?page=-1",
        "/ledger/?after=²",
        "/ledger/?after=999999999999999999",
        "/ledger/?before=abc",
        "/ledger/?state=rubbish&batch=rubbish&unit=rubbish&place=rubbish",
        "/ledger/?batch=99999999999999999999",
        "/ledger/?q=%00",
        "/ledger/?q=%27%20OR%201%3D1%20--%20%26%20%7C%20%21",
        "/ledger/?q=%F0%9F%98%80",
        "/ledger/export/?q=%00",
        "/lookup/places/?q=%00",
        "/lookup/units/?q=%00",
        "/lookup/places/?q=%25_",
        "/batches/?page=²",
    ],
)
def test_a_rubbish_query_is_answered_with_a_page(world: World, address: str) -> None:
    response = client_of(world.registrar).get(address)

    assert response.status_code in (200, 302)


@pytest.mark.parametrize(
    "address",
    [
        "/problems/%00/",
        "/problems/NONE-1/",
        "/problems/%F0%9F%98%80/do/suspend/",
        "/batches/%00/",
        "/items/99999999999999999999/",
        "/evidence/99999999999999999999/view/",
        "/problems/x/do/rubbish/",
    ],
)
def test_an_address_of_nothing_is_not_found(world: World, address: str) -> None:
    response = client_of(world.registrar).get(address)

    assert response.status_code == 404


def test_a_bulk_of_rubbish_assigns_nothing(story: Story) -> None:
    problem = story.registered()
    client = client_of(story.world.registrar)

    for data in ({"pk": ["²", "abc", "-1", "99999999999999999999"]}, {"signed": "rubbish"}, {}):
        response = client.post(reverse("bulk-assign"), data)
        assert response.status_code == 302

    assert reread(problem).state == "registered"
    assert not Event.objects.filter(case_id=problem.pk, name="assign").exists()


# One wording


@pytest.mark.parametrize(
    ("page", "field", "typed", "sentence"),
    [
        ("progress", "percent", "150", "请填写0到100之间的数。"),
        ("progress", "percent", "-1", "请填写0到100之间的数。"),
        ("progress", "percent", "一半", "请填写0到100之间的数。"),
        ("progress", "percent", "", "请填写这一栏。"),
        ("progress", "text", "", "请填写这一栏。"),
        ("progress", "text", "水" * 5001, "最多5000个字，现在有5001个，请写短一些。"),
        ("submit", "people_held", "-2", "请填写整数，不小于0，也不要写单位。"),
        ("submit", "money", "五万", "请填写数字，不小于0。"),
        ("submit", "money", "-1", "请填写数字，不小于0。"),
        ("submit", "money", "1.234", "最多写两位小数。"),
        ("submit", "rectified_on", "", "请填写这一栏。"),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_one_wording(
    story: Story, page: str, field: str, typed: str, sentence: str
) -> None:
    problem = story.rectifying()
    addresses = {
        "progress": reverse("progress-new", args=[problem.case.number]),
        "submit": reverse("item-submit", args=[item_of(problem).pk]),
    }

    response = client_of(story.world.head).post(addresses[page], {"percent": 5, "text": "已过半。", field: typed})

    assert errors(response)[field] == [sentence]


def test_a_choice_that_was_not_made_is_asked_for(world: World) -> None:
    found = errors(register(world, batch="", kind="rubbish", category="999"))

    assert found["batch"] == ["请选择。"]
    assert found["kind"] == found["category"] == ["请从列表中选择。"]


def test_a_date_in_a_sentence_reads_as_on_every_page(story: Story) -> None:
    problem = story.planning()
    late = (clock.today() + timedelta(days=300)).isoformat()
    plan = {"measure_0": "更换管网", "owner_0": "张三", "due_0": late}

    response = client_of(story.world.head).post(reverse("item-plan", args=[item_of(problem).pk]), plan)

    assert problem.due_on is not None
    assert f"晚于整改时限{clock.spelled(problem.due_on)}，" in errors(response)["__all__"][0]


def test_what_an_action_refuses_stands_at_its_field(story: Story) -> None:
    problem = story.registered()
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    page = reverse("item-assign", args=[item_of(problem).pk])

    response = client_of(story.world.registrar).post(
        page, {"lead_unit": "县水利局", "kind": "dated", "due_on": yesterday}
    )

    assert errors(response) == {"due_on": ["整改时限不能早于今天，请重新选择日期。"]}
