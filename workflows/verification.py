"""Re-computing the ledger: chains, heads, states, digests of frozen rows, seals.

What it cannot find, by design: a case cut short together with its head since the last seal. A seal,
and a copy of it kept elsewhere, is what shows that.

Nothing is locked on the way. A case that looks wrong is read once more under its lock before anybody
is alarmed, because somebody may have taken a step between two of our reads.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from workflows.ledger import digest_of
from workflows.models import Case, Event, FrozenRow, Seal, SealEntry
from workflows.registry import side_kinds, subject_types
from workflows.sealing import entries_of, line_of, root_of, seal_as_json

CHUNK = 500
FILE_BLOCK = 1024 * 1024


class LedgerFault(Exception):  # noqa: N818 -- a finding, not an error of ours
    """The first bad row; the message is a whole sentence that names it."""


@dataclass(slots=True)
class Tally:
    """How much was recomputed without a fault."""

    cases: int = 0
    events: int = 0
    rows: int = 0
    files: int = 0
    seals: int = 0
    entries: int = 0


@dataclass(slots=True)
class Gathered:
    """All that is read of one chunk of cases: a fixed number of statements."""

    events: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[int, dict[tuple[str, int], FrozenRow]] = field(default_factory=lambda: defaultdict(dict))
    states: dict[int, str] = field(default_factory=dict)


def frozen_models() -> list[type[FrozenRow]]:
    """Every table of rows that events name by their digest."""
    return [model for model in apps.get_models() if issubclass(model, FrozenRow)]


def verify(*, files: bool = False, seal_file: Path | None = None) -> Tally:
    """Recompute everything there is; raises LedgerFault at the first bad row."""
    tally = Tally()
    _verify_cases(tally, files)
    _verify_seals(tally)
    if seal_file is not None:
        _compare_file(seal_file)
    return tally


def _verify_cases(tally: Tally, files: bool) -> None:
    for cases in _chunks():
        gathered = _gather(cases)
        for case in cases:
            fault = _fault_of_case(case, gathered)
            if fault:
                _look_again(case.pk)
            tally.cases += 1
            tally.events += len(gathered.events[case.pk])
            tally.rows += len(gathered.rows[case.pk])
            if files:
                tally.files += _check_files(case, gathered)


def _chunks() -> Iterator[list[Case]]:
    last = 0
    while cases := list(Case.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield cases
        last = cases[-1].pk


def _gather(cases: list[Case]) -> Gathered:
    ids = [case.pk for case in cases]
    found = Gathered()
    for event in Event.objects.filter(case_id__in=ids).order_by("case_id", "number", "pk"):
        found.events[event.case_id].append(event)
    for model in frozen_models():
        for row in model._base_manager.filter(case_id__in=ids).order_by("pk"):
            found.rows[row.case_id][model._meta.label_lower, row.pk] = row
    for kind in subject_types():
        states = kind.model._base_manager.filter(case_id__in=ids, case__kind=kind.kind)
        found.states.update(states.values_list("case_id", "state"))
    return found


def _look_again(case_id: int) -> None:
    with transaction.atomic():
        case = Case.objects.select_for_update(no_key=True).filter(pk=case_id).first()
        fault = _fault_of_case(case, _gather([case])) if case else ""
    if fault:
        raise LedgerFault(fault)


def _fault_of_case(case: Case, gathered: Gathered) -> str:
    events = gathered.events[case.pk]
    return (
        _fault_of_chain(case, events)
        or _fault_of_head(case, events)
        or _fault_of_state(case, events, gathered.states.get(case.pk))
        or _fault_of_sides(case, events, gathered.rows[case.pk])
        or _fault_of_names(case, events, gathered.rows[case.pk])
        or _fault_of_unnamed(case, events, gathered.rows[case.pk])
    )


def _fault_of_chain(case: Case, events: list[Event]) -> str:
    previous = ""
    for number, event in enumerate(events, start=1):
        where = {"case": case.number, "number": event.number}
        if event.number != number:
            return _("问题%(case)s缺少第%(missing)d号事件，其后是第%(number)d号。") % {
                **where,
                "missing": number,
            }
        if event.previous_hash != previous:
            return _("问题%(case)s的第%(number)d号事件接不上前一事件的哈希。") % where
        if not _hash_holds(event, case.number):
            return _("问题%(case)s的第%(number)d号事件内容与哈希不符，内容或哈希被改动过。") % where
        previous = event.hash
    return ""


def _hash_holds(event: Event, case_number: str) -> bool:
    try:
        return digest_of(event, case_number) == event.hash
    except ValueError:  # an algorithm nobody knows
        return False


def _fault_of_head(case: Case, events: list[Event]) -> str:
    where = {"case": case.number, "count": case.event_count, "found": len(events)}
    if not events:
        return _("问题%(case)s没有任何事件，登记时应有一条。") % where
    if case.event_count != len(events):
        return _("问题%(case)s记载有%(count)d条事件，实有%(found)d条。") % where
    if case.head_hash != events[-1].hash:
        return _("问题%(case)s的链首与第%(found)d号（最后一条）事件的哈希不符。") % where
    if case.sealed_count > case.event_count:
        return _("问题%(case)s的已封存事件数大于事件总数%(count)d。") % where
    return ""


def _fault_of_state(case: Case, events: list[Event], state: str | None) -> str:
    where = {"case": case.number, "number": events[-1].number, "to": events[-1].to_state, "state": state}
    if state is None:
        return _("编号%(case)s只有办理记录，问题本身已不存在。") % where
    if state != events[-1].to_state:
        return _("问题%(case)s现处环节是%(state)s，而最后的第%(number)d号事件办到的是%(to)s。") % where
    return ""


def _fault_of_sides(case: Case, events: list[Event], rows: dict[tuple[str, int], FrozenRow]) -> str:
    """What moves beside the main line stands where the last event about it left it, or where it began."""
    kinds = side_kinds()
    said = {
        (side["kind"], side["number"]): (event.number, side["to"])
        for event in events
        for side in event.data.get("sides", [])
    }
    for (label, pk), row in rows.items():
        if label not in kinds:
            continue
        side: Any = row
        began = str(side._meta.get_field("state").default)
        number, state = said.get((kinds[label], side.number), (0, began))
        if str(side.state) != state:
            where = {"case": case.number, "row": label, "pk": pk, "state": side.state, "to": state, "number": number}
            return _("问题%(case)s的%(row)s #%(pk)s现处%(state)s，而第%(number)d号事件之后应处%(to)s。") % where
    return ""


def _names_in(event: Event) -> list[dict[str, Any]]:
    return event.data.get("rows", [])


def _fault_of_names(case: Case, events: list[Event], rows: dict[tuple[str, int], FrozenRow]) -> str:
    for event in events:
        for name in _names_in(event):
            row = rows.get((name["row"], name["pk"]))
            where = {"case": case.number, "number": event.number, "row": name["row"], "pk": name["pk"]}
            if row is None:
                return _("问题%(case)s第%(number)d号事件引用的%(row)s #%(pk)s已不存在。") % where
            if row.digest() != name["digest"]:
                return _("问题%(case)s的%(row)s #%(pk)s内容与第%(number)d号事件记下的摘要不符，被改动过。") % where
    return ""


def _fault_of_unnamed(case: Case, events: list[Event], rows: dict[tuple[str, int], FrozenRow]) -> str:
    named = {(name["row"], name["pk"]) for event in events for name in _names_in(event)}
    for label, pk in rows:
        if (label, pk) not in named:
            where = {"case": case.number, "row": label, "pk": pk}
            return _("问题%(case)s的%(row)s #%(pk)s没有任何事件提到，不是经正常办理写入的。") % where
    return ""


def _check_files(case: Case, gathered: Gathered) -> int:
    """Compare stored bytes with `sha256`, on frozen rows that have an `original`."""
    count = 0
    for (label, pk), row in gathered.rows[case.pk].items():
        stored: FieldFile | None = getattr(row, "original", None)
        if stored is None:
            continue
        count += 1
        where = {"case": case.number, "row": label, "pk": pk}
        if not (stored.name and stored.storage.exists(stored.name)):
            raise LedgerFault(_("问题%(case)s的%(row)s #%(pk)s：原文件不在存储中。") % where)
        if _sha256_of(stored) != row.sha256:  # type: ignore[attr-defined]
            raise LedgerFault(_("问题%(case)s的%(row)s #%(pk)s：原文件的内容与登记的摘要不符。") % where)
    return count


def _sha256_of(stored: FieldFile) -> str:
    hasher = hashlib.sha256()
    with stored.storage.open(str(stored.name)) as content:
        for block in content.chunks(FILE_BLOCK):
            hasher.update(block)
    return hasher.hexdigest()


def _verify_seals(tally: Tally) -> None:
    previous = ""
    for seal in Seal.objects.order_by("day").iterator(chunk_size=CHUNK):
        if seal.previous_root != previous:
            raise LedgerFault(_("%(day)s的封存接不上前一次封存的根值。") % {"day": seal.day})
        count = _check_root(seal)
        _check_entries(seal)
        previous = seal.root
        tally.seals += 1
        tally.entries += count


def _check_root(seal: Seal) -> int:
    counted = _Counted(line_of(row.case_number, row.count, row.head_hash) for row in entries_of(seal))
    holds = _root_holds(seal.algorithm, seal.previous_root, seal.root, counted)
    if not holds or counted.count != seal.count:
        where = {"day": seal.day, "count": seal.count, "found": counted.count}
        raise LedgerFault(_("%(day)s的封存（应有%(count)d条，实有%(found)d条）与根值不符，被改动过。") % where)
    return counted.count


class _Counted:
    """Lines as they pass by, counted."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.count += 1
            yield line


