"""What is wrong with a form is seen at once, and leaving keeps what was typed a moment ago."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crew, Site, enter, leave
from tests.browser.test_phone import step

pytestmark = pytest.mark.browser

SEEN = """(node) => { const box = node.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= window.innerHeight - 56; }"""


def type_no_day(page: Page, selector: str) -> None:
    """30 February, as people type it into the browser's own date field; where the day stands is the browser's."""
    for steps in range(3):
        page.fill(selector, "2026-02-28")
        page.focus(selector)
        for _step in range(steps):
            page.keyboard.press("ArrowRight")
        page.keyboard.type("30")
        page.locator(selector).blur()  # a day that is only half typed is completed here
        if page.evaluate(f"document.querySelector('{selector}').validity.badInput"):
            return
    raise AssertionError("the browser made a day of it")


def test_a_day_the_browser_cannot_read_stops_the_form_with_a_sentence(desktop: Crew, site: Site) -> None:
    page = desktop.at("demo-inspector", "/problems/new/")
    page.fill("#id_place", "云溪县")
    page.fill("#id_title", "路灯不亮")
    type_no_day(page, "#id_found_on")

    page.click(".form-actions button")

    expect(page.locator(".field [data-unreadable]")).to_contain_text("没有这一天")
    expect(page).to_have_url(f"{site.url}/problems/new/")
    page.fill("#id_found_on", "")
    page.click(".form-actions a:has-text('取消')")


def test_a_refused_form_opens_at_its_first_error(phone: Crew, site: Site) -> None:
    page = phone.at("demo-inspector", "/problems/new/")
    page.fill("#id_title", "路灯不亮")
    page.fill("#id_place", "云溪县")
    page.locator("#id_source_serial").evaluate("(node) => { node.removeAttribute('maxlength'); }")
    page.fill("#id_source_serial", "长" * 41)

    page.tap(".form-actions button")

    expect(page.locator("#id_source_serial")).to_be_focused()
    assert page.locator("#id_source_serial").evaluate(SEEN)
    page.goto(f"{site.url}/problems/new/")
    expect(page.locator("#id_title")).to_have_value("路灯不亮")
    page.tap("button:has-text('不要了，重新填')")
    expect(page.locator("#id_title")).to_have_value("")
    expect(page.locator("#id_source_serial")).to_have_value("")


def test_logging_out_a_moment_after_typing_keeps_the_text(desktop: Crew, site: Site) -> None:
    page = desktop.page("demo-clerk")
    form = f"{site.problem('late')}progress/"
    page.goto(form)
    page.fill("#id_text", "刚刚写下的一句话。")

    leave(page)
    expect(page.locator(".alert--success")).to_contain_text("已退出")
    enter(page, "demo-clerk")
    page.goto(form)

    expect(page.locator("#id_text")).to_have_value("刚刚写下的一句话。")


def test_sending_after_logging_out_in_another_tab_keeps_the_text(desktop: Crew, site: Site) -> None:
    page = desktop.page("demo-head")
    form = step(desktop, "demo-head", site.problem("late"))
    page.goto(form)
    other = page.context.new_page()
    other.goto("/")
    leave(other)
    page.fill("#id_text", "另一个窗口已经退出。")

    page.click(".form-actions button")
    page.click("button[name=username][value=demo-head]")

    expect(page.locator("#id_text")).to_have_value("另一个窗口已经退出。")
    expect(page.locator(".alert--info")).to_contain_text("已恢复")
