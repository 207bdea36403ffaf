"""HTTP basic with one password and any user (RFC 7617): the door of the page and of /metrics; pure."""

import base64
import binascii
import hmac
from typing import Final

CHALLENGE: Final = {"www-authenticate": 'Basic realm="trunkline", charset="UTF-8"'}


def is_allowed(authorization: str, password: str) -> bool:
    """Whether the header names the password, compared in constant time. An empty password opens nothing."""
    scheme, _, credentials = authorization.partition(" ")
    try:
        _, colon, given = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return False
    is_right = hmac.compare_digest(given, password.encode())
    return is_right and bool(password and colon) and scheme.lower() == "basic"
