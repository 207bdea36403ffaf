"""Texts: one after the other, their ends, and the limit of what one call may send."""

from tests.builders import Told, answered, initiated, played, rule, spoken
from workers.logic.happened import CommandUnknown


def test_what_is_said_is_followed_by_then_and_at_last_by_a_hangup() -> None:
    told = Told(rule('{ do = "say", text = "One.", then = { do = "say", text = "Two." } }'))
    told.tell(initiated(), answered(), spoken(at=5.0))
    assert told.verbs == ["answer", "speak", "speak"]

    told.tell(spoken(at=9.0))

    assert told.verbs == ["answer", "speak", "speak", "hangup caller"]


def test_the_end_of_one_text_that_is_told_twice_is_not_the_end_of_the_next() -> None:
    told = Told(rule('{ do = "say", text = "One.", then = { do = "say", text = "Two." } }'))
    told.tell(initiated(), answered(), spoken(at=5.0))

    told.tell(spoken(at=5.0))

    assert told.verbs == ["answer", "speak", "speak"]
    assert told.call.step.at == "do"


def test_the_end_of_one_file_that_is_told_twice_is_not_the_end_of_the_next() -> None:
    urls = ("https://example.com/1.mp3", "https://example.com/2.mp3")
    told = Told(rule('{{ do = "play", url = "{}", then = {{ do = "play", url = "{}" }} }}'.format(*urls)))
    told.tell(initiated(), answered(), played(at=5.0))

    told.tell(played(at=5.0))

    assert told.verbs == ["answer", "playback_start", "playback_start"]


def test_a_text_whose_end_is_never_reported_ends_by_its_timer() -> None:
    told = Told(rule('{ do = "say", text = "One." }')).tell(initiated(), answered()).accept("speak")

    told.fire("1:say")

    assert told.verbs == ["answer", "speak", "hangup caller"]


def test_a_text_that_telnyx_has_not_taken_yet_is_waited_for() -> None:
    told = Told(rule('{ do = "say", text = "One." }')).tell(initiated(), answered())
    assert told.call.timers == {}

    told.tell(CommandUnknown(told.row("speak"), 50.0))

    assert "1:say" in told.call.timers


def test_commands_per_call_ends_a_loop_but_never_forbids_the_hangup() -> None:
    said = '{ do = "say", text = "a", then = { do = "say", text = "b", then = { do = "say", text = "c" } } }'
    told = Told(rule(said, "[limits]\ncommands_per_call = 3"))

    told.tell(initiated(), answered(), spoken(at=5.0), spoken(at=9.0))

    assert told.verbs == ["answer", "speak", "speak", "hangup caller"]
