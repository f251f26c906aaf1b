"""E-mail to one person, through the mail server of Django's settings."""

import smtplib
from contextlib import suppress
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.channels import Message, Outcome, Scope

_is_address = EmailValidator(message=gettext_lazy("这不是一个电子邮箱地址，请检查后重新填写。"))


class EmailChannel:
    """电子邮件: plain text, and a Message-ID by which a mail server knows a repetition."""

    code = "email"
    label = gettext_lazy("电子邮件")
    scope: Scope = "person"

    def __init__(self, timeout: float = 10.0) -> None:
        self.timeout = timeout

    def check(self, address: str) -> None:
        """One bare address, without a name and without a second one."""
        _is_address(address)

    def send(self, message: Message) -> Outcome:
        """Hand it to the mail server; its 4xx is worth another try, its 5xx is an answer."""
        try:
            self.check(message.address)
        except ValidationError as refusal:
            return Outcome(sent=False, error=refusal.messages[0])
        letter = _letter(message)
        connection = get_connection(timeout=self.timeout)
        try:
            connection.open()
            connection.send_messages([letter])
        except (smtplib.SMTPException, OSError) as failure:
            return _outcome_of(failure)
        finally:
            # Once the server has taken the letter, a bad farewell must not have it sent again.
            with suppress(smtplib.SMTPException, OSError):
                connection.close()
        return Outcome(sent=True, reference=letter.extra_headers["Message-ID"])


def _letter(message: Message) -> EmailMessage:
    # The sender's domain, not the machine's name: another worker must give the same Message-ID.
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return EmailMessage(
        subject=" ".join(message.subject.split()),
        body=message.text,
        to=[message.address],
        headers={
            "Message-ID": f"<{message.delivery}@{domain or 'bihuan.invalid'}>",
            "X-Bihuan-Delivery": message.delivery,
            "Auto-Submitted": "auto-generated",
        },
    )


def _outcome_of(failure: Exception) -> Outcome:
    code = _code_of(failure)
    if code is None:
        return Outcome(sent=False, retry=True, error=_("邮件服务器连不上，或者没有答完就断开了。"))
    error = _("邮件服务器拒绝了这封邮件（%(code)s）。") % {"code": code}
    # A server that does not let us in says nothing about the address: the fault is ours and gets mended.
    at_the_door = smtplib.SMTPConnectError | smtplib.SMTPHeloError | smtplib.SMTPAuthenticationError
    return Outcome(sent=False, retry=code < 500 or isinstance(failure, at_the_door), error=error)


def _code_of(failure: Exception) -> int | None:
    """The SMTP answer, if there was one; with a single recipient there is a single refusal."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return next(iter(failure.recipients.values()))[0]
    if isinstance(failure, smtplib.SMTPResponseException):
        return failure.smtp_code
    return None
