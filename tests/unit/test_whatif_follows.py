"""What follows the beginning of a call, told as a tree that `decide` itself has grown."""

from textwrap import dedent

import pytest

from console.whatif.incoming import explain
from console.whatif.told import tree
from shared import dialplan
from tests.builders import CALLER, CLINIC, plan
from workers.logic.decision import Around
from workers.logic.routing_rules import Incoming

MORE = """
[recording.bridged]
start = "bridge"
announce = "This call may be recorded."
[recording.answered]
start = "answer"
format = "wav"
[voicemail.clinic]
greeting = { play = "https://example.com/hello.mp3" }
max_secs = 60
[groups.all]
members = ["+13125550211", "+13125550212"]
[groups.each]
members = ["+13125550211", "+13125550212"]
strategy = "sequential"
accept = "press_1"
[groups.round]
members = ["+13125550211", "+13125550212"]
strategy = "round_robin"
accept = "amd"
"""
ASKED = Incoming(to=CLINIC, from_=CALLER, connection="29", at=1_795_000_000.0)


def told(then: str, hooks=None, asked: Incoming = ASKED) -> str:
    under = plan(f'[[rules]]\nname = "it"\nwhen = {{ to = "{CLINIC}" }}\nthen = {then}', MORE)
    return "\n".join(tree(explain(under, asked, Around(hooks=hooks or {})).follows))


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        pytest.param(
            '{ do = "reject", cause = "NOT_FOUND" }',
            """\
            call.initiated: rule 'it'
              → reject: cause NOT_FOUND
            call.hangup: over: call_rejected""",
            id="reject",
        ),
        pytest.param(
            '{ do = "answer", then = { do = "play", url = "https://example.com/a.mp3" } }',
            """\
            call.initiated: rule 'it'
              → answer
            call.answered
              → playback_start: audio_url https://example.com/a.mp3
            call.playback.ended
              → hangup
            call.hangup: over: normal_clearing""",
            id="answer, play, and the end of it",
        ),
        pytest.param(
            '{ do = "transfer", to = "+13125550111", record = "bridged" }',
            """\
            call.initiated: rule 'it'
              → answer
            call.answered
              → speak: payload "This call may be recorded.", voice female, language en-US
            call.speak.ended
              → transfer: to +13125550111, from +13125550100, record record-from-answer, record_channels dual, \
record_format mp3, timeout_secs 30; recording (bridged) begins with the bridge
            ├ +13125550111 takes it
            │ call.bridged +13125550111: connected
            └ nobody takes it
              call.hangup +13125550111: not taken (timeout): hanging up
                → hangup
              call.hangup: over: normal_clearing""",
            id="a transfer without otherwise, recorded from the bridge",
        ),
        pytest.param(
            '{ do = "transfer", to = "+13125550111", record = "answered", '
            'otherwise = { do = "voicemail", box = "clinic" } }',
            """\
            call.initiated: rule 'it'
              → answer: record record-from-answer, record_channels dual, record_format wav; \
recording (answered) begins with the answer
            call.answered
              → transfer: to +13125550111, from +13125550100, timeout_secs 30
            ├ +13125550111 takes it
            │ call.bridged +13125550111: connected
            └ nobody takes it
              call.hangup +13125550111: not taken (timeout): going on to otherwise
                → playback_start: audio_url https://example.com/hello.mp3
              call.playback.ended
                → record_stop
                → record_start: channels single, format mp3, max_length 60, play_beep true; \
recording begins with the beep
              call.recording.saved: archiving the recording
              call.recording.saved: archiving the recording
                → hangup
              call.hangup: over: normal_clearing""",
            id="a transfer recorded from the answer, then voicemail in a file of its own",
        ),
        pytest.param(
            '{ do = "ring", group = "all" }',
            """\
            call.initiated: rule 'it'
              → answer
            call.answered
              → dial: to +13125550211, from +13125550100, timeout_secs 20, connection_id 29, link_to caller
              → dial: to +13125550212, from +13125550100, timeout_secs 20, connection_id 29, link_to caller
            ├ +13125550211 takes it
            │ call.answered +13125550211: the leg of command 2 took it
            │   → bridge: call_control_id +13125550211
            │   → hangup +13125550212
            │ call.bridged +13125550211: connected
            └ nobody takes it
              call.hangup +13125550212: nobody of group 'all' took it: hanging up
                → hangup
              call.hangup: over: normal_clearing""",
            id="everybody rings, the first has it, the others are hung up",
        ),
        pytest.param(
            '{ do = "ring", group = "each", otherwise = { do = "hangup" } }',
            """\
            call.initiated: rule 'it'
              → answer
            call.answered
              → dial: to +13125550211, from +13125550100, timeout_secs 20, connection_id 29, link_to caller
            ├ +13125550211 takes it
            │ call.answered +13125550211
            │   → gather_using_speak +13125550211: payload "You have a call. Press 1 to take it.", voice female, \
language en-US, maximum_digits 1, maximum_tries 1, minimum_digits 1, timeout_millis 8000, valid_digits 1
            │ call.gather.ended +13125550211: the leg of command 2 took it
            │   → bridge: call_control_id +13125550211
            │ call.bridged +13125550211: connected
            └ nobody takes it
              call.hangup +13125550211
                → dial: to +13125550212, from +13125550100, timeout_secs 20, connection_id 29, link_to caller
              call.hangup +13125550212: nobody of group 'each' took it: going on to otherwise
                → hangup
              call.hangup: over: normal_clearing""",
            id="one after the other, each asked to press 1",
        ),
        pytest.param(
            '{ do = "ring", group = "round", record = "bridged", caller_id = "caller" }',
            """\
            call.initiated: rule 'it'
              → answer
            call.answered
              → speak: payload "This call may be recorded.", voice female, language en-US
            call.speak.ended
              → dial: to +13125550211, from +12025550142, answering_machine_detection detect, timeout_secs 20, \
connection_id 29, link_to caller
            ├ +13125550211 takes it
            │ call.machine.detection.ended +13125550211: the leg of command 3 took it
            │   → bridge: record record-from-answer, record_channels dual, record_format mp3, call_control_id \
+13125550211; recording (bridged) begins with the bridge
            │ call.bridged +13125550211: connected
            └ nobody takes it
              call.hangup +13125550211
                → dial: to +13125550212, from +12025550142, answering_machine_detection detect, timeout_secs 20, \
connection_id 29, link_to caller
              call.hangup +13125550212: nobody of group 'round' took it: hanging up
                → hangup
              call.hangup: over: normal_clearing""",
            id="a round robin that takes no machine",
        ),
    ],
)
def test_what_follows_an_action_is_told_as_a_tree(then, expected):
    assert told(then) == dedent(expected)


