"""Writes a whole people workbook in one transaction, or nothing of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations import clock
from organizations.access_log import client_address
from organizations.actions.people import facts_of_post
from organizations.errors import Refused
from organizations.first_passwords import hash_of, random_password
from organizations.models import AccessEntry, AccessKind, Post, Unit, User
from organizations.people_check import BATCH, BadRow, Judgement, Known, day_of, judge, post_of_row, read_known
from organizations.people_file import PeopleRows


class BadRows(Refused):
    """The workbook has rows that cannot be taken; nothing was written."""

    def __init__(self, bad: list[BadRow]) -> None:
        super().__init__(_("文件里有 %(n)d 行需要更正，没有写入任何内容。") % {"n": len(bad)})
        self.bad = bad


@dataclass
class Loaded:
    """What a load did; passwords of new people by log-in name."""

    units_added: int = 0
    units_changed: int = 0
    people_changed: int = 0
    posts_added: int = 0
    posts_changed: int = 0
    passwords: dict[str, str] = field(default_factory=dict)
    log: list[tuple[AccessKind, str, dict[str, Any]]] = field(default_factory=list)

    def __str__(self) -> str:
        return _(
            "单位新增 %(units_added)d 个、更新 %(units_changed)d 个；人员新增 %(people_added)d 人、更新 "
            "%(people_changed)d 人；任职新增 %(posts_added)d 条、更新 %(posts_changed)d 条。"
        ) % {**vars(self), "people_added": len(self.passwords)}

    def __bool__(self) -> bool:
        return bool(self.log)

    def note(self, kind: AccessKind, text: str, **data: Any) -> None:
        """Keep a line for the auditor's log."""
        self.log.append((kind, text[:500], data))


def preview(rows: PeopleRows) -> Judgement:
    """Which rows would be taken, and what is wrong with the others."""
    known = read_known(rows)
    judgement = judge(rows, known)
    judgement.new_people = sum(row.username not in known.users for row in judgement.rows.people)
    judgement.new_units = sum((row.division_code, row.name) not in known.units for row in judgement.rows.units)
    return judgement


def load_people(
    rows: PeopleRows,
    *,
    by: User | None,
    request: HttpRequest | None = None,
    passwords: Mapping[str, str] | None = None,
) -> Loaded:
    """Write all rows or none; running it again changes nothing.

    Passwords may be given, so that a second post of one form hands out those of the first.
    """
    try:
        return _load(rows, by, request, passwords or {})
    except IntegrityError:
        # Somebody wrote the same rows a moment before; now they are there to be found.
        return _load(rows, by, request, passwords or {})


def _load(rows: PeopleRows, by: User | None, request: HttpRequest | None, passwords: Mapping[str, str]) -> Loaded:
    fresh = {row.username for row in rows.people} - read_known(rows).users.keys()
    chosen = {name: passwords.get(name) or random_password() for name in fresh}
    hashes = {name: hash_of(password) for name, password in chosen.items()}
    with transaction.atomic():
        known = read_known(rows, lock=True)
        judgement = judge(rows, known)
        if judgement.bad:
            raise BadRows(judgement.bad)
        loaded = Loaded()
        _write_units(judgement.rows, known, loaded)
        _write_people(judgement.rows, known, loaded, hashes)
        _write_posts(judgement.rows, known, loaded)
        loaded.passwords = {name: chosen[name] for name in loaded.passwords}
        _write_log(loaded, by, request)
    return loaded


def _write_units(rows: PeopleRows, known: Known, loaded: Loaded) -> None:
    added, changed = [], []
    for row in rows.units:
        key = (row.division_code, row.name)
        wanted = {"short_name": row.short_name, "kind": row.kind, "aliases": row.aliases}
        unit = known.units.get(key)
        if unit is None:
            unit = Unit(name=row.name, division=known.divisions[row.division_code], **wanted)
            known.units[key] = unit
            added.append(unit)
            loaded.note(AccessKind.BASIC_DATA, _("导入单位 %(name)s") % {"name": row.name}, new=wanted)
        elif old := _differences(unit, wanted):
            changed.append(unit)
            text = _("导入更新单位 %(name)s") % {"name": row.name}
            loaded.note(AccessKind.BASIC_DATA, text, old=old, new=wanted)
    Unit.objects.bulk_create(added, batch_size=BATCH)
    Unit.objects.bulk_update(changed, ["short_name", "kind", "aliases"], batch_size=BATCH)
    loaded.units_added, loaded.units_changed = len(added), len(changed)


def _differences(row: Model, wanted: dict[str, Any]) -> dict[str, Any]:
    """Set what differs; returns the old values of just that."""
    old = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    for name in old:
        setattr(row, name, wanted[name])
    return old


def _write_people(rows: PeopleRows, known: Known, loaded: Loaded, hashes: dict[str, str]) -> None:
    added, changed = [], []
    for row in rows.people:
        user = known.users.get(row.username)
        named = f"{row.name}（{row.username}）"
        if user is None:
            user = User(username=row.username, name=row.name, password=hashes[row.username])
            known.users[row.username] = user
            added.append(user)
            text = _("导入人员 %(user)s") % {"user": named}
            loaded.note(AccessKind.PERMISSION, text, old=None, new={"name": row.name})
        elif old := _differences(user, {"name": row.name}):
            changed.append(user)
            text = _("导入更新人员 %(user)s") % {"user": named}
            loaded.note(AccessKind.PERMISSION, text, old=old, new={"name": row.name})
    User.objects.bulk_create(added, batch_size=BATCH)
    User.objects.bulk_update(changed, ["name"], batch_size=BATCH)
    loaded.passwords = {user.username: "" for user in added}
    loaded.people_changed = len(changed)


def _write_posts(rows: PeopleRows, known: Known, loaded: Loaded) -> None:
    added, changed = [], []
    for row in rows.posts:
        wanted = {
            "valid_from": day_of(row.valid_from),
            "valid_to": day_of(row.valid_to),
            "acting_for": known.users[row.acting_for] if row.acting_for else None,
        }
        post = post_of_row(row, known)
        if post is None:
            unit = known.units[(row.division_code, row.unit_name)]
            post = Post(user=known.users[row.username], unit=unit, role=row.role, **wanted)
            added.append(post)
            text = _("导入任职 %(post)s") % {"post": _described(post)}
            loaded.note(AccessKind.PERMISSION, text, old=None, new=facts_of_post(post))
            continue
        old = facts_of_post(post)
        if _differences(post, wanted):
            changed.append(post)
            text = _("导入更新任职 %(post)s") % {"post": _described(post)}
            loaded.note(AccessKind.PERMISSION, text, old=old, new=facts_of_post(post))
    Post.objects.bulk_create(added, batch_size=BATCH)
    Post.objects.bulk_update(changed, ["valid_from", "valid_to", "acting_for"], batch_size=BATCH)
    loaded.posts_added, loaded.posts_changed = len(added), len(changed)


def _described(post: Post) -> str:
    return f"{post.user.name} · {post.unit.name} · {post.get_role_display()}"


def _write_log(loaded: Loaded, by: User | None, request: HttpRequest | None) -> None:
    address, at = client_address(request), clock.now()
    username = by.username if by else ""
    AccessEntry.objects.bulk_create(
        [
            AccessEntry(at=at, kind=kind, user=by, username=username, address=address, text=text, data=data)
            for kind, text, data in loaded.log
        ],
        batch_size=BATCH,
    )
