"""The admin's pages open by post, and every save is in the log."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organizations.models import AccessEntry, AccessKind, DictionaryEntry, User
from organizations.queries import label_of
from rectification.models import Category, Source
from tests.conftest import Story, World
from workflows.models import DeadlinePolicy, ReviewPolicy
from workflows.queries import policies_in_force

LISTS = {
    "organizations_division": {"sysadmin", "secadmin"},
    "organizations_unit": {"sysadmin", "secadmin"},
    "organizations_dictionaryentry": {"sysadmin"},
    "organizations_user": {"secadmin"},
    "organizations_post": {"secadmin"},
    "organizations_accessentry": {"auditor"},
    "workflows_reviewpolicy": {"sysadmin"},
    "workflows_deadlinepolicy": {"sysadmin"},
    "workflows_warningpolicy": {"sysadmin"},
    "workflows_escalationpolicy": {"sysadmin"},
    "workflows_calendarday": {"sysadmin"},
    "workflows_calendaryear": {"sysadmin"},
    "workflows_case": {"sysadmin"},
    "workflows_event": {"sysadmin"},
    "workflows_workitem": {"sysadmin"},
    "rectification_source": {"sysadmin"},
    "rectification_category": {"sysadmin"},
    "rectification_problem": {"sysadmin"},
    "rectification_report": {"sysadmin"},
    "rectification_reviewstep": {"sysadmin"},
}
ADDERS = {
    "organizations_unit": "sysadmin",
    "organizations_dictionaryentry": "sysadmin",
    "organizations_user": "secadmin",
    "organizations_post": "secadmin",
    "workflows_reviewpolicy": "sysadmin",
    "rectification_source": "sysadmin",
    "rectification_category": "sysadmin",
}


@pytest.mark.parametrize("page", LISTS)
def test_each_list_opens_to_its_administrators_alone(client: Client, story: Story, page: str) -> None:
    story.closed()
    for name in ("sysadmin", "secadmin", "auditor"):
        client.force_login(story.world.people[name])
        shown = client.get(reverse(f"admin:{page}_changelist"))
        added = client.get(reverse(f"admin:{page}_add"))
        assert shown.status_code == (200 if name in LISTS[page] else 403), name
        assert added.status_code == (200 if ADDERS.get(page) == name else 403), name
    client.force_login(story.world.clerk)
    assert client.get(reverse(f"admin:{page}_changelist")).status_code == 302


@pytest.mark.parametrize("page", LISTS)
def test_nothing_is_deleted(client: Client, story: Story, page: str) -> None:
    story.closed()
    model = page.partition("_")[2]
    row = next(m for m in _models() if m._meta.label_lower == page.replace("_", ".")).objects.first()
    for name in ("sysadmin", "secadmin", "auditor"):
        client.force_login(story.world.people[name])
        assert row is None or client.post(reverse(f"admin:{page}_delete", args=[row.pk])).status_code == 403, model


def _models() -> list[Any]:
    from django.apps import apps

    return list(apps.get_models())


@pytest.mark.parametrize("page", LISTS)
def test_each_row_opens(client: Client, story: Story, page: str) -> None:
    story.closed()
    row = next(m for m in _models() if m._meta.label_lower == page.replace("_", ".")).objects.first()
    for name in LISTS[page]:
        client.force_login(story.world.people[name])
        answer = client.get(reverse(f"admin:{page}_change", args=[row.pk]) if row else "/admin/")
        assert answer.status_code == 200, name


def test_the_auditor_changes_nothing(client: Client, world: World) -> None:
    client.force_login(world.auditor)
    entry = AccessEntry.objects.first()
    assert entry is not None
    page = reverse("admin:organizations_accessentry_change", args=[entry.pk])

    assert client.get(page).status_code == 200
    assert client.post(page, {"text": "x"}).status_code == 403
    assert client.get("/admin/").content.decode().count('class="model-') <= 1


def test_a_new_person_gets_a_first_password_once(client: Client, world: World) -> None:
    client.force_login(world.secadmin)
    page = client.get(reverse("admin:organizations_user_add")).content.decode()
    assert "password" not in page.lower().replace("password_change", "")

    answer = client.post(reverse("admin:organizations_user_add"), {"username": "xin", "name": "新人"}, follow=True)

    user = User.objects.get(username="xin")
    assert user.must_change_password
    assert "新人的初始密码是" in answer.content.decode()
    assert AccessEntry.objects.filter(kind=AccessKind.PERMISSION, text__contains="新增人员").exists()


def test_a_renamed_word_is_in_force_at_once_and_in_the_log(client: Client, world: World) -> None:
    assert label_of("role", "office") == "整改办"
    client.force_login(world.sysadmin)
    row = DictionaryEntry.objects.get(kind="role", code="office")

    fields = {"label": "督查办", "position": row.position, "kind": "level", "code": "x"}
    client.post(reverse("admin:organizations_dictionaryentry_change", args=[row.pk]), fields)

    assert label_of("role", "office") == "督查办"
    entry = AccessEntry.objects.get(kind=AccessKind.BASIC_DATA)
    assert (entry.data["old"]["label"], entry.data["new"]["label"]) == ("整改办", "督查办")
    assert (entry.user, entry.data["new"]["code"]) == (world.sysadmin, "office")


def test_roles_are_renamed_but_never_invented(client: Client, world: World) -> None:
    client.force_login(world.sysadmin)
    fields = {"kind": "role", "code": "emperor", "label": "皇帝", "position": 1}

    answer = client.post(reverse("admin:organizations_dictionaryentry_add"), fields)

    assert "代码由系统规定" in answer.content.decode()
    assert not DictionaryEntry.objects.filter(code="emperor").exists()


def test_units_and_categories_are_kept_with_a_log(client: Client, world: World) -> None:
    client.force_login(world.sysadmin)
    unit = {"name": "县档案馆", "kind": "department", "division": world.county.pk, "aliases": "档案馆、馆"}

    client.post(reverse("admin:organizations_unit_add"), unit)
    client.post(reverse("admin:rectification_category_add"), {"name": "森林防火"})

    assert Category.objects.filter(name="森林防火").exists()
    texts = list(AccessEntry.objects.filter(kind=AccessKind.BASIC_DATA).values_list("text", flat=True))
    assert any("县档案馆" in text for text in texts)
    assert any("森林防火" in text for text in texts)


def test_a_saved_review_policy_is_a_new_version(client: Client, world: World) -> None:
    client.force_login(world.sysadmin)
    old = ReviewPolicy.objects.get(code="three_levels", in_force=True)
    page = reverse("admin:workflows_reviewpolicy_change", args=[old.pk])
    fields = {"name": old.name, "village": "on", "sector": "on", "verifies": "on", "notice_days": 0}
    fields["objection_limit"] = 3
    client.post(page, fields)  # without a reason
    assert ReviewPolicy.objects.get(code="three_levels", in_force=True) == old

    fields["reason"] = "县委办会议纪要第8期"
    client.post(page, fields)

    new = ReviewPolicy.objects.get(code="three_levels", in_force=True)
    old.refresh_from_db()
    assert (old.in_force, old.township, old.objection_limit) == (False, True, 2)
    assert (new.version, new.township, new.sector, new.objection_limit) == (old.version + 1, False, True, 3)
    assert world.batch.review_policy_id == old.pk
    assert AccessEntry.objects.get(kind=AccessKind.BASIC_DATA).data["old"]["township"] is True
    assert AccessEntry.objects.get(kind=AccessKind.BASIC_DATA).data["reason"] == "县委办会议纪要第8期"
    assert client.post(page, fields).status_code == 403


def test_the_versions_of_a_review_policy_stand_on_its_page_with_their_reasons(client: Client, world: World) -> None:
    client.force_login(world.sysadmin)
    old = ReviewPolicy.objects.get(code="three_levels", in_force=True)
    fields = {
        "name": old.name,
        "notice_days": "0",
        "objection_limit": "3",
        "village": "on",
        "reason": "依据<b>某</b>文件",
    }
    client.post(reverse("admin:workflows_reviewpolicy_change", args=[old.pk]), fields)
    new = ReviewPolicy.objects.get(code="three_levels", in_force=True)

    pages = {
        row: client.get(reverse("admin:workflows_reviewpolicy_change", args=[row.pk])).content.decode()
        for row in (old, new)
    }

    for text in pages.values():
        assert "第1版：系统预置" in text
        assert "使其生效，理由：依据&lt;b&gt;某&lt;/b&gt;文件" in text
    assert 'name="reason"' in pages[new]
    assert "field-reason" not in pages[old]
    assert "各版本" not in client.get(reverse("admin:workflows_reviewpolicy_add")).content.decode()


@pytest.mark.parametrize("kind", ["deadline", "warning", "escalation"])
def test_policies_with_a_page_of_their_own_are_only_read_here(client: Client, world: World, kind: str) -> None:
    client.force_login(world.sysadmin)
    policy = policies_in_force(kind)[0]
    page = reverse(f"admin:workflows_{kind}policy_change", args=[policy.pk])

    shown = client.get(page).content.decode()
    answer = client.post(page, {"name": "改名"})

    assert reverse("policy-detail", args=[kind, policy.code]) in shown
    assert '<input type="text"' not in shown
    assert answer.status_code == 403
    assert policies_in_force(kind)[0].name == policy.name


def test_a_source_brings_a_deadline_policy_that_is_switched_on(client: Client, world: World) -> None:
    client.force_login(world.sysadmin)
    source = Source.objects.get(code="audit")
    page = reverse("admin:rectification_source_change", args=[source.pk])
    audit, hotline = (DeadlinePolicy.objects.get(code=code) for code in ("audit_60", "hotline"))

    refused = client.post(page, {"name": source.name, "deadline_policy": hotline.pk})
    client.post(page, {"name": source.name, "deadline_policy": audit.pk})

    assert refused.status_code == 200
    source.refresh_from_db()
    assert source.deadline_policy == audit
    assert AccessEntry.objects.filter(kind=AccessKind.BASIC_DATA, text__contains="审计").count() == 1
