"""A new batch takes its policies: the deadline from its source, warnings and ladder by name, nothing switched off."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rectification.forms.registering import BatchForm
from rectification.models import Batch, Source
from tests.conftest import World, fresh
from workflows.models import DeadlinePolicy


@pytest.fixture
def office(client: Client, world: World) -> Client:
    client.force_login(world.registrar)
    return client


def typed(world: World, **more: Any) -> dict[str, Any]:
    source = Source.objects.get(code="audit")
    return {"name": "新批次", "source": source.pk, "review_policy": world.batch.review_policy_id, **more}


def made() -> Batch:
    return Batch.objects.get(name="新批次")


def test_a_batch_takes_the_deadline_policy_of_its_source_unless_told_otherwise(office: Client, world: World) -> None:
    audit = DeadlinePolicy.objects.get(code="audit_90")
    Source.objects.filter(code="audit").update(deadline_policy=audit)

    page = office.get(reverse("batch-new")).content.decode()
    office.post(reverse("batch-new"), typed(world))

    assert "默认时限政策：审计整改（90日）" in page
    assert made().deadline_policy == audit


def test_a_chosen_deadline_policy_goes_before_that_of_the_source(office: Client, world: World) -> None:
    Source.objects.filter(code="audit").update(deadline_policy=DeadlinePolicy.objects.get(code="audit_90"))
    chosen = DeadlinePolicy.objects.get(code="audit_60")

    office.post(reverse("batch-new"), typed(world, deadline_policy=chosen.pk))

    assert made().deadline_policy == chosen


def test_a_source_without_a_policy_of_its_own_takes_the_general_one(office: Client, world: World) -> None:
    office.post(reverse("batch-new"), typed(world))

    assert made().deadline_policy.code == "standard"


def test_a_source_whose_policy_is_switched_off_takes_the_general_one(office: Client, world: World) -> None:
    Source.objects.filter(code="audit").update(deadline_policy=DeadlinePolicy.objects.get(code="hotline"))

    office.post(reverse("batch-new"), typed(world))

    assert made().deadline_policy.code == "standard"


def test_where_nothing_is_switched_on_the_office_is_asked_to_choose(office: Client, world: World) -> None:
    DeadlinePolicy.objects.filter(code="standard").update(enabled=False)

    answer = office.post(reverse("batch-new"), typed(world))

    assert "没有启用的时限政策" in answer.content.decode()
    assert not Batch.objects.filter(name="新批次").exists()


def test_only_policies_in_force_and_switched_on_are_offered(world: World) -> None:
    form: Any = BatchForm(user=fresh(world.registrar))

    offered = set(form.fields["deadline_policy"].queryset.values_list("code", flat=True))

    assert offered == {"standard", "audit_60", "audit_90", "supervision", "petition"}


def test_warnings_and_ladder_are_chosen_by_name_and_shown_on_the_page(office: Client, world: World) -> None:
    office.post(reverse("batch-new"), typed(world, warning_code="red_orange_yellow", ladder_code="standard"))
    page = office.get(reverse("batch-detail", args=[made().code])).content.decode()

    assert (made().warning_code, made().ladder_code) == ("red_orange_yellow", "standard")
    assert "红橙黄" in page
    assert "逐级督办" in page


def test_a_code_nobody_has_is_refused(office: Client, world: World) -> None:
    answer = office.post(reverse("batch-new"), typed(world, warning_code="rainbow"))

    assert "请从列表中选择" in answer.content.decode()
    assert not Batch.objects.filter(name="新批次").exists()
