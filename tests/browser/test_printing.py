"""What comes out of the printer: the lines to sign, and none of the buttons."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Crew, Site

pytestmark = pytest.mark.browser


def test_the_lines_to_sign_are_on_paper_only(desktop: Crew, site: Site) -> None:
    page = desktop.at("demo-office", site.problem("to_decide"))
    lines = page.locator(".sign-line")
    expect(lines.first).to_be_hidden()

    page.emulate_media(media="print")

    who = ["责任单位负责人", "核查人", "村级评定", "乡镇审核", "县级审定"]
    expect(lines).to_contain_text([f"{each}（签字）" for each in who])
    expect(lines.last).to_be_visible()
    expect(page.locator(".next-step")).to_be_hidden()
    desktop.shoot(page, "21-printed")
    page.emulate_media(media="screen")