def _root_holds(algorithm: str, previous: str, root: str, lines: Iterable[str]) -> bool:
    try:
        return root_of(algorithm, previous, lines) == root
    except ValueError:  # an algorithm nobody knows
        return False


def _check_entries(seal: Seal) -> None:
    rows = entries_of(seal)
    while entries := list(islice(rows, CHUNK)):
        numbers = [entry.case_number for entry in entries]
        cases = dict(Case.objects.filter(number__in=numbers).values_list("number", "sealed_count"))
        events = Event.objects.filter(
            case__number__in=numbers, number__in={entry.count for entry in entries}
        ).values_list("case__number", "number", "hash")
        hashes = {(case, number): digest for case, number, digest in events}
        for entry in entries:
            found = hashes.get((entry.case_number, entry.count))
            fault = _fault_of_entry(entry, cases.get(entry.case_number), found)
            if fault:
                where = {"day": seal.day, "case": entry.case_number, "number": entry.count}
                raise LedgerFault(fault % where)


def _fault_of_entry(entry: SealEntry, sealed_count: int | None, found: str | None) -> str:
    if sealed_count is None:
        return _("%(day)s封存时有问题%(case)s，现在整个案件已不存在。")
    if found is None:
        return _("%(day)s封存时问题%(case)s办到第%(number)d号事件，现在没有这条事件。")
    if found != entry.head_hash:
        return _("问题%(case)s的第%(number)d号事件与%(day)s封存的不是同一条，封存之后被改写过。")
    if sealed_count < entry.count:
        return _("问题%(case)s的已封存事件数小于%(day)s封存的第%(number)d号。")
    return ""


