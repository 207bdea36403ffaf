"""What a call does, told as the events that come and the commands that follow."""

import msgspec
import pytest

from shared import commands, events
from shared.calls import Request
from shared.dialplan import Plan
from tests.builders import (
    CALL,
    CLINIC,
    PLAN_HASH,
    Told,
    answered,
    bridged,
    hung_up,
    initiated,
    leg_initiated,
    plan,
    spoken,
    verdict,
    webhook,
)
from workers.logic.decide import still_wanted
from workers.logic.happened import (
    CallRequested,
    CommandFailed,
    CommandSucceeded,
    CommandUnknown,
    CommandVoided,
    TimerFired,
)


def rule(then: str, more: str = "") -> Plan:
    text = f'[[rules]]\nname = "the rule"\nwhen = {{ to = "{CLINIC}" }}\nthen = {then}'
    return plan(text, more)


TRANSFER = '{ do = "transfer", to = "+13125550111", ring_secs = 25, otherwise = { do = "say", text = "Sorry." } }'
RING = '{ do = "ring", group = "sales", otherwise = { do = "say", text = "Nobody." } }'
SALES = '[groups.sales]\nmembers = ["+13125550211", "+13125550212", "+13125550213"]\nring_secs = 20'


def test_a_call_without_a_rule_gets_the_default() -> None:
    told = Told(plan()).tell(initiated(to="+19995550000"))

    assert told.verbs == ["reject"]
    assert told.call.rule == "[default]"


def test_a_transfer_answers_first_and_transfers_once_the_call_is_answered() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    assert told.verbs == ["answer"]

    told.accept("answer").tell(answered())

    assert told.verbs == ["answer", "transfer"]
    sent = told.sent[-1].command
    assert isinstance(sent, commands.Transfer)
    assert (sent.to, sent.timeout_secs, sent.from_) == ("+13125550111", 25, CLINIC)


def test_a_bridged_transfer_needs_nothing_more_until_its_end() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(leg_initiated("b", row), answered("b", 2.0, row), bridged("b", 3.0, row), bridged())

    told.tell(hung_up("b", at=9.0), hung_up(at=9.0))

    assert told.verbs == ["answer", "transfer"]
    assert told.call.step.at == "over"


@pytest.mark.parametrize("cause", ["timeout", "user_busy", "no_answer", "call_rejected", "not_found"])
def test_a_transfer_that_nobody_takes_goes_on_to_otherwise(cause: str) -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")

    told.tell(leg_initiated("b", row), hung_up("b", cause))

    assert told.verbs == ["answer", "transfer", "speak"]


def test_a_leg_that_ended_normally_is_given_time_for_its_late_answer() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(leg_initiated("b", row), hung_up("b", "normal_clearing", at=9.0))
    assert told.verbs == ["answer", "transfer"]

    told.tell(answered("b", 2.0, row))
    told.fire(next(iter(told.call.timers)))

    assert told.verbs == ["answer", "transfer"]


def test_a_leg_that_ended_normally_and_was_never_answered_goes_on_to_otherwise() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(leg_initiated("b", row), hung_up("b", "normal_clearing"))

    told.fire(next(iter(told.call.timers)))

    assert told.verbs[-1] == "speak"


def test_a_refused_transfer_goes_on_to_otherwise_and_without_one_hangs_up() -> None:
    bare = '{ do = "transfer", to = "+13125550111" }'
    with_otherwise, without = Told(rule(TRANSFER)), Told(rule(bare))

    for told in (with_otherwise, without):
        told.tell(initiated(), answered())
        told.tell(CommandFailed(told.row("transfer"), 0.0, "10016"))

    assert with_otherwise.verbs[-1] == "speak"
    assert without.verbs[-1] == "hangup caller"


def test_a_refusal_because_the_caller_is_gone_ends_the_call_without_a_command() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())

    told.tell(CommandFailed(told.row("transfer"), 0.0, "90018", ended=True))

    assert told.verbs == ["answer", "transfer"]
    assert told.call.step.at == "over"


