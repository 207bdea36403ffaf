"""The stand-in's answering machine detection: every mode, and what each kind of callee makes it tell."""

import pytest

from simulator.detection import detection_reports
from simulator.parameters import DetectionConfig
from simulator.scenario import Callee
from tests.sim_line import Line

PREMIUM, STANDARD = "machine.premium.", "machine."
IOS = "premium_ios_call_screening_detection"


@pytest.mark.parametrize(
    ("mode", "callee", "told"),
    [
        ("disabled", Callee(), []),
        ("detect", Callee(), [(STANDARD + "detection.ended", "human")]),
        ("detect", Callee(as_="machine", beep_after=0.4), [(STANDARD + "detection.ended", "machine")]),
        ("detect", Callee(as_="fax"), [(STANDARD + "detection.ended", "not_sure")]),
        ("detect_beep", Callee(as_="machine"), [(STANDARD + "detection.ended", "machine")]),
        (
            "detect_beep",
            Callee(as_="machine", beep_after=0.4),
            [(STANDARD + "detection.ended", "machine"), (STANDARD + "greeting.ended", "beep_detected")],
        ),
        (
            "detect_words",
            Callee(as_="machine"),
            [(STANDARD + "detection.ended", "machine"), (STANDARD + "greeting.ended", "not_sure")],
        ),
        (
            "greeting_end",
            Callee(as_="machine"),
            [(STANDARD + "detection.ended", "machine"), (STANDARD + "greeting.ended", "ended")],
        ),
        ("premium", Callee(), [(PREMIUM + "detection.ended", "human_residence")]),
        ("premium", Callee(as_="business"), [(PREMIUM + "detection.ended", "human_business")]),
        ("premium", Callee(as_="fax"), [(PREMIUM + "detection.ended", "fax_detected")]),
        ("premium", Callee(as_="silence"), [(PREMIUM + "detection.ended", "silence")]),
        ("premium", Callee(as_="not_sure"), [(PREMIUM + "detection.ended", "not_sure")]),
        (
            "premium",
            Callee(as_="machine", beep_after=0.4),
            [(PREMIUM + "detection.ended", "machine"), (PREMIUM + "greeting.ended", "beep_detected")],
        ),
        (
            "premium",
            Callee(as_="machine", beep_after=0.05),
            [(PREMIUM + "detection.ended", "machine"), (PREMIUM + "greeting.ended", "beep_detected")],
        ),
        (
            "premium",
            Callee(as_="machine"),
            [(PREMIUM + "detection.ended", "machine"), (PREMIUM + "greeting.ended", "no_beep_detected")],
        ),
        (
            "premium",
            Callee(as_="machine", beep_after=0.05, early_beep=True),
            [(PREMIUM + "greeting.ended", "beep_detected")],
        ),
        ("premium", Callee(as_="machine", no_verdict=True), []),
        (
            "premium",
            Callee(screening_tone_after=0.3),
            [(PREMIUM + "detection.ended", "machine"), (PREMIUM + "greeting.ended", "no_beep_detected")],
        ),
        ("detect", Callee(screening_tone_after=0.3), [(STANDARD + "detection.ended", "machine")]),
        ("premium", Callee(verdict_after=30.1), [(PREMIUM + "detection.ended", "not_sure")]),
        ("greeting_end", Callee(as_="machine", verdict_after=3.6), [(STANDARD + "detection.ended", "not_sure")]),
        (IOS, Callee(prompt_ends_after=0.4), [(PREMIUM + "detection.ended", "human_residence")]),
        (
            IOS,
            Callee(as_="machine", beep_after=0.6, prompt_ends_after=0.4),
            [
                (PREMIUM + "detection.ended", "machine"),
                (PREMIUM + "greeting.ended", "prompt_ended"),
                (PREMIUM + "greeting.ended", "beep_detected"),
            ],
        ),
        (
            IOS,
            Callee(prompt_ends_after=0.4, screening_tone_after=0.6),
            [
                (PREMIUM + "detection.ended", "machine"),
                (PREMIUM + "greeting.ended", "prompt_ended"),
                (PREMIUM + "call_screening.detected", "screening"),
                (PREMIUM + "detection.ended", "human_residence"),
            ],
        ),
        (
            IOS,
            Callee(as_="machine", beep_after=1.0, prompt_ends_after=0.8, screening_tone_after=0.6),
            [
                (PREMIUM + "detection.ended", "machine"),
                (PREMIUM + "call_screening.detected", "screening"),
                (PREMIUM + "detection.ended", "machine"),
                (PREMIUM + "greeting.ended", "prompt_ended"),
                (PREMIUM + "greeting.ended", "beep_detected"),
            ],
        ),
        (IOS, Callee(no_verdict=True, prompt_ends_after=0.4), []),
        ("detect", Callee(no_verdict=True), []),
    ],
)
def test_detection_reports_what_the_callee_is(mode, callee, told):
    line = Line(callee)

    line.dial(answering_machine_detection=mode)
    line.wait(60)

    results = [(e.event_type.removeprefix("call."), e.payload.get("result")) for e in line.told]
    assert [one for one in results if one[1] is not None] == told


def test_premium_detection_tells_its_beginning():
    line = Line(Callee())

    line.dial(answering_machine_detection="premium")
    line.wait(1)

    assert line.names()[:3] == ["initiated", "answered", "machine.premium.detection.started"]


def test_a_hangup_before_the_verdict_leaves_the_call_without_one():
    line = Line(Callee(verdict_after=0.5, hangs_up_after=0.2))

    line.dial(answering_machine_detection="detect")
    line.wait(5)

    assert line.names() == ["initiated", "answered", "hangup"]


@pytest.mark.parametrize(
    ("mode", "config", "callee", "told"),
    [
        ("premium", {"total_analysis_time_millis": 200}, Callee(verdict_after=0.3), [(0.2, "not_sure")]),
        (
            "premium",
            {"greeting_duration_millis": 2000},
            Callee(as_="machine"),
            [(0.1, "machine"), (2.0, "no_beep_detected")],
        ),
        ("detect", {"total_analysis_time_millis": 5000}, Callee(verdict_after=4.0), [(4.0, "human")]),
        (
            IOS,
            {"prompt_end_timeout_millis": 1000, "greeting_duration_millis": 5000},
            Callee(as_="machine", prompt_ends_after=1.2),
            [(0.1, "machine"), (5.0, "no_beep_detected")],
        ),
    ],
)
def test_the_times_of_the_command_bound_the_detection(mode, config, callee, told):
    reports = detection_reports(mode, DetectionConfig(**config), callee)

    results = [(report.after_s, report.result) for report in reports if report.result]
    assert results == [(pytest.approx(after_s), result) for after_s, result in told]
