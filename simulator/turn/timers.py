"""What a due timer does. Late ones, whose leg has moved on, change nothing."""

from simulator.leg import Act, Does, Ending, Leg, State
from simulator.turn import calls, keypad
from simulator.turn.instant import Turn
from simulator.turn.recording import save_recording
from simulator.turn.sound import audio_ended


def due(turn: Turn, leg: Leg, act: Act) -> None:
    match leg.state:
        case State.ENDED:
            return
        case _ if act.does is Does.HANGS_UP:
            calls.end(turn, leg, calls.cleared(leg, by_us=False))
        case State.PARKED | State.DIALING:
            _before_the_answer(turn, leg, act)
        case _:
            _in_the_call(turn, leg, act)


def _before_the_answer(turn: Turn, leg: Leg, act: Act) -> None:
    match act.does:
        case Does.CALLEE_ACTS if act.detail in leg.ringing:
            calls.callee_acts(turn, leg, act.detail)
        case Does.GIVES_UP if act.detail in leg.ringing:
            calls.refused(turn, leg, act.detail, Ending("no_answer", "callee", "480"))
        case Does.RINGS_OUT:
            calls.end(turn, leg, Ending(leg.ring_out_cause, "callee", "487"))
        case Does.NO_FIRST_COMMAND:
            calls.end(turn, leg, Ending("timeout", "unknown", "unspecified"))
        case _:
            return


def _in_the_call(turn: Turn, leg: Leg, act: Act) -> None:
    match act.does:
        case Does.TIME_IS_UP:
            calls.end(turn, leg, Ending("time_limit", "unknown", "200"))
        case Does.AUDIO_ENDS:
            audio_ended(turn, leg, "completed")
        case Does.RECORDING_FULL:
            save_recording(turn, leg, turn.switch.recordings[act.detail])
        case Does.DETECTION:
            turn.emit(leg, act.detail, **({} if act.result is None else {"result": act.result}))
        case Does.KEY:
            keypad.key_pressed(turn, leg, act.detail)
        case Does.NO_KEY:
            keypad.no_key(turn, leg)
        case _:
            return
