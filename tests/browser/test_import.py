"""A clerk gets a received list into the ledger and assigned: upload, look, correct, commit, assign, find again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crew, Site, follow, in_days
from tests.browser.test_story import press
from tests.inspections.lists import two_level

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
    expect(page.locator(".badge--green")).to_have_count(4)
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
    row.locator("button").click()
    expect(page.locator("body")).to_contain_text("都按")
    expect(page.locator(".import-read", has_text=site.unit)).to_have_count(3)


def split_and_join(page: Page) -> None:
    """The two points of a cell: put together, and taken apart again."""
    page.click("button:has-text('合成一个问题')")
    expect(page.locator(".next-step")).to_contain_text("将登记 3 个问题")
    page.click("button:has-text('拆成多个问题')")
    expect(page.locator(".next-step")).to_contain_text("将登记 4 个问题")
