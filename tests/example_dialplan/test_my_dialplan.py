"""How to test a dialplan and a hook of your own: all that such a test needs is in this file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.trial import Trial
from shared.dialplan import HookCall, Transfer, Voicemail
from tests.example_dialplan.hooks import friends_first


@pytest.fixture(scope="module")
def trial():
    with Trial(Path(__file__).with_name("dialplan.toml")) as trial:
        yield trial


def test_a_caller_whom_the_desk_does_not_take_reaches_its_box(trial):
    trial.people({"+13125550111": {"busy": True}})

    commands = trial.ring(to="+13125550100", hangs_up_after=30)

    assert [command.verb for command in commands] == ["answer", "transfer", "speak", "record_start"]
    assert commands[1].body["to"] == "+13125550111"
    assert commands[2].body["payload"] == "Please leave a message."


def test_a_stranger_is_sent_to_the_box_by_the_hook(trial):
    commands = trial.ring(to="+13125550200", from_="+12025550142", hangs_up_after=30)

    assert [command.verb for command in commands] == ["answer", "speak", "record_start"]


def test_a_number_without_a_rule_is_busy(trial):
    [command] = trial.ring(to="+13125550999")

    assert (command.verb, command.body["cause"]) == ("reject", "USER_BUSY")


def test_the_hook_alone():
    friend = HookCall(call="1", direction="incoming", from_="+13125550142", to="+13125550200")

    assert friends_first(friend, datetime(2027, 1, 4, 12, tzinfo=UTC)) == Transfer(to="+13125550111")
    assert friends_first(friend, datetime(2027, 1, 4, 23, tzinfo=UTC)) == Voicemail(box="desk")
