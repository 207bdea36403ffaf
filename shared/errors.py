"""The errors that cross rooms, on one screen.

TrunklineError
├── ConfigError            a process cannot start as configured: print one line, exit 2
│   └── DialplanError      the dialplan file is wrong: file, key and line are in the text
├── BadInput               somebody outside sent something wrong: answer it, never retry
│   ├── NotJson            the bytes are no JSON document in UTF-8
│   ├── WrongShape         JSON, but a field that we rely on is missing or of the wrong type
│   └── CallRefused        an outbound call that will not be placed as it was asked for
├── TelnyxError            Telnyx refused what a person asked, or told nothing we can read: show it, exit 1
├── Unavailable            Valkey did not accept it in time: answer 503, or give the job back
├── TooNew                 only a newer version of this process can read it: leave it to that one
└── JobRefused             a job that must never run: park it at once, without a second try

To a worker what Telnyx answers is no exception but a value (`shared.telnyx.Answer`): expected outcomes are data.
"""

from typing import Literal


class TrunklineError(Exception):
    """The root; catch it only where a process or a request ends."""


class ConfigError(TrunklineError):
    """A missing or malformed setting; the text names it and says how to mend it, on one line."""


class DialplanError(ConfigError):
    """The dialplan is wrong; the text carries file, key and line."""


class BadInput(TrunklineError):  # noqa: N818 - it names whose fault it is, which the suffix would hide
    """Input from outside that will never become right by trying again."""


class NotJson(BadInput):
    """Malformed, not UTF-8, or nested beyond reason."""


class WrongShape(BadInput):
    """The text names the field; it never repeats the value."""


class CallRefused(BadInput):
    """The text is for whoever asked; `why` sorts it for the door that it came through."""

    def __init__(self, why: Literal["unknown_profile", "unfit", "key_taken"], text: str) -> None:
        super().__init__(text)
        self.why = why


class TelnyxError(TrunklineError):
    """`code`, `title` and `detail` are Telnyx's own where it gave any; `status` is None without a whole answer."""

    def __init__(self, status: int | None, code: str = "", title: str = "", detail: str = "") -> None:
        super().__init__(" ".join(part for part in (str(status or ""), code, title, detail) if part))
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail


class Unavailable(TrunklineError):  # noqa: N818 - as above: the caller may try again
    """Not durably accepted in time; nothing may be acknowledged."""


class TooNew(TrunklineError):  # noqa: N818 - as above: while a deployment rolls out, this is no error
    """A record, or a dialplan, that this version can't read. The text names it."""


class JobRefused(TrunklineError):  # noqa: N818 - a verdict on the job, not a failure of ours
    """A job outside the contract (unknown function, forged field, undecodable data)."""
