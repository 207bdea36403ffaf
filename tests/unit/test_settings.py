"""What a process is told by its environment, and the one line that it says when that is wrong."""

import base64

import pytest

from shared.errors import ConfigError
from shared.settings import Settings

GOOD = {
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "TELNYX_API_KEY": "KEY0",
    "TELNYX_PUBLIC_KEY": base64.b64encode(bytes(32)).decode(),
}


@pytest.mark.parametrize("name", ["REDIS_URL", "TELNYX_PUBLIC_KEY"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_the_ingress_names_what_it_cannot_start_without(name, value):
    env = {key: text for key, text in (GOOD | {name: value}).items() if text is not None}

    with pytest.raises(ConfigError, match=f"^{name} is missing: "):
        Settings.for_ingress(env)


@pytest.mark.parametrize("name", ["REDIS_URL", "TELNYX_API_KEY"])
def test_a_worker_names_what_it_cannot_start_without(name):
    env = {key: text for key, text in GOOD.items() if key != name}

    with pytest.raises(ConfigError, match=f"^{name} is missing: "):
        Settings.for_worker(env)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("REDIS_URL", "redis://user:secret@host:port"),
        ("REDIS_URL", "redis://[::1"),
        ("REDIS_URL", "redis:127.0.0.1"),
        ("REDIS_TLS", "/no/such/file"),
        ("TELNYX_API_KEY", "KEY\u2026"),
        ("TELNYX_BASE_URL", "api.telnyx.com"),
        ("TELNYX_BASE_URL", "https:api.telnyx.com/v2"),
        ("TELNYX_BASE_URL", "https:///v2"),
        ("TELNYX_BASE_URL", "https://api telnyx.com/v2"),
        ("TELNYX_PUBLIC_KEY", "not base64"),
        ("TELNYX_PUBLIC_KEY", base64.b64encode(bytes(31)).decode()),
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "\u0661"),
        ("WEB_CONCURRENCY", "0"),
        ("WORKER_CONCURRENCY", "1.5"),
        ("RECORDINGS_URL", "/var/recordings"),
        ("RECORDINGS_URL", "s3:bucket"),
        ("PUBLIC_URL", "http://example.com"),
        ("HISTORY_DAYS", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("DURABILITY", "none"),
        ("TRUNKLINE_TEST_FAULT", "after_start"),
    ],
)
def test_a_malformed_value_is_named_on_one_line(name, value):
    with pytest.raises(ConfigError) as refused:
        Settings.for_ingress(GOOD | {name: value})

    text = str(refused.value)
    assert name in text
    assert "\n" not in text
    assert "secret" not in text


def test_several_public_keys_are_separated_by_commas():
    other = base64.b64encode(b"k" * 32).decode()

    settings = Settings.for_ingress(GOOD | {"TELNYX_PUBLIC_KEY": f"{GOOD['TELNYX_PUBLIC_KEY']}, {other}"})

    assert settings.telnyx_public_keys == (bytes(32), b"k" * 32)


@pytest.mark.parametrize(
    ("text", "armed"),
    [("after_start", {"after_start": 1}), ("after_commit:3,after_write", {"after_commit": 3, "after_write": 1})],
)
def test_faults_are_armed_against_loopback_only(text, armed):
    env = GOOD | {"TRUNKLINE_TEST_FAULT": text, "TELNYX_BASE_URL": "http://127.0.0.1:9/v2"}

    assert Settings.for_worker(env).faults == armed


@pytest.mark.parametrize("text", ["no_such_point", "after_start:0", "after_start:x"])
def test_an_unknown_fault_is_refused(text):
    env = GOOD | {"TRUNKLINE_TEST_FAULT": text, "TELNYX_BASE_URL": "http://127.0.0.1:9/v2"}

    with pytest.raises(ConfigError, match="TRUNKLINE_TEST_FAULT"):
        Settings.for_worker(env)


def test_secrets_are_not_in_the_repr():
    settings = Settings.for_worker(GOOD | {"TELNYX_API_KEY": "CANARY", "TRUNKLINE_API_TOKEN": "CANARY"})

    assert "CANARY" not in repr(settings)
