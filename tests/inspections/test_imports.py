"""A received list from the file to the ledger: what is written, when, by whom, and what is refused."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from inspections.actions.committing import commit_import, take_back
from inspections.actions.drafts import (
    Choice,
    Upload,
    begin_import,
    choose_name,
    correct_row,
    drop_draft,
    set_meaning,
    set_row,
)
from inspections.models import Alias, Finding, ImportRow, ListImport
from organizations import clock
from organizations.models import Unit
from rectification.models import Problem
from tests.conftest import Story, World, event_names, fresh, item_of, make_batch, reread, undone
from tests.inspections.lists import HEAD, usual, workbook
from workflows.models import Event
from workflows.steps import ActionRefused


def far() -> str:
    day = clock.today() + timedelta(days=60)
    return f"{day.year}年{day.month}月{day.day}日前"


def begin(world: World, rows: list[list[Any]] | None = None, *, name: str = "清单.xlsx", **more: Any) -> ListImport:
    data = workbook(usual(far()) if rows is None else rows, **more)
    return begin_import(world.batch, Upload(name, data, clock.today()), by=fresh(world.registrar))


def commit(made: ListImport, world: World) -> ListImport:
    return commit_import(made.pk, by=fresh(world.registrar))


def row(made: ListImport, text: str) -> ImportRow:
    return next(each for each in made.rows.all() if text in each.problem_text)


def problem(text: str) -> Problem:
    return Problem.objects.get(title__contains=text)


def test_a_draft_writes_nothing_into_the_ledger(world: World) -> None:
    made = begin(world)

    assert Problem.objects.count() == Finding.objects.count() == Event.objects.count() == 0
    assert [each.level for each in made.rows.all()] == ["fine", "fine", "fine", "doubt"]
    assert [each.positive for each in made.rows.all()] == [False, False, True, False]


def test_places_units_dates_and_kinds_are_understood(world: World) -> None:
    made = begin(world)
    one, two, _three, four = made.rows.all()

    assert (one.place, one.lead, one.due_on) == (world.village, world.units["bureau"], clock.today() + timedelta(60))
    assert (two.place, two.lead, two.partners) == (world.village, world.units["bureau"], [world.units["township"].pk])
    assert two.points == ["管网渗漏", "入户水表井盖缺失"]
    assert (four.lead, four.kind, four.due_on) == (None, "immediate", None)
    assert "县河长办" in four.troubles[0][1]


def test_a_commit_opens_one_problem_each_with_its_proposals(world: World) -> None:
    made = commit(begin(world), world)

    assert made.tally == {
        "added": 3, "problems": 4, "changed": 0, "noted": 0, "same": 0, "positives": 1, "left_out": 0,
    }  # fmt: skip
    fence = problem("围栏")
    assert (fence.state, fence.source_serial, fence.proposed_unit) == ("registered", "1", world.units["bureau"])
    assert (fence.case.division, fence.due_on) == (world.village, clock.today() + timedelta(days=60))
    assert (fence.found_by, fence.found_unit) == (world.registrar, world.units["team"])
    pipes = problem("管网渗漏")
    assert (pipes.source_serial, pipes.proposed_partners) == ("2.1", [world.units["township"].pk])
    assert event_names(fence) == ["imported"]
    assert item_of(fence).role == "office"
    assert Finding.objects.get(positive=True).problems.count() == 0
    assert [each.text for each in pipes.findings.all()] == ["1.管网渗漏；2.入户水表井盖缺失"]
    call_command("verify_ledger")


def test_the_points_of_a_cell_stay_together_where_the_clerk_says_so(world: World) -> None:
    made = begin(world)
    set_row(made, row(made, "渗漏"), apart=False)

    commit(made, world)

    assert Problem.objects.count() == 3
    assert problem("渗漏").title == "1.管网渗漏；2.入户水表井盖缺失"


def test_rows_left_out_and_rows_with_errors_do_not_stop_the_others(world: World) -> None:
    rows = [*usual(far()), [5, "环境", "一村", "", "县水利局", "", "只有备注"]]
    made = begin(world, rows)
    set_row(made, row(made, "围栏"), skipped=True)

    commit(made, world)

    assert Problem.objects.filter(title__contains="围栏").count() == 0
    assert Problem.objects.count() == 3


def test_a_correction_lies_over_what_was_read_and_is_judged(world: World) -> None:
    made = begin(world)
    four = row(made, "垃圾")
    correct_row(made, four, {"lead": world.units["township"].pk, "due_on": "2099-01-01"}, by=fresh(world.registrar))

    four.refresh_from_db()
    assert (four.lead, four.level, four.due_on) == (world.units["township"], "fine", date(2099, 1, 1))
    commit(made, world)
    assert problem("垃圾").proposed_unit == world.units["township"]


def test_a_row_that_is_told_twice_does_not_vanish_when_it_is_corrected(world: World) -> None:
    once = [[1, "环境", "一村", "路边垃圾未清理", "县水利局", "", ""]]
    commit(begin(world, once), world)
    twice = [*once, [2, "环境", "一村", "路边垃圾未清理", "县水利局", "", ""]]
    again = begin(world, twice, name="更正.xlsx")
    assert [each.standing for each in again.rows.all()] == ["same", "added"]

    second = again.rows.get(position=1)
    correct_row(again, second, {"due_on": "2099-01-01"}, by=fresh(world.registrar))

    assert [each.standing for each in again.rows.all()] == ["same", "added"]


def test_a_correction_of_the_words_looks_for_twins_again(story: Story) -> None:
    twin = story.registered(title="文化广场照明灯具缺失四盏")
    made = begin(story.world)
    four = row(made, "垃圾")
    correct_row(made, four, {"problem": "文化广场照明灯具缺失四盏"}, by=fresh(story.world.registrar))
    four.refresh_from_db()
    assert [number for _pk, number, _title, _likeness in four.twins] == [twin.case.number]


def test_one_choice_holds_for_every_row_that_says_the_same_and_can_be_remembered(world: World) -> None:
    rows = [[n, "环境", "一村", f"河道第{n}段有垃圾", "县河长办", "", ""] for n in range(1, 4)]
    made = begin(world, rows)
    choice = Choice("unit", "县河长办", world.units["bureau"], remember=True)

    assert choose_name(made, choice, by=fresh(world.registrar)) == 3

    assert {each.lead for each in made.rows.all()} == {world.units["bureau"]}
    other = make_batch(world, "B2")
    again = begin_import(other, Upload("又.xlsx", workbook(rows), clock.today()), by=fresh(world.registrar))
    assert {each.lead for each in again.rows.all()} == {world.units["bureau"]}
    assert Alias.objects.get().text == "县河长办"


def test_the_meaning_of_a_column_is_corrected_and_corrections_of_rows_stay(world: World) -> None:
    head = [*HEAD[:3], "发现的情况", *HEAD[4:]]
    made = begin(world, head=head)
    first = made.rows.first()
    assert first
    set_row(made, first, skipped=True)
    (sheet,) = made.sheets.all()
    column = next(each for each in sheet.understood["tables"][0]["columns"] if each["header"] == "备注")

    set_meaning(made, sheet.name, column["index"], "ignore", by=fresh(world.registrar))

    again = made.sheets.get().understood["tables"][0]["columns"]
    assert next(each for each in again if each["header"] == "备注")["sureness"] == "given"
    assert made.rows.order_by("position").first().skipped


def test_the_same_file_again_adds_nothing_and_says_so(world: World) -> None:
    commit(begin(world), world)
    with pytest.raises(ActionRefused, match="没有新增"):
        begin(world)
    assert Problem.objects.count() == 4


def test_the_same_rows_in_another_file_add_nothing(world: World) -> None:
    commit(begin(world), world)
    again = begin(world, name="另存.xlsx", title="农村供水专项督查问题清单（更新）")

    assert {each.standing for each in again.rows.all()} == {"same"}
    assert commit(again, world).tally["problems"] == 0
    assert Problem.objects.count() == 4


def test_a_corrected_list_changes_what_nobody_was_given_and_notes_the_rest(story: Story) -> None:
    world = story.world
    commit(begin(world), world)
    given = problem("围栏")
    give(story, given)
    rows = usual(far())
    rows[0][3] = "蓄水池围栏破损，无警示标志，附近有学生"
    rows[3][3] = "河道边堆放生活垃圾约三方"
    rows.append([5, "供水", "二村", "水质公示栏未更新", "县水利局", "", ""])

    again = begin(world, rows, name="更正.xlsx")

    assert [each.standing for each in again.rows.all()] == ["changed", "same", "same", "changed", "added"]
    tally = commit(again, world).tally
    assert (tally["problems"], tally["changed"], tally["noted"], tally["same"]) == (1, 1, 1, 2)
    assert reread(given).title == "蓄水池围栏破损，无警示标志"
    assert event_names(given)[-1] == "list_noted"
    assert event_names(problem("三方"))[-1] == "list_changed"
    note = given.statements.get(kind="list_noted")
    assert note.detail["text"] == ["蓄水池围栏破损，无警示标志", "蓄水池围栏破损，无警示标志，附近有学生"]
    call_command("verify_ledger")


def give(story: Story, problem: Problem) -> None:
    from rectification.actions.assignment import Assignment, assign_problem

    due = clock.today() + timedelta(days=30)
    assignment = Assignment(story.world.units["bureau"], "dated", due)
    assign_problem(item_of(problem).pk, by=fresh(story.world.registrar), assignment=assignment)


def test_an_import_is_taken_back_as_a_whole(world: World) -> None:
    made = commit(begin(world), world)

    take_back(made.pk, by=fresh(world.registrar))

    assert set(Problem.objects.values_list("state", flat=True)) == {"withdrawn"}
    call_command("verify_ledger")
    again = commit(begin(world), world)
    assert again.tally["problems"] == 4


def test_nothing_is_taken_back_once_one_problem_was_assigned(story: Story) -> None:
    made = commit(begin(story.world), story.world)
    give(story, problem("围栏"))

    with pytest.raises(ActionRefused, match="已经交办"):
        take_back(made.pk, by=fresh(story.world.registrar))

    assert Problem.objects.filter(state="registered").count() == 3


def test_a_commit_is_all_or_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = begin(world)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the machine goes down")

    monkeypatch.setattr("inspections.actions.committing.FindingProblem", fail)
    with undone(), pytest.raises(RuntimeError):
        commit(made, world)

    assert Problem.objects.count() == Finding.objects.count() == 0
    made.refresh_from_db()
    assert made.is_draft


def test_a_commit_pressed_twice_registers_once(world: World) -> None:
    made = begin(world)
    commit(made, world)
    with pytest.raises(ActionRefused, match="已经导入过"):
        commit(made, world)
    with pytest.raises(ActionRefused, match="不能再修改"):
        drop_draft(made)
    assert Problem.objects.count() == 4


def test_a_draft_is_kept_for_thirty_days_and_then_forgotten(world: World) -> None:
    made, younger = begin(world), begin(world, usual("立行立改"), name="又.xlsx")
    for row_, days in ((made, 31), (younger, 29)):
        ListImport.objects.filter(pk=row_.pk).update(touched_at=clock.now() - timedelta(days=days))

    begin(world, [[1, "环境", "一村", "路边垃圾未清", "县水利局", "", ""]], name="新.xlsx")

    assert {each.name for each in ListImport.objects.all()} == {"又.xlsx", "新.xlsx"}
    assert made.stored.storage.exists(made.stored.name) is False


def test_a_list_of_ten_rows_whose_serials_restart_goes_in(world: World) -> None:
    rows = [[n % 5 + 1, "环境", "一村", f"第{n}处墙面破损", "县水利局", "", ""] for n in range(10)]
    commit(begin(world, rows), world)
    assert Problem.objects.count() == 10
    assert len(set(Problem.objects.values_list("source_serial", flat=True))) == 10


def test_likely_twins_are_shown(story: Story) -> None:
    twin = story.registered(title="蓄水池围栏破损，没有警示标志")
    made = begin(story.world)
    assert row(made, "围栏").twins[0][1] == twin.case.number


def test_the_command_line_puts_a_list_into_a_batch(world: World, tmp_path: Any) -> None:
    path = tmp_path / "清单.xlsx"
    path.write_bytes(workbook(usual(far())))
    call_command("import_findings", str(path), batch=world.batch.code)
    assert Problem.objects.count() == 4
    assert Event.objects.filter(name="imported", actor__isnull=True).count() == 4

    with pytest.raises(CommandError, match="没有新增"):
        call_command("import_findings", str(path), batch=world.batch.code)
    with pytest.raises(CommandError, match="批次号"):
        call_command("import_findings", str(path), batch="没有")


def test_a_dry_run_needs_nothing_from_the_environment(tmp_path: Any) -> None:
    path = tmp_path / "清单.xlsx"
    path.write_bytes(workbook(usual("立行立改")))
    command = [sys.executable, "manage.py", "import_findings", str(path), "--dry-run", "--json"]
    bare = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nowhere"}
    run = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert [row["serial"] for row in json.loads(run.stdout)["sheets"][0]["rows"]] == ["1", "2", "3", "4"]


@pytest.fixture
def office(world: World) -> Client:
    client = Client()
    client.force_login(world.registrar, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, world: World, data: bytes, name: str = "清单.xlsx") -> Any:
    file = SimpleUploadedFile(name, data)
    return client.post(reverse("import-new"), {"batch": world.batch.pk, "file": file}, follow=True)


def test_the_pages_lead_from_upload_to_the_ledger(world: World, office: Client) -> None:
    page = upload(office, world, workbook(usual(far())))
    made = ListImport.objects.get()
    assert page.redirect_chain[-1][0] == made.get_absolute_url()
    assert "将登记" in page.content.decode()
    four = row(made, "垃圾")
    for name, args in {"import-sheet": [made.pk, 0], "import-row": [made.pk, four.pk], "import-list": []}.items():
        assert office.get(reverse(name, args=args)).status_code == 200
    sent = {"kind": "unit", "text": "县河长办", "unit": "县水利局", "remember": "on"}
    page = office.post(reverse("import-choose", args=[made.pk]), sent, follow=True)
    assert "都按“县水利局”处理" in page.content.decode()
    page = office.post(reverse("import-commit", args=[made.pk]), follow=True)
    assert "登记了 4 个问题" in page.content.decode()
    detail = office.get(problem("围栏").get_absolute_url()).content.decode()
    assert "来文原文" in detail


def test_bad_files_get_a_sentence_and_leave_nothing(world: World, office: Client) -> None:
    for data, name in ((b"", "空.xlsx"), (b"not a workbook", "坏.xlsx"), (b"x", "表.et")):
        page = upload(office, world, data, name)
        assert page.status_code == 200
        assert "field--error" in page.content.decode()
    assert ListImport.objects.count() == 0


def test_the_preview_costs_the_same_for_few_rows_and_for_many(
    world: World, office: Client, django_assert_max_num_queries: Any
) -> None:
    rows = [[n, "环境", "一村", f"第{n}处墙面有明显破损", "县水利局", "", ""] for n in range(1, 81)]
    made = begin(world, rows)
    with django_assert_max_num_queries(22):
        office.get(made.get_absolute_url())


def test_a_name_written_in_several_ways_is_one(world: World) -> None:
    village = Unit.objects.get(name="一村村委会")
    rows = [
        [n, "环境", "甲镇一村", f"第{n}处墙面破损", name, "", ""]
        for n, name in enumerate(["一村", "一村村民委员会", "一村村委会", "甲镇一村村委会"], start=1)
    ]
    made = begin(world, rows)
    assert [each.lead for each in made.rows.all()][:3] == [village] * 3
