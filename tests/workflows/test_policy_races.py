"""Two administrators change one policy in the same moment: one version is made, the other reads a sentence.

The race is run a second time with the lock taken out, and must then go wrong.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet

from organizations.errors import Refused
from organizations.models import User
from rectification.actions.policies import put_in_force
from tests.conftest import World, fresh
from workflows.models import WarningPolicy

pytestmark = pytest.mark.postgres

CODE = "blue_yellow_red"
Before = Callable[[], Any]


def both(world: World, names: list[str], meet: Before) -> dict[str, str]:
    """Each name is put in force from the same version by a thread of its own; what became of each."""
    policy, found = WarningPolicy.objects.get(code=CODE, in_force=True), {}
    by: User = fresh(world.sysadmin)

    def go(name: str) -> None:
        try:
            meet()
            put_in_force(policy, {"name": name}, by=by)
            found[name] = "won"
        except (Refused, IntegrityError) as error:
            found[name] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("_try", range(3))
def test_one_of_two_changes_wins_and_the_other_is_told(lasting: None, world: World, _try: int) -> None:
    found = both(world, ["甲", "乙"], threading.Barrier(2).wait)

    assert sorted(found.values()) == ["Refused", "won"]
    assert list(WarningPolicy.objects.filter(code=CODE, in_force=True).values_list("version", flat=True)) == [2]


def test_without_the_lock_the_second_stumbles_over_the_database(
    lasting: None, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(2)
    former = QuerySet.first

    def read_together(rows: Any) -> Any:
        found = former(rows)
        if rows.model is WarningPolicy:
            meeting.wait(5)
        return found

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows.all())
    monkeypatch.setattr(QuerySet, "first", read_together)

    found = both(world, ["甲", "乙"], lambda: None)

    assert sorted(found.values()) == ["IntegrityError", "won"]
