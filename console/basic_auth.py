"""HTTP basic with one password and any user (RFC 7617): the door of the page and of /metrics; pure."""

import base64
import binascii
import hmac
from typing import Final

CHALLENGE: Final = {"www-authenticate": 'Basic realm="trunkline", charset="UTF-8"'}
MAX_USER: Final = 64


def user_of(authorization: str, password: str) -> str | None:
    """Who has come, where the header names the password, compared in constant time; None where it does not.

    A user is whoever they say, in plain characters and not at any length: the log has it. An empty password opens
    nothing.
    """
    scheme, _, credentials = authorization.partition(" ")
    try:
        user, colon, given = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    is_right = hmac.compare_digest(given, password.encode())
    if not (is_right and password and colon and scheme.lower() == "basic"):
        return None
    return "".join(c for c in user.decode(errors="replace") if c.isprintable())[:MAX_USER] or "nobody"
