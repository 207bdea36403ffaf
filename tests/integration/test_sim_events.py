"""Every event of the contract on the wire: sent by the stand-in, signed, over real HTTP, out of real commands."""

import base64
import json

from nacl.signing import VerifyKey

from tests import sim_process
from tests.samples import SAMPLES, SEED
from tests.sim_process import DESK, types

process, sim, receiver = sim_process.process, sim_process.sim, sim_process.receiver

NEIGHBOURS = (
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

BEEP, SCREENED, PRESSES = "+13125550112", "+13125550113", "+13125550114"


def callees(sim):
    sim.put(
        "callees",
        {
            DESK: {"hangs_up_after": 0.3},
            BEEP: {"as": "machine", "verdict_after": 0.05, "beep_after": 0.1},
            SCREENED: {"prompt_ends_after": 0.1, "screening_tone_after": 0.15, "verdict_after": 0.05},
            PRESSES: {"presses": ["1"], "press_after": 0.05, "recording_fails": "Internal server error"},
        },
    )


def seen(receiver, wanted, ccid=None):
    """One event of each type, of this leg where it had one, once all of them have come."""
    events = receiver.wait(lambda events: set(wanted) <= set(types(events)))
    events.sort(key=lambda event: event["data"]["payload"]["call_control_id"] == ccid)
    return {event["data"]["event_type"]: event["data"] for event in events}


def test_all_twelve_events_of_the_seed_are_seen_with_the_keys_of_their_samples(sim, receiver):
    callees(sim)
    caller = sim.answered()
    for command in (
        ("record_start", {"format": "mp3", "channels": "dual"}),
        ("streaming_start", {"stream_url": "wss://media.example.com/live", "stream_track": "both_tracks"}),
        ("streaming_start", {"stream_url": "wss://media.invalid/live"}),
        ("streaming_stop", {}),
        ("transfer", {"to": DESK}),
    ):
        assert sim.act(caller, command[0], **command[1]).status_code == 200
    sim.dial(BEEP, answering_machine_detection="greeting_end")
    sim.dial(BEEP, answering_machine_detection="premium")

    told = seen(receiver, SEED, caller)

    samples = {name: json.loads(SAMPLES[name])["data"] for name in SEED}
    assert {name: set(told[name]["payload"]) for name in SEED} == {
        name: set(sample["payload"]) for name, sample in samples.items()
    }
    assert {name: set(told[name]) for name in SEED} == {name: set(sample) for name, sample in samples.items()}
    key = VerifyKey(base64.b64decode(sim.ready["public_key"]))
    for headers, body in receiver.seen:
        signed = headers["telnyx-timestamp"].encode() + b"|" + body
        key.verify(signed, base64.b64decode(headers["telnyx-signature-ed25519"]))


def test_the_events_of_the_neighbours_are_seen(sim, receiver):
    callees(sim)
    caller = sim.answered()
    sim.act(caller, "speak", payload="hello", voice="female")
    sim.act(caller, "playback_start", media_name="tune")
    sim.dial(SCREENED, answering_machine_detection="premium_ios_call_screening_detection")
    pressing = sim.dial(PRESSES, record="record-from-answer")["call_control_id"]
    receiver.wait(lambda events: types(events).count("call.answered") == 3)
    sim.act(pressing, "gather_using_speak", payload="x", voice="female", maximum_digits=1)

    receiver.wait(lambda events: "call.gather.ended" in types(events))
    sim.act(pressing, "hangup")
    told = seen(receiver, NEIGHBOURS)

    assert told["call.gather.ended"]["payload"]["status"] == "valid"
    assert told["call.recording.error"]["payload"]["reason"] == "Internal server error"
    assert told["call.machine.premium.call_screening.detected"]["payload"]["result"] == "screening"


def test_a_dial_and_an_answer_may_begin_a_stream_that_ends_with_the_call(sim, receiver):
    callees(sim)
    caller = sim.ring_in()
    stream = {"stream_url": "wss://media.example.com/live"}

    sim.act(caller, "answer", **stream)
    sim.dial(DESK, **stream)
    sim.act(caller, "hangup")
    events = receiver.wait(lambda events: types(events).count("streaming.stopped") == 2)

    assert types(events).count("streaming.started") == 2
