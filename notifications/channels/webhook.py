"""A signed call to another system of the unit: numbers, dates, links and urgency, nothing else."""

import json
import ssl
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels import Message, Outcome, Scope
from notifications.channels.posting import Call, Limits, Unanswered, post, refusal
from notifications.channels.signatures import signed_headers
from notifications.channels.targets import checked, judge


class WebhookChannel:
    """Webhook: the receiver verifies the signature and drops a delivery it has had before."""

    code = "webhook"
    needs_secret = True
    label = gettext_lazy("Webhook（签名）")
    scope: Scope = "unit"

    def __init__(self, limits: Limits | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.limits = limits or Limits()
        self.tls = tls

    def check(self, address: str) -> None:
        """https, and no host that is written as an address of our own network; names are resolved on sending."""
        checked(address)

    def send(self, message: Message) -> Outcome:
        """Post it; any 2xx counts as taken, whatever the answer says."""
        if not message.secret:
            return Outcome(sent=False, error=_("这个地址没有签名密钥，请先设置密钥。"))
        body = json.dumps(_facts(message), ensure_ascii=False, cls=DjangoJSONEncoder).encode()
        headers = signed_headers(message.secret, message.delivery, body)
        try:
            answer = post(Call(checked(message.address), body, headers, judge), self.limits, self.tls)
        except ValidationError as refused:
            return Outcome(sent=False, error=refused.messages[0])
        except Unanswered as failure:
            return failure.outcome
        return refusal(answer) or Outcome(sent=True)


def _facts(message: Message) -> dict[str, Any]:
    """Named one by one, so that a fact added to `data` for another channel never leaves by this one."""
    matters = message.data.get("matters", [message.data])
    return {
        "delivery": message.delivery,
        "link": message.link,
        "count": message.data.get("count", len(matters)),
        "matters": [
            {
                "number": each.get("number"),
                "due_on": each.get("due_on"),
                "link": each.get("link", message.link),
                "urgency": each.get("urgency"),
            }
            for each in matters
        ],
    }
