"""How a webhook proves where it comes from: signing here, verifying at the receiver's."""

import hashlib
import hmac
from collections.abc import Mapping

from organizations import clock

DELIVERY = "X-Bihuan-Delivery"
TIMESTAMP = "X-Bihuan-Timestamp"
SIGNATURE = "X-Bihuan-Signature"


def signed_headers(secret: str, delivery: str, body: bytes) -> dict[str, str]:
    """The three headers of one attempt: the delivery stays, time and signature are new each time."""
    timestamp = str(int(clock.now().timestamp()))
    return {DELIVERY: delivery, TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=` and the HMAC over the timestamp, a full stop, and the body as it was sent."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, within: int = 300) -> bool:
    """Whether it came from who knows the secret, unchanged, and at most `within` seconds ago."""
    found = {name.lower(): value for name, value in headers.items()}
    timestamp, given = found.get(TIMESTAMP.lower(), ""), found.get(SIGNATURE.lower(), "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    fresh = abs(clock.now().timestamp() - int(timestamp)) <= within
    return hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode()) and fresh
