"""The written forms of single values: URLs, hook names, times to wait; pure."""

import re
from typing import Final

_URL: Final = re.compile(
    r"https?://(?:[^\s/@]+@)?(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][!-~]*)?"
)
_DOTTED: Final = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
_HOOK: Final = re.compile(rf"{_DOTTED}:{_DOTTED}")
_DURATION: Final = re.compile(r"(?P<count>[1-9][0-9]{0,3})(?P<unit>[smhd])")
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_HEADER: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")  # RFC 3261 section 25.1: token


def is_url(text: str) -> bool:
    """Whether it is an http or https address; whether a file is there is not asked."""
    return _URL.fullmatch(text) is not None


def is_hook_name(text: str) -> bool:
    return _HOOK.fullmatch(text) is not None


def is_header_name(text: str) -> bool:
    return _HEADER.fullmatch(text) is not None


def is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None


def seconds(duration: str) -> int:
    """`90s`, `15m`, `2h` or `1d` in seconds; for a text that `is_duration`, as every one of a plan is."""
    match = _DURATION.fullmatch(duration)
    assert match is not None
    return int(match["count"]) * _UNIT_S[match["unit"]]
