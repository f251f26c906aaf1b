"""The messages page of the system itself: a notice that exists has arrived."""

from django.utils.translation import gettext_lazy as _

from notifications.channels import Message, Outcome, Scope


class InAppChannel:
    """站内消息: there is nothing to send and nowhere to send it."""

    code = "in_app"
    label = _("站内消息")
    scope: Scope = "person"

    def check(self, address: str) -> None:
        """Any address will do; none is used."""

    def send(self, message: Message) -> Outcome:
        """Sent by being there."""
        return Outcome(sent=True)
