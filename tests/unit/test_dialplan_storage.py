"""A dialplan survives storage: it is kept whole, and a call that is in the middle of an action goes on with it."""

import hashlib

import msgspec
import pytest

from shared.dialplan import (
    Action,
    Answer,
    Hangup,
    Hook,
    LeaveMessage,
    Plan,
    Play,
    Reject,
    Ring,
    Say,
    Transfer,
    Voicemail,
    load,
    parse,
)
from tests.dialplans import EVERY_KEY, SMALLEST


@pytest.mark.parametrize("text", [SMALLEST, EVERY_KEY], ids=["smallest", "every key"])
def test_a_plan_survives_storage(text):
    plan = parse(text)

    stored = msgspec.msgpack.encode(plan)

    assert msgspec.msgpack.decode(stored, type=Plan) == plan


@pytest.mark.parametrize(
    "action",
    [
        Reject("USER_BUSY"),
        Hangup(),
        Answer(Hangup()),
        Transfer("+13125550111", record="all", otherwise=Say("Hello.")),
        Ring("sales", otherwise=Transfer("sip:ana@example.com")),
        Say("", Hangup()),  # a text may become empty when it is filled, and must still be readable
        Say("a" * 10_000),
        Play("https://example.com/a.mp3", Voicemail("desk")),
        LeaveMessage(""),
        LeaveMessage(url="https://example.com/a.mp3"),
        Hook("hooks:overflow"),
    ],
    ids=lambda action: type(action).__name__,
)
def test_an_action_survives_storage(action):
    stored = msgspec.msgpack.encode(action)

    assert msgspec.msgpack.decode(stored, type=Action) == action


def test_a_loaded_plan_carries_its_text_and_the_hash_of_its_bytes(tmp_path):
    path = tmp_path / "plan.toml"
    content = SMALLEST.replace("\n", "\r\n").encode()
    path.write_bytes(content)

    loaded = load(path)

    assert loaded.hash == hashlib.sha256(content).hexdigest()[:16]
    assert loaded.text.encode() == content
    assert loaded.plan == parse(loaded.text)
