"""What a person may type as the value of an option."""

import argparse

import pytest

from console.options import named_value, seconds, span_s, whole_number


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (seconds, "20", 20.0),
        (seconds, "0.5", 0.5),
        (whole_number(1, 100), "100", 100),
        (named_value(), "name=a=b", ("name", "a=b")),
        (named_value(), "name=", ("name", "")),
        (span_s("is none"), "90s", 90),
        (span_s("is none"), "7d", 7 * 24 * 3600),
        (span_s("is none", 60), "1m", 60),
    ],
)
def test_what_is_typed_is_taken(option, text, value):
    assert option(text) == value


@pytest.mark.parametrize(
    ("option", "text"),
    [
        *((seconds, text) for text in ("nan", "inf", "-1", "1e3", "²", "")),
        *((whole_number(1, 100), text) for text in ("0", "101", "1.0", "²", "")),
        *((named_value(), text) for text in ("name", "=value", "")),
        *((span_s("is none"), text) for text in ("0s", "90", "1.5h", "s", "2h30m", "")),
        (span_s("is none", 60), "61s"),
    ],
)
def test_any_other_text_is_refused_and_repeated(option, text):
    with pytest.raises(argparse.ArgumentTypeError, match=r"^'"):
        option(text)