def test_a_caller_who_hangs_up_while_it_rings_has_the_other_leg_hung_up() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    told.tell(leg_initiated("b", told.row("transfer")))

    told.tell(hung_up(cause="originator_cancel"))

    assert told.verbs[-1] == "hangup b"


def test_a_leg_that_appears_after_its_caller_has_gone_is_hung_up() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    told.tell(hung_up())
    assert told.verbs == ["answer", "transfer"]

    told.tell(leg_initiated("b", row))

    assert told.verbs[-1] == "hangup b"


def test_a_hangup_that_comes_first_leaves_nothing_to_route() -> None:
    told = Told(rule(TRANSFER)).tell(hung_up(at=5.0), initiated())

    assert told.verbs == []
    assert told.call.step.at == "over"


def test_an_answer_that_comes_before_its_initiated_is_not_lost() -> None:
    told = Told(rule(TRANSFER)).tell(answered(at=1.0), initiated())

    assert told.verbs == ["transfer"]


def test_a_ring_group_dials_every_member_linked_to_the_caller() -> None:
    told = Told(rule(RING, SALES)).tell(initiated(), answered())

    assert told.verbs == ["answer", "dial", "dial", "dial"]
    dials = [out.command for out in told.sent if isinstance(out.command, commands.Dial)]
    assert [dial.to for dial in dials] == ["+13125550211", "+13125550212", "+13125550213"]
    assert {dial.link_to for dial in dials} == {"v3:caller"}


def ringing() -> tuple[Told, list[int]]:
    told = Told(rule(RING, SALES)).tell(initiated(), answered())
    rows = [out.row for out in told.sent if out.verb == "dial"]
    for n, row in enumerate(rows):
        told.tell(leg_initiated(f"m{n}", row))
    return told, list(rows)


def test_the_first_answer_wins_the_ring_group_and_the_others_are_hung_up() -> None:
    told, rows = ringing()

    told.tell(answered("m1", 4.0, rows[1]))

    assert told.verbs[4:] == ["bridge", "hangup m0", "hangup m2"]
    bridge = next(out.command for out in told.sent if isinstance(out.command, commands.Bridge))
    assert bridge.call_control_id == "v3:m1"


def test_a_second_answer_is_hung_up_and_changes_nothing() -> None:
    told, rows = ringing()
    told.tell(answered("m1", 4.0, rows[1]))
    before = len(told.sent)

    told.tell(answered("m0", 4.1, rows[0]))

    assert len(told.sent) == before  # it was hung up when the other one won


def test_a_ring_group_that_nobody_takes_goes_on_to_otherwise() -> None:
    told, rows = ringing()

    for n, row in enumerate(rows):
        told.tell(hung_up(f"m{n}", "timeout", row=row))

    assert told.verbs[-1] == "speak"


def test_a_caller_who_leaves_a_ring_group_cancels_every_leg() -> None:
    told, _ = ringing()

    told.tell(hung_up(cause="originator_cancel"))

    assert told.verbs[4:] == ["hangup m0", "hangup m1", "hangup m2"]


def test_a_bridge_that_is_refused_goes_on_to_otherwise_and_the_winner_is_hung_up() -> None:
    told, rows = ringing()
    told.tell(answered("m1", 4.0, rows[1]))

    told.tell(CommandFailed(told.row("bridge"), 0.0, "10015"))

    assert told.verbs[-2:] == ["speak", "hangup m1"]


def test_what_is_said_is_followed_by_then_and_at_last_by_a_hangup() -> None:
    told = Told(rule('{ do = "say", text = "One.", then = { do = "say", text = "Two." } }'))
    told.tell(initiated(), answered(), spoken())
    assert told.verbs == ["answer", "speak", "speak"]

    told.tell(spoken())

    assert told.verbs == ["answer", "speak", "speak", "hangup caller"]


def test_a_text_whose_end_is_never_reported_ends_by_its_timer() -> None:
    told = Told(rule('{ do = "say", text = "One." }')).tell(initiated(), answered()).accept("speak")

    told.fire("1:say")

    assert told.verbs == ["answer", "speak", "hangup caller"]


