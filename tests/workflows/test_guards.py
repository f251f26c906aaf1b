"""What has happened is never changed or deleted: the database itself refuses."""

import pytest
from django.core.checks import Error
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError, InternalError
from django.test import TransactionTestCase

from organizations import clock
from organizations.access_log import note_access
from organizations.models import AccessKind
from tests.conftest import Story
from tests.lifted import guards_lifted, remove_guards
from workflows.checks import guards_stand
from workflows.guards import GUARDED, missing_guards
from workflows.models import CalendarYear, Case
from workflows.sealing import make_seal

REFUSALS = (IntegrityError, InternalError, DatabaseError)
on_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def rows_in(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return cursor.fetchall()


@pytest.fixture
def something_everywhere(story: Story) -> None:
    story.registered()
    make_seal(clock.today())
    note_access(AccessKind.LOGIN, "登录", by=story.world.head)


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_a_row_of_the_log_is_neither_changed_nor_deleted(
    something_everywhere: None, table: str, statement: str
) -> None:
    before = rows_in(table)
    assert before

    with pytest.raises(REFUSALS, match="never changed or deleted"):
        sql(statement.format(table))

    assert rows_in(table) == before


@on_postgres
@pytest.mark.parametrize("table", GUARDED)
def test_a_table_of_the_log_is_not_truncated(something_everywhere: None, table: str) -> None:
    connection.check_constraints()  # nothing deferred may stand in the way of the real refusal
    before = rows_in(table)

    with pytest.raises(REFUSALS, match="never changed or deleted"):
        sql(f"TRUNCATE {table} CASCADE")

    assert rows_in(table) == before


@pytest.mark.usefixtures("db")
def test_the_system_check_names_a_table_that_has_lost_its_guards() -> None:
    assert guards_stand(None, databases=["default"]) == []

    remove_guards(connection)

    found = guards_stand(None, databases=["default"])
    assert {error.id for error in found} == {"workflows.E004"}
    assert [str(error.msg).split()[1] for error in found] == list(GUARDED)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("table", GUARDED)
def test_one_missing_trigger_is_enough_to_be_noticed(table: str) -> None:
    name = "guard_truncate ON " + table if connection.vendor == "postgresql" else f"guard_{table}_delete"

    sql(f"DROP TRIGGER {name}")

    assert missing_guards(connection) == [table]
    assert isinstance(guards_stand(None, databases=["default"])[0], Error)


@pytest.mark.usefixtures("db")
def test_a_migrate_puts_lost_guards_back() -> None:
    remove_guards(connection)

    call_command("migrate", verbosity=0)

    assert missing_guards(connection) == []


@pytest.mark.usefixtures("db")
def test_lifted_guards_come_back_even_after_an_error() -> None:
    def fail() -> None:
        with guards_lifted(connection):
            assert missing_guards(connection) == list(GUARDED)
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError):
        fail()

    assert missing_guards(connection) == []


def test_a_transactional_test_leaves_the_guards_and_the_defaults_standing(lasting: None, story: Story) -> None:
    story.registered()

    TransactionTestCase(methodName="__init__")._fixture_teardown()

    assert not Case.objects.exists()
    assert missing_guards(connection) == []
    assert CalendarYear.objects.exists()
