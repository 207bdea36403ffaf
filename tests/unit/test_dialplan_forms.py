"""How URLs, hook names, header names and times to wait are written."""

import pytest

from shared.dialplan.forms import is_duration, is_header_name, is_hook_name, is_url, seconds


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hello.mp3",
        "http://example.com",
        "https://example.com?file=a",
        "https://media.example.com:8443/a%20b.mp3?v=1#x",
        "http://127.0.0.1:8000/a.wav",
        "https://[2001:db8::1]/a.mp3",
        "https://user:secret@example.com/a.mp3",
    ],
)
def test_a_url_is_http_or_https_with_a_host(url):
    assert is_url(url)


@pytest.mark.parametrize(
    "text",
    [
        *("", "example.com/a.mp3", "ftp://example.com/a.mp3", "file:///a.mp3", "HTTPS://example.com", "https://"),
        *("https:///a.mp3", "https://example.com/a b.mp3", "https://example.com/\u00e9.mp3", "https://-/a"),
        *("https://example.com\n", "https://example.com/\n", "javascript:https://example.com", "https://a@b@c/"),
    ],
)
def test_anything_else_is_no_url(text):
    assert not is_url(text)


@pytest.mark.parametrize("name", ["hooks:called", "hooks.sales:overflow", "h:Sales.overflow", "_a1:_b2"])
def test_a_hook_is_a_module_and_a_function(name):
    assert is_hook_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hooks",
        ":called",
        "hooks:",
        "hooks:a:b",
        "hooks.:a",
        ".hooks:a",
        "hooks/sales:a",
        "1hooks:a",
        "hooks:a()",
    ],
)
def test_anything_else_is_no_hook(text):
    assert not is_hook_name(text)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("1s", 1), ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("9999d", 863913600)],
)
def test_a_duration_is_a_number_and_a_unit(duration, expected):
    assert is_duration(duration)
    assert seconds(duration) == expected


@pytest.mark.parametrize(
    "text", ["", "15", "m", "0s", "-1s", "1.5h", "15 m", "15M", "015m", "1h30m", "10000s", "1s\n"]
)
def test_anything_else_is_no_duration(text):
    assert not is_duration(text)


@pytest.mark.parametrize(("text", "expected"), [("X-Tier", True), ("x_1", True), ("", False), ("X Tier", False)])
def test_a_header_name_is_a_token(text, expected):
    assert is_header_name(text) is expected
