"""The bearer token that `POST /calls` and `DELETE /calls/ID` want."""

import hmac

from ingress.answers import Refused
from ingress.guard import Fields, only


class Bearer:
    """Compared in constant time."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def check(self, fields: Fields) -> None:
        """Raises Refused with 401."""
        scheme, _, token = (only(fields, b"authorization") or b"").partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token, self._token):
            raise Refused(401, "the bearer token is missing or wrong", {"www-authenticate": "Bearer"})
