"""From entries to steps: how long each part of the way took, what was slowest, and how it reads."""

import pytest

from console.steps import Step, sentence, slowest
from console.story import page, step_row
from console.summary import Kept, summary
from console.timeline import read
from shared.calls import Request
from shared.dialplan import Hangup, Ring, Transfer
from shared.ids import CallId
from shared.numbers import masked
from shared.timeline import AnswerEntry, CommandEntry, EventEntry, HookEntry, OverEntry, decode, encode
from tests.signing import webhook_body

CALLER, CLINIC, DESK = "+12025550142", "+13125550100", "+13125550111"
PATH = "/calls/v3:a/actions/"


def initiated(leg="a", **more):
    told = {"direction": "incoming", "from": CALLER, "to": CLINIC, **more}
    return webhook_body("call.initiated", call_leg_id=leg, call_control_id=f"v3:{leg}", **told)


def event(raw=b"", name="call.initiated", received=100.0, started=100.25, decided=100.375, **more):
    return EventEntry(
        name, decided, "rule 'clinic'", 1, occurred=99.5, received=received, started=started, raw=raw, **more
    )


ANSWER = CommandEntry(1, "answer", 101.0, f"{PATH}answer")
TRANSFER = CommandEntry(2, "transfer", 102.0, f"{PATH}transfer", b'{"to":"%b"}' % DESK.encode(), delay_s=1.0)
TAKEN = AnswerEntry(
    2, "transfer", "succeeded", 103.125, 103.625, 2, 200, note="noted", version=3, state="transfer"
)


def steps(*entries, show=masked):
    return read(entries, show).steps


def test_a_webhook_is_received_queued_and_decided():
    (step,) = steps(event(initiated()))

    assert step.spans == {"received": 0.5, "queued": 0.25, "decided": 0.125}
    assert (step.at, step.leg, step.detail) == (100.0, 1, "incoming, +1•••42 to +1•••00")


def test_a_command_is_told_with_its_leg_and_whom_it_rings_and_its_answer_with_both():
    _, command, answer = steps(event(initiated()), TRANSFER, TAKEN)

    assert (command.leg, command.detail, command.row) == (1, "to +1•••11", 2)
    assert (answer.leg, answer.outcome, answer.status, answer.tries) == (1, "succeeded", 200, 2)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (HookEntry("hooks:choose", Transfer(to=DESK)), "transfer to +1•••11"),
        (HookEntry("hooks:choose", Ring(group="sales")), "ring group sales"),
        (HookEntry("hooks:choose", Hangup()), "hangup"),
        (HookEntry("hooks:choose", trouble="raised KeyError"), "raised KeyError"),
        (HookEntry("hooks:choose", trouble=f"returned (to {DESK})"), "returned (to +1•••11)"),
    ],
)
def test_what_a_hook_answered_is_told_after_the_event_that_asked_it(answer, shown):
    kept = decode(encode(answer))
    _, step, _ = timeline = steps(event(initiated()), kept, TRANSFER)

    assert (step.kind, step.name, step.detail, step.at) == ("hook", "hooks:choose", shown, 100.0)
    assert f"  ? hook hooks:choose {shown}" in step_row(timeline[1], 100.0)["what"]


def test_a_command_that_was_to_wait_is_sent_late_only_after_that():
    *_, answer = steps(TRANSFER, TAKEN)

    assert answer.spans == {"sent": 0.125, "answered": 0.5}


def test_a_command_that_was_never_sent_has_no_spans():
    *_, answer = steps(TRANSFER, AnswerEntry(2, "transfer", "voided", 102.5, 103.5, 0))

    assert answer.spans == {}


def test_a_timer_waits_in_the_queue_from_when_it_was_due():
    setting = event(initiated(), decided=101.0, waits={"decide": 8.0})
    fired = event(name="timer decide", received=101.0, started=109.25, decided=109.5, timer="decide", set_by=1)

    _, step = steps(setting, fired)

    assert (step.at, step.spans) == (109.25, {"queued": 0.25, "decided": 0.25})


def test_a_request_tells_its_profile_and_whom_it_calls():
    request = Request(CallId("call-1"), "reminder", CALLER, {"name": "Ana"}, "plan")

    (step,) = steps(event(name="call.requested", request=request))

    assert step.detail == "reminder to +1•••42"
    assert "received" not in step.spans


def test_of_two_clocks_that_disagree_a_span_is_nothing():
    (step,) = steps(event(initiated(), received=99.0))

    assert step.spans["received"] == 0.0


def test_legs_are_numbered_as_they_are_told_of():
    told = read([event(initiated("a")), event(initiated("b")), event(initiated("a"))], masked)

    assert [step.leg for step in told.steps] == [1, 2, 1]
    assert told.legs == {"a": 1, "b": 2}


