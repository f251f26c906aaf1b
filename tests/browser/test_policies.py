"""The system administrator changes policies at a desk and on a phone: typed, tried, put in force."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crew, Site, follow
from tests.browser.test_axe import GRAVE
from tests.browser.test_phone import fits

pytestmark = pytest.mark.browser

DESK = {"viewport": {"width": 1280, "height": 900}}
TRY = ".content button[value=preview] >> nth=-1"
KINDS = (("deadline", "standard"), ("warning", "red_orange_yellow"), ("escalation", "standard"))


def shown(crew: Crew, page: Page, name: str) -> list[str]:
    """A picture, and what is wrong with the page."""
    crew.shoot(page, f"policies-{name}")
    broken = Axe().run(page).response["violations"]
    return [f"{name}: {each['id']} {each['nodes'][0]['html'][:120]}" for each in broken if each["impact"] in GRAVE]


def walk(crew: Crew, page: Page) -> list[str]:
    """Every page of every kind as far as the preview."""
    page.goto("/policies/")
    found = shown(crew, page, "list")
    for kind, code in KINDS:
        page.goto(f"/policies/{kind}/{code}/")
        found += shown(crew, page, f"{kind}-detail")
        follow(page, "a:has-text('更改')")
        if kind == "deadline":
            page.fill("[name=limit-registered-count]", "9")
        if kind == "warning":
            page.select_option("[name=row-0-kind2]", "used")
            page.fill("[name=row-0-count2]", "0")
        page.fill("[name=reason]", "县委办会议纪要第8期")
        found += shown(crew, page, f"{kind}-edit")
        follow(page, TRY)
        expect(page.locator("h1")).to_have_text("会有什么变化")
        found += shown(crew, page, f"{kind}-preview")
    return found


def test_every_page_of_a_policy_reads_well_at_a_desk(desktop: Crew, site: Site) -> None:
    assert walk(desktop, desktop.page("demo-sysadmin", **DESK)) == []


def test_every_page_of_a_policy_fits_a_phone(phone: Crew, site: Site) -> None:
    page = phone.page("demo-sysadmin")
    found = walk(phone, page)
    for kind, code in KINDS:
        for address in (f"/policies/{kind}/{code}/", f"/policies/{kind}/{code}/edit/"):
            page.goto(address)
            found += [f"{address}: {each}" for each in fits(page)]

    assert found == []


def test_a_warning_policy_is_made_without_a_script(desktop: Crew, site: Site) -> None:
    page = desktop.page("demo-sysadmin", java_script_enabled=False, **DESK)
    page.goto("/policies/warning/new/")
    page.fill("[name=code]", "by_hand")
    page.fill("[name=name]", "两级预警")
    page.fill("[name=reason]", "试行两级预警")
    page.fill("[name=row-0-name]", "红灯")
    page.select_option("[name=row-0-colour]", "red")
    page.select_option("[name=row-0-kind1]", "overdue")
    page.fill("[name=row-0-count1]", "0")
    follow(page, "button:has-text('再加一级')")
    page.fill("[name=row-1-name]", "黄灯")
    page.select_option("[name=row-1-colour]", "amber")
    page.select_option("[name=row-1-kind1]", "left")
    page.fill("[name=row-1-count1]", "5")
    follow(page, "button[value='up:1']")
    expect(page.locator("[name=row-0-name]")).to_have_value("黄灯")
    page.locator("[name=row-0-count1]").press("Enter")  # asks for the preview, moves nothing

    expect(page.locator("h1")).to_have_text("会有什么变化")
    expect(page.locator(".content")).to_contain_text("按全部在办问题试算")
    follow(page, "button:has-text('使其生效')")

    expect(page.locator(".alert--success")).to_contain_text("两级预警（第1版）已生效")
    expect(page.locator(".table tbody tr >> nth=0")).to_contain_text("黄灯")
