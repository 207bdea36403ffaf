"""The SDK takes the stand-in's webhooks: signature, model and ids of each event, no unknown key but as listed."""

from operator import attrgetter
from typing import Final

import pytest

from tests.sim_process import DESK, Receiver, Simulator, types
from tests.telnyx_contract import EVENTS

NEIGHBOURS: Final = (
    "call.dtmf.received",
    "call.gather.ended",
    "call.machine.premium.call_screening.detected",
    "call.machine.premium.detection.started",
    "call.playback.ended",
    "call.playback.started",
    "call.recording.error",
    "call.speak.ended",
    "call.speak.started",
)
ALL: Final = (*(name for name, event in EVENTS.items() if event["in_seed"]), *NEIGHBOURS)
BEYOND_THE_SDK: Final = {  # keys that no model of the SDK has, and that captures of real webhooks show
    "call.hangup": {"end_time", "telnyx_error"},
    "call.initiated": {"calling_party_type", "from_sip_uri", "to_sip_uri"},
    "call.recording.saved": {
        "call_control_id",
        "calling_party_type",
        "end_time",
        "format",
        "recording_id",
        "start_time",
    },
}
IDS: Final = ("call_control_id", "call_leg_id", "call_session_id", "connection_id")
BEEP, SCREENED, PRESSES = "+13125550112", "+13125550113", "+13125550114"
CALLEES: Final = {
    DESK: {"hangs_up_after": 0.3},
    BEEP: {"as": "machine", "verdict_after": 0.05, "beep_after": 0.1},
    SCREENED: {"prompt_ends_after": 0.1, "screening_tone_after": 0.15, "verdict_after": 0.05},
    PRESSES: {"presses": ["1"], "press_after": 0.05, "recording_fails": "Internal server error"},
}


def every_event(sim, receiver) -> None:
    """Calls in which all of them are told."""
    caller = sim.answered()
    for verb, body in (
        ("record_start", {"format": "mp3", "channels": "dual"}),
        ("streaming_start", {"stream_url": "wss://media.example.com/live", "stream_track": "both_tracks"}),
        ("streaming_start", {"stream_url": "wss://media.invalid/live"}),
        ("streaming_stop", {}),
        ("speak", {"payload": "hello", "voice": "female"}),
        ("playback_start", {"media_name": "tune"}),
        ("transfer", {"to": DESK}),
    ):
        assert sim.act(caller, verb, **body).status_code == 200
    for number, mode in (
        (BEEP, "greeting_end"),
        (BEEP, "premium"),
        (SCREENED, "premium_ios_call_screening_detection"),
    ):
        sim.dial(number, answering_machine_detection=mode)
    pressing = sim.dial(PRESSES, record="record-from-answer")["call_control_id"]
    receiver.wait(lambda events: any(answered(event, pressing) for event in events))
    sim.act(pressing, "gather_using_speak", payload="x", voice="female", maximum_digits=1)
    receiver.wait(lambda events: "call.gather.ended" in types(events))
    sim.act(pressing, "hangup")
    receiver.wait(lambda events: set(ALL) <= set(types(events)))


def answered(event, call_control_id: str) -> bool:
    data = event["data"]
    return (data["event_type"], data["payload"]["call_control_id"]) == ("call.answered", call_control_id)


@pytest.fixture(scope="module")
def simulator():
    simulator, receiver = Simulator(), Receiver()
    simulator.put("config", {"webhook_url": receiver.url})
    simulator.put("callees", CALLEES)
    every_event(simulator, receiver)
    yield simulator, receiver
    receiver.close()
    simulator.close()


@pytest.fixture(scope="module")
def told(sdk, simulator):
    """What the SDK makes of each delivery, which it verifies, beside the delivery as JSON."""
    process, receiver = simulator
    with sdk.Telnyx(api_key="KEY", public_key=process.ready["public_key"]) as client:
        events = [client.webhooks.unwrap(body.decode(), headers=dict(headers)) for headers, body in receiver.seen]
    return list(zip(events, receiver.events(), strict=False))


def of_type(told, event_type: str):
    return [(event, sent["data"]) for event, sent in told if sent["data"]["event_type"] == event_type]


def model_of(event_type: str) -> str:
    words = event_type.removeprefix("call.").replace("_", ".").split(".")
    return f"Call{''.join(word.capitalize() for word in words)}WebhookEvent"


@pytest.mark.parametrize("event_type", ALL)
def test_an_event_is_read_as_its_own_model_with_its_ids(told, event_type):
    found = of_type(told, event_type)

    assert {type(event).__name__ for event, _ in found} == {model_of(event_type)}
    for event, sent in found:
        payload = sent["payload"]
        assert (event.data.id, event.data.event_type, event.data.record_type) == (sent["id"], event_type, "event")
        known = [name for name in IDS if name in type(event.data.payload).model_fields]
        assert {name: attrgetter(name)(event.data.payload) for name in known} == {
            name: payload[name] for name in known
        }


@pytest.mark.parametrize("event_type", ALL)
def test_an_event_passes_the_models_own_validation(told, event_type):
    for event, sent in of_type(told, event_type):
        validated = type(event).model_validate({"data": sent})

        extra = validated.data.payload.model_extra
        assert set(extra) == BEYOND_THE_SDK.get(event_type, set())
        assert BEYOND_THE_SDK.get(event_type, set()) <= set(EVENTS.get(event_type, {}).get("more", ()))


def test_a_tampered_delivery_is_refused_by_the_sdk(sdk, simulator):
    process, receiver = simulator
    headers, body = receiver.seen[0]

    with (
        sdk.Telnyx(api_key="KEY", public_key=process.ready["public_key"]) as client,
        pytest.raises(ValueError, match="does not match"),
    ):
        client.webhooks.unwrap(body.decode() + " ", headers=dict(headers))
