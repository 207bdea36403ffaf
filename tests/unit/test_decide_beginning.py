"""How an incoming call begins: at once, or after a look when it began long ago."""

from shared import commands
from tests.builders import Told, hung_up, initiated, rule
from workers.logic.happened import CommandFailed, CommandSucceeded, CommandUnknown

PLAN = rule('{ do = "transfer", to = "+13125550111" }')


def old() -> Told:
    return Told(PLAN).tell(initiated(age_s=31.0))


def test_a_call_that_has_just_begun_is_commanded_at_once() -> None:
    assert Told(PLAN).tell(initiated(age_s=30.0)).verbs == ["answer"]


def test_a_call_that_began_long_ago_is_looked_at_first() -> None:
    told = old()

    assert told.verbs == ["look_at_leg"]
    assert told.sent[0].command == commands.look_at_call("v3:caller")


def test_a_call_that_is_still_there_is_routed() -> None:
    told = old()

    told.tell(CommandSucceeded(told.row("look_at_leg"), 40.0, {"is_alive": True}))

    assert told.verbs == ["look_at_leg", "answer"]
    assert told.call.rule == "the rule"


def test_a_call_that_telnyx_says_is_over_is_left_alone() -> None:
    told = old()

    told.tell(CommandSucceeded(told.row("look_at_leg"), 40.0, {"is_alive": False}))

    assert told.verbs == ["look_at_leg"]
    assert told.call.step.at == "over"


def test_a_call_that_telnyx_does_not_find_is_commanded_which_tells_for_sure() -> None:
    told = old()

    told.tell(CommandFailed(told.row("look_at_leg"), 40.0, "10005", ended=True))
    assert told.verbs == ["look_at_leg", "answer"]

    told.tell(CommandFailed(told.row("answer"), 41.0, "90018", ended=True))
    assert told.call.step.at == "over"


def test_a_look_that_fails_does_not_keep_the_call_from_being_routed() -> None:
    told = old()

    told.tell(CommandFailed(told.row("look_at_leg"), 40.0, "500"))

    assert told.verbs == ["look_at_leg", "answer"]


def test_a_look_that_brings_no_answer_does_not_keep_the_call_from_being_routed() -> None:
    told = old()

    told.tell(CommandUnknown(told.row("look_at_leg"), 40.0))

    assert told.verbs == ["look_at_leg", "answer"]


def test_a_caller_who_hangs_up_before_the_look_is_answered_is_left_alone() -> None:
    told = old().tell(hung_up(at=41.0))

    told.tell(CommandSucceeded(told.row("look_at_leg"), 42.0, {"is_alive": True}))

    assert told.verbs == ["look_at_leg"]
