"""What a row of a list comes to: its place, its units, its date, and what somebody should look at."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from inspections.matching import Names
from inspections.models import Finding, ImportRow, Standing
from inspections.names import GUESS, SURE, Match
from organizations import clock
from workflows.secrecy import SECRECY_REFUSAL, has_secrecy_mark

KIND_OF_CLASS = {"立行立改": "immediate", "分阶段": "phased", "长期坚持": "standing"}
AKIN = 50  # percent of equal letters by which a changed wording is still the same matter
COMPARED = ("text", "category", "location", "units", "lead_unit", "measures", "deadline_text", "status_text")


def digest_of(text: str, location: str) -> str:
    """Wording and place without blanks, hashed: the same problem in another list."""
    return sha256("".join(f"{location}|{text}".split()).encode()).hexdigest()


@dataclass(slots=True)
class Judge:
    """Looks at the rows of one import, one after another, against the names and the batch's findings."""

    names: Names
    earlier: "Earlier"

    def judge(self, row: ImportRow) -> None:
        """Fill in everything that follows from what was read and corrected."""
        row.positive = bool(row.value("positive"))
        troubles = [["doubt", text] for text in row.read.get("warnings", ())]
        troubles += [["error", text] for text in row.read.get("errors", ()) if not row.fixes]
        self._place(row)
        troubles += self._units(row)
        if not row.positive:
            troubles += self._due(row) + self._place_troubles(row)
        troubles += _text_troubles(row)
        row.standing, row.earlier = self.earlier.standing(row)
        row.troubles = troubles
        levels = {level for level, _text in troubles}
        row.level = "error" if "error" in levels else "doubt" if "doubt" in levels else "fine"

    def _place(self, row: ImportRow) -> None:
        if chosen := row.fixes.get("place"):
            row.place_id, row.place_sureness = int(chosen), 100
            return
        text = str(row.value("location") or "")
        match = self.names.place(text) if text else Match()
        if match.sureness < GUESS:
            texts = [str(row.value("lead_unit") or ""), *(row.value("units") or [])]
            by_unit = [self.names.place_by_unit(self.names.unit(each)) for each in texts if each]
            match = next((each for each in by_unit if each.key), match)
        row.place_id, row.place_sureness = match.key, match.sureness

    def _place_troubles(self, row: ImportRow) -> list[list[str]]:
        if row.place_sureness >= SURE:
            return []
        text = str(row.value("location") or "")
        if row.place_id is None and text:
            return [["doubt", _("没有找到地点“%s”，先记在县级；请选择属地。") % text[:40]]]
        if row.place_id is None:
            return [["hint", _("没有写地点，先记在县级。")]]
        return [["doubt", _("属地是推测的，请核对。")]]

    def _units(self, row: ImportRow) -> list[list[str]]:
        lead_text = str(row.value("lead_unit") or "")
        texts = [each for each in dict.fromkeys([lead_text, *(row.value("units") or [])]) if each]
        asked = [(text, self.names.unit(text, row.place_id)) for text in texts]
        found = [(text, match) for text, match in asked if not match.is_none]
        row.names = [[text, match.key, match.sureness] for text, match in found]
        if "lead" in row.fixes:
            row.lead_id, row.lead_sureness = row.fixes["lead"], 100
        else:
            first = found[0][1] if found else Match()
            row.lead_id, row.lead_sureness = first.key, first.sureness
        row.partners = [pk for pk in dict.fromkeys(match.key for _t, match in found) if pk and pk != row.lead_id]
        if row.positive:
            return []
        unknown = [text for text, match in found if match.key is None and not (text == found[0][0] and row.lead_id)]
        if unknown:
            return [["doubt", _("没有找到单位“%s”，请选择；不选择的，交办时再定。") % "、".join(unknown)[:60]]]
        if any(not match.is_sure for _text, match in found) and not row.fixes.get("lead"):
            return [["doubt", _("责任单位是按相近的写法推测的，请核对。")]]
        return [] if found or row.lead_id else [["hint", _("没有写责任单位，交办时再定。")]]

    def _due(self, row: ImportRow) -> list[list[str]]:
        deadline = row.value("deadline") or {}
        classes = deadline.get("classes") or []
        kinds = [KIND_OF_CLASS[name] for name in classes if name in KIND_OF_CLASS]
        row.kind = row.fixes.get("kind") or ("standing" if "standing" in kinds else kinds[0] if kinds else "dated")
        row.due_on = None
        written = row.fixes.get("due_on", deadline.get("end") if deadline.get("kind") in ("deadline", "range") else "")
        if not written or row.kind == "standing":
            unsure = deadline.get("kind") == "unsure" and "due_on" not in row.fixes
            return (
                [["doubt", _("时限“%s”没有读懂，请填写日期，或交办时再定。") % row.value("deadline_text")]]
                if unsure
                else []
            )
        due_on = date.fromisoformat(str(written)[:10])
        if due_on < clock.today():
            sentence = _("来文时限%(day)s已过，交办时请重新确定。")
            return [["doubt", sentence % {"day": due_on.isoformat()}]]
        row.due_on = due_on
        return []


