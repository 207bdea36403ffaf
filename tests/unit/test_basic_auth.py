"""HTTP basic authentication: any user, and the one password."""

import base64

import pytest

from console.basic_auth import user_of


@pytest.mark.parametrize(
    ("header", "user"),
    [
        ("Basic YTpzZWNyZXQ=", "a"),  # a:secret
        ("basic OnNlY3JldA==", "nobody"),  # :secret
        ("Basic YTpzZWNyZXQx", None),  # a:secret1
        ("Basic c2VjcmV0", None),  # secret, of no user
        ("Bearer YTpzZWNyZXQ=", None),
        ("Basic", None),
        ("Basic \u00e9", None),
        ("", None),
    ],
)
def test_any_user_comes_in_with_the_password(header, user):
    assert user_of(header, "secret") == user


def test_a_user_is_told_in_plain_characters_and_not_at_any_length():
    named = base64.b64encode(b"a\n\x1b[2J" + b"b" * 100 + b":secret").decode()

    assert user_of(f"Basic {named}", "secret") == "a[2J" + "b" * 60


def test_an_empty_password_opens_nothing():
    assert user_of("Basic YTo=", "") is None  # a:
