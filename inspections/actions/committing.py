"""From draft to ledger: all of it or nothing, and back again while nobody has been given anything."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inspections.actions.drafts import all_rows, refuse_known
from inspections.judging import as_finding
from inspections.matching import category_named
from inspections.models import Finding, FindingProblem, ImportRow, ImportState, ListImport, Standing
from inspections.twins import title_of
from organizations import clock
from organizations.models import Division, Post, Unit, User
from organizations.roles import Role
from rectification.actions.registration import Registrar, Registration, next_numbers, problem_of, registrar_post
from rectification.models import Category, Problem, Statement
from rectification.search import search_text_of
from rectification.turns import whose_turn
from workflows.lifecycles.problem import ProblemState
from workflows.many import Newcomer, Opening, office_steps, record_many, register_many, store_many, without_collecting
from workflows.models import Case
from workflows.registry import Turn
from workflows.scope import actor_of
from workflows.steps import ActionRefused, Door


@dataclass(slots=True)
class Outcome:
    """What a commit did, row by row kind."""

    added: int = 0
    problems: int = 0
    changed: int = 0
    noted: int = 0
    same: int = 0
    positives: int = 0
    left_out: int = 0

    def as_json(self) -> dict[str, int]:
        """The tally the import keeps."""
        return {name: getattr(self, name) for name in self.__slots__}


def commit_import(import_id: int, *, by: User | None) -> ListImport:
    """Put the draft's rows into the ledger: findings, and one problem each in 待交办.

    Raises ActionRefused when somebody has done so already, or when the person may not register here.
    """
    made = ListImport.objects.select_related("batch__division", "batch__team").get(pk=import_id)
    _refuse_committed(made)
    post = registrar_post(made.batch, made.batch.division, by) if by else None
    commit = _Commit(made, by, post, list(all_rows(made)))
    numbers = next_numbers(made.batch.division, commit.count_problems())
    with transaction.atomic(), without_collecting():
        made = ListImport.objects.select_for_update().get(pk=import_id)
        _refuse_committed(made)
        refuse_known(made.batch, made.sha256)
        commit.write(numbers)
        made.state, made.committed_at, made.tally = ImportState.COMMITTED, clock.now(), commit.outcome.as_json()
        made.save(update_fields=["state", "committed_at", "tally"])
    return made


def _refuse_committed(made: ListImport) -> None:
    if made.state != ImportState.DRAFT:
        raise ActionRefused(_("这份清单已经导入过，没有重复登记。"))


@dataclass(slots=True)
class _Commit:
    """One commit under way: what is shared by its rows, and what came of them."""

    made: ListImport
    by: User | None
    post: Post | None
    rows: list[ImportRow]
    outcome: Outcome = field(default_factory=Outcome)
    _turns: dict[tuple[int, ...], Turn] = field(default_factory=dict)
    _offices: set[int] = field(default_factory=set)
    _places: dict[int, Division] = field(default_factory=dict)
    _serials: set[str] = field(default_factory=set)
    _dates: dict[str, date] = field(default_factory=dict)  # what each sheet says it was written on

    def count_problems(self) -> int:
        """How many problems will be opened."""
        return sum(row.opens for row in self.rows)

    def write(self, numbers: list[str]) -> None:
        """Every row, in order."""
        rows = self.rows
        self._places = Division.objects.in_bulk({row.place_id for row in rows if row.place_id})
        batch = self.made.batch
        offices = Post.objects.standing(clock.today()).filter(role=Role.OFFICE)
        self._offices = set(offices.values_list("unit__division_id", flat=True))
        self._serials = set(Problem.objects.filter(batch=batch).values_list("source_serial", flat=True))
        self._dates = dict(_dates_of(self.made))
        findings = {
            row.pk: Finding(batch=batch, list_import=self.made, **as_finding(row)) for row in rows if row.goes_in
        }
        self._count(rows)
        self._replace([row for row in rows if row.goes_in and row.earlier_id], findings)
        store_many(list(findings.values()))
        self._register([row for row in rows if row.opens], findings, iter(numbers))
        self._change([row for row in rows if row.goes_in and row.standing == Standing.CHANGED], findings)

    def _count(self, rows: list[ImportRow]) -> None:
        out = self.outcome
        for row in rows:
            out.same += row.standing == Standing.SAME and not row.skipped
            out.left_out += row.skipped or (row.standing != Standing.SAME and not row.goes_in)
            out.positives += row.goes_in and row.positive and row.standing == Standing.ADDED
            out.added += row.opens > 0

    def _replace(self, rows: list[ImportRow], findings: dict[int, Finding]) -> None:
        for row in rows:
            findings[row.pk].replaces_id = row.earlier_id
        Finding.objects.filter(pk__in=[row.earlier_id for row in rows]).update(current=False)

    def _register(self, rows: list[ImportRow], findings: dict[int, Finding], numbers: Iterator[str]) -> None:
        batch = self.made.batch
        registrar = Registrar.of(batch, self.by, self.post)
        categories = {each.name: each for each in Category.objects.on(clock.today())}
        links: list[tuple[int, Case]] = []

        def newcomers() -> Iterator[Newcomer]:
            for row in rows:
                division = self._places.get(row.place_id or 0, batch.division)
                for part, text in enumerate(row.points or [row.problem_text]):
                    entry = self._entry(row, text, part, division)
                    entry.category = category_named(str(row.value("category") or ""), categories)
                    entry.found_on = self._dates.get(row.sheet)
                    case = Case(number=next(numbers), kind="problem", division=division)
                    problem = problem_of(entry, case, registrar)
                    links.append((findings[row.pk].pk, case))
                    note = {"batch": batch.pk, "kind": entry.kind, "import": self.made.pk}
                    yield Newcomer(case, problem, self._turn(problem, division), note)

        # Whoever found it is barred from judging it; whoever typed in a list found nothing.
        name = "registered" if self.post and self.post.role != Role.OFFICE else "imported"
        self.outcome.problems = register_many(newcomers(), Opening(name, self.by, self.post))
        store_many([FindingProblem(finding_id=finding, problem_id=case.pk) for finding, case in links])

    def _turn(self, problem: Problem, division: Division) -> Turn:
        # The same offices above, the same turn: asked once for each.
        key = tuple(pk for pk in division.ancestor_ids() if pk in self._offices)
        if key not in self._turns:
            self._turns[key] = whose_turn(problem, ProblemState.REGISTERED)
        return self._turns[key]

    def _entry(self, row: ImportRow, text: str, part: int, division: Division) -> Registration:
        title = title_of(text)
        partners = [pk for pk in row.partners if pk != row.lead_id]
        return Registration(
            batch=self.made.batch,
            division=division,
            title=title,
            description="" if title == text.strip() else text,
            kind=row.kind,
            place_text=str(row.value("location") or "")[:200],
            source_serial=self._serial(row, part),
            proposed_unit=_unit(row.lead_id),
            proposed_partners=partners,
            due_on=row.due_on,
        )

    def _serial(self, row: ImportRow, part: int) -> str:
        """The list's own serial; where it repeats, with the row it stands in."""
        serial = str(row.value("serial") or "").strip()[:24]
        if row.points:
            serial = f"{serial or row.row_number}.{part + 1}"
        if serial and serial in self._serials:
            serial = f"{serial}（{row.row_number}行）"
        while serial and serial in self._serials:
            serial += "'"
        self._serials.add(serial)
        return serial

    def _change(self, rows: list[ImportRow], findings: dict[int, Finding]) -> None:
        """A problem nobody has been given yet takes the new words; any other gets a note for the office."""
        pairs = FindingProblem.objects.filter(finding_id__in=[row.earlier_id for row in rows])
        problem_of_finding: dict[int, list[int]] = {}
        for earlier, problem in pairs.order_by("problem_id").values_list("finding_id", "problem_id"):
            problem_of_finding.setdefault(earlier, []).append(problem)
        for row in rows:
            ids = problem_of_finding.get(row.earlier_id or 0, [])
            finding = findings[row.pk]
            FindingProblem.objects.bulk_create([FindingProblem(finding=finding, problem_id=pk) for pk in ids])
            if ids:
                self._tell(row, finding, ids)

    def _tell(self, row: ImportRow, finding: Finding, ids: list[int]) -> None:
        earlier: Any = row.earlier
        detail = {
            name: [str(getattr(earlier, name)), str(getattr(finding, name))]
            for name in ("text", "category", "location", "lead_unit", "measures", "deadline_text", "status_text")
            if getattr(earlier, name) != getattr(finding, name)
        }
        if earlier.units != finding.units:
            detail["units"] = ["、".join(earlier.units), "、".join(finding.units)]
        for door in record_many(ids, "list_noted", by=self.by, post=self.post):
            problem = door.subject(Problem)
            if problem.state == ProblemState.REGISTERED and len(ids) == 1:
                door.happening.name = "list_changed"
                self._take_over(door, problem, row)
                self.outcome.changed += 1
            else:
                self.outcome.noted += 1
            door.note(fields=sorted(detail), finding=finding.pk)
            text = _("清单“%(name)s”第%(row)d行与原来的不同。") % {"name": self.made.name, "row": row.row_number}
            door.write(
                Statement(problem=problem, kind="list_noted", text=text, detail=detail, by=self.by, at=clock.now())
            )

    def _take_over(self, door: Door, problem: Problem, row: ImportRow) -> None:
        title = title_of(row.problem_text)
        problem.title = title
        problem.description = "" if title == row.problem_text.strip() else row.problem_text
        problem.place_text = str(row.value("location") or "")[:200]
        problem.kind, problem.due_on = row.kind, row.due_on
        problem.proposed_unit = _unit(row.lead_id)
        problem.proposed_partners = [pk for pk in row.partners if pk != row.lead_id]
        division = self._places.get(row.place_id or 0)
        if division and division.pk != door.case.division_id:
            problem.place(division)
            Case.objects.filter(pk=door.case.pk).update(division=division)
        problem.search_text = search_text_of(problem)
        door.save_matter()


