"""A stored command goes out only as a request of its verb's shape, and to whom this process's own file allows."""

from typing import get_args

import msgspec
import pytest

from shared import commands
from shared.calls import LOOKS, Verb
from shared.commands import Request
from shared.ids import ControlId, Row
from tests.builders import plan
from workers.delivery.outbox import Command
from workers.delivery.permitted import refusal

OWN = plan(more='[limits]\nallow = ["+1*", "sip:*@sales.sip.telnyx.com"]')
WITHOUT_ALLOW = plan()
LEG = ControlId("v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ")
BUILT = {
    "answer": commands.Answer(),
    "bridge": commands.Bridge(call_control_id="v3:other"),
    "dial": commands.Dial(connection_id="29", from_="+13125550300", to="+13125550111"),
    "gather_using_speak": commands.GatherUsingSpeak(payload="Press 1.", voice="female"),
    "hangup": commands.Hangup(),
    "playback_start": commands.StartPlayback(audio_url="https://example.com/a.mp3"),
    "record_start": commands.StartRecording(format="mp3", channels="dual"),
    "record_stop": commands.StopRecording(),
    "reject": commands.Reject(cause="USER_BUSY"),
    "speak": commands.Speak(payload="Hello.", voice="female"),
    "transfer": commands.Transfer(to="+13125550111"),
}
LOOKED = {
    "look_at_leg": commands.look_at_call(LEG),
    "look_for_leg": commands.look_at_active_calls("2900000000000000001"),
}


def stored(verb: Verb, method: str, path: str, body: bytes = b"{}") -> Command:
    return Command(Row(1), verb, "lane", "an-id", Request(method, path, body))


def ringing(verb: Verb, to: object) -> Command:
    path = "/calls" if verb == "dial" else f"/calls/{LEG}/actions/transfer"
    return stored(verb, "POST", path, msgspec.json.encode({"command_id": "an-id", "to": to}))


@pytest.mark.parametrize("verb", get_args(Verb))
@pytest.mark.parametrize("leg", [LEG, "a b/../c?d#e%2f", "..x", "ü"])
def test_every_command_that_is_ours_may_go_out(verb, leg):
    if verb in LOOKS:
        request = LOOKED[verb]
    else:
        request = commands.request(BUILT[verb], None if verb == "dial" else ControlId(leg), "an-id")

    assert refusal(Command(Row(1), verb, "lane", "an-id", request), OWN) == ""


@pytest.mark.parametrize(
    "command",
    [
        stored("hangup", "POST", "@evil.test/"),
        stored("hangup", "POST", "//evil.test/calls/v3:a/actions/hangup"),
        stored("hangup", "POST", "/messages"),
        stored("hangup", "DELETE", "/call_control_applications/1"),
        stored("hangup", "PATCH", "/call_control_applications/1", b'{"webhook_event_url": "https://evil.test"}'),
        stored("hangup", "DELETE", "/calls/v3:a/actions/hangup"),
        stored("hangup", "POST", "/calls/v3:a/actions/transfer", b'{"to": "+13125550111"}'),
        stored("hangup", "POST", "/calls", b'{"to": "+13125550111"}'),
        stored("hangup", "POST", "/calls/../actions/hangup"),
        stored("hangup", "POST", "/calls/a/../../x/actions/hangup"),
        stored("hangup", "POST", "/calls/v3:a/actions/hangup?x=1"),
        stored("hangup", "POST", "/calls/v3:a/actions/hangup\r\nX-Evil: 1"),
        stored("hangup", "POST", "/calls/v3:a/actions/hangup\n"),
        stored("dial", "POST", "/calls/", b'{"to": "+13125550111"}'),
        stored("look_at_leg", "GET", "/api_keys", b""),
        stored("look_at_leg", "DELETE", "/calls/v3:a", b""),
        stored("look_at_leg", "GET", "/calls/v3:a", b"{}"),
        stored("look_for_leg", "GET", "/connections/29/../../api_keys?page[limit]=1", b""),
        stored("dial", "POST", "/calls", b"{"),
        stored("dial", "POST", "/calls", b"{}"),
        ringing("dial", ["+13125550111", "+882160000000"]),
        ringing("transfer", None),
    ],
    ids=lambda command: f"{command.request.method} {command.request.path} {command.request.body[:40]}",
)
def test_a_request_of_another_shape_is_not_ours(command):
    assert refusal(command, OWN) == "not_ours"


@pytest.mark.parametrize("verb", ["dial", "transfer"])
@pytest.mark.parametrize(
    ("to", "own", "forbidden"),
    [
        ("+13125550111", OWN, False),
        ("sip:ana@sales.sip.telnyx.com", OWN, False),
        ("+882160000000", OWN, True),  # a satellite network: what toll fraud dials
        ("sip:ana@evil.test", OWN, True),
        ("+1911", OWN, True),
        ("sip:911@sales.sip.telnyx.com", OWN, True),
        ("", OWN, True),
        ("+882160000000", WITHOUT_ALLOW, False),  # a plan that the call began under may have named it
        ("911", WITHOUT_ALLOW, True),
        ("sip:%39%31%31@x.test", WITHOUT_ALLOW, True),
        ("anybody", WITHOUT_ALLOW, True),
    ],
)
def test_it_rings_only_whom_our_own_file_allows(verb, to, own, forbidden):
    assert refusal(ringing(verb, to), own) == ("limits.allow" if forbidden else "")


def test_a_body_with_two_destinations_is_not_ours():
    """Telnyx may read the one that was not judged."""
    body = b'{"to":"+882160000000","to":"+13125550111"}'

    assert refusal(stored("dial", "POST", "/calls", body), OWN) == "not_ours"
