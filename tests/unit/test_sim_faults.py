"""Faults: repeatable by seed, exact by count, limited to what they are meant for."""

import pytest

from simulator.faults import CHAOS, FaultPlan, Faults, Rule, chaos_plan

ALL_CHAOS = ",".join(CHAOS)


def strikes(faults, n=300):
    return [(faults.strike_command("transfer"), faults.strike_webhook("call.answered")) for _ in range(n)]


def test_the_same_seed_gives_the_same_faults():
    first, second = Faults(chaos_plan(ALL_CHAOS, 7)), Faults(chaos_plan(ALL_CHAOS, 7))

    assert strikes(first) == strikes(second)


def test_another_seed_gives_other_faults():
    first, second = Faults(chaos_plan(ALL_CHAOS, 7)), Faults(chaos_plan(ALL_CHAOS, 8))

    assert strikes(first) != strikes(second)


def test_every_word_of_chaos_strikes_sooner_or_later():
    faults = Faults(chaos_plan(ALL_CHAOS, 1))

    seen = strikes(faults, 2000)

    commands = {command.fault for command, _ in seen if command}
    assert commands == {"429", "500", "503", "503_after", "slow", "silence", "reset"}
    assert any(webhook.drop for _, webhook in seen)
    assert {len(webhook.delays_s) for _, webhook in seen} == {1, 2, 3, 4}
    assert any(0 < webhook.delays_s[0] <= 0.3 for _, webhook in seen)


def test_a_counted_fault_strikes_exactly_that_often_and_only_its_verb():
    faults = Faults(FaultPlan([Rule("503", on="transfer", times=2)]))

    verbs = ["answer", "transfer", "answer", "transfer", "transfer"]
    struck = [faults.strike_command(verb) is not None for verb in verbs]

    assert struck == [False, True, False, True, False]


def test_a_counted_fault_can_be_played_again_from_the_same_plan():
    plan = FaultPlan([Rule("drop", times=1)])

    struck = [Faults(plan).strike_webhook("call.hangup").drop for _ in range(2)]

    assert struck == [True, True]


def test_the_first_command_fault_that_strikes_wins():
    faults = Faults(FaultPlan([Rule("429", times=1), Rule("reset")]))

    struck = [faults.strike_command("hangup").fault for _ in range(2)]

    assert struck == ["429", "reset"]


def test_webhook_faults_add_up_and_leave_commands_alone():
    faults = Faults(FaultPlan([Rule("dup"), Rule("delay"), Rule("drop", on="call.hangup")]))

    strike = faults.strike_webhook("call.hangup")

    assert strike.drop
    assert len(strike.delays_s) > 1
    assert min(strike.delays_s) >= 0.3
    assert not faults.strike_webhook("call.answered").drop
    assert faults.strike_command("hangup") is None


def test_scattered_copies_come_at_times_of_their_own_and_one_in_twenty_under_another_id():
    faults = Faults(FaultPlan([Rule("scatter", secs=4.0)], seed=7))

    seen = [faults.strike_webhook("call.answered") for _ in range(2000)]

    assert {len(webhook.delays_s) + len(webhook.renamed_s) for webhook in seen} == {1, 2, 3, 4, 5}
    delays = [delay_s for webhook in seen for delay_s in (*webhook.delays_s, *webhook.renamed_s)]
    assert min(delays) < 0.1
    assert 3.9 < max(delays) <= 4.0
    assert 0.04 < sum(len(webhook.renamed_s) for webhook in seen) / len(delays) < 0.06


def test_without_faults_every_event_is_sent_once_and_at_once():
    assert Faults(FaultPlan()).strike_webhook("call.hangup") == ([0.0], False, ())


def test_an_unknown_word_of_chaos_is_named():
    with pytest.raises(ValueError, match="'fire'"):
        chaos_plan("dup,fire", None)