def _text_troubles(row: ImportRow) -> list[list[str]]:
    if not row.problem_text.strip():
        return [["error", _("这一行没有写问题，请补写，或选择不导入。")]]
    return [["error", str(SECRECY_REFUSAL)]] if has_secrecy_mark(row.problem_text) else []


@dataclass(slots=True)
class Earlier:
    """The batch's present findings, found again by wording and place or by serial; each only once."""

    by_text: dict[str, list[Finding]]
    by_serial: dict[str, Finding]
    serials: Counter[str]

    @classmethod
    def of(cls, batch_id: int, serials: Counter[str], met: Collection[int] = ()) -> "Earlier":
        """The findings of a batch but those other rows have met; a serial that repeats on either side says nothing."""
        findings = list(Finding.objects.filter(batch_id=batch_id, current=True).exclude(pk__in=met))
        counts = Counter(finding.serial for finding in findings if finding.serial)
        by_text: dict[str, list[Finding]] = {}
        for finding in findings:
            by_text.setdefault(finding.digest, []).append(finding)
        by_serial = {each.serial: each for each in findings if counts[each.serial] == 1}
        return cls(by_text, by_serial, serials)

    def standing(self, row: ImportRow) -> tuple[str, Finding | None]:
        """Added, changed or the same, and the finding it was."""
        now = as_finding(row)
        waiting = self.by_text.get(now["digest"])
        found = waiting.pop(0) if waiting else self._by_serial(now)
        if found is None:
            return Standing.ADDED, None
        same = all(now[name] == getattr(found, name) for name in COMPARED)
        return (Standing.SAME if same else Standing.CHANGED), found

    def _by_serial(self, now: dict[str, Any]) -> Finding | None:
        serial = now["serial"]
        found = self.by_serial.get(serial) if serial and self.serials[serial] == 1 else None
        # A second list of the batch may count from 1 again: the wording must at least be akin.
        if found and fuzz.ratio(found.text, now["text"]) >= AKIN:
            return found
        return None


def as_finding(row: ImportRow) -> dict[str, Any]:
    """The fields of the finding a row becomes, cut to what their columns hold."""
    return {
        "sheet": row.sheet,
        "row_number": row.row_number,
        "serial": str(row.value("serial") or "")[:60],
        "category": str(row.value("category") or "")[:300],
        "location": str(row.value("location") or "")[:300],
        "text": row.problem_text,
        "points": list(row.value("points") or []),
        "units": list(row.value("units") or []),
        "lead_unit": str(row.value("lead_unit") or "")[:300],
        "measures": str(row.value("measures") or ""),
        "deadline_text": str(row.value("deadline_text") or "")[:300],
        "deadline": row.value("deadline") or {},
        "status_text": str(row.value("status_text") or ""),
        "positive": row.positive,
        "digest": digest_of(row.problem_text, str(row.value("location") or "")),
    }
