"""A list whose rows name no unit, a list that came before, and what the preview and the ledger say of them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inspections.actions.drafts import Choice, choose_name, set_leads
from inspections.forms import UploadForm
from inspections.models import ImportRow, ListImport
from inspections.queries import FILTERS, doubtful_names, picture_rows
from organizations import clock
from organizations.models import Unit
from rectification.models import Batch, Category, Problem, Source
from tests.conftest import Story, World, fresh, make_batch
from tests.inspections.lists import usual, workbook

THIRTEEN = [
    [n, "饮水安全方面", "一村", f"第{n}处墙面有明显破损", "", "立行立改" if n == 3 else "", ""] for n in range(1, 14)
]


@pytest.fixture
def office(world: World) -> Client:
    client = Client()
    client.force_login(world.registrar, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, batch: Any, rows: list[list[Any]] = THIRTEEN, **more: Any) -> Any:
    file = SimpleUploadedFile("清单.xlsx", workbook(rows, **more))
    return client.post(reverse("import-new"), {"batch": batch.pk, "file": file}, follow=True)


def draft() -> ListImport:
    return ListImport.objects.get(state="draft")


def press(client: Client, name: str, made: ListImport, **data: Any) -> Any:
    return client.post(reverse(name, args=[made.pk]), data, follow=True)


def commit(client: Client, made: ListImport, **data: Any) -> str:
    return press(client, "import-commit", made, **data).content.decode()


def test_the_preview_says_on_top_how_many_rows_have_no_unit_and_gives_all_of_them_one(
    world: World, office: Client
) -> None:
    text = upload(office, world.batch).content.decode()
    made = draft()
    assert "其中13行没有牵头单位" in text
    assert text.index("有13行没有牵头单位") < text.index("import-row")

    text = press(office, "import-units", made, do="all", lead="水利局").content.decode()

    assert {row.lead for row in made.rows.all()} == {world.units["bureau"]}
    assert "已更新13行的牵头单位" in text
    assert "行没有牵头单位" not in text
    commit(office, made)
    assert set(Problem.objects.values_list("proposed_unit", flat=True)) == {world.units["bureau"].pk}


def test_ticked_rows_and_boxes_of_rows_are_kept_together(world: World, office: Client) -> None:
    upload(office, world.batch)
    made = draft()
    one, two, three, *others = made.rows.all()

    boxes = {f"unit-{row.pk}": "" for row in (one, two, three)} | {f"unit-{three.pk}": "县住建局"}
    press(office, "import-units", made, do="ticked", lead="财政局", row=[one.pk, two.pk], **boxes)

    leads = [row.lead for row in made.rows.all()]
    assert leads[:3] == [world.units["partner"], world.units["partner"], world.units["sector"]]
    assert leads[3:] == [None] * len(others)


def test_a_box_that_names_no_unit_is_said_and_the_others_are_kept(world: World, office: Client) -> None:
    upload(office, world.batch)
    made = draft()
    one, two = made.rows.all()[:2]

    boxes = {f"unit-{one.pk}": "民正局", f"unit-{two.pk}": "县住建局"}
    text = press(office, "import-units", made, do="rows", **boxes).content.decode()

    assert "第3行：没有找到“民正局”" in text
    assert [row.lead for row in made.rows.all()[:2]] == [None, world.units["sector"]]


def test_boxes_that_were_typed_are_taken_when_the_list_is_committed_at_once(world: World, office: Client) -> None:
    upload(office, world.batch)
    made = draft()
    first = made.rows.first()
    assert first

    commit(office, made, **{f"unit-{first.pk}": "县住建局"})

    assert Problem.objects.order_by("pk").first().proposed_unit == world.units["sector"]  # type: ignore[union-attr]
    assert Problem.objects.filter(proposed_unit=None).count() == 12


def test_a_wrong_box_stops_the_commit(world: World, office: Client) -> None:
    upload(office, world.batch)
    made = draft()
    first = made.rows.first()
    assert first
    assert "没有找到" in commit(office, made, **{f"unit-{first.pk}": "民正局"})
    assert Problem.objects.count() == 0


def test_a_unit_that_was_typed_but_given_to_no_row_stops_the_commit(world: World, office: Client) -> None:
    upload(office, world.batch)
    assert "“县水利局”还没有填到行里" in commit(office, draft(), lead="县水利局")
    assert Problem.objects.count() == 0


def test_a_box_that_was_emptied_leaves_the_unit_to_the_assignment(world: World, office: Client) -> None:
    upload(office, world.batch, usual("立行立改"))
    made = draft()
    first = made.rows.first()
    assert first
    assert first.lead
    set_leads(made, {first.pk: None}, by=fresh(world.registrar))
    first.refresh_from_db()
    assert first.lead is None


def test_the_result_leads_to_the_bulk_assignment_in_the_order_of_the_list(world: World, office: Client) -> None:
    upload(office, world.batch)
    made = draft()
    press(office, "import-units", made, do="all", lead="县水利局")
    page = press(office, "import-commit", made)
    assert "批量交办这13个问题" in page.content.decode()

    page = office.post(reverse("bulk-assign"), {"pk": page.context["waiting"]})

    lines = page.context["lines"]
    assert [line.problem.source_serial for line in lines] == [str(n) for n in range(1, 14)]
    assert {line.typed for line in lines} == {"县水利局"}
    assert "每个问题都有牵头单位" in page.content.decode()
    short = (clock.today() + timedelta(days=15)).isoformat()
    assert (lines[2].kind, lines[2].day) == ("immediate", short)


def test_a_file_that_went_into_another_batch_is_said_and_asked_about_once_more(world: World, office: Client) -> None:
    rows = [[n, "", "", f"第{n}处墙面破损，长约两米", "", "", ""] for n in range(1, 4)]
    upload(office, world.batch, rows)
    commit(office, draft())
    first = ListImport.objects.get()
    other = make_batch(world, "B2")
    text = upload(office, other, rows).content.decode()
    made = draft()

    assert "导入过批次“批次B1”" in text
    assert first.get_absolute_url() in text
    press(office, "import-again", made, take="yes")
    text = commit(office, made)
    assert "仍然导入这个批次" in text
    assert Problem.objects.count() == 3
    commit(office, made, again="yes")
    assert Problem.objects.count() == 6


def test_a_file_of_the_same_batch_links_to_the_earlier_import(world: World, office: Client) -> None:
    upload(office, world.batch)
    commit(office, draft())
    first = ListImport.objects.get()

    text = upload(office, world.batch).content.decode()

    assert "没有新增" in text
    assert f'href="{first.get_absolute_url()}">看那次导入' in text


def test_rows_that_repeat_a_problem_word_for_word_stay_out_until_they_are_ticked(
    world: World, office: Client, story: Story
) -> None:
    twin = story.registered(title="第1处墙面有明显破损")
    story.registered(title="第2处墙面有明显破损", division=world.other_village)
    text = upload(office, world.batch).content.decode()
    made = draft()

    assert "有1行与台账里的问题一字不差，先不导入" in text
    assert "将登记 12 个问题" in text
    row = made.rows.first()
    assert row
    assert row.repeats
    assert row.twins[0][1] == twin.case.number
    assert text.count("可以导入") < 13
    text = press(office, "import-again", made, take="yes").content.decode()
    assert "将登记 13 个问题" in text
    press(office, "import-again", made, take="no")
    commit(office, made)
    assert Problem.objects.count() == 14
    made.refresh_from_db()
    assert made.tally["left_out"] == 1


def test_the_same_first_clause_is_no_repetition(world: World, office: Client, story: Story) -> None:
    clause = "项目资金拨付不及时，长期滞留在账上，没有发挥应有的作用。"
    story.registered(title=clause.rstrip("。"), description=clause + "其中甲项目一百万元，乙项目二百万元。" * 4)
    upload(office, world.batch, [[1, "", "一村", clause + "其中丙项目三百万元。" * 8, "", "", ""]])
    row = ImportRow.objects.get()
    assert row.twins
    assert not row.repeats
    assert row.opens == 1


def test_a_single_repeated_row_is_taken_in_by_its_own_button(world: World, office: Client, story: Story) -> None:
    story.registered(title="第1处墙面有明显破损")
    upload(office, world.batch)
    row = draft().rows.first()
    assert row
    answer = office.post(reverse("import-row-set", args=[row.list_import_id, row.pk, "keep"]))
    row.refresh_from_db()
    assert row.opens == 1
    assert answer["Location"].endswith(f"&done={row.pk}#row-{row.pk}")


def test_a_word_of_the_list_becomes_the_category_of_the_dictionary(world: World, office: Client) -> None:
    Category.objects.get_or_create(name="饮水安全")
    upload(office, world.batch, [*THIRTEEN[:1], [2, "村容村貌", "一村", "另一处路面破损约三米", "", "", ""]])
    commit(office, draft())

    one, two = Problem.objects.order_by("pk")
    assert one.category
    assert one.category.name == "饮水安全"
    assert two.category is None
    text = office.get(two.get_absolute_url()).content.decode()
    assert "来文类别" in text
    assert "村容村貌" in text
    assert "来文类别" not in office.get(one.get_absolute_url()).content.decode()


def test_the_day_of_the_sheet_is_the_day_it_was_found(world: World, office: Client) -> None:
    upload(office, world.batch, title="农村供水专项督查问题清单（2026年3月5日）")
    made = draft()
    written = made.sheets.get().understood["document_date"]
    commit(office, made)
    assert written == "2026-03-05"
    assert set(Problem.objects.values_list("found_on", flat=True)) == {date(2026, 3, 5)}


def test_without_a_day_in_the_sheet_it_was_found_today(world: World, office: Client) -> None:
    upload(office, world.batch)
    commit(office, draft())
    assert set(Problem.objects.values_list("found_on", flat=True)) == {clock.today()}


def test_only_a_near_spelling_is_offered_to_be_remembered(world: World, office: Client) -> None:
    Unit.objects.create(name="县农业农村和水务局", kind="department", division=world.county)
    rows = [
        [1, "", "一村", "路面破损约三米", "县农业农村水务局", "", ""],
        [2, "", "一村", "灯具缺失四盏", "相关部门", "", ""],
    ]
    upload(office, world.batch, rows)

    akin = {doubt.text: doubt.akin for doubt in doubtful_names(draft())}

    assert akin == {"县农业农村水务局": True, "相关部门": False}


def test_a_name_that_is_no_unit_is_skipped(world: World, office: Client) -> None:
    upload(office, world.batch, [[1, "", "一村", "路面破损约三米", "相关部门、县水利局", "", ""]])
    made = draft()
    sent = {"kind": "unit", "text": "相关部门", "unit": "", "skip": "1"}

    text = press(office, "import-choose", made, **sent).content.decode()

    assert "“相关部门”不是单位，已跳过" in text
    row = made.rows.get()
    assert (row.lead, row.level) == (world.units["bureau"], "fine")
    assert doubtful_names(made) == []


def test_what_the_clerk_chose_bears_no_percentage(world: World, office: Client) -> None:
    rows = [[1, "", "一村", "路面破损约三米", "县河长办", "", ""]]
    upload(office, world.batch, rows)
    made = draft()
    choose_name(made, Choice("unit", "县河长办", world.units["bureau"]), by=fresh(world.registrar))
    text = office.get(made.get_absolute_url()).content.decode()
    assert text.count("匹配度1") + text.count("匹配度9") == 1  # the place alone
    assert "县水利局" in text


def test_a_merged_cell_goes_on_in_the_rows_below_with_its_text() -> None:
    picture = {"rows": [["类别", "问题"], ["供水", "一"], ["", "二"], ["", "三"]], "merges": [[1, 0, 3, 0]]}
    (line,) = picture_rows(picture, set(), 3, 3)
    assert [cell["text"] for cell in line.cells] == ["供水", "二"]


def test_a_corrected_row_says_so_where_it_stands(world: World, office: Client) -> None:
    upload(office, world.batch)
    row = draft().rows.first()
    assert row
    sent = {"problem": "第1处墙面破损三米", "kind": "dated", "lead": "", "place": "一村"}
    address = reverse("import-row", args=[row.list_import_id, row.pk])
    page = office.post(f"{address}?back=%3Fshow%3Dnolead%26from%3D0", sent, follow=True)
    assert page.redirect_chain[-1][0].startswith(f"{draft().get_absolute_url()}?show=nolead&from=0&done={row.pk}")
    text = page.content.decode()
    assert "已更正第3行" in text
    assert "alert--success" not in text


def test_hidden_columns_are_said_where_the_columns_are(world: World, office: Client) -> None:
    upload(office, world.batch)
    sheet = draft().sheets.get()
    sheet.picture["hidden_columns"] = [6]
    sheet.save()
    text = office.get(draft().get_absolute_url()).content.decode()
    assert "里隐藏的列没有读取：" in text
    assert "不需要的不用管" in text


def test_the_batch_is_chosen_by_the_clerk_or_made_first(world: World, office: Client) -> None:
    form = UploadForm(user=fresh(world.registrar))
    assert next(iter(form.fields["batch"].choices))[1] == "新建一个批次，用文件名作名称"  # type: ignore[attr-defined]
    text = office.get(reverse("import-new")).content.decode()
    assert f'href="{reverse("batch-new")}?for=import"' in text
    assert "表里有日期的以表里为准，可以不填" in text
    offered = office.get(reverse("batch-new")).context["form"]
    sent = {
        name: next(iter(offered.fields[name].queryset)).pk for name in ("source", "review_policy", "deadline_policy")
    }
    answer = office.post(f"{reverse('batch-new')}?for=import", {"name": "新批次", **sent})
    assert answer["Location"].startswith(f"{reverse('import-new')}?batch=")


def test_a_list_without_a_batch_of_its_own_makes_one_named_after_the_file(world: World, office: Client) -> None:
    content = workbook(usual("立行立改"))

    asked = office.post(reverse("import-new"), {"file": SimpleUploadedFile("二季度检查清单.xlsx", content)})
    assert "请选择监督来源" in asked.content.decode()
    source = Source.objects.get(code="audit")
    sent = {"file": SimpleUploadedFile("二季度检查清单.xlsx", content), "source": source.pk}
    broken = {"file": SimpleUploadedFile("坏的.xlsx", b"not a workbook"), "source": source.pk}

    answer = office.post(reverse("import-new"), sent)
    office.post(reverse("import-new"), broken)

    assert answer.status_code == 302
    made = draft().batch
    assert (made.name, made.source, made.review_policy.code) == ("二季度检查清单", source, "three_levels")
    assert not Batch.objects.filter(name="坏的").exists()
    assert office.get(answer["Location"]).status_code == 200


def test_enter_in_the_box_for_all_means_its_button(world: World, office: Client) -> None:
    upload(office, world.batch)

    office.post(reverse("import-units", args=[draft().pk]), {"lead": world.units["bureau"].name})

    assert not draft().rows.filter(FILTERS["nolead"]).exists()


def test_one_unit_that_does_not_exist_costs_the_other_rows_nothing(world: World, office: Client) -> None:
    upload(office, world.batch)
    first, second = draft().rows.filter(FILTERS["nolead"]).order_by("position")[:2]
    boxes = {f"unit-{first.pk}": "不存在的单位", f"unit-{second.pk}": world.units["bureau"].name}

    page = office.post(reverse("import-commit", args=[draft().pk]), boxes, follow=True).content.decode()

    assert "已保存" in page
    assert ImportRow.objects.get(pk=second.pk).lead == world.units["bureau"]
    assert ImportRow.objects.get(pk=first.pk).lead is None
    assert draft().is_draft
