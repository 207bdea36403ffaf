"""Why a recording is not archived now, cut by what is done about it.

Trouble
├── Refused      we will not fetch it, now or later: park it with the reason
├── Expired      the storage host turned this link down: ask Telnyx for a fresh one
├── Later        network, overload, a broken answer: try again, a limited number of times
└── Unwritable   the store takes nothing (full, read-only, refused, away): try again until it is mended
"""


class Trouble(Exception):  # noqa: N818 - outcomes of a download, all of them expected
    """The root; the text is for the operator and never holds a link's path or query."""


class Refused(Trouble):
    """Against the rules of `sources`, too large, or named so that no file may have the name."""


class Expired(Trouble):
    """A 4xx of the storage host: presigned links live 10 minutes (Telnyx docs: storing-call-recordings)."""


class Later(Trouble):
    """Nothing wrong with the recording itself, as far as one can tell."""

    def __init__(self, reason: str, at_least_s: float = 0.0) -> None:
        super().__init__(reason)
        self.at_least_s = at_least_s  # where the other side has asked for a pause


class Unwritable(Trouble):
    """Which store, and what is wrong with it in the operating system's words or the bucket's status."""
