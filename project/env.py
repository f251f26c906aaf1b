"""Settings from the environment, parsed strictly: a typo stops the start."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """A string; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} must be set in the environment.")
    return value


def flag(name: str, default: bool = False) -> bool:
    """Yes or no, written as 1/0, true/false, yes/no."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    if value.lower() in {"1", "true", "yes"}:
        return True
    if value.lower() in {"0", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} is '{value}'; write 1 or 0.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name, "")
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is '{value}'; write a whole number.") from error


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def database(default_file: Path) -> dict[str, object]:
    """The database of DATABASE_URL: postgres://… or sqlite:///path; SQLite in a file by default."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{default_file}"
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000",
            },
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL begins with '{parts.scheme}'; use postgres:// or sqlite:///.")
    testing = flag("BIHUAN_TESTING")
    extra = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or extra.pop("host", ""),
        "PORT": str(parts.port or ""),
        # A pool instead of lasting connections: under ASGI a connection may outlive its thread. Tests
        # hold one connection in a transaction that must not be closed when a response is.
        "CONN_MAX_AGE": None if testing else 0,
        # work_mem: so that the hits of a search fit in memory; random_page_cost: the disks are not spinning.
        "OPTIONS": {
            "options": "-c lock_timeout=3000 -c work_mem=32MB -c random_page_cost=1.1",
            **({} if testing else {"pool": True}),
            **extra,
        },
    }


def mail(name: str, default: str) -> tuple[str, int, str, str, bool, bool]:
    """A mail server: host, port, user, password, whether TLS is started on the way, or spoken from the first byte."""
    parts = urlsplit(os.environ.get(name) or default)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured(f"{name} is not understood; use smtp://, smtp+tls:// or smtps:// and a host.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    port = parts.port or ports[parts.scheme]
    return parts.hostname, port, user, password, parts.scheme == "smtp+tls", parts.scheme == "smtps"
