"""Mistakes in the profiles of outbound calls."""

import pytest

from tests.mistakes import HOOK, NEEDS_AMD, NUMBER, outbound, told_of

PROFILE = (
    "from, human, connection, ring_secs, schedule, clock, dials_per_sec, max_live, attempts, retry_after, "
    "on_outcome, dnc, amd, machine, fax, silence, not_sure"
)
AMD = (
    '"detect", "detect_beep", "detect_words", "greeting_end", "premium" or "premium_ios_call_screening_detection"'
)
DETECTION = "mode, decide_within_secs, greeting_within_secs"
RETRIES = 'a table such as { busy = "15m", no_answer = "2h" }'
DURATION = 'a time such as "90s", "15m", "2h" or "1d"'
OUTCOMES = "human, machine, fax, silence, not_sure, busy, no_answer, failed"

MISTAKES = {
    "dangling schedule of a profile": (
        outbound('human = { do = "hangup" }', 'schedule = "clinic"'),
        "7: [outbound.reminder] schedule: there is no [schedules.clinic]; known: none",
    ),
    "unknown clock": (
        outbound('human = { do = "hangup" }', 'clock = "caller"'),
        '7: [outbound.reminder] clock: expected "business" or "recipient", got "caller"',
    ),
    "clock without hours": (
        outbound('human = { do = "hangup" }', 'clock = "recipient"'),
        "7: [outbound.reminder] clock: needs a schedule that the recipient's clock is held against",
    ),
    "no dials in a second": (
        outbound('human = { do = "hangup" }', "dials_per_sec = 0.0"),
        "7: [outbound.reminder] dials_per_sec: expected a number above 0, up to 30, got 0.0",
    ),
    "more dials than Telnyx takes": (
        outbound('human = { do = "hangup" }', "dials_per_sec = 31"),
        "7: [outbound.reminder] dials_per_sec: expected a number above 0, up to 30, got 31",
    ),
    "no live call": (
        outbound('human = { do = "hangup" }', "max_live = 0"),
        "7: [outbound.reminder] max_live: expected a whole number from 1, got 0",
    ),
    "no attempt": (
        outbound('human = { do = "hangup" }', "attempts = 0"),
        "7: [outbound.reminder] attempts: expected 1 to 20, got 0",
    ),
    "one wait for every outcome": (
        outbound('human = { do = "hangup" }', 'retry_after = "15m"'),
        f'7: [outbound.reminder] retry_after: expected {RETRIES}, got "15m"',
    ),
    "unknown outcome": (
        outbound('human = { do = "hangup" }', 'retry_after = { busy = "15m", engaged = "1h" }'),
        f"7: [outbound.reminder] retry_after.engaged: unknown key; allowed: {OUTCOMES}",
    ),
    "wait as a number": (
        outbound('human = { do = "hangup" }', 'retry_after = { busy = "15m", failed = 900 }'),
        f"7: [outbound.reminder] retry_after.failed: expected {DURATION}, got 900",
    ),
    "wait in words": (
        outbound('human = { do = "hangup" }', 'retry_after = { busy = "15 min" }'),
        f'7: [outbound.reminder] retry_after.busy: expected {DURATION}, got "15 min"',
    ),
    "no wait at all": (
        outbound('human = { do = "hangup" }', 'retry_after = { busy = "0s" }'),
        f'7: [outbound.reminder] retry_after.busy: expected {DURATION}, got "0s"',
    ),
    "outcome told to nobody": (
        outbound('human = { do = "hangup" }', 'on_outcome = "appointment_called"'),
        f'7: [outbound.reminder] on_outcome: expected {HOOK}, got "appointment_called"',
    ),
    "do-not-call as a text": (
        outbound('human = { do = "hangup" }', 'dnc = "no"'),
        '7: [outbound.reminder] dnc: expected true or false, got "no"',
    ),
    "misspelt key of a profile": (
        outbound('human = { do = "hangup" }', "attempt = 2"),
        f"7: [outbound.reminder] attempt: unknown key; allowed: {PROFILE}",
    ),
    "attribute of a variable": (
        outbound('human = { do = "say", text = "Hello {a.b}." }'),
        "6: [outbound.reminder] human.text: stray {: only {name} is filled in; {{ and }} are plain braces",
    ),
    "conversion of a variable": (
        outbound('human = { do = "hangup" }', 'amd.mode = "premium"', 'fax = { do = "say", text = "{a!r}" }'),
        "8: [outbound.reminder] fax.text: stray {: only {name} is filled in; {{ and }} are plain braces",
    ),
    "profile without a human branch": (
        outbound(),
        '4: [outbound.reminder] human: missing; expected an action such as { do = "hangup" }',
    ),
    "machine branch without detection": (
        outbound('human = { do = "hangup" }', 'fax = { do = "hangup" }'),
        f"7: [outbound.reminder] fax: {NEEDS_AMD}; without it every answered call is human",
    ),
    "another detection": (
        outbound('amd = { mode = "disabled" }', 'human = { do = "hangup" }'),
        f'6: [outbound.reminder] amd.mode: expected {AMD}, got "disabled"',
    ),
    "detection without a mode": (
        outbound('human = { do = "hangup" }', "amd = {}"),
        f"7: [outbound.reminder] amd.mode: missing; expected {AMD}",
    ),
    "greeting without end": (
        outbound('human = { do = "hangup" }', 'amd = { mode = "premium", greeting_within_secs = 121 }'),
        "7: [outbound.reminder] amd.greeting_within_secs: expected 1 to 120, got 121",
    ),
    "misspelt key of a detection": (
        outbound('human = { do = "hangup" }', "[outbound.reminder.amd]", 'mode = "premium"', "greeting_secs = 30"),
        f"9: [outbound.reminder] amd.greeting_secs: unknown key; allowed: {DETECTION}",
    ),
    "caller id that is no number": (
        outbound('human = { do = "hangup" }').replace("+13125550300", "Lake Clinic"),
        f'5: [outbound.reminder] from: expected {NUMBER}, got "Lake Clinic"',
    ),
}


@pytest.mark.parametrize(("tables", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(tables, expected):
    assert told_of(tables) == expected
