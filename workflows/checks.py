"""Start-up checks of the engine: every arrow has a permission, every target is a state, guards stand."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from workflows.guards import missing_guards
from workflows.lifecycles.problem import ProblemState
from workflows.registry import event_types, subject_types


@register()
def every_arrow_is_guarded(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Each transition names a permission, leads to known states and has an event of its name."""
    found: list[CheckMessage] = []
    known = {str(state) for state in ProblemState}
    for subject in subject_types():
        for arrow in subject.model._meta.get_field("state").get_all_transitions(subject.model):  # type: ignore[union-attr]
            targets = getattr(arrow.target, "allowed_states", [arrow.target])
            if arrow.permission is None:
                found.append(Error(f"transition {arrow.name} names no permission", id="workflows.E001"))
            if not {str(target) for target in targets} <= known:
                found.append(Error(f"transition {arrow.name} leads to an unknown state", id="workflows.E002"))
            if arrow.name not in event_types():
                found.append(Error(f"no event is registered for transition {arrow.name}", id="workflows.E003"))
    return found


@register(Tags.database)
def guards_stand(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The triggers on the append-only tables exist, and PostgreSQL's locale sees Chinese."""
    if not databases or "workflows_event" not in connection.introspection.table_names():
        return []
    found: list[CheckMessage] = [
        Error(f"table {table} has lost its guards", hint="Run manage.py migrate.", id="workflows.E004")
        for table in missing_guards(connection)
    ]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
            if cursor.fetchone()[0] in {"C", "POSIX"} and settings.TESTING is False:
                found.append(Error("the database's LC_CTYPE is C and does not see Chinese", id="workflows.E005"))
    return found
