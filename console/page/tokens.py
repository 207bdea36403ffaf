"""The proof that a form was made by this page, for this person and lately: without it no action is taken."""

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

KEPT_S: Final = 6 * 3600  # a form is good for as long, and up to twice that

_COST: Final = {"n": 2**14, "r": 8, "p": 1}  # of a guess at the password from a token that got out (RFC 7914)


class Tokens:
    """Signed with a key that is derived from the password: every process makes and knows the same ones."""

    def __init__(self, password: str) -> None:
        self._key = hashlib.scrypt(password.encode(), salt=b"trunkline: forms of the page", **_COST)

    def make(self, user: str, now: float) -> str:
        """`now` is in Unix seconds."""
        return self._signed(user, int(now // KEPT_S))

    def is_good(self, token: str, user: str, now: float) -> bool:
        spell = int(now // KEPT_S)
        given = token.encode()
        good = [hmac.compare_digest(given, self._signed(user, one).encode()) for one in (spell, spell - 1)]
        return any(good)

    def _signed(self, user: str, spell: int) -> str:
        return hmac.new(self._key, f"{spell}:{user}".encode(), hashlib.sha256).hexdigest()


def is_foreign(host: str, origin: str | None, fetch_site: str | None) -> bool:
    """Whether a browser says that another site sent a form. Whoever is no browser says nothing of it.

    The form of a page that sends no referrer has the origin `null` (Fetch standard, section 3.2). The scheme is
    not compared: a platform ends TLS before us.
    """
    if fetch_site is not None:
        return fetch_site != "same-origin"
    return origin not in {None, "null"} and urlsplit(origin).netloc.lower() != host.lower()
