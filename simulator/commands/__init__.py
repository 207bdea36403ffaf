"""What each command does to its leg, and the state in which it may come."""

from collections.abc import Callable
from typing import Any

from simulator.commands import keys, legs, media
from simulator.commands.legs import Reply, dial
from simulator.leg import Act, Does, Leg, State
from simulator.parameters import Body
from simulator.refusals import already_answered, call_ended, invalid, not_answered
from simulator.turn.instant import Turn

__all__ = ["Reply", "check_state", "dial", "perform"]

_IN_ANY_STATE = frozenset({"hangup", "client_state_update"})
_ONLY_WHEN_PARKED = frozenset({"answer", "reject"})


def check_state(leg: Leg, verb: str) -> None:
    """Raises Refusal when this leg cannot take this command now (Telnyx docs: call-commands/answer)."""
    match leg.state:
        case State.ENDED:
            raise call_ended()
        case State.PARKED if verb not in _IN_ANY_STATE | _ONLY_WHEN_PARKED:
            raise not_answered()
        case State.DIALING if verb in _ONLY_WHEN_PARKED:
            raise invalid("This command is for incoming calls.")
        case State.DIALING if verb not in _IN_ANY_STATE:
            raise not_answered()
        case State.ANSWERED | State.BRIDGED if verb in _ONLY_WHEN_PARKED:
            raise already_answered()
        case _:
            return


def perform(turn: Turn, verb: str, leg: Leg, body: Body) -> Reply:
    """Run a command that may come now: the state of its leg was checked, and its other leg, where it has one."""
    turn.stop_timers(leg, Act(Does.NO_FIRST_COMMAND))
    if body.client_state is not None:
        leg.client_state = body.client_state
    return {"result": "ok"} | (_ACTIONS[verb](turn, leg, body) or {})


def _nothing_more(_turn: Turn, _leg: Leg, _body: Body) -> None:
    """The client_state was all."""


# The table pairs each verb with the body type that parameters decodes for it, which no type can say.
_ACTIONS: dict[str, Callable[[Turn, Leg, Any], Reply | None]] = {
    "answer": legs.answer_call,
    "bridge": legs.bridge_calls,
    "client_state_update": _nothing_more,
    "gather": keys.gather,
    "gather_stop": keys.gather_stop,
    "gather_using_speak": keys.gather_using_speak,
    "hangup": legs.hangup,
    "playback_start": media.playback_start,
    "playback_stop": media.playback_stop,
    "record_pause": media.record_pause,
    "record_resume": media.record_resume,
    "record_start": media.record_start,
    "record_stop": media.record_stop,
    "reject": legs.reject,
    "send_dtmf": keys.send_dtmf,
    "speak": media.speak,
    "streaming_start": media.streaming_start,
    "streaming_stop": media.streaming_stop,
    "transfer": legs.transfer,
}
