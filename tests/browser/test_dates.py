"""More time asked for and granted; a closing put up, objected to, and ended by the clock: in Chromium."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Crew, Site, follow, in_days
from tests.browser.test_story import press

pytestmark = pytest.mark.browser


def test_an_extension_is_asked_for_put_before_the_leader_and_granted_in_part(desktop: Crew, site: Site) -> None:
    address = site.problem("to_extend")
    page = desktop.at("demo-head", address)
    page.click(".next-step summary:has-text('更多操作')")
    follow(page, ".next-step a:has-text('申请延期')")
    page.fill("#id_until", in_days(65))
    page.fill("#id_grounds", "入汛以来连续降雨，基础无法开挖，需待雨季结束后施工。")
    desktop.shoot(page, "30-extension-ask")
    press(page, "报送申请")
    expect(page.locator(".alert--success")).to_contain_text("原时限在批准之前不变")

    page = desktop.at("demo-office", address)
    follow(page, ".next-step a:has-text('审核延期申请')")
    desktop.shoot(page, "31-extension-office")
    press(page, "同意，报县领导")
    page = desktop.at("demo-leader", "/")
    follow(page, "#todo tr:has-text('审批延期申请') a")
    follow(page, ".next-step a:has-text('审批延期申请')")
    page.fill("#id_until", in_days(55))
    page.fill("#id_opinion", "同意延期，但要倒排工期，不再延。")
    press(page, "同意延期")

    page = desktop.at("demo-head", address)
    expect(page.locator(".content")).to_contain_text("部分同意")
    follow(page, "a:has-text('这个日期怎么来的？')")
    expect(page.locator(".content")).to_contain_text("延期（第1次）")
    expect(page.locator(".content")).to_contain_text("已被替换")
    desktop.shoot(page, "32-dates")


def test_a_notice_is_put_up_objected_to_and_goes_on(desktop: Crew, site: Site) -> None:
    address = site.problem("to_put_up")
    page = desktop.at("demo-leader", address)
    follow(page, ".next-step-actions a.btn--primary")
    press(page, "同意")
    expect(page.locator(".page-sub")).to_contain_text("公示中")
    desktop.shoot(page, "33-notice-up")

    page = desktop.at("demo-office", address)
    follow(page, ".card-head a:has-text('查看公示')")
    expect(page.locator(".sheet")).not_to_contain_text("13912345678")
    expect(page.locator(".sheet")).to_contain_text("（电话略）")
    desktop.shoot(page, "34-notice-sheet")
    page.goto(address)
    page.click(".next-step summary:has-text('更多操作')")
    follow(page, ".next-step a:has-text('记录公示异议')")
    page.fill("#id_source", "来电")
    page.fill("#id_text", "反映两户的屋面还在漏。")
    press(page, "记录")
    expect(page.locator(".next-step")).to_contain_text("停止计时")
    follow(page, ".next-step a:has-text('核实公示异议')")
    page.fill("#id_reason", "到现场逐户核实，反映的两户不在本次整改范围内，已另行登记。")
    desktop.shoot(page, "35-objection")
    press(page, "异议不成立，继续公示")
    expect(page.locator(".alert--success")).to_contain_text("公示继续")
    expect(page.locator(".content")).to_contain_text("期满，无异议自动销号")


def test_the_sheet_of_a_notice_and_the_dates_fit_a_phone(phone: Crew, site: Site) -> None:
    page = phone.at("demo-office", site.problem("to_extend") + "dates/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    phone.shoot(page, "30-dates")
