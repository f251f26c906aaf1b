"""A problem's whole life through the real actions."""

from rectification.actions.review import send_back
from tests.conftest import Story, event_names, item_of, reread


def test_a_problem_goes_from_registration_through_three_levels_to_closure(story: Story) -> None:
    problem = story.closed()

    assert problem.state == "closed"
    assert problem.closed_on is not None
    assert event_names(problem) == [
        "registered", "assign", "accept", "submit_plan", "approve_plan", "evidence_added", "submit",
        "pass_verification", "pass_village", "pass_township", "pass_county",
    ]  # fmt: skip


def test_sending_back_begins_a_new_round_with_the_unit(story: Story) -> None:
    problem = story.township_review()

    send_back(item_of(problem).pk, by=story.world.reviewer, reason="还有一处漏水。")

    again = reread(problem)
    assert (again.state, again.round) == ("rectifying", 2)
    assert item_of(again).round == 2
    assert item_of(again).unit_id == story.world.units["bureau"].pk
