"""The mail server's address, parsed as strictly as every setting."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from project import env

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.x.gov.cn", ("mail.x.gov.cn", 25, "", "", False, False)),
        ("smtp+tls://bihuan:p%40ss@mail.x.gov.cn", ("mail.x.gov.cn", 587, "bihuan", "p@ss", True, False)),
        ("smtps://mail.x.gov.cn:4650", ("mail.x.gov.cn", 4650, "", "", False, True)),
    ],
)
def test_three_ways_to_speak_to_a_mail_server(url: str, found: tuple[object, ...]) -> None:
    assert env.mail("BIHUAN_MAIL_UNSET", url) == found


@pytest.mark.parametrize("url", ["mail.x.gov.cn", "http://geheim@x", "smtp://"])
def test_anything_else_stops_the_start_without_repeating_a_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="smtps") as error:
        env.mail("BIHUAN_MAIL_UNSET", url)

    assert "geheim" not in str(error.value)
