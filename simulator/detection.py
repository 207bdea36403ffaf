"""What answering machine detection reports of a scripted callee (Telnyx docs: answering-machine-detection)."""

from typing import NamedTuple

from simulator.parameters import Detection
from simulator.scenario import Callee

_PREMIUM = "call.machine.premium."
_STANDARD = "call.machine."
_PREMIUM_VERDICT = {
    "human": "human_residence",
    "business": "human_business",
    "machine": "machine",
    "fax": "fax_detected",
    "silence": "silence",
    "not_sure": "not_sure",
}
_STANDARD_VERDICT = {"human": "human", "business": "human", "machine": "machine"}
"""Whatever is neither is not_sure: the standard modes know no fax and no silence."""
_BEEP_HUNT_S = 30.0
"""How long detect_words listens for a beep before it gives up."""
_GREETING_S = 1.5
"""When greeting_end hears a greeting without a beep end."""


class Report(NamedTuple):
    after_s: float
    event_type: str
    result: str | None


def detection_reports(mode: Detection, greeting_s: float, callee: Callee) -> list[Report]:
    """The events that detection will send, in seconds from the answer; a hangup cuts them off."""
    if mode == "disabled":
        return []
    if mode.startswith("premium"):
        return [Report(0.0, f"{_PREMIUM}detection.started", None), *_premium(greeting_s, callee)]
    return _standard(mode, callee)


def _premium(greeting_s: float, callee: Callee) -> list[Report]:
    beep = _beep(callee)
    if callee.no_verdict:
        return []
    if callee.early_beep:
        early_s = callee.verdict_after if beep is None else beep
        return [Report(early_s, f"{_PREMIUM}greeting.ended", "beep_detected")]
    reports = [Report(callee.verdict_after, f"{_PREMIUM}detection.ended", _PREMIUM_VERDICT[callee.as_])]
    if callee.as_ == "machine":
        after_s, result = (greeting_s, "no_beep_detected") if beep is None else (beep, "beep_detected")
        reports.append(Report(after_s, f"{_PREMIUM}greeting.ended", result))
    return reports


def _standard(mode: Detection, callee: Callee) -> list[Report]:
    if callee.no_verdict:
        return []
    verdict = _STANDARD_VERDICT.get(callee.as_, "not_sure")
    reports = [Report(callee.verdict_after, f"{_STANDARD}detection.ended", verdict)]
    greeting = _greeting_end(mode, _beep(callee)) if verdict == "machine" else None
    return reports if greeting is None else [*reports, greeting]


def _greeting_end(mode: Detection, beep: float | None) -> Report | None:
    name = f"{_STANDARD}greeting.ended"
    match mode, beep:
        case "detect", _:
            return None
        case "detect_beep", None:
            return None
        case "detect_words", None:
            return Report(_BEEP_HUNT_S, name, "not_sure")
        case "greeting_end", _:
            return Report(_GREETING_S if beep is None else beep, name, "ended")
        case _, _:
            return Report(beep or 0.0, name, "beep_detected")


def _beep(callee: Callee) -> float | None:
    """A beep never comes before the verdict, unless the callee says so with `early_beep`."""
    if callee.beep_after is None or callee.early_beep:
        return callee.beep_after
    return max(callee.beep_after, callee.verdict_after)
