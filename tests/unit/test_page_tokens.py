"""The tokens of the page's forms, and what browsers say of where a form came from."""

import pytest

from console.page.tokens import KEPT_S, Tokens, is_foreign

NOW = 1_700_000_000.0


@pytest.fixture(scope="module")
def tokens():
    return Tokens("a password")


def test_a_token_is_good_in_every_process_of_the_same_password(tokens):
    assert Tokens("a password").is_good(tokens.make("ana", NOW), "ana", NOW)
    assert not Tokens("another").is_good(tokens.make("ana", NOW), "ana", NOW)


@pytest.mark.parametrize(("later_s", "good"), [(0, True), (KEPT_S, True), (2 * KEPT_S, False), (-KEPT_S, False)])
def test_a_token_is_good_for_some_hours(tokens, later_s, good):
    assert tokens.is_good(tokens.make("ana", NOW), "ana", NOW + later_s) is good


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "\x00"])
def test_anything_else_is_no_token(tokens, token):
    assert not tokens.is_good(token, "ana", NOW)


def test_a_token_is_of_one_person(tokens):
    assert not tokens.is_good(tokens.make("ana", NOW), "bob", NOW)


@pytest.mark.parametrize(
    ("origin", "fetch_site", "foreign"),
    [
        (None, None, False),
        ("null", None, False),
        ("https://page.example", None, False),
        ("http://PAGE.example", None, False),
        ("https://page.example:444", None, True),
        ("https://page.example.elsewhere.example", None, True),
        ("", None, True),
        ("null", "same-origin", False),
        ("https://elsewhere.example", "cross-site", True),
        ("https://page.example", "cross-site", True),
        (None, "same-site", True),
        (None, "none", True),
    ],
)
def test_what_a_browser_says_of_a_form(origin, fetch_site, foreign):
    assert is_foreign("page.example", origin, fetch_site) is foreign
