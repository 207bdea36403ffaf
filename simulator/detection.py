"""What answering machine detection reports of a scripted callee (Telnyx docs: answering-machine-detection)."""

from typing import NamedTuple

from simulator.parameters import Detection, DetectionConfig
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
_PREMIUM_TOTAL_S = 30.0
_STANDARD_TOTAL_S = 3.5
"""How long a verdict may take where the command does not say; then it is not_sure."""
_BEEP_HUNT_S = 30.0
"""How long detect_words listens for a beep before it gives up, and premium where the command does not say.

detect_beep then sends nothing: so says the guide's table of modes, though its table of results has a not_sure.
"""
_GREETING_S = 1.5
"""When greeting_end takes a greeting without a beep for ended."""


class Report(NamedTuple):
    after_s: float
    event_type: str
    result: str | None


def detection_reports(mode: Detection, config: DetectionConfig, callee: Callee) -> list[Report]:
    """The events that detection will send, each at its time from the answer; a hangup cuts them off."""
    if mode == "disabled":
        return []
    if not mode.startswith("premium"):
        return [] if callee.no_verdict else _standard(mode, config, callee)
    started = Report(0.0, f"{_PREMIUM}detection.started", None)
    if callee.no_verdict:
        return [started]
    reports = _premium(config, callee, _first_heard(callee)) if mode == "premium" else _ios(config, callee)
    return [started, *reports]


def _first_heard(callee: Callee) -> str:
    return callee.as_ if callee.screening_tone_after is None else "machine"


def _premium(config: DetectionConfig, callee: Callee, who: str, since_s: float = 0.0) -> list[Report]:
    """`since_s` is when detection began, in seconds from the answer; `who` is what it hears."""
    beep = _beep(callee, since_s)
    if callee.early_beep:
        early_s = since_s + callee.verdict_after if beep is None else beep
        return [_greeting(early_s, "beep_detected")]
    verdict = _verdict(since_s, callee.verdict_after, _total_s(config, _PREMIUM_TOTAL_S), _PREMIUM_VERDICT[who])
    if verdict.result != "machine":
        return [verdict]
    if beep is not None:
        return [verdict, _greeting(beep, "beep_detected")]
    greeting_ms = config.greeting_duration_millis
    hunt_s = _BEEP_HUNT_S if greeting_ms is None else greeting_ms / 1000
    return [verdict, _greeting(since_s + hunt_s, "no_beep_detected")]


def _ios(config: DetectionConfig, callee: Callee) -> list[Report]:
    """Premium detection that also listens for the prompt's end and for the tone of Apple's Call Screening.

    After the tone it starts afresh with whoever comes on the line. The prompt may pause before or after the tone,
    and before the beep of an ordinary machine too; only a machine's prompt is waited for, and not for ever.
    """
    tone_s = callee.screening_tone_after
    if tone_s is None:
        reports = _premium(config, callee, callee.as_)
    else:
        first = Report(callee.verdict_after, f"{_PREMIUM}detection.ended", "machine")
        tone = Report(tone_s, f"{_PREMIUM}call_screening.detected", "screening")
        reports = [first, tone, *_premium(config, callee, callee.as_, tone_s)]
    prompt_s = callee.prompt_ends_after
    waited_s = callee.verdict_after + config.prompt_end_timeout_millis / 1000
    if prompt_s is not None and prompt_s <= waited_s and "machine" in [report.result for report in reports]:
        reports.append(_greeting(prompt_s, "prompt_ended"))
    return reports


def _standard(mode: Detection, config: DetectionConfig, callee: Callee) -> list[Report]:
    result = _STANDARD_VERDICT.get(_first_heard(callee), "not_sure")
    total_s = _total_s(config, _STANDARD_TOTAL_S)
    verdict = _verdict(0.0, callee.verdict_after, total_s, result, _STANDARD)
    greeting = _greeting_end(mode, _beep(callee)) if verdict.result == "machine" else None
    return [verdict] if greeting is None else [verdict, greeting]


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


def _total_s(config: DetectionConfig, default_s: float) -> float:
    total_ms = config.total_analysis_time_millis
    return default_s if total_ms is None else total_ms / 1000


def _verdict(since_s: float, after_s: float, total_s: float, result: str, family: str = _PREMIUM) -> Report:
    if after_s > total_s:
        after_s, result = total_s, "not_sure"
    return Report(since_s + after_s, f"{family}detection.ended", result)


def _greeting(after_s: float, result: str) -> Report:
    return Report(after_s, f"{_PREMIUM}greeting.ended", result)


def _beep(callee: Callee, since_s: float = 0.0) -> float | None:
    """A beep never comes before the verdict, unless the callee says so with `early_beep`."""
    if callee.beep_after is None or callee.early_beep:
        return callee.beep_after
    return max(callee.beep_after, since_s + callee.verdict_after)
