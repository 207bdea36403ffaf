"""What the stand-in's events hold."""

import json

from simulator.scenario import Callee
from tests.samples import SAMPLES
from tests.sim_line import Line


def test_every_event_has_the_keys_of_the_recorded_sample():
    line = Line(Callee(as_="machine", beep_after=0.2))
    caller = line.answered_caller()
    line.command("record_start", caller)
    for host in ("example.com", "invalid"):
        line.command("streaming_start", caller, stream_url=f"wss://media.{host}/live")
    line.command("transfer", caller, answering_machine_detection="premium")
    line.dial(answering_machine_detection="greeting_end")
    line.wait(3)
    line.command("hangup", caller)

    told = {event.event_type: set(event.payload) for event in reversed(line.told)}
    samples = {name: json.loads(body)["data"] for name, body in SAMPLES.items()}
    assert {name: set(sample["payload"]) for name, sample in samples.items()} == {
        name: told[name] for name in samples
    }


def test_the_events_of_one_instant_have_rising_times():
    line = Line()
    caller = line.answered_caller()
    line.command("transfer", caller)
    before = len(line.told)

    line.wait(2)

    times = [event.occurred_at for event in line.told[before:]]
    assert len(times) == 5
    assert times == sorted(set(times))
