"""The problem on paper: a line for everybody who signs, and the earlier rounds unfolded."""

import pytest
from django.test import Client

from rectification.actions.review import send_back
from rectification.problem_page import signers
from tests.conftest import Story, fresh, item_of, make_batch, reread
from workflows.models import ReviewPolicy

UNIT, VERIFIER, COUNTY = "责任单位负责人", "核查人", "县级审定"
LINES = {
    ("three_levels", "village"): [UNIT, VERIFIER, "村级评定", "乡镇审核", COUNTY],
    ("three_levels", "town"): [UNIT, VERIFIER, "乡镇审核", COUNTY],
    ("three_levels", "county"): [UNIT, VERIFIER, COUNTY],
    ("sector_office", "village"): [UNIT, VERIFIER, "行业主管部门审核", COUNTY],
    ("county_only", "town"): [UNIT, VERIFIER, COUNTY],
}


def printed(story: Story, problem: object) -> str:
    client = Client()
    client.force_login(fresh(story.world.registrar))
    return client.get(reread(problem).get_absolute_url()).content.decode()  # type: ignore[arg-type]


@pytest.mark.parametrize(("policy", "place"), LINES)
def test_whoever_signs_this_problem_has_a_line(story: Story, policy: str, place: str) -> None:
    batch = make_batch(story.world, "P1", policy)
    problem = story.registered(batch=batch, division=getattr(story.world, place))

    page = printed(story, problem)

    assert signers(reread(problem)) == LINES[policy, place]
    assert page.count('class="sign-line"') == len(LINES[policy, place])
    for who in LINES[policy, place]:
        assert f"{who}（签字）" in page


def test_nobody_signs_for_a_verification_that_policy_leaves_out(story: Story) -> None:
    problem = story.registered()
    ReviewPolicy.objects.filter(pk=problem.review_policy_id).update(verifies=False)

    assert VERIFIER not in signers(reread(problem))


def test_earlier_rounds_are_folded_on_screen_and_whole_on_paper(story: Story) -> None:
    problem = story.village_review()
    send_back(item_of(problem).pk, by=fresh(story.world.assessor), reason="还有一处漏水。")

    page = printed(story, problem)

    folded, whole = page.split('<details class="fold no-print">')[1].split('<div class="print-only">')[:2]
    assert "第1轮签批" in folded
    assert "第1轮签批" in whole
    assert "还有一处漏水。" in whole