def _compare_file(path: Path) -> None:
    stored = {seal.day.isoformat(): seal_as_json(seal) for seal in Seal.objects.iterator(chunk_size=CHUNK)}
    with path.open(encoding="utf-8") as lines:
        for head, entries in _seals_in(_parsed(lines, path)):
            where = {"day": head["seal"], "path": path}
            counted = _Counted(line_of(row["case"], row["count"], row["head"]) for row in entries)
            intact = _root_holds(head["algorithm"], head["previous"], head["root"], counted)
            if not intact or counted.count != head["count"]:
                raise LedgerFault(_("文件%(path)s里%(day)s的封存与其根值不符，文件本身不完整或被改动过。") % where)
            if stored.get(head["seal"]) != head:
                raise LedgerFault(_("%(day)s的封存与文件%(path)s里的不一致，数据库中的封存被改写或删除过。") % where)


def _parsed(lines: Iterable[str], path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        try:
            body = json.loads(line)
            complete = {"seal", "root"} <= set(body) or {"case", "head"} <= set(body)
        except (ValueError, TypeError):
            complete = False
        if not complete:
            where = {"path": path, "number": number}
            raise LedgerFault(_("文件%(path)s第%(number)d行不是封存记录，文件不完整或被改动过。") % where)
        yield body


def _seals_in(
    bodies: Iterator[dict[str, Any]],
) -> Iterator[tuple[dict[str, Any], Iterator[dict[str, Any]]]]:
    """Each seal with the lines that follow it, to be used up before the next seal is asked for."""
    head = next(bodies, None)
    while head is not None:
        following: list[dict[str, Any]] = []
        yield head, _until_next_seal(bodies, following)
        head = following[0] if following else None


def _until_next_seal(bodies: Iterator[dict[str, Any]], following: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for body in bodies:
        if "seal" in body:
            following.append(body)
            return
        yield body