def test_a_text_that_telnyx_has_not_taken_yet_is_waited_for() -> None:
    told = Told(rule('{ do = "say", text = "One." }')).tell(initiated(), answered())
    assert told.call.timers == {}

    told.tell(CommandUnknown(told.row("speak"), 50.0))

    assert "1:say" in told.call.timers


@pytest.mark.parametrize("number", [1, 2])
def test_a_look_that_brings_no_answer_proves_nothing_and_ends_nothing(number: int) -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    told.tell(CommandUnknown(told.row("answer"), 0.0))
    for wait in range(1, number + 1):
        told.fire(f"proof 1.{wait}").tell(CommandUnknown(told.row("look_at_leg"), 0.0))

    told.tell(answered(at=9.0))

    assert told.verbs[-1] == "transfer"


def test_a_command_that_came_too_early_goes_out_anew_a_second_later() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    first = told.row("transfer")

    told.tell(CommandFailed(first, 0.0, "90034", again=True, again_in_s=1.0))

    assert told.verbs == ["answer", "transfer", "transfer"]
    assert told.sent[-1].delay_s == 1.0
    assert told.sent[-1].row != first


def test_a_command_that_stays_too_early_fails_after_five_tries() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())

    for _ in range(5):
        told.tell(CommandFailed(told.row("transfer"), 0.0, "90034", again=True, again_in_s=1.0))

    assert told.verbs == ["answer", *["transfer"] * 5, "speak"]


REMINDER = """
[limits]
allow = ["+1*"]
[outbound.reminder]
from = "+13125550300"
amd = { mode = "premium", decide_within_secs = 8 }
human = { do = "say", text = "Hello {name}.", then = { do = "transfer", to = "+13125550111" } }
machine = { do = "hangup" }
"""


def outbound(to: str = "+13125550777") -> Told:
    request = Request(CALL, "reminder", to, {"name": "Ana"}, PLAN_HASH)
    return Told(plan(more=REMINDER)).tell(CallRequested(request, 0.0))


def answered_outbound() -> Told:
    told = outbound()
    row = told.row("dial")
    data = {"call_leg_id": "called", "call_control_id": "v3:called", "call_session_id": "session"}
    return told.tell(CommandSucceeded(row, 0.0, data), leg_initiated("called", row), answered("called", 3.0, row))


def test_a_human_hears_the_text_with_its_variables_and_is_transferred() -> None:
    told = answered_outbound().tell(verdict("human_residence"))
    speak = told.sent[-1].command
    assert isinstance(speak, commands.Speak)
    assert speak.payload == "Hello Ana."

    told.tell(spoken("called"))

    assert told.verbs == ["dial", "speak", "transfer"]
    assert told.call.outcome == "human"


@pytest.mark.parametrize("result", ["machine", "silence", "fax_detected"])
def test_nobody_home_is_hung_up_on(result: str) -> None:
    told = answered_outbound().tell(verdict(result))

    assert told.verbs == ["dial", "hangup called"]


def test_no_verdict_in_time_counts_as_a_human() -> None:
    told = answered_outbound().fire("4:decide")

    assert told.verbs == ["dial", "speak"]


def test_a_verdict_after_the_branch_was_taken_changes_nothing() -> None:
    told = answered_outbound().tell(verdict("human_business"))
    before = told.verbs

    told.tell(verdict("machine", at=9.0))

    assert told.verbs == before


def test_a_beep_without_a_verdict_is_a_machine() -> None:
    told = answered_outbound().tell(webhook(events.PremiumGreetingEnded(result="beep_detected"), "called"))

    assert told.verbs == ["dial", "hangup called"]


@pytest.mark.parametrize(
    ("cause", "outcome"), [("user_busy", "busy"), ("timeout", "no_answer"), ("call_rejected", "failed")]
)
def test_a_call_that_nobody_takes_has_its_outcome(cause: str, outcome: str) -> None:
    told = outbound()
    row = told.row("dial")

    told.tell(leg_initiated("called", row), hung_up("called", cause, row=row))

    assert told.call.outcome == outcome
    assert told.verbs == ["dial"]


