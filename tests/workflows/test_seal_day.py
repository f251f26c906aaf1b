"""The day's seal as the clock makes it: once a Shanghai day, however often it is asked."""

from datetime import datetime

from organizations import clock
from organizations.clock import SHANGHAI
from tests.conftest import Story
from workflows.models import Seal
from workflows.tasks import seal_day

LATE = datetime(2026, 11, 22, 23, 59, tzinfo=SHANGHAI)
EARLY = datetime(2026, 11, 23, 0, 1, tzinfo=SHANGHAI)


def test_a_day_is_sealed_once_and_the_next_begins_at_midnight_in_shanghai(story: Story) -> None:
    story.registered()

    with clock.at(LATE):
        roots = [seal_day(), seal_day()]
    with clock.at(EARLY):
        roots += [seal_day(), seal_day()]

    assert roots[0] == roots[1] != roots[2] == roots[3]
    assert list(Seal.objects.values_list("day", "count")) == [(LATE.date(), 1), (EARLY.date(), 0)]


def test_what_happened_before_midnight_stands_in_the_seal_made_after_it(story: Story) -> None:
    with clock.at(LATE):
        story.registered()

    with clock.at(EARLY):
        seal_day()

    assert Seal.objects.get().count == 1
