"""One problem from registration over a send-back to closure, by the people who do it, in Chromium."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Crew, Site, follow, in_days, photo

pytestmark = pytest.mark.browser

TITLE = "村口垃圾堆放点长期无人清运，夏季异味扰民"


def test_a_problem_goes_through_two_rounds_to_closure(desktop: Crew, site: Site) -> None:
    address = register(desktop, site)
    assign(desktop, site, address)
    accept(desktop, address)
    plan(desktop, address)
    approve_plan(desktop, address)
    report_progress(desktop, address)
    prepare_and_send(desktop, address)
    verify(desktop, address, shot="13-verify")
    agree(desktop, "demo-village", address, shot="14-village-review")
    send_back(desktop, address)

    second_round(desktop, address)
    verify(desktop, address)
    for judge in ("demo-village", "demo-township", "demo-leader"):
        agree(desktop, judge, address, shot="17-county-review" if judge == "demo-leader" else "")

    closed(desktop, address)


def register(crew: Crew, site: Site) -> str:
    """The inspector registers with a photo taken an hour ago."""
    page = crew.stranger()
    crew.shoot(page, "01-login")
    page = crew.at("demo-inspector", "/")
    crew.shoot(page, "02-workbench-inspector")
    follow(page, ".sidebar >> text=登记问题")
    page.select_option("#id_batch", label=site.batch)
    page.fill("#id_place", site.place)
    page.fill("#id_title", TITLE)
    page.fill("#id_description", "堆放点紧邻小学围墙，六月以来清运由每日一次减为每周一次，群众多次反映未解决。")
    page.select_option("#id_category", label="人居环境")
    page.fill("#id_place_text", "村小学东侧围墙外")
    page.set_input_files("#id_photos", [photo("rubbish", after=False, name="垃圾堆放点.jpg")])
    crew.shoot(page, "03-register")
    press(page, "登记")
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator(".photo--before figcaption")).to_contain_text("拍摄")
    expect_loaded(page.locator(".photo--before img"))
    crew.shoot(page, "04-registered")
    return page.url


def assign(crew: Crew, site: Site, address: str) -> None:
    """The office gives it to a unit."""
    page = crew.at("demo-office", "/")
    crew.shoot(page, "05-workbench-office")
    page.goto(address)  # the list of the day may be longer than one page of the inbox
    follow(page, ".next-step a:has-text('交办')")
    page.fill("#id_lead_unit", site.unit)
    page.fill("#id_due_on", in_days(40))
    page.fill("#id_person_in_charge", "韩立春")
    crew.shoot(page, "06-assign")
    press(page, "交办")
    expect_state(page, "待签收")


def accept(crew: Crew, address: str) -> None:
    """The clerk signs for it with one tap."""
    page = crew.at("demo-clerk", address)
    crew.shoot(page, "07-to-sign")
    follow(page, ".next-step button:has-text('签收')")
    expect_state(page, "待报方案")
    expect(page.locator(".next-step a:has-text('报送整改方案')")).to_have_count(0)


def plan(crew: Crew, address: str) -> None:
    """The clerk fills the plan in, the head finds it and sends it."""
    page = crew.at("demo-clerk", address)
    follow(page, ".next-step a:has-text('拟写整改方案')")
    page.fill("#id_measure_0", "调整清运频次为每日一次，增设密闭垃圾箱八只")
    page.fill("#id_owner_0", "叶小满")
    page.fill("#id_due_0", in_days(20))
    page.fill("#id_text", "镇村两级分工负责，每周调度一次。")
    press(page, "交单位负责人报送")
    expect(page.locator(".next-step")).to_contain_text("请本单位负责人核对后报送")
    crew.shoot(page, "08-clerk-waits-for-the-head")
    page = crew.at("demo-head", address)
    follow(page, ".next-step a:has-text('报送整改方案')")
    expect(page.locator("#id_owner_0")).to_have_value("叶小满")
    crew.shoot(page, "09-plan")
    press(page, "报送")
    expect_state(page, "方案待审")


def approve_plan(crew: Crew, address: str) -> None:
    """The office approves."""
    page = crew.at("demo-office", address)
    follow(page, ".next-step a:has-text('审核方案')")
    crew.shoot(page, "10-plan-review")
    press(page, "同意")
    expect_state(page, "整改中")


def report_progress(crew: Crew, address: str) -> None:
    """Progress in words, a photo of it, then “no change” with one tap."""
    page = crew.at("demo-clerk", address)
    follow(page, ".next-step a:has-text('报送进展')")
    page.fill("#id_percent", "60")
    page.fill("#id_text", "八只密闭垃圾箱已到位五只，清运频次已恢复为每日一次。")
    press(page, "报送")
    expect(page.locator(".alert--success")).to_be_visible()
    upload(page, crew, "11-evidence")
    follow(page, ".next-step button:has-text('无变化')")
    expect(page.locator(".alert--success")).to_contain_text("无变化")
    expect(page.locator(".content")).to_contain_text("60%")


def upload(page: Page, crew: Crew | None = None, shot: str = "", variant: int = 0) -> None:
    """A photo of the state after."""
    follow(page, ".card-head a:has-text('上传佐证')")
    page.fill("#id_caption", "清运后现场")
    files: list[Any] = [photo("rubbish", after=True, variant=variant, name="清运后.jpg")]
    page.set_input_files("#id_files", files)
    expect(page.locator(".file-list li")).to_have_count(1)
    if crew:
        crew.shoot(page, shot)
    press(page, "上传")
    expect_loaded(page.locator(".photo--after img").last)


def prepare_and_send(crew: Crew, address: str) -> None:
    """The clerk writes the report, the head finds it and sends it in."""
    text = "清运恢复为每日一次，密闭垃圾箱八只全部到位，围墙外已硬化并设公示牌，村里每周巡查。"
    page = crew.at("demo-clerk", address)
    follow(page, ".next-step a:has-text('拟写销号申请')")
    page.fill("#id_text", text)
    press(page, "交单位负责人报送")
    page = crew.at("demo-head", address)
    follow(page, ".next-step a:has-text('申请销号')")
    expect(page.locator("#id_text")).to_have_value(text)
    expect(page.locator("input[name=evidence]:checked")).to_have_count(1)
    page.fill("#id_households", "126")
    crew.shoot(page, "12-report")
    press(page, "报送")
    expect_state(page, "待核查")


def verify(crew: Crew, address: str, shot: str = "") -> None:
    """The leader of the team looks on the spot."""
    page = crew.at("demo-teamlead", address)
    follow(page, ".next-step a:has-text('现场核查')")
    page.fill("#id_people", "陆承志、顾清源")
    page.fill("#id_seen", "现场无积存垃圾，箱体完好，随机询问三户均表示满意。")
    if shot:
        crew.shoot(page, shot)
    press(page, "核查通过")
    expect_state(page, "村级评定")


def agree(crew: Crew, who: str, address: str, shot: str = "") -> None:
    """One level agrees: 同意 is proposed."""
    page = crew.at(who, "/")
    follow(page, f"#todo a:has-text('{TITLE}')")
    follow(page, ".next-step-actions a.btn--primary")
    expect(page.locator("#id_opinion")).to_have_value("同意")
    if shot:
        crew.shoot(page, shot)
    press(page, "同意")
    expect(page.locator(".alert--success")).to_be_visible()


def send_back(crew: Crew, address: str) -> None:
    """The township sends it back, in its own words."""
    page = crew.at("demo-township", address)
    follow(page, ".next-step-actions a.btn--primary")
    press(page, "退回重改")
    expect(page.locator(".field--error .errorlist")).to_contain_text("退回要写明理由")
    crew.shoot(page, "15-send-back-needs-a-reason")
    page.fill("#id_opinion", "围墙根部仍有零星积存，公示牌没有写明管护人，请补齐后再报。")
    press(page, "退回重改")
    expect_state(page, "整改中")
    expect(page.locator(".page-sub")).to_contain_text("第2轮")
    page = crew.at("demo-head", "/")
    crew.shoot(page, "16-workbench-head-after-send-back")


def second_round(crew: Crew, address: str) -> None:
    """The unit does what was missing and applies again."""
    page = crew.at("demo-head", address)
    follow(page, ".next-step a:has-text('报送进展')")
    page.fill("#id_percent", "100")
    page.fill("#id_text", "围墙根部积存已清除，公示牌已写明管护人和电话。")
    press(page, "报送")
    upload(page, variant=1)
    follow(page, ".next-step a:has-text('申请销号')")
    expect(page.locator("#id_households")).to_have_value("126")
    page.fill("#id_text", "退回意见所列两项已全部整改到位，公示牌写明管护人。")
    press(page, "报送")
    expect_state(page, "待核查")


def closed(crew: Crew, address: str) -> None:
    """已销号, and the page tells the whole story on screen and on paper."""
    page = crew.at("demo-office", address)
    expect_state(page, "已销号")
    expect(page.locator(".page-sub")).to_contain_text("第2轮")
    chain = page.locator(".signatures").first
    for level in ("申请销号（第2版）", "现场核查", "村级评定", "乡镇审核", "县级审定"):
        expect(chain).to_contain_text(level)
    for name in ("韩立春", "陆承志", "田守成", "苏映雪", "江望舒"):
        expect(chain).to_contain_text(name)
    page.click("summary:has-text('第1轮签批')")
    expect(page.locator(".signatures").nth(1)).to_contain_text("请补齐后再报")
    expect(page.locator(".facts").first).to_contain_text("126 户受益")
    timeline = page.locator(".timeline").last
    expect(timeline).to_contain_text("请补齐后再报")
    assert timeline.locator("li").count() >= 20
    for picture in page.locator(".photo img").all():
        picture.scroll_into_view_if_needed()
        expect_loaded(picture)
    crew.shoot(page, "18-closed")
    paper = ROOT / "var" / "problem.pdf"
    page.pdf(path=paper, format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) in range(1, 6)
    for place, (name, url) in enumerate({"ledger": "/ledger/", "batches": "/batches/", "flow": "/flow/"}.items()):
        crew.shoot(crew.at("demo-office", url), f"{19 + place}-{name}")
    page = crew.at("demo-office", "/batches/")
    follow(page, ".cell-title a")
    crew.shoot(page, "22-batch")


def press(page: Page, label: str) -> None:
    """A button of the page's own form."""
    with page.expect_navigation():
        page.locator(".content").get_by_role("button", name=label, exact=True).click()


def expect_state(page: Page, label: str) -> None:
    """Where the problem stands, as the page's head says."""
    expect(page.locator(".page-sub .state")).to_have_text(label)


def expect_loaded(picture: Any) -> None:
    """The image has really arrived."""
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("node => node.naturalWidth") > 0
