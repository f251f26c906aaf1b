"""A robot in a WeCom group (企业微信群机器人): the brief, and nothing that the members might not see."""

import json
import re
import ssl
from typing import Any

import httpx
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels import Message, Outcome, Scope
from notifications.channels.posting import Answer, Call, Limits, Unanswered, post, refusal

LONGEST_TEXT = 2048
LONGEST_MARKDOWN = 4096
_KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")
_BUSY = {-1: None, 45009: 60.0, 45033: 60.0}  # errcode: seconds to wait, where the maker names any


class WeComChannel:
    """企业微信群机器人: the key in the URL is all it takes to write to the group, so it is kept like a password."""

    code = "wecom"
    label = gettext_lazy("企业微信群机器人")
    scope: Scope = "unit"

    def __init__(self, limits: Limits | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.limits = limits or Limits()
        self.tls = tls

    def check(self, address: str) -> None:
        """The robot's key, or its whole URL on the one server this installation speaks to."""
        _key_of(address)

    def send(self, message: Message) -> Outcome:
        """Post the brief; the answer's errcode decides, since every answer is HTTP 200."""
        try:
            url = httpx.URL(_prefix() + _key_of(message.address))
            body = json.dumps(_content(message.brief), ensure_ascii=False).encode()
            answer = post(Call(url, body, {}), self.limits, self.tls)
        except ValidationError as refused:
            return Outcome(sent=False, error=refused.messages[0])
        except Unanswered as failure:
            return failure.outcome
        return refusal(answer) or _verdict(answer)


def _prefix() -> str:
    return f"{settings.WECOM_BASE}/cgi-bin/webhook/send?key="


def _key_of(address: str) -> str:
    """Only the key is taken from what somebody typed; the server is the operator's choice."""
    key = address.strip().removeprefix(_prefix())
    if not _KEY.fullmatch(key):
        raise ValidationError(
            _("请填写群机器人的 Webhook 地址（以 %(prefix)s 开头），或者只填 key= 后面的部分。") % {"prefix": _prefix()}
        )
    return key


def _content(brief: str) -> dict[str, Any]:
    """Text while it fits: WeChat shows it too, and nothing in it is interpreted. Markdown holds twice as much."""
    if len(brief.encode()) <= LONGEST_TEXT:
        return {"msgtype": "text", "text": {"content": brief}}
    # “<@all>” would call the whole group.
    content = shortened(brief.replace("<", "＜"), LONGEST_MARKDOWN)
    return {"msgtype": "markdown", "markdown": {"content": content}}


def shortened(text: str, size: int) -> str:
    """At most so many bytes of UTF-8: cut after a line, else after a character, and a sentence says so."""
    if len(text.encode()) <= size:
        return text
    ending = "\n" + _("……内容较长，其余请登录系统查看。")
    head = text.encode()[: size - len(ending.encode())].decode(errors="ignore")
    lines = head.rpartition("\n")[0]
    return (lines if len(lines) * 2 > len(head) else head) + ending


def _verdict(answer: Answer) -> Outcome:
    code = _errcode(answer.body)
    if code == 0:
        return Outcome(sent=True)
    if code is None:
        return Outcome(sent=False, retry=True, error=_("企业微信的回答读不懂。"))
    if code in _BUSY:
        error = _("企业微信暂时不收（%(code)s），稍后再发。") % {"code": code}
        return Outcome(sent=False, retry=True, retry_after=_BUSY[code], error=error)
    if code == 93000:
        return Outcome(sent=False, error=_("企业微信不认这个机器人（93000），它可能已被移出群，请重新填写地址。"))
    return Outcome(sent=False, error=_("企业微信拒绝了这条消息（%(code)s）。") % {"code": code})


def _errcode(body: bytes | None) -> int | None:
    try:
        found = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    code = found.get("errcode") if isinstance(found, dict) else None
    return code if type(code) is int else None