@pytest.mark.parametrize("to", ["+4420755501", "+1911", "911"])
def test_a_number_outside_the_limits_is_never_dialled(to: str) -> None:
    told = outbound(to)

    assert told.sent == []
    assert (told.call.outcome, told.call.step.at) == ("failed", "over")


def test_commands_per_call_ends_a_loop_but_never_forbids_the_hangup() -> None:
    said = '{ do = "say", text = "a", then = { do = "say", text = "b", then = { do = "say", text = "c" } } }'
    told = Told(rule(said, "[limits]\ncommands_per_call = 3"))

    told.tell(initiated(), answered(), spoken(), spoken())

    assert told.verbs == ["answer", "speak", "speak", "hangup caller"]


def test_a_dial_without_proof_is_looked_for_and_never_dialled_twice() -> None:
    told = outbound()
    told.tell(CommandUnknown(told.row("dial"), 0.0))

    for number in (1, 2):
        told.fire(f"proof 1.{number}")
        told.tell(CommandSucceeded(told.row("look_for_leg"), 0.0, items=()))

    assert told.verbs == ["dial", "look_for_leg", "look_for_leg"]
    assert told.call.outcome == "failed"


def test_a_dial_without_proof_is_proven_by_the_leg_that_a_look_finds() -> None:
    told = outbound()
    row = told.row("dial")
    told.tell(CommandUnknown(row, 0.0)).fire("proof 1.1")
    item = {
        "call_leg_id": "called",
        "call_control_id": "v3:called",
        "call_session_id": "session",
        "client_state": told.sent[0].command.client_state,  # type: ignore[union-attr]
    }

    told.tell(CommandSucceeded(told.row("look_for_leg"), 0.0, items=({"call_leg_id": "other"}, item)))

    assert told.call.made[row] == "called"
    assert told.call.sent[row].state == "done"


def test_an_answer_without_proof_is_sent_anew_when_no_webhook_and_no_look_proves_it() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    told.tell(CommandUnknown(told.row("answer"), 0.0))

    for number in (1, 2):
        told.fire(f"proof 1.{number}")
        told.tell(CommandSucceeded(told.row("look_at_leg"), 0.0, {"is_alive": True}))

    assert told.verbs == ["answer", "look_at_leg", "look_at_leg", "answer"]


def test_an_answer_without_proof_is_proven_by_call_answered() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    row = told.row("answer")
    told.tell(CommandUnknown(row, 0.0))

    told.tell(answered())

    assert told.call.sent[row].state == "done"
    assert told.verbs == ["answer", "transfer"]


def test_a_look_at_a_leg_that_is_gone_ends_the_call() -> None:
    told = Told(rule(TRANSFER)).tell(initiated())
    told.tell(CommandUnknown(told.row("answer"), 0.0)).fire("proof 1.1")

    told.tell(CommandFailed(told.row("look_at_leg"), 0.0, "10005", ended=True))

    assert told.call.step.at == "over"


def test_a_stale_timer_changes_nothing() -> None:
    told = answered_outbound()
    version = told.call.timers["4:decide"]
    told.tell(verdict("machine"))
    before = told.call

    told.tell(TimerFired("4:decide", version, 0.0))

    assert told.call == before
    assert "stale" in told.decisions[-1].note


def test_an_outcome_that_is_told_twice_changes_nothing() -> None:
    told = Told(rule(TRANSFER)).tell(initiated()).accept("answer")
    before = told.call

    told.accept("answer")

    assert told.call == before


def test_a_command_is_unwanted_once_its_leg_is_over_but_a_leftover_still_gets_its_hangup() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), answered())
    row = told.row("transfer")
    assert still_wanted(told.call, row)

    told.tell(leg_initiated("b", row), hung_up())

    assert not still_wanted(told.call, row)
    assert still_wanted(told.call, told.row("hangup"))


def test_a_voided_command_is_written_down() -> None:
    told = Told(rule(TRANSFER)).tell(initiated(), hung_up())

    told.tell(CommandVoided(told.row("answer"), 0.0))

    assert told.call.sent[told.row("answer")].state == "void"
    assert told.call.over


