"""Nothing typed is lost, nothing happens twice, and everything works without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, Crew, Site, enter, leave
from tests.browser.test_phone import step

pytestmark = pytest.mark.browser


def test_a_long_text_survives_logging_out(desktop: Crew, site: Site) -> None:
    text = "八处漏点逐一开挖修复，更换主管网三百二十米，水压恢复正常，并建立月度巡查制度。" * 20
    page = desktop.page("demo-head")
    form = step(desktop, "demo-head", site.problem("late"))
    page.goto(form)
    page.fill("#id_text", text)
    page.dispatch_event("#id_text", "input")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")

    leave(page)
    enter(page, "demo-head")
    page.goto(form)

    expect(page.locator("#id_text")).to_have_value(text)
    expect(page.locator(".alert--info")).to_contain_text("已恢复")


def test_a_double_click_on_the_one_tap_signs_once(desktop: Crew, site: Site) -> None:
    page = desktop.at("demo-clerk", site.problem("to_sign_twice"))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    page.locator(".next-step button", has_text="签收").dblclick()

    expect(page.locator(".page-sub .state")).to_have_text("待报方案")
    expect(page.locator(".timeline strong", has_text="签收")).to_have_count(1)
    expect(page.locator(".alert--error")).to_have_count(0)
    assert len(sent) == 1


def test_signing_and_the_main_pages_work_without_javascript(gather: Callable[..., Crew], site: Site) -> None:
    crew = gather({**DESKTOP, "java_script_enabled": False}, "desktop")
    reads: list[tuple[str, str, Any]] = [
        ("demo-clerk", "/", "工作台"),
        ("demo-clerk", "/ledger/", "问题台账"),
        ("demo-clerk", "/ledger/?q=路灯", "问题台账"),
        ("demo-clerk", "/flow/", "问题整改闭环流程"),
        ("demo-office", "/batches/", "反馈（交办）批次"),
        ("demo-office", "/problems/new/", "登记问题"),
    ]
    for who, address, heading in reads:
        expect(crew.at(who, address).locator("h1")).to_have_text(heading)

    page = crew.at("demo-clerk", site.problem("to_sign_plainly"))
    page.click(".next-step button:has-text('签收')")

    expect(page.locator(".page-sub .state")).to_have_text("待报方案")
    expect(page.locator(".timeline strong", has_text="签收")).to_have_count(1)
