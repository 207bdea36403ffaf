"""Patterns of numbers: how they are written, what they match, and which of two covers the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.numbers import covers, is_pattern, matches

DIGITS = st.text("0123456789", max_size=6)
PATTERNS = st.one_of(
    DIGITS.map(lambda digits: f"+{digits}"),
    DIGITS.map(lambda digits: f"+{digits}*"),
    st.tuples(DIGITS, DIGITS).map("*".join),
    st.just("*"),
)


@pytest.mark.parametrize(
    "text",
    [
        "+13125550100",
        "sip:ana@example.com",
        "+1312*",
        "+*",
        "*",
        "sip:*@example.com",
        "sip:ana@*",
        "sip:*",
        "sip:sales-*@example.com",
    ],
)
def test_a_pattern_has_one_star_or_none(text):
    assert is_pattern(text)


@pytest.mark.parametrize(
    "text", ["", "1312*", "+1312**", "+1*12*", "+*12", "+1312*0", "**", "anonymous", "sip*", "+0*"]
)
def test_anything_else_is_no_pattern(text):
    assert not is_pattern(text)


@given(st.text("+12*a", max_size=6), st.text("+12*a", max_size=6))
def test_a_prefix_matches_what_begins_with_it(prefix, rest):
    pattern = prefix.replace("*", "") + "*"

    assert matches(pattern, pattern[:-1] + rest)


@given(DIGITS, DIGITS)
def test_a_prefix_matches_nothing_else(prefix, number):
    assert matches(f"+{prefix}*", f"+{number}") == number.startswith(prefix)


@given(st.text("+12*a", max_size=6), st.text("+12*a", max_size=6))
def test_without_a_star_only_the_same_text_matches(pattern, text):
    exact = pattern.replace("*", "")

    assert matches(exact, exact)
    assert matches(exact, text) == (exact == text)


def test_both_ends_of_a_pattern_must_fit_beside_each_other():
    assert matches("sip:*@example.com", "sip:ana@example.com")
    assert not matches("ab*ba", "aba")


@given(PATTERNS, PATTERNS, st.text("0123456789", max_size=3))
def test_a_pattern_that_covers_another_matches_whatever_that_matches(wider, narrower, run):
    text = narrower.replace("*", run)

    assert matches(narrower, text)
    assert not covers(wider, narrower) or matches(wider, text)


@pytest.mark.parametrize(
    ("wider", "narrower", "expected"),
    [
        ("+1312*", "+1312*", True),
        ("+1312*", "+13125*", True),
        ("+1312*", "+13125550100", True),
        ("+13125550100", "+13125550100", True),
        ("sip:*@example.com", "sip:sales-*@example.com", True),
        ("*", "sip:*@example.com", True),
        ("+13125*", "+1312*", False),
        ("+13125550100", "+13125550100*", False),
        ("sip:sales-*@example.com", "sip:*@example.com", False),
    ],
)
def test_a_pattern_covers_what_matches_less_than_it(wider, narrower, expected):
    assert covers(wider, narrower) is expected