def test_an_outgoing_leg_that_is_not_ours_is_recorded_and_never_commanded() -> None:
    told = Told(rule(TRANSFER)).tell(webhook(events.CallInitiated(direction="outgoing", to=CLINIC), "foreign"))

    told.tell(answered("foreign"), hung_up("foreign"))

    assert told.verbs == []
    assert told.call.legs["foreign"].ended is not None  # type: ignore[index]


@pytest.mark.parametrize("event", [events.StreamingStarted(), events.StreamingFailed(), events.Other("call.cost")])
def test_an_event_that_asks_for_nothing_is_noted(event: events.Payload) -> None:
    told = Told(rule(TRANSFER)).tell(webhook(event))

    assert told.verbs == []
    assert told.decisions[-1].note


def test_a_saved_recording_is_asked_for_once() -> None:
    urls = events.RecordingUrls(mp3="https://storage.example.com/a.mp3")
    payload = events.RecordingSaved(recording_id="11111111-2222", recording_urls=urls, format="mp3")
    told = Told(rule(TRANSFER)).tell(webhook(payload), webhook(payload))

    downloads = [decision.download for decision in told.decisions if decision.download]
    assert [(d.recording_id, d.urls) for d in downloads] == [("11111111-2222", {"mp3": urls.mp3})]


def test_a_dial_that_was_put_off_is_not_wanted_once_somebody_else_has_the_call() -> None:
    told, rows = ringing()
    assert still_wanted(told.call, rows[2])

    told.tell(answered("m1", 4.0, rows[1]))

    assert not still_wanted(told.call, rows[2])
    assert still_wanted(told.call, told.row("bridge"))


RECORDED = """
[recording.all]
start = "answer"
channels = "dual"
format = "wav"
[recording.talk]
start = "bridge"
announce = "This call may be recorded."
"""


def test_a_recording_from_the_answer_begins_with_it_wherever_in_the_chain_it_is_asked_for() -> None:
    told = Told(
        rule(
            '{ do = "say", text = "Hi.", then = { do = "transfer", to = "+13125550111", record = "all" } }',
            RECORDED,
        )
    )

    told.tell(initiated(), answered(), spoken())

    answer, transfer = told.sent[0].command, told.sent[-1].command
    assert isinstance(answer, commands.Answer)
    assert isinstance(transfer, commands.Transfer)
    assert (answer.record, answer.record_channels, answer.record_format) == ("record-from-answer", "dual", "wav")
    assert transfer.record is msgspec.UNSET


def test_a_recording_of_the_talk_is_announced_first_and_begins_with_the_transfer() -> None:
    told = Told(rule('{ do = "transfer", to = "+13125550111", record = "talk" }', RECORDED))

    told.tell(initiated(), answered())
    assert told.verbs == ["answer", "speak"]
    told.tell(spoken())

    answer, transfer = told.sent[0].command, told.sent[-1].command
    assert isinstance(answer, commands.Answer)
    assert isinstance(transfer, commands.Transfer)
    assert answer.record is msgspec.UNSET
    assert (transfer.record, transfer.record_format) == ("record-from-answer", "mp3")


def test_an_announcement_that_cannot_be_spoken_is_followed_by_no_recording() -> None:
    told = Told(rule('{ do = "transfer", to = "+13125550111", record = "talk" }', RECORDED))
    told.tell(initiated(), answered())

    told.tell(CommandFailed(told.row("speak"), 0.0, "10015"))

    assert told.verbs == ["answer", "speak", "hangup caller"]


def test_an_outbound_call_is_recorded_from_its_answer_where_a_branch_wants_it() -> None:
    profile = """
[limits]
allow = ["+1*"]
[outbound.reminder]
from = "+13125550300"
human = { do = "transfer", to = "+13125550111", record = "all" }
"""
    request = Request(CALL, "reminder", "+13125550777", {}, PLAN_HASH)

    told = Told(plan(more=RECORDED + profile)).tell(CallRequested(request, 0.0))

    dial = told.sent[0].command
    assert isinstance(dial, commands.Dial)
    assert (dial.record, dial.record_format) == ("record-from-answer", "wav")
