"""A clerk gets a received list into the ledger and assigned: upload, look, correct, commit, assign, find again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crew, Site, follow, in_days
from tests.browser.test_story import press
from tests.inspections.lists import two_level, workbook

pytestmark = pytest.mark.browser

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def the_list(site: Site) -> bytes:
    village = site.place.rpartition("/")[2].strip()
    return two_level(
        [
            [1, village, "排水沟淤堵，雨后路面积水", "农业农村与环境整治专班", f"{in_days(50)}前"],
            [
                2,
                f"{village}文化广场",
                "1.健身器材两处断裂；2.照明灯具缺失四盏",
                "农业农村与环境整治专班",
                f"{in_days(50)}前",
            ],
            [3, village, "公厕洗手池水管渗漏", "农业农村与环境整治专班", "立行立改"],
            [4, village, "村史馆管理规范，整体良好", "", ""],
        ]
    )


def test_a_received_list_is_read_corrected_committed_and_assigned(desktop: Crew, site: Site) -> None:
    data = the_list(site)
    page = desktop.at("demo-office", "/")
    upload(desktop, page, site, "人居环境台账.xlsx", data)

    expect(page.locator(".next-step")).to_contain_text("将登记 4 个问题")
    desktop.shoot(page, "30-import-preview")
    name_the_unit(page, site)
    split_and_join(page)
    desktop.shoot(page, "31-import-corrected")
    press(page, "导入台账")
    expect(page.locator(".next-step")).to_contain_text("登记了 4 个问题")
    desktop.shoot(page, "32-imported")

    follow(page, "button:has-text('批量交办这4个问题')")
    expect(page.locator("[data-missing]")).to_contain_text("每个问题都有牵头单位")
    desktop.shoot(page, "33-bulk-assign")
    press(page, "确认交办")
    expect(page.locator("body")).to_contain_text("已交办4个问题")

    for words in ("排水沟淤堵", "健身器材", "照明灯具", "洗手池"):
        page.goto(f"{site.url}/ledger/?q={words}")
        expect(page.locator("table tbody tr")).to_have_count(1)
    follow(page, "table tbody a:has-text('洗手池')")
    expect(page.locator("body")).to_contain_text("来文原文")

    upload(desktop, page, site, "人居环境台账.xlsx", data)
    expect(page.locator(".field--error")).to_contain_text("没有新增")


def thirteen(site: Site) -> bytes:
    """Rows as one really came: no unit in any of them, one to be put right at once."""
    village = site.place.rpartition("/")[2].strip()
    rows = [
        [n, "村容村貌", village, f"村道第{n}段边沟堵塞，长约{n + 3}米", "", "立行立改" if n == 2 else "", ""]
        for n in range(1, 14)
    ]
    return workbook(rows, title="村道边沟专项排查问题清单（2026年3月5日）")


def test_a_list_without_units_is_given_them_on_two_pages(desktop: Crew, phone: Crew, site: Site) -> None:
    page = desktop.at("demo-office", "/")
    upload(desktop, page, site, "边沟排查.xlsx", thirteen(site))
    expect(page.locator(".import-step")).to_contain_text("其中13行没有牵头单位")
    desktop.shoot(page, "35-no-units")
    small = phone.at("demo-office", page.url)
    phone.shoot(small, "35-no-units-phone")
    assert small.evaluate("document.documentElement.scrollWidth") <= 375

    # A box of its own for the last row, and one unit for all the others, found by its initials.
    boxes = page.locator(".import-read input[name^=unit-]")
    boxes.nth(12).fill("民政")
    with page.expect_response(lambda answer: "lookup" in answer.url):
        page.locator("#units-lead").press_sequentially("nyncj")
    offered = page.locator("#units-lead_options option").first
    assert offered.get_attribute("value") == site.unit
    assert offered.get_attribute("label") == "nyncj"
    page.fill("#units-lead", site.unit)
    follow(page, "button:has-text('行都交给它')")
    assert [boxes.nth(place).input_value() for place in (0, 11, 12)] == [site.unit, site.unit, "县民政局"]
    expect(page.locator("#units")).to_have_count(0)
    press(page, "导入台账")
    desktop.shoot(page, "36-done")

    follow(page, "button:has-text('批量交办这13个问题')")
    desktop.shoot(page, "37-bulk")
    said, units = page.locator("[data-missing]"), page.locator("input[data-unit]")
    expect(said).to_contain_text("每个问题都有牵头单位")
    day = page.locator("input[type=date]")
    short, usual = day.nth(1).input_value(), day.nth(0).input_value()
    assert short == in_days(15)
    page.locator("select[data-kind]").nth(0).select_option(label="立行立改")
    assert (day.nth(0).input_value(), short < usual) == (short, True)
    for place in (3, 4):
        units.nth(place).fill("")
    expect(said).to_contain_text("还有2个没有牵头单位，确认后这2个不交办")
    page.locator("input[name=tick]").nth(3).check()
    page.fill("#for_ticked", "县财政局")
    page.click("[data-give=ticked]")
    expect(said).to_contain_text("还有1个没有牵头单位，确认后这1个不交办")
    assert (units.nth(3).input_value(), units.nth(4).input_value()) == ("县财政局", "")
    units.nth(5).press("Enter")
    expect(page.locator("h1")).to_have_text("批量交办")

    press(page, "确认交办")
    expect(page.locator("body")).to_contain_text("已交办12个问题，还有1个没有交办")
    expect(page.locator("input[data-unit]")).to_have_count(1)
    desktop.shoot(page, "38-left-over")
    page.fill("#for_missing", site.unit)
    page.click("[data-give=missing]")
    press(page, "确认交办")
    expect(page.locator(".alert")).to_contain_text("已交办1个问题")


def test_a_file_of_another_batch_is_asked_about_once_more(desktop: Crew, phone: Crew, site: Site) -> None:
    village = site.place.rpartition("/")[2].strip()
    rows = [[1, village, "凉亭立柱开裂", "县民政局", ""], [2, village, "水渠闸门锈死", "", ""]]
    page = desktop.at("demo-office", "/imports/new/")
    send(page, site, "凉亭水渠.xlsx", two_level(rows))
    press(page, "导入台账")
    page.goto(f"{site.url}/ledger/?state=registered")
    expect(page.locator("table")).to_contain_text("拟：民政局")
    expect(page.locator("details.fold[open]")).to_have_count(0)
    desktop.shoot(page, "40-ledger-waiting")
    small = phone.at("demo-office", "/ledger/?state=registered")
    phone.shoot(small, "40-ledger-waiting-phone")
    assert small.evaluate("document.documentElement.scrollWidth") <= 375

    page.goto(f"{site.url}/imports/new/")
    page.select_option("#id_batch", label="2026年危房改造抽查")
    page.set_input_files("#id_file", [{"name": "凉亭水渠.xlsx", "mimeType": SHEET, "buffer": two_level(rows)}])
    page.click("button:has-text('读取清单')")
    expect(page.locator(".import-step")).to_contain_text("导入过批次")
    expect(page.locator(".import-step")).to_contain_text("有2行与台账里的问题一字不差，先不导入")
    desktop.shoot(page, "41-repeated")
    press(page, "重复的也导入")
    press(page, "导入台账")
    expect(page.locator(".import-step")).to_contain_text("确定还要导入到这个批次吗")
    desktop.shoot(page, "42-asked-again")
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "放弃")


def test_the_assignment_of_many_fits_a_phone(phone: Crew, site: Site) -> None:
    village = site.place.rpartition("/")[2].strip()
    page = phone.at("demo-office", "/imports/new/")
    send(
        page,
        site,
        "两处.xlsx",
        two_level([[1, village, "晒谷场堆放杂物", "", ""], [2, village, "井盖破损两处", "", ""]]),
    )
    with page.expect_navigation():
        page.tap("button:has-text('导入台账')")
    with page.expect_navigation():
        page.tap("button:has-text('批量交办这2个问题')")
    phone.shoot(page, "39-bulk-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.fill("#for_missing", site.unit)
    page.tap("[data-give=missing]")
    with page.expect_navigation():
        page.tap("button:has-text('确认交办') >> nth=0")
    expect(page.locator(".alert")).to_contain_text("已交办2个问题")


def test_the_preview_fits_a_phone(phone: Crew, site: Site) -> None:
    village = site.place.rpartition("/")[2].strip()
    data = two_level([[1, village, "桥头护栏松动三处", "", ""]])
    page = phone.at("demo-office", "/imports/new/")
    send(page, site, "再来一份.xlsx", data)
    expect(page.locator(".import-row")).to_have_count(1)
    phone.shoot(page, "34-import-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.once("dialog", lambda dialog: dialog.accept())
    page.tap("button:has-text('放弃')")
    expect(page).to_have_url(re.compile("/imports/$"))


def upload(crew: Crew, page: Page, site: Site, name: str, data: bytes) -> None:
    follow(page, ".sidebar >> text=导入清单")
    follow(page, "a:has-text('上传清单')")
    crew.shoot(page, "29-import-new")
    send(page, site, name, data)


def send(page: Page, site: Site, name: str, data: bytes) -> None:
    page.select_option("#id_batch", label=site.batch)
    page.set_input_files("#id_file", [{"name": name, "mimeType": SHEET, "buffer": data}])
    page.click("button:has-text('读取清单')")


def name_the_unit(page: Page, site: Site) -> None:
    """One unit for all three rows that say the same."""
    row = page.locator("form.choice", has_text="农业农村与环境整治专班")
    row.locator("input[name=unit]").fill(site.unit)
    row.locator("button", has_text="确定").click()
    expect(page.locator("body")).to_contain_text("都按")
    boxes = page.locator(".import-read input[name^=unit-]")
    assert [boxes.nth(place).input_value() for place in range(3)] == [site.unit] * 3


def split_and_join(page: Page) -> None:
    """The two points of a cell: put together, and taken apart again."""
    page.click("button:has-text('合成一个问题')")
    expect(page.locator(".next-step")).to_contain_text("将登记 3 个问题")
    page.click("button:has-text('拆成多个问题')")
    expect(page.locator(".next-step")).to_contain_text("将登记 4 个问题")
