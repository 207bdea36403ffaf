"""Values of options as a person types them. Each type raises argparse.ArgumentTypeError for any other text."""

import argparse
import math
import re
from collections.abc import Callable
from typing import Final

_SECONDS: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
_SPAN: Final = re.compile(r"(?P<count>[0-9]{1,6})(?P<unit>[smhd])")
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


def whole_number(least: int, most: int, what: str = "number") -> Callable[[str], int]:
    """A type of option: a whole number within these bounds."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a {what} from {least} to {most}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """A type of option: so many seconds, with at most three decimals."""
    if not _SECONDS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds such as 20 or 0.5")
    return float(text)


def named_value(form: str = "NAME=VALUE") -> Callable[[str], tuple[str, str]]:
    """A type of option: a name and a value, which may hold further equals signs."""

    def read(text: str) -> tuple[str, str]:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise argparse.ArgumentTypeError(f"{text!r} is not of the form {form}")
        return name, value

    return read


def span_s(refusal: str, most_s: float = math.inf) -> Callable[[str], int]:
    """A type of option: a span such as `90s`, `30m`, `2h` or `7d`, in seconds. `refusal` ends the error's text."""

    def read(text: str) -> int:
        found = _SPAN.fullmatch(text)
        seconds = int(found["count"]) * _UNIT_S[found["unit"]] if found else 0
        if not 0 < seconds <= most_s:
            raise argparse.ArgumentTypeError(f"{text!r} {refusal}")
        return seconds

    return read
