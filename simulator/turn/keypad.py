"""Keys that the far end presses, and the gather that waits for them."""

from simulator.leg import Act, Does, Leg
from simulator.leg.keys import Gathering, Progress
from simulator.turn.instant import Turn

_BETWEEN_KEYS_S = 0.05
_PAUSES_S = {"w": 0.5, "W": 1.0}
"""Telnyx docs: call-commands/send-dtmf."""


def gather(turn: Turn, leg: Leg, gathering: Gathering) -> None:
    """A new gather takes the place of one that still runs."""
    end_gather(turn, leg, "cancelled")
    leg.gathering = gathering
    _begin_try(turn, leg, gathering, gathering.prompt_s)


def _begin_try(turn: Turn, leg: Leg, gathering: Gathering, prompt_s: float) -> None:
    turn.start_timer(leg, Act(Does.NO_KEY), prompt_s + gathering.first_key_s)
    if leg.presses:
        time_keys(turn, leg, leg.presses.pop(0), prompt_s + leg.person.press_after)


def time_keys(turn: Turn, leg: Leg, digits: str, after_s: float = 0.0, every_s: float = _BETWEEN_KEYS_S) -> None:
    """Each key at its time; `w` and `W` only pass time."""
    for digit in digits:
        if digit in _PAUSES_S:
            after_s += _PAUSES_S[digit]
            continue
        leg.keys_timed += 1
        turn.start_timer(leg, Act(Does.KEY, digit, place=leg.keys_timed), after_s)
        after_s += every_s


def key_pressed(turn: Turn, leg: Leg, key: str) -> None:
    turn.emit(leg, "call.dtmf.received", digit=key)
    gathering = leg.gathering
    if gathering is None:
        return
    progress = gathering.take(key)
    if progress is Progress.WAITS:
        turn.start_timer(leg, Act(Does.NO_KEY), gathering.next_key_s)
    else:
        _settle(turn, leg, gathering, progress)


def no_key(turn: Turn, leg: Leg) -> None:
    gathering = leg.gathering
    if gathering is not None:
        _settle(turn, leg, gathering, gathering.silence())


def _settle(turn: Turn, leg: Leg, gathering: Gathering, progress: Progress) -> None:
    if progress is Progress.VALID or not gathering.tries_left:
        end_gather(turn, leg, progress.value)
        return
    gathering.try_again()
    prompt_s = gathering.invalid_prompt_s if progress is Progress.INVALID else gathering.prompt_s
    _begin_try(turn, leg, gathering, prompt_s)


def end_gather(turn: Turn, leg: Leg, status: str) -> None:
    gathering, leg.gathering = leg.gathering, None
    if gathering is None:
        return
    turn.stop_timers(leg, Act(Does.NO_KEY))
    turn.emit(leg, "call.gather.ended", digits="".join(gathering.digits), status=status)
