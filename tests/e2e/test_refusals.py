"""What is refused: webhooks that Telnyx did not sign just now, and settings that a process cannot run with."""

import os
import time

import pytest

from tests import signing
from tests.e2e.process import Process, procfile
from tests.e2e.stack import WEBHOOKS, Stack
from tests.waiting import wait_until

BODY = signing.webhook_body(direction="incoming", to="+13125550999")


def without(name):
    return lambda: (BODY, {key: value for key, value in signing.signed(BODY).items() if key != name})


def at(seconds_from_now):
    return lambda: (BODY, signing.signed(BODY, str(int(time.time()) + seconds_from_now)))


REFUSED = {
    "a body that was changed": lambda: (BODY.replace(b"999", b"998"), signing.signed(BODY)),
    "a signature of another key": lambda: (BODY, signing.signed(BODY, key=signing.OTHER_KEY)),
    "a time that was not signed": lambda: (
        BODY,
        {**signing.signed(BODY), "telnyx-timestamp": str(int(time.time()) - 10)},
    ),
    "a time too long ago": at(-302),
    "a time too far ahead": at(360),
    "no signature": without("telnyx-signature-ed25519"),
    "no time": without("telnyx-timestamp"),
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Without workers, so that nothing but the ingress ever writes."""
    with Stack(tmp_path_factory.mktemp("refusals")) as stack:
        stack.start("web")
        wait_until(lambda: stack.redis.keys("trunkline:plan:*"), "the ingress has left its plan")
        yield stack


def everything(stack):
    return {key: stack.redis.dump(key) for key in stack.redis.scan_iter()}


@pytest.mark.parametrize("made", REFUSED.values(), ids=REFUSED)
def test_what_telnyx_did_not_sign_just_now_is_401_and_nothing_of_it_reaches_valkey(stack, made):
    before = everything(stack)
    body, headers = made()

    answer = stack.http.post(WEBHOOKS, content=body, headers=headers)

    assert (answer.status_code, answer.content) == (401, b"")
    assert everything(stack) == before


def test_the_same_event_untouched_is_accepted(stack):
    assert stack.post(BODY) == 200
    assert stack.books.is_known(signing.event_id_of(BODY))


SOUND = {
    "PATH": os.environ["PATH"],
    "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody is there: no process may get so far as to ask
    "TELNYX_PUBLIC_KEY": signing.public_key(),
    "TELNYX_API_KEY": "KEY-of-the-tests",
}
UNFIT = [
    ("web", {"REDIS_URL": ""}, "REDIS_URL"),
    ("web", {"REDIS_URL": "127.0.0.1:6379"}, "REDIS_URL"),
    ("web", {"TELNYX_PUBLIC_KEY": ""}, "TELNYX_PUBLIC_KEY"),
    ("web", {"TELNYX_PUBLIC_KEY": "not-a-key"}, "TELNYX_PUBLIC_KEY"),
    ("web", {"TELNYX_PUBLIC_KEY": "AAAA"}, "base64 of 32 bytes"),
    ("web", {"PORT": "eighty"}, "PORT"),
    ("web", {"DIALPLAN": "no/such/file.toml"}, "no/such/file.toml"),
    ("web", {"DIALPLAN": "wrong.toml"}, "rules"),
    ("routing", {"REDIS_URL": ""}, "REDIS_URL"),
    ("routing", {"REDIS_URL": "redis://127.0.0.1:port/0"}, "REDIS_URL"),
    ("routing", {"TELNYX_API_KEY": ""}, "TELNYX_API_KEY"),
    ("routing", {"WORKER_CONCURRENCY": "many"}, "WORKER_CONCURRENCY"),
    ("routing", {"WORKER_CONCURRENCY": "0"}, "WORKER_CONCURRENCY"),
    ("routing", {"DIALPLAN": "no/such/file.toml"}, "no/such/file.toml"),
    ("routing", {"DIALPLAN": "wrong.toml"}, "rules"),
    ("routing", {"TRUNKLINE_TEST_FAULT": "after_start"}, "TRUNKLINE_TEST_FAULT"),
    ("recording", {"RECORDING_HOSTS": "https://x"}, "RECORDING_HOSTS"),
    ("recording", {"RECORDINGS_URL": "ftp://x"}, "RECORDINGS_URL"),
]
WRONG = 'version = 1\ntimezone = "UTC"\nrules = 3\n[default]\nthen = { do = "reject" }\n'


@pytest.mark.parametrize(
    ("line", "env", "named"), UNFIT, ids=[f"{line} {next(iter(env.items()))}" for line, env, _ in UNFIT]
)
def test_a_process_that_cannot_run_says_why_in_one_line_and_exits_with_2(tmp_path, line, env, named):
    (tmp_path / "wrong.toml").write_text(WRONG)
    if env.get("DIALPLAN") == "wrong.toml":
        env = {"DIALPLAN": str(tmp_path / "wrong.toml")}

    process = Process(procfile()[line], {**SOUND, **env}, tmp_path / "process.log")

    try:
        assert process.ended() == 2
    finally:
        process.kill()
    (told,) = process.err.read_text().splitlines()
    assert named in told
    assert process.log.read_text() == ""
