"""The bucket that RECORDINGS_URL names, and the AWS_* names: what cannot work stops the start with one line."""

import pytest

from shared.errors import ConfigError
from shared.settings import Aws, Settings
from workers.archive.s3 import s3_at

KEYS = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "canary"}


def aws(**env):
    return Settings.for_console(env).aws


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://recordings", "recordings", None),
        ("s3://my.recordings-1/", "my.recordings-1", None),
        ("s3://recordings/calls", "recordings", "calls"),
        ("s3://recordings/a/b=c/d.e/", "recordings", "a/b=c/d.e"),
    ],
)
def test_recordings_url_names_a_bucket_and_what_its_names_begin_with(url, bucket, prefix):
    store = s3_at(url, aws(**KEYS))

    assert (store.config["bucket"], store.prefix) == (bucket, prefix)


@pytest.mark.parametrize(
    "url",
    [
        *("s3:", "s3://", "s3:///calls", "s3:bucket", "s3://b", "s3://bucket:443/x", "s3://canary@bucket"),
        *("s3://bucket//x", "s3://bucket/../x", "s3://bucket/./x", "s3://bucket/x?canary", "s3://bucket/x#y"),
        *("s3://bucket/a b", "s3://bucket/%2e", "s3://bücket", "https://bucket"),
    ],
)
def test_a_recordings_url_that_is_no_bucket_stops_the_start(url):
    with pytest.raises(ConfigError, match=r"^RECORDINGS_URL is not a bucket; use s3://bucket") as refused:
        s3_at(url, aws(**KEYS))

    assert "canary" not in str(refused.value)


UNUSABLE = {
    "no secret": ({"AWS_ACCESS_KEY_ID": "a-key"}, "AWS_SECRET_ACCESS_KEY must both"),
    "no key": ({"AWS_SECRET_ACCESS_KEY": "canary"}, "AWS_ACCESS_KEY_ID and"),
    "empty keys": ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": " "}, "unset (not empty)"),
    "one key empty": ({**KEYS, "AWS_ACCESS_KEY_ID": ""}, "must both be filled in"),
    "no URL": ({**KEYS, "AWS_ENDPOINT": "storage.example.com"}, "AWS_ENDPOINT is not a URL"),
    "no host": ({**KEYS, "AWS_ENDPOINT_URL": "https://"}, "AWS_ENDPOINT is not a URL"),
    "no port": ({**KEYS, "AWS_ENDPOINT": "https://x:y"}, "AWS_ENDPOINT is not a URL"),
    "not encrypted": ({**KEYS, "AWS_ENDPOINT": "http://127.0.0.1:9000"}, "AWS_ALLOW_HTTP=true"),
}


@pytest.mark.parametrize(("env", "why"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_names_that_cannot_work_stop_the_start_with_one_line(env, why):
    with pytest.raises(ConfigError) as refused:
        s3_at("s3://recordings", aws(**env))

    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "canary" not in str(refused.value)


def test_names_for_a_bucket_do_not_matter_to_a_folder():
    settings = Settings.for_console(
        {"AWS_ACCESS_KEY_ID": "", "AWS_ENDPOINT": "nonsense", "AWS_ALLOW_HTTP": "maybe"}
    )

    assert settings.recordings_url == "file://./recordings"


@pytest.mark.parametrize(
    ("env", "store"),
    [
        ({}, Aws("a-key", "canary")),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, Aws("a-key", "canary", region="eu-west-1")),
        ({"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "x"}, Aws("a-key", "canary", region="eu-west-3")),
        ({"AWS_ENDPOINT": "", "AWS_ENDPOINT_URL": "https://s"}, Aws("a-key", "canary", endpoint="https://s")),
        ({"AWS_ENDPOINT": "https://e", "AWS_ENDPOINT_URL": "x"}, Aws("a-key", "canary", endpoint="https://e")),
        ({"AWS_SESSION_TOKEN": "lent"}, Aws("a-key", "canary", session_token="lent")),
    ],
    ids=str,
)
def test_of_two_names_for_one_thing_the_first_counts(env, store):
    assert aws(**KEYS, **env) == store


def test_a_machine_with_a_role_of_its_own_needs_no_key():
    assert s3_at("s3://recordings", aws()).credential_provider is None
    assert s3_at("s3://recordings", aws(**KEYS)).credential_provider is not None


def test_the_secret_is_not_in_the_repr():
    assert "canary" not in repr(aws(**KEYS)) + str(s3_at("s3://recordings", aws(**KEYS)))
