"""Commands for calls that the stand-in never saw: with `--adopt` it performs them and tells nothing."""

import pytest

from simulator.leg import State
from tests.sim_line import ON_A_LEG, Line, code_of


@pytest.mark.parametrize("verb", sorted(ON_A_LEG - {"bridge"}))
def test_an_adopting_switch_performs_commands_on_calls_it_never_saw_and_tells_nothing(verb):
    line = Line(adopt=True)

    reply = line.command(verb, "v3:recorded")

    assert reply["result"] == "ok"
    assert line.names("v3:recorded") == []


def test_an_adopted_call_may_be_answered_once_and_then_transferred():
    line = Line(adopt=True)

    line.command("answer", "v3:recorded")
    again = code_of(line.command, "answer", "v3:recorded")
    line.command("transfer", "v3:recorded")
    line.wait(0.1)

    assert again == (422, "10015")
    assert line.names() == ["initiated", "answered", "bridged"]
    assert line.leg("v3:recorded").state is State.BRIDGED


def test_looking_at_an_adopted_call_leaves_every_command_open():
    line = Line(adopt=True)
    alive = line.legs.look("v3:recorded", line.now)

    reply = line.command("speak", "v3:recorded")

    assert alive.state is State.ANSWERED
    assert reply["result"] == "ok"
