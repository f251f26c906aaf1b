"""Dictionary rows of this app that a new installation begins with."""

from organizations.models import DictionaryEntry, Level
from organizations.roles import Role

UNIT_KINDS = {
    "office": "整改办",
    "department": "县直部门",
    "township": "乡镇（街道）",
    "village": "村（社区）",
    "team": "督查组",
    "leadership": "县领导",
    "administration": "平台管理",
}


def load() -> None:
    """Add the rows that are missing; a label somebody changed stays changed."""
    for kind, entries in {
        "level": {level.value: str(level.label) for level in Level},
        "role": {role.value: str(role.label) for role in Role},
        "unit_kind": UNIT_KINDS,
    }.items():
        for position, (code, label) in enumerate(entries.items()):
            DictionaryEntry.objects.get_or_create(
                kind=kind, code=code, valid_from=None, defaults={"label": label, "position": position}
            )
