"""Where a webhook may go: never into the office's own network, unless the operator has named the host."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# All of IPv6 that is given out; what lies outside leads to ourselves, to neighbours, or through a gateway.
_GIVEN_OUT = IPv6Network("2000::/3")
_NAME = re.compile(r"(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)\.?")


def checked(address: str) -> httpx.URL:
    """The address as a URL, as far as one can judge it without asking the network."""
    url = _well_formed(address)
    if url.userinfo:
        raise ValidationError(_("网址里不能带用户名和密码，请去掉后重新填写。"))
    if url.scheme == "http" and not _is_own_loopback(url):
        raise ValidationError(_("只能发往加密的地址，请以 https:// 开头填写。"))
    literal = _literal(url.host)
    if literal is not None:
        judge(url, [str(literal)])
    elif not _is_free(url) and (url.host in LOOPBACK or url.host.rpartition(".")[2][:1].isdigit()):
        # 127.1, 2130706433 and 0x7f000001 are ways to write an address that no public host needs.
        raise ValidationError(_refused())
    return url


def _well_formed(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise ValidationError(_incomplete()) from error
    host = url.raw_host.decode()
    named = _literal(host) is not None or _NAME.fullmatch(host)
    if url.scheme not in {"https", "http"} or not named or not 0 < (443 if url.port is None else url.port) < 65536:
        raise ValidationError(_incomplete())
    return url


def judge(url: httpx.URL, addresses: list[str]) -> None:
    """Raise ValidationError if any of the addresses its host stands for is not a public one."""
    if not _is_free(url) and not all(is_public(ip_address(each)) for each in addresses):
        raise ValidationError(_refused())


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a single host of the open network, reached directly."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return True
    return address in _GIVEN_OUT and address.sixtofour is None and address.teredo is None


def _is_free(url: httpx.URL) -> bool:
    """Named by the operator, or this machine in the demo and in tests."""
    return _is_own_loopback(url) or url.host.lower() in settings.WEBHOOK_HOSTS


def _is_own_loopback(url: httpx.URL) -> bool:
    return url.host.lower() in LOOPBACK and (settings.DEMO or settings.TESTING)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _incomplete() -> str:
    return _("这不是一个完整的网址，请以 https:// 开头填写。")


def _refused() -> str:
    return _("不能发往本机、内网或保留的地址；确有需要的，请系统管理员在部署时登记这台主机。")
