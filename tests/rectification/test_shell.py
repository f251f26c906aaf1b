"""What a phone's bottom bar offers each role, and that everything else is one tap further."""

import pytest
from django.test import Client

from rectification.shell import THUMB
from tests.conftest import World, fresh

BARS = {
    "registrar": ["工作台", "问题台账", "登记问题"],
    "inspector": ["工作台", "问题台账", "登记问题"],
    "lead": ["工作台", "问题台账", "登记问题"],
    "head": ["工作台", "问题台账", "流程图"],
    "clerk": ["工作台", "问题台账", "流程图"],
    "assessor": ["工作台", "问题台账", "流程图"],
    "leader": ["工作台", "问题台账", "批次"],
    "observer": ["工作台", "问题台账", "批次"],
    "sysadmin": ["工作台", "问题台账", "基础数据"],
    "secadmin": ["工作台", "人员账号", "导入人员"],
    "auditor": ["工作台", "审计日志", "问题台账"],
    "nobody": ["工作台", "问题台账", "流程图"],
}


@pytest.mark.parametrize("person", BARS)
def test_the_bottom_bar_has_what_the_role_needs_first_and_the_rest_is_behind_more(world: World, person: str) -> None:
    client = Client()
    client.force_login(fresh(world.people[person]))

    response = client.get("/flow/")

    bar = response.context["bottom_nav"]
    everything = [item["url"] for group in response.context["nav"] for item in group["items"]]
    assert [item["label"] for item in bar] == BARS[person]
    assert {item["url"] for item in bar} < set(everything)
    assert '<a href="#site-nav">更多</a>' in response.content.decode()
    assert len(THUMB) == len(set(THUMB))
