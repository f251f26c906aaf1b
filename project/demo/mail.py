"""The demo's mail goes into files that a page shows, and never leaves the machine."""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications.models import Address
from organizations import clock
from project.demo.bar import spelled

KEPT = 500
SHOWN = 100
_NAME = re.compile(r"\d{20}-[0-9a-f]{8}")
_STAMP = "%Y%m%d%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as the page shows it."""

    name: str
    at: str
    to: str
    subject: str
    text: str


class MailToFiles(BaseEmailBackend):
    """Django's way to send, with a folder at the other end."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message as one file, whole or not at all; the oldest beyond some hundreds go."""
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{clock.now():{_STAMP}}-{secrets.token_hex(4)}"
            draft = folder / f"{name}.part"
            draft.write_bytes(message.message().as_bytes())
            draft.replace(folder / f"{name}.eml")
        for old in _files()[KEPT:]:
            old.unlink(missing_ok=True)
        return len(email_messages)


def _files() -> list[Path]:
    """Newest first."""
    found = Path(settings.MAIL_DIR).glob("*.eml")
    return sorted((path for path in found if _NAME.fullmatch(path.stem)), reverse=True)


def letters(to: str = "") -> list[Letter]:
    """The newest messages, or those to one address."""
    found = (letter for path in _files() if (letter := _read(path)) and to in ("", letter.to))
    return list(islice(found, SHOWN))


def addressees() -> list[tuple[str, str]]:
    """Everybody who has got a message: the address, and whose it is."""
    addresses = sorted({letter.to for path in _files() if (letter := _read(path))})
    names = names_of(addresses)
    return [(address, names.get(address, "")) for address in addresses]


def names_of(addresses: Iterable[str]) -> dict[str, str]:
    """Whose the addresses are."""
    rows = Address.objects.filter(channel="email", address__in=set(addresses)).select_related("user", "unit")
    return {row.address: str(row.user or row.unit) for row in rows}


def letter(name: str) -> Letter | None:
    """One message by its name, or nothing."""
    return _read(Path(settings.MAIL_DIR) / f"{name}.eml") if _NAME.fullmatch(name) else None


def _read(path: Path) -> Letter | None:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:  # an old one that has just gone
        return None
    message = message_from_bytes(raw, _class=Parsed, policy=policy.default)
    body = message.get_body(preferencelist=("plain",))
    text = str(body.get_content()) if body is not None else ""
    at = datetime.strptime(path.stem.partition("-")[0], _STAMP).replace(tzinfo=UTC)
    return Letter(path.stem, spelled(at), str(message["To"] or ""), str(message["Subject"] or ""), text)
