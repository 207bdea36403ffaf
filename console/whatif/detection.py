"""What machine detection hears in a rehearsal: which results a mode knows, and what it tells when; pure.

Source: facts.md section 8.
"""

from typing import Final

from console.whatif.rehearsal import Rehearsal
from shared import events
from shared.dialplan import Amd, LeaveMessage, Ring
from shared.events import Payload
from shared.ids import LegId

_STANDARD: Final = {"human": "a human", "machine": "a machine", "not_sure": "not sure who"}
_PREMIUM: Final = {
    "human_residence": "a human",
    "machine": "a machine",
    "fax_detected": "a fax",
    "silence": "silence",
    "not_sure": "not sure who",
}
_TELLS_ITS_END: Final = frozenset({"detect_beep", "detect_words", "greeting_end"})  # of the standard modes


def results(amd: Amd) -> dict[str, str]:
    """What may be heard, in words; the empty result for no verdict in time."""
    heard = _PREMIUM if _is_premium(amd) else _STANDARD
    answered = {result: f"answered: {what}" for result, what in heard.items()}
    return {**answered, "": f"answered: no verdict within {amd.decide_within_secs} s"}


def told_next(at: Rehearsal, heard: str) -> tuple[LegId, Payload] | None:
    """What is told of which leg: of the person called, of the greeting of a machine, of a member of a group."""
    call, action, main = at.call, at.call.step.action, at.call.main_leg
    profile = at.plan.outbound[call.request.profile] if call.request else None
    if profile is not None and profile.amd is not None and main is not None and call.main is not None:
        if call.step.at == "verdict" and heard and not main.verdicts:
            return call.main, _verdict(profile.amd, heard)
        if isinstance(action, LeaveMessage) and heard == "machine" and main.greeting_ended_at is None:
            greeting = _greeting(profile.amd)
            return (call.main, greeting) if greeting else None
    if isinstance(action, Ring) and at.plan.groups[action.group].accept == "amd":
        return _of_a_member(at)
    return None


def _of_a_member(at: Rehearsal) -> tuple[LegId, Payload] | None:
    for leg_id in at.call.made.values():
        leg = at.call.legs[leg_id]
        if leg_id != at.call.main and leg.answered_at is not None and leg.ended is None and not leg.verdicts:
            return leg_id, events.MachineDetectionEnded(result="human")
    return None


def _is_premium(amd: Amd) -> bool:
    return amd.mode.startswith("premium")


def _verdict(amd: Amd, result: str) -> Payload:
    if _is_premium(amd):
        return events.PremiumDetectionEnded(result=result)
    return events.MachineDetectionEnded(result=result)


def _greeting(amd: Amd) -> Payload | None:
    """`detect` never tells the end of a greeting: the profile's own timer ends the wait for it."""
    if _is_premium(amd):
        return events.PremiumGreetingEnded(result="beep_detected")
    return events.MachineGreetingEnded(result="ended") if amd.mode in _TELLS_ITS_END else None
