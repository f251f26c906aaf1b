"""Messages as people meet them: a number on every page, a list, settings; and a page that notices what others do."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crew, Site, follow
from tests.browser.test_phone import SIDEWAYS

pytestmark = pytest.mark.browser

# As when somebody comes back to the window: the page asks, whether or not a socket tells it to.
COME_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
NEWS = "[data-live-news] a"


def unread(page: Page) -> int:
    return int(page.inner_text(".topbar [data-live=notices]"))


def test_a_message_is_opened_and_the_rest_is_marked_as_read(desktop: Crew, site: Site) -> None:
    page = desktop.at("demo-head", "/messages/")
    desktop.shoot(page, "messages")
    before = unread(page)
    assert before > 3

    follow(page, "tbody tr:first-child .cell-title a")
    expect(page.locator(".next-step")).to_be_visible()
    assert unread(page) < before
    page.goto("/messages/")
    follow(page, "button:has-text('全部标为已读')")

    assert unread(page) == 0
    expect(page.locator(".badge:has-text('未读')")).to_have_count(0)


def test_settings_addresses_and_what_was_sent(desktop: Crew, site: Site) -> None:
    page = desktop.at("demo-clerk", "/messages/preferences/")
    page.check("input[name=preset][value=important]")
    page.fill("#id_quiet_from", "12:00")
    page.fill("#id_quiet_to", "14:00")
    follow(page, ".form-actions button")
    expect(page.locator(".alert--success")).to_contain_text("已保存")
    expect(page.locator("#id_quiet_from")).to_have_value("12:00")
    desktop.shoot(page, "preferences")
    head = desktop.at("demo-head", "/messages/unit/")
    expect(head.locator(".content")).not_to_contain_text("00000000-0000")
    desktop.shoot(head, "unit-addresses")

    admin = desktop.at("demo-sysadmin", "/deliveries/")
    desktop.shoot(admin, "deliveries")
    follow(admin, "tr.is-red button:has-text('重发')")

    expect(admin.locator(".alert--success")).to_contain_text("已安排重发")


def test_a_page_says_that_somebody_else_was_here_and_keeps_what_is_typed(desktop: Crew, site: Site) -> None:
    head = desktop.at("demo-head", site.problem("to_report"))
    typing = desktop.page("demo-clerk")
    typing.goto(f"{site.problem('to_report')}progress/")
    typing.fill("textarea[name=text]", "管护责任已落实到人。")

    other = desktop.at("demo-head", f"{site.problem('to_report')}progress/")
    other.fill("textarea[name=text]", "已安排施工队进场。")
    follow(other, ".form-actions button")
    typing.evaluate(COME_BACK)

    expect(typing.locator(NEWS)).to_have_text("有人刚刚办理了这个问题，点这里查看最新情况")
    expect(typing.locator("textarea[name=text]")).to_have_value("管护责任已落实到人。")
    desktop.shoot(typing, "news")
    head.goto(site.problem("to_report"))
    head.evaluate(COME_BACK)
    head.wait_for_timeout(1500)
    expect(head.locator(NEWS)).to_have_count(0)


def test_messages_fit_a_phone(phone: Crew, site: Site) -> None:
    for who, address, name in (
        ("demo-clerk", "/messages/", "messages"),
        ("demo-clerk", "/messages/preferences/", "preferences"),
        ("demo-head", "/messages/unit/", "unit-addresses"),
        ("demo-sysadmin", "/deliveries/", "deliveries"),
    ):
        page = phone.at(who, address)
        phone.shoot(page, name)
        assert page.evaluate(SIDEWAYS) == 0
