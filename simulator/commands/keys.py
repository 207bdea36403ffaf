"""The commands that gather and send keys."""

from simulator.commands.media import speech_s
from simulator.leg import Leg
from simulator.leg.keys import Gathering
from simulator.parameters import Body, Gather, GatherUsingSpeak, SendDtmf
from simulator.turn import keypad
from simulator.turn.instant import Turn


def gather(turn: Turn, leg: Leg, body: Gather) -> None:
    """`timeout_millis` bounds the wait for the first key; Telnyx bounds the whole by it."""
    gathering = _gathering(body)
    gathering.first_key_s = min(body.initial_timeout_millis, body.timeout_millis) / 1000
    keypad.gather(turn, leg, gathering)


def gather_using_speak(turn: Turn, leg: Leg, body: GatherUsingSpeak) -> None:
    """The prompt tells no events of its own (Telnyx docs: call-commands/gather-using-speak)."""
    gathering = _gathering(body)
    gathering.prompt_s = speech_s(body.payload)
    gathering.invalid_prompt_s = speech_s(body.invalid_payload or body.payload)
    gathering.tries_left = body.maximum_tries - 1
    keypad.gather(turn, leg, gathering)


def _gathering(body: Gather) -> Gathering:
    return Gathering(
        minimum=body.minimum_digits,
        maximum=body.maximum_digits,
        terminating=body.terminating_digit,
        valid=body.valid_digits,
        first_key_s=body.timeout_millis / 1000,
        next_key_s=body.inter_digit_timeout_millis / 1000,
    )


def gather_stop(turn: Turn, leg: Leg, _body: Body) -> None:
    keypad.end_gather(turn, leg, "cancelled")


def send_dtmf(turn: Turn, leg: Leg, body: SendDtmf) -> None:
    """The other leg of a bridge hears the keys; a leg without one plays them to its own far end only."""
    other = turn.switch.legs.get(leg.bridged_to or "")
    if other is not None:
        keypad.time_keys(turn, other, body.digits, 0.0, body.duration_millis / 1000)