HOOK = '{ do = "hook", call = "hooks:choose" }'


def test_a_hook_is_called_for_real_and_once_for_each_place_in_the_tree():
    seen = []

    def choose(call, now):
        seen.append((call.from_, now.timestamp()))
        return dialplan.Transfer(to="+13125550211")

    lines = told(HOOK, {"hooks:choose": choose})

    assert "hook hooks:choose: transfer" in lines
    assert "→ transfer: to +13125550211" in lines
    assert seen == [(CALLER, ASKED.at)]


@pytest.mark.parametrize(
    ("hooks", "note"),
    [
        ({}, "could not be loaded: going on to [default]"),
        (
            {"hooks:choose": lambda _call, _now: dialplan.Transfer(to="+19995550100")},
            "returned what cannot be used",
        ),
    ],
)
def test_a_hook_that_fails_is_seen_to_fail_and_so_is_what_happens_then(hooks, note):
    lines = told(HOOK, hooks)

    assert note in lines
    assert "→ reject" in lines


def test_the_action_after_a_refused_transfer_is_what_follows():
    under = plan(
        '[[rules]]\nname = "it"\nwhen = {}\nthen = { do = "transfer", to = "+13125550111" }',
        "[limits]\ncommands_per_call = 1",
    )

    lines = list(tree(explain(under, ASKED, Around()).follows))

    assert lines[2:] == [
        "call.answered: transfer refused by limits.commands_per_call; the transfer was refused: hanging up",
        "  → hangup",
        "call.hangup: over: normal_clearing",
    ]


def test_the_rule_that_is_explained_is_the_one_that_decide_takes():
    rules = (
        '[[rules]]\nname = "gold"\nwhen = { header = { "X-Tier" = "gold" }, tags = "vip", attestation = "A" }\n'
    )
    under = plan(rules + 'then = { do = "hangup" }')
    gold = Incoming(CLINIC, CALLER, "29", ASKED.at, "A", ("vip",), (("X-Tier", "gold"),))

    for asked, rule in ((gold, "gold"), (ASKED, None)):
        explained = explain(under, asked, Around())

        assert explained.rule == rule
        assert explained.follows.turns[0].note == f"rule {rule or '[default]'!r}"
        assert [(miss.rule, miss.key) for miss in explained.why] == ([] if rule else [("gold", "attestation")])