def test_a_bridge_names_the_other_leg():
    *_, step = steps(
        event(initiated("a")),
        event(initiated("b")),
        CommandEntry(1, "bridge", 101.0, f"{PATH}bridge", b'{"call_control_id":"v3:b"}'),
    )

    assert (step.leg, step.detail) == (1, "with leg 2")


@pytest.mark.parametrize(
    ("event_type", "payload", "detail"),
    [
        ("call.hangup", {"hangup_cause": "user_busy"}, "user_busy"),
        ("call.machine.premium.detection.ended", {"result": "machine"}, "machine"),
        ("call.machine.greeting.ended", {"result": "beep_detected"}, "beep_detected"),
        ("call.answered", {}, ""),
        ("call.dtmf.received", {"digit": "1"}, ""),
    ],
)
def test_an_event_tells_what_matters_of_it(event_type, payload, detail):
    (step,) = steps(event(webhook_body(event_type, **payload), name=event_type))

    assert step.detail == detail


def test_an_entry_of_a_newer_version_and_a_body_that_is_none_cost_no_other_step():
    told = steps(event(initiated()), None, event(b"not JSON"), OverEntry(b"a record"), ANSWER)

    assert [step.kind for step in told] == ["event", "unreadable", "event", "command"]


@pytest.mark.parametrize(
    ("step", "span", "told"),
    [
        ({"name": "call.hangup"}, {"queued": 4.1}, "routing waited 4.1 s in the queue (call.hangup)"),
        (
            {"name": "call.machine.detection.ended"},
            {"queued": 0.0523},
            "machine_detection waited 52 ms in the queue (call.machine.detection.ended)",
        ),
        ({"name": "timer decide"}, {"queued": 2.0}, "timer decide waited 2.0 s in the queue"),
        ({"name": "call.hangup"}, {"received": 1.0}, "Telnyx took 1.0 s to deliver call.hangup"),
        ({"name": "call.hangup"}, {"decided": 0.3}, "call.hangup took 300 ms to be decided about"),
        ({"name": "speak"}, {"sent": 0.6}, "speak waited 600 ms to be sent"),
        ({"name": "speak", "tries": 1}, {"answered": 0.2}, "Telnyx took 200 ms over speak"),
        ({"name": "speak", "tries": 3}, {"answered": 5.0}, "Telnyx took 5.0 s over speak, in 3 tries"),
    ],
)
def test_the_slowest_part_of_the_way_is_named(step, span, told):
    quick = Step(kind="event", name="call.answered", at=1.0, spans={"received": 0.01, "decided": 0.02})

    longest = slowest([quick, Step(kind="event", at=1.0, spans={"sent": 0.0, **span}, **step), quick])

    assert longest is not None
    assert sentence(longest) == told


def test_nothing_is_the_slowest_where_nothing_took_time():
    assert slowest([Step(kind="command", name="answer", at=1.0)]) is None


def printed(*entries):
    kept = Kept(CallId("call-1"), 100.0, None)
    return page(summary(kept, 110.0), None, read(entries, masked), masked)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (TAKEN, "< 2 transfer 200 in 2 tries"),
        (AnswerEntry(2, "transfer", "failed", 103.0, 104.0, 1, 422, "90018"), "< 2 transfer failed 422 90018"),
        (AnswerEntry(2, "transfer", "failed", 103.0, 104.0, 1, 500, "500"), "< 2 transfer failed 500"),
        (AnswerEntry(2, "transfer", "unknown", 103.0, 104.0, 4), "< 2 transfer unknown in 4 tries"),
        (AnswerEntry(2, "transfer", "voided", 103.0, 104.0, 0), "< 2 transfer voided"),
        (AnswerEntry(2, "transfer", "succeeded", 103.0, 104.0, 1), "< 2 transfer succeeded"),
    ],
)
def test_a_line_tells_how_a_command_ended(answer, line):
    assert line in printed(event(initiated()), TRANSFER, answer)


def test_a_page_counts_from_the_first_event_in_milliseconds_and_ends_with_the_slowest():
    told = printed(event(initiated(), waits={"decide": 8.0}, state="transfer"), ANSWER).splitlines()

    heads = next(line for line in told if line.startswith("at ")).split()
    first = next(line for line in told if line.startswith("+0.000"))
    assert heads == ["at", "what", "leg", "received", "queued", "decided", "sent", "answered", "state", "note"]
    assert first.split()[6:11] == ["1", "500", "250", "125", "transfer"]
    assert first.endswith("rule 'clinic'; timer 'decide' in 8 s")
    assert any(line.startswith("+1.000    > 1 answer") for line in told)
    assert told[-1] == "slowest: Telnyx took 500 ms to deliver call.initiated"


def test_a_page_without_a_timeline_says_so():
    assert printed().endswith("Nothing is left of its timeline.")
