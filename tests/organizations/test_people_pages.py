"""The security administrator's pages and the auditor's log."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations import clock
from organizations.models import AccessEntry, AccessKind, Post, User
from tests.conftest import World, fresh
from tests.organizations.workbooks import POSTS, workbook

PAGES = {
    "people": "secadmin",
    "people-import": "secadmin",
    "people-import-result": "secadmin",
    "people-template": "secadmin",
    "access-log": "auditor",
}
DEEDS = ["people-reset", "people-active"]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_to_one_role_alone(client: Client, world: World, page: str) -> None:
    assert client.get(reverse(page)).status_code == 302
    for name, user in world.people.items():
        client.force_login(user)
        assert client.get(reverse(page)).status_code == (200 if name == PAGES[page] else 403), name


@pytest.mark.parametrize("page", [*DEEDS, "people-import-commit", "people-passwords"])
def test_each_deed_is_the_security_administrators_alone(client: Client, world: World, page: str) -> None:
    url = reverse(page, args=[world.clerk.pk] if page in DEEDS else [])
    kept = fresh(world.clerk).password
    for name, user in world.people.items():
        client.force_login(user)
        if name != "secadmin":
            assert client.post(url).status_code == 403, name
        assert client.get(url).status_code in (403, 405)

    assert fresh(world.clerk).password == kept
    assert fresh(world.clerk).is_active


@pytest.fixture
def keeper(client: Client, world: World) -> Client:
    client.force_login(world.secadmin)
    return client


def upload(client: Client, **rows: Any) -> Any:
    return client.post(reverse("people-import"), {"file": workbook(**rows)})


def commit(client: Client, token: str) -> Any:
    return client.post(reverse("people-import-commit"), {"token": token})


def test_upload_shows_and_writes_nothing_until_confirmed(keeper: Client) -> None:
    answer = upload(keeper)

    assert "县审计局" in answer.content.decode()
    assert "其中新增 2 人" in answer.content.decode()
    assert not User.objects.filter(username="shen.ji").exists()

    result = keeper.get(commit(keeper, answer.context["token"])["Location"])
    page = result.content.decode()
    user = User.objects.get(username="shen.ji")
    passwords = {username: secret for username, _name, secret in result.context["result"]["passwords"]}
    assert user.check_password(passwords["shen.ji"])
    assert passwords["shen.ji"] in page


def test_a_second_post_is_harmless_and_keeps_the_passwords(keeper: Client) -> None:
    token = upload(keeper).context["token"]
    stale = dict(keeper.session)

    first = keeper.get(commit(keeper, token)["Location"]).context["result"]
    again = keeper.get(commit(keeper, token)["Location"]).context["result"]
    session = keeper.session
    session["people_import"] = stale["people_import"]
    session.save()
    late = keeper.get(commit(keeper, token)["Location"]).context["result"]

    assert first == again == late
    assert User.objects.filter(username__startswith="shen").count() == 2
    assert Post.objects.filter(user__username="shen.ji").count() == 1


def test_the_list_of_passwords_is_downloaded_once(keeper: Client) -> None:
    commit(keeper, upload(keeper, people=[["shen.ji", "=1+1"], ["shen.yuan", "申元"]]).context["token"])

    listed = keeper.post(reverse("people-passwords"))
    again = keeper.post(reverse("people-passwords"))

    assert "'=1+1" in listed.content.decode()
    assert listed["Content-Type"].startswith("text/csv")
    assert again["Location"] == reverse("people")
    assert keeper.get(reverse("people-import-result")).context["result"]["passwords"] == []


def test_bad_rows_are_listed_and_cannot_be_confirmed(keeper: Client) -> None:
    answer = upload(keeper, posts=[[*POSTS[0][:3], "局长", "", "", ""]])

    assert "第2行：角色“局长”不认识" in answer.content.decode()
    assert answer.context["token"] == ""
    assert "确认导入" not in answer.content.decode()
    assert commit(keeper, "")["Location"] == reverse("people-import")
    assert not User.objects.filter(username="shen.ji").exists()


def test_rows_are_judged_anew_at_the_confirmation(keeper: Client, world: World) -> None:
    posts = [["nobody", "平台管理", "999921000000", "审计员", "", "", ""]]
    token = upload(keeper, posts=posts).context["token"]
    Post.objects.create(user=world.nobody, unit=world.units["platform"], role="system_admin")

    answer = commit(keeper, token)

    assert "三员分立" in keeper.get(answer["Location"]).content.decode()
    assert not User.objects.filter(username="shen.ji").exists()


@pytest.mark.parametrize(("name", "content"), [("a.xlsx", b"rubbish"), ("a.xls", b"x"), ("a.xlsx", b"")])
def test_a_file_that_will_not_do_gets_a_sentence(keeper: Client, name: str, content: bytes) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = keeper.post(reverse("people-import"), {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]


def test_the_template_can_be_filled_in_and_loaded(keeper: Client, db: Any) -> None:
    from io import BytesIO

    from organizations.errors import Refused
    from organizations.people_file import read_people

    with pytest.raises(Refused, match="都是空的"):
        read_people(BytesIO(keeper.get(reverse("people-template")).content))


def test_a_reset_password_is_shown_once(keeper: Client, world: World) -> None:
    answer = keeper.post(reverse("people-reset", args=[world.clerk.pk]))

    assert fresh(world.clerk).check_password(answer.context["password"])
    assert answer.context["password"] in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert keeper.post(reverse("people-reset", args=[10**9])).status_code == 404


def test_a_stopped_account_is_out_at_once(keeper: Client, world: World) -> None:
    other = Client()
    other.force_login(world.clerk)
    page = reverse("people-active", args=[world.clerk.pk])

    keeper.post(page, {"active": "0"})
    assert other.get(reverse("password")).status_code == 302
    keeper.post(page, {"active": "1"})
    assert fresh(world.clerk).is_active


@pytest.mark.parametrize(("text", "found"), [("人clerk", "clerk"), ("PARTN", "partner"), ("水利", "head")])
def test_people_are_found_by_name_and_unit(keeper: Client, text: str, found: str) -> None:
    names = [user.username for user in keeper.get(reverse("people"), {"q": text}).context["rows"]]

    assert found in names
    assert "stranger" not in names


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_people_cost_no_more_statements_when_they_are_many(keeper: Client, world: World) -> None:
    def add(first: int, last: int) -> None:
        for n in range(first, last):
            user = User.objects.create(username=f"many{n}", name="某")
            Post.objects.create(user=user, unit=world.units["bureau"], role="unit_clerk", acting_for=world.head)

    keeper.get(reverse("people"))
    add(0, 5)
    few = statements(keeper, reverse("people") + "?q=many")
    add(5, 50)

    assert statements(keeper, reverse("people") + "?q=many") == few


@pytest.fixture
def reader(client: Client, world: World) -> Client:
    client.force_login(world.auditor)
    AccessEntry.objects.bulk_create(
        AccessEntry(
            at=clock.now() - timedelta(days=n),
            kind=AccessKind.EXPORT,
            user=world.clerk,
            username="clerk",
            text=f"导出{n}",
        )
        for n in range(120)
    )
    return client


def shown(client: Client, **query: Any) -> list[str]:
    return [row.text for row in client.get(reverse("access-log"), query).context["rows"]]


def test_the_log_is_read_page_by_page(reader: Client) -> None:
    url, pages = reverse("access-log") + "?kind=export", []
    while url:
        answer = reader.get(url)
        pages.append([row.text for row in answer.context["rows"]])
        following = answer.context["page"]["next_url"]
        url = reverse("access-log") + following if following else ""

    assert [len(page) for page in pages] == [50, 50, 20]
    assert sorted(text for page in pages for text in page) == sorted(f"导出{n}" for n in range(120))
    back = answer.context["page"]["previous_url"]
    assert [row.text for row in reader.get(reverse("access-log") + back).context["rows"]] == pages[1]


def test_the_log_is_filtered(reader: Client) -> None:
    day = clock.today() - timedelta(days=3)

    assert shown(reader, kind="login") == ["登录系统"]
    assert shown(reader, username="clerk", begins=day, ends=day) == ["导出3"]
    assert shown(reader, username="nosuch") == []
    assert reader.get(reverse("access-log"), {"begins": "去年"}).status_code == 200
    assert reader.get(reverse("access-log"), {"before": "x" * 30}).status_code == 200


def test_the_log_costs_no_more_statements_when_it_is_long(reader: Client) -> None:
    reader.get(reverse("access-log"))

    few = statements(reader, reverse("access-log") + "?kind=login")
    assert statements(reader, reverse("access-log")) == few
