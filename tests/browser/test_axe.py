"""axe finds nothing serious on any main page."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Crew, Site
from tests.browser.test_phone import step

pytestmark = pytest.mark.browser

GRAVE = {"serious", "critical"}


def test_axe_finds_nothing_grave(desktop: Crew, site: Site) -> None:
    axe, found = Axe(), []
    pages = [("", "/login/"), *places(desktop, site)]
    stranger = desktop.stranger()
    for who, address in pages:
        page = desktop.at(who, address) if who else stranger
        for broken in axe.run(page).response["violations"]:
            if broken["impact"] in GRAVE:
                nodes = [node["html"][:200] for node in broken["nodes"][:3]]
                found.append((address, broken["id"], broken["help"], nodes))

    assert found == []


def places(crew: Crew, site: Site) -> list[tuple[str, str]]:
    """Who looks at what."""
    return [
        ("demo-office", "/"),
        ("demo-office", "/ledger/"),
        ("demo-office", "/ledger/?late=yes"),
        ("demo-office", site.problem("closed")),
        ("demo-office", site.problem("late")),
        ("demo-office", step(crew, "demo-office", site.problem("to_register"))),
        ("demo-office", "/batches/"),
        ("demo-office", "/batches/new/"),
        ("demo-office", "/flow/"),
        ("demo-inspector", "/problems/new/"),
        ("demo-clerk", f"{site.problem('to_report')}evidence/"),
        ("demo-clerk", f"{site.problem('to_report')}progress/"),
        ("demo-head", step(crew, "demo-head", site.problem("to_report"))),
        ("demo-head", step(crew, "demo-head", site.problem("to_plan"))),
        ("demo-teamlead", step(crew, "demo-teamlead", site.problem("to_verify"))),
        ("demo-leader", step(crew, "demo-leader", site.problem("to_review"))),
        ("demo-clerk", "/messages/"),
        ("demo-clerk", "/messages/preferences/"),
        ("demo-head", "/messages/unit/"),
        ("demo-sysadmin", "/deliveries/"),
        ("demo-secadmin", "/people/"),
        ("demo-secadmin", "/people/import/"),
        ("demo-auditor", "/access-log/"),
        ("demo-sysadmin", "/admin/"),
        ("demo-sysadmin", "/calendar/2027/"),
        ("demo-sysadmin", "/calendar/2027/publish/"),
        ("demo-sysadmin", "/calendar/hours/"),
        ("demo-office", "/calendar/local/"),
    ]
