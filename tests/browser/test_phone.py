"""A county leader and village people with a phone: two taps to decide, nothing to scroll sideways, room for thumbs."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crew, Site, photo, tap

pytestmark = pytest.mark.browser

# Buttons, links that look like buttons, and fields, as far as they can be seen, lower than a thumb needs.
LOW = """() => Array.from(document.querySelectorAll(
    'form button, form a, form input, form select, form textarea, form summary, .next-step a, .next-step button'))
  .filter((node) => node.type !== 'hidden' && !node.matches('[type=checkbox], [type=radio]') && node.offsetParent)
  .map((node) => [node.textContent.trim() || node.name, node.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && box.height < 43.5)
  .map(([name, box]) => `${name} ${box.width.toFixed(0)}×${box.height.toFixed(0)}`)"""
# A box to tick may be small; its label is what the thumb meets.
LOW_LABELS = """() => Array.from(document.querySelectorAll('form [type=checkbox], form [type=radio]'))
  .filter((node) => node.offsetParent).map((node) => node.closest('label') || node)
  .filter((node) => node.getBoundingClientRect().height < 43.5).map((node) => node.textContent.trim())"""
CLIPPED = """() => Array.from(document.querySelectorAll('.content *'))
  .filter((node) => node.offsetParent && !node.closest('svg, .chips, .sidebar, [tabindex="0"]'))
  .filter((node) => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((node) => node.textContent.trim().slice(0, 40))"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_the_leader_decides_in_two_taps(phone: Crew, site: Site) -> None:
    page = phone.page("demo-leader")
    phone.shoot(page, "01-workbench-leader")
    number = site.numbers["to_decide"]
    tap(page, f"#todo tr:has-text('{number}') .cell-title a")
    phone.shoot(page, "02-problem-leader")

    tap(page, ".next-step-actions a:has-text('县级审定')")
    expect(page.locator("#id_opinion")).to_have_value("同意")
    phone.shoot(page, "03-review")
    tap(page, "button[name=verdict][value=pass]")

    expect(page.locator(".page-sub .state")).to_have_text("已销号")
    phone.shoot(page, "04-closed")
    page.goto("/")
    expect(page.locator("#todo")).not_to_contain_text(number)


def test_a_village_uploads_a_photo_standing_in_the_field(phone: Crew, site: Site) -> None:
    page = phone.at("demo-clerk", site.problem("to_report"))
    tap(page, ".card-head a:has-text('上传佐证')")
    page.set_input_files("#id_files", [photo("rubbish", after=True, name="IMG_2031.jpg")])
    phone.shoot(page, "05-evidence")

    tap(page, ".form-actions button")

    expect(page.locator(".photo--after img")).to_be_visible()
    fits(page)
    phone.shoot(page, "06-problem-clerk")


def test_the_flow_is_read_from_top_to_bottom(phone: Crew, site: Site) -> None:
    page = phone.at("demo-head", "/flow/")
    expect(page.locator(".flowchart")).to_be_hidden()
    expect(page.locator(".timeline-item").first).to_contain_text("交办 → 待签收")
    arrow = page.locator(".timeline-item p + p").first
    assert arrow.evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)") >= 16


def test_what_is_not_in_the_bottom_bar_is_behind_more(phone: Crew, site: Site) -> None:
    page = phone.at("demo-office", "/")
    expect(page.locator(".bottomnav a")).to_contain_text(["工作台", "问题台账", "登记问题", "更多"])
    page.tap(".bottomnav a:has-text('更多')")
    expect(page.locator(".sidebar a:has-text('批次')")).to_be_visible()
    tap(page, ".sidebar a:has-text('修改密码')")
    expect(page.locator("h1")).to_contain_text("密码")


def test_every_main_page_fits_and_leaves_room_for_thumbs(phone: Crew, site: Site) -> None:
    troubles = []
    login = phone.stranger()
    phone.shoot(login, "07-login")
    troubles += [("login", *fits(login))]
    for place, (who, name, address) in enumerate(addresses(phone, site)):
        page = phone.at(who, address)
        phone.shoot(page, f"{8 + place:02}-{name}")
        troubles.append((name, *fits(page)))

    assert [each for each in troubles if each[1:]] == []


def addresses(crew: Crew, site: Site) -> list[tuple[str, str, str]]:
    """Who looks at what."""
    return [
        ("demo-office", "workbench", "/"),
        ("demo-office", "ledger", "/ledger/"),
        ("demo-office", "problem", site.problem("closed")),
        ("demo-office", "problem-late", site.problem("late")),
        ("demo-office", "batches", "/batches/"),
        ("demo-office", "batch-new", "/batches/new/"),
        ("demo-office", "flow", "/flow/"),
        ("demo-office", "assign", step(crew, "demo-office", site.problem("to_register"))),
        ("demo-inspector", "register", "/problems/new/"),
        ("demo-teamlead", "verify", step(crew, "demo-teamlead", site.problem("to_verify"))),
        ("demo-head", "plan", step(crew, "demo-head", site.problem("to_plan"))),
        ("demo-head", "report", step(crew, "demo-head", site.problem("to_report"))),
        ("demo-clerk", "evidence", f"{site.problem('to_report')}evidence/"),
        ("demo-clerk", "progress", f"{site.problem('to_report')}progress/"),
        ("demo-leader", "review", step(crew, "demo-leader", site.problem("to_review"))),
    ]


def step(crew: Crew, who: str, address: str) -> str:
    """Where the one obvious button of a problem leads."""
    page = crew.at(who, address)
    return str(page.locator(".next-step-actions a.btn--primary").get_attribute("href"))


def fits(page: Page) -> list[str]:
    """What sticks out to the side, and what is too low for a thumb."""
    wide = page.evaluate(SIDEWAYS)
    found = [f"{wide}px too wide"] if wide > 0 else []
    found += [f"out of sight: {each}" for each in page.evaluate(CLIPPED)]
    return found + [f"too low: {each}" for each in [*page.evaluate(LOW), *page.evaluate(LOW_LABELS)]]