def _dates_of(made: ListImport) -> Iterator[tuple[str, date]]:
    """The day each sheet bears, where it bears one that has come."""
    for name, understood in made.sheets.values_list("name", "understood"):
        day = date.fromisoformat(understood["document_date"]) if understood.get("document_date") else None
        if day and day <= clock.today():
            yield name, day


def _unit(pk: int | None) -> Unit | None:
    return Unit(pk=pk) if pk else None


def take_back(import_id: int, *, by: User) -> ListImport:
    """撤回导入：withdraw everything an import brought, while none of it has been assigned."""
    made = ListImport.objects.select_related("batch__division").get(pk=import_id)
    post = actor_of(by).post_over(made.batch.division.path, Role.OFFICE) or registrar_post(
        made.batch, made.batch.division, by
    )
    with transaction.atomic():
        made = ListImport.objects.select_for_update().get(pk=import_id)
        if made.state != ImportState.COMMITTED:
            raise ActionRefused(_("这次导入已经撤回，或还没有导入。"))
        if made.tally.get("changed") or made.tally.get("noted"):
            raise ActionRefused(_("这份清单更新过已有的问题，不能整批撤回。请在问题页上逐个更正。"))
        ids = sorted(FindingProblem.objects.filter(finding__list_import=made).values_list("problem_id", flat=True))
        for door in office_steps(ids, "withdraw", by=by, post=post):
            problem = door.subject(Problem)
            if problem.state != ProblemState.REGISTERED:
                raise ActionRefused(
                    _("问题%s已经交办或办结，这次导入不能整批撤回。请逐个撤销没有交办的问题。") % door.case.number
                )
            problem.source_serial = ""  # the finding keeps it; the serial is free for a corrected list
            door.note(**{"import": made.pk})
            text = _("撤回导入“%s”。") % made.name
            door.write(Statement(problem=problem, kind="withdraw", text=text, by=by, at=clock.now()))
        Finding.objects.filter(list_import=made).update(current=False)
        made.state, made.taken_back_at, made.taken_back_by = ImportState.TAKEN_BACK, clock.now(), by
        made.save(update_fields=["state", "taken_back_at", "taken_back_by"])
    return made
