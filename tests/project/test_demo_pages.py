"""What only the demo shows: a bar with a clock to move, and the mail it keeps to itself."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template import engines
from django.test import Client
from django.urls import reverse

from notifications.models import Address
from organizations import clock
from organizations.models import User
from project.demo import mail, views
from tests.conftest import World

BAR = "project.demo.bar.bar"


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> None:
    """The settings of the demo, as far as pages ask for them."""
    settings.DEMO = True
    settings.CLOCK_FILE = str(tmp_path / "clock")
    settings.MAIL_DIR = tmp_path / "mail"
    settings.TEMPLATES = [
        {**one, "OPTIONS": {**one["OPTIONS"], "context_processors": [*one["OPTIONS"]["context_processors"], BAR]}}
        for one in settings.TEMPLATES
    ]
    assert engines.all()


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.clerk)
    return client


def post(subject: str = "您有一件待办", **more: Any) -> None:
    message = EmailMultiAlternatives(subject, "云溪〔2026〕1号，请于6月30日前办理。", "a@x.cn", ["b@x.cn"], **more)
    message.attach_alternative("<p>HTML</p>", "text/html")
    get_connection("project.demo.mail.MailToFiles").send_messages([message])


def test_outside_the_demo_there_is_no_bar(client: Client) -> None:
    assert b"demo-bar" not in client.get("/").content
    assert b"demo-bar" not in Client().get("/login/").content


def test_every_page_of_the_demo_shows_its_time_and_the_ways_forward(demo: None, client: Client) -> None:
    for page in (client.get("/ledger/?q=ab&page=1"), Client().get("/login/")):
        text = page.content.decode()
        assert re.search(r"<time>\d{4}年\d+月\d+日 星期. \d\d:\d\d</time>", text)
        assert re.findall(r'name="by" value="(\w+)"', text) == ["morning", "day", "week", "month"]
    assert 'name="back" value="/ledger/?q=ab&amp;page=1"' in client.get("/ledger/?q=ab&page=1").content.decode()


def test_forward_by_a_week_asks_for_what_has_come_due_and_leads_back(
    demo: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(views.app, "send_task", asked.append)

    response = client.post("/demo/clock/", {"by": "week", "back": "/ledger/"}, follow=True)

    assert clock.ahead() == timedelta(days=7)
    assert response.redirect_chain == [("/ledger/", 302)]
    assert "演示时钟已快进一周" in response.content.decode()
    assert "workflows.tasks.seal_day" in asked
    assert set(asked) <= set(views.AFTER_A_MOVE)


def test_nobody_is_led_elsewhere_or_moves_it_by_something_else(demo: None, client: Client) -> None:
    assert client.post("/demo/clock/", {"by": "day", "back": "https://evil.example/"})["Location"] == "/"
    assert client.post("/demo/clock/", {"by": "year"}).status_code == 404
    assert client.post("/demo/clock/", {"by": "day"}, REMOTE_ADDR="10.1.2.3").status_code == 404

    assert clock.ahead() == timedelta(days=1)


def test_after_five_years_it_says_how_to_begin_again(demo: None, client: Client) -> None:
    clock.move(timedelta(days=5 * 366))

    response = client.post("/demo/clock/", {"by": "day"}, follow=True)

    assert "make demo-reset" in response.content.decode()
    assert clock.ahead() == timedelta(days=5 * 366)


def test_outside_the_demo_the_clock_and_the_mail_do_not_exist(client: Client) -> None:
    assert client.post("/demo/clock/", {"by": "day"}).status_code == 404
    assert client.get("/demo/mail/").status_code == 404


def test_a_message_is_a_file_and_is_read_as_plain_text(demo: None, client: Client) -> None:
    post()

    (letter,) = mail.letters()
    listed = client.get(reverse("demo-mail")).content.decode()
    page = client.get(reverse("demo-mail-detail", args=[letter.name])).content.decode()

    assert "您有一件待办" in listed
    assert "b@x.cn" in listed
    assert "请于6月30日前办理。" in page
    assert "HTML" not in page


def test_a_message_bears_the_name_of_whoever_got_it_and_each_reads_their_own(demo: None, client: Client) -> None:
    Address.objects.create(user=User.objects.get(username="clerk"), channel="email", address="b@x.cn")
    post()

    everybody = client.get(reverse("demo-mail")).content.decode()
    own = client.get(reverse("demo-mail"), {"to": "b@x.cn"}).content.decode()
    others = client.get(reverse("demo-mail"), {"to": "c@x.cn"}).content.decode()

    opened = client.get(reverse("demo-mail-detail", args=[mail.letters()[0].name])).content.decode()

    assert "人clerk · b@x.cn" in opened
    assert everybody.count("人clerk") == 2  # in the list and among those one can choose
    assert "您有一件待办" in own
    assert "您有一件待办" not in others


def test_what_stands_in_a_message_stays_text(demo: None, client: Client) -> None:
    post("<script>alert(1)</script>")

    page = client.get(reverse("demo-mail-detail", args=[mail.letters()[0].name])).content.decode()

    assert "<script>alert" not in page


def test_a_name_that_is_no_message_is_not_found(demo: None, client: Client, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "notes.eml").write_text("private")

    assert client.get("/demo/mail/notes/").status_code == 404
    assert client.get("/demo/mail/20261122083000000000-00000000/").status_code == 404
    assert mail.letters() == []


def test_an_empty_box_says_so_and_a_full_one_keeps_the_newest(
    demo: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "还没有邮件。" in client.get("/demo/mail/").content.decode()

    monkeypatch.setattr(mail, "KEPT", 3)
    for number in range(5):
        post(f"第{number}封")

    assert [letter.subject for letter in mail.letters()] == ["第4封", "第3封", "第2封"]
