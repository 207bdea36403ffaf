"""Mistakes in actions."""

import pytest

from tests.mistakes import (
    HEAD,
    HOOK,
    NEEDS_AMD,
    NO_VARIABLES,
    NUMBER,
    SPOKEN,
    URL,
    error_of,
    outbound,
    rule,
    told_of,
)

ACTION = '"reject", "hangup", "answer", "transfer", "ring", "say", "play", "voicemail", "leave_message" or "hook"'
CAUSE = '"CALL_REJECTED", "USER_BUSY", "NOT_FOUND" or "TEMPORARILY_UNAVAILABLE"'
ENDLESS = "a hook that fails goes to [default]: only its first action may be one, or it never ends"
NEVER_A_MACHINE = "leave_message is for the calls of [outbound.NAME]: who calls us is no machine"
OUTSIDE = '"+13125550111" is outside [limits] allow; add it there or change it here'

MISTAKES = {
    "unknown action": (
        rule('{ do = "voice_mail", box = "clinic" }'),
        f'7: [[rules]] "clinic: open" then.do: expected {ACTION}, got "voice_mail"',
    ),
    "misspelt key of an action": (
        rule('{ do = "ring", grup = "sales" }'),
        '7: [[rules]] "clinic: open" then.grup: unknown key; allowed: do, group, caller_id, record, otherwise',
    ),
    "too short a ring": (
        rule('{ do = "transfer", to = "+13125550111", ring_secs = 3 }'),
        '7: [[rules]] "clinic: open" then.ring_secs: expected 5 to 600, got 3',
    ),
    "true is no number": (
        rule('{ do = "transfer", to = "+13125550111", ring_secs = true }'),
        '7: [[rules]] "clinic: open" then.ring_secs: expected 5 to 600, got true',
    ),
    "deep inside": (
        rule('{ do = "say", text = "Hello.", then = { do = "transfer", to = "+13125550111", caller_id = "me" } }'),
        '7: [[rules]] "clinic: open" then.then.caller_id: expected "business" or "caller", got "me"',
    ),
    "transfer to nobody": (
        rule('{ do = "transfer" }'),
        f'7: [[rules]] "clinic: open" then.to: missing; expected {NUMBER}',
    ),
    "answer without then": (
        rule('{ do = "answer" }'),
        '7: [[rules]] "clinic: open" then.then: missing; expected an action such as { do = "hangup" }',
    ),
    "action without do": (
        rule('{ to = "+13125550111" }'),
        f'7: [[rules]] "clinic: open" then.do: missing; expected {ACTION}',
    ),
    "action as a word": (
        rule('"hangup"'),
        '7: [[rules]] "clinic: open" then: expected an action such as { do = "hangup" }, got "hangup"',
    ),
    "transfer to no number": (
        rule('{ do = "transfer", to = "312-555-0111" }'),
        f'7: [[rules]] "clinic: open" then.to: expected {NUMBER}, got "312-555-0111"',
    ),
    "prefix as destination": (
        rule('{ do = "transfer", to = "+1312*" }'),
        f'7: [[rules]] "clinic: open" then.to: expected {NUMBER}, got "+1312*"',
    ),
    "transfer to 911": (
        rule('{ do = "transfer", to = "911" }'),
        '7: [[rules]] "clinic: open" then.to: "911" is an emergency number, and those are never dialled',
    ),
    "transfer to +1911": (
        rule('{ do = "transfer", to = "+1911" }'),
        '7: [[rules]] "clinic: open" then.to: "+1911" is an emergency number, and those are never dialled',
    ),
    "destination outside the limits": (
        '[limits]\nallow = ["+44*"]\n' + rule('{ do = "transfer", to = "+13125550111" }'),
        f'9: [[rules]] "clinic: open" then.to: {OUTSIDE}',
    ),
    "dangling group": (
        '[groups.sales]\nmembers = ["+13125550211"]\n' + rule('{ do = "ring", group = "slaes" }'),
        '9: [[rules]] "clinic: open" then.group: there is no [groups.slaes]; known: sales',
    ),
    "dangling policy": (
        rule('{ do = "transfer", to = "+13125550111", record = "all" }'),
        '7: [[rules]] "clinic: open" then.record: there is no [recording.all]; known: none',
    ),
    "play from a folder": (
        rule('{ do = "play", url = "music.mp3" }'),
        f'7: [[rules]] "clinic: open" then.url: expected {URL}, got "music.mp3"',
    ),
    "play from a host with a space": (
        rule('{ do = "play", url = "https://example.com/a b.mp3" }'),
        f'7: [[rules]] "clinic: open" then.url: expected {URL}, got "https://example.com/a b.mp3"',
    ),
    "play without a url": (
        rule('{ do = "play" }'),
        f'7: [[rules]] "clinic: open" then.url: missing; expected {URL}',
    ),
    "play then nonsense": (
        rule('{ do = "play", url = "https://example.com/a.mp3", then = { do = "ring", group = "x" } }'),
        '7: [[rules]] "clinic: open" then.then.group: there is no [groups.x]; known: none',
    ),
    "message for a caller": (
        rule('{ do = "say", text = "Hello.", then = { do = "leave_message", text = "Hello." } }'),
        f'7: [[rules]] "clinic: open" then.then: {NEVER_A_MACHINE}',
    ),
    "message without detection": (
        outbound('human = { do = "leave_message", text = "Hello." }'),
        f"6: [outbound.reminder] human: {NEEDS_AMD}; without it no greeting's end is told",
    ),
    "message of nothing": (
        outbound('human = { do = "hangup" }', 'amd.mode = "premium"', 'machine = { do = "leave_message" }'),
        "8: [outbound.reminder] machine: needs exactly one of text and url",
    ),
    "message of both": (
        outbound(
            'human = { do = "hangup" }',
            'amd.mode = "premium"',
            'machine = { do = "leave_message", text = "Hello.", url = "https://example.com/a.mp3" }',
        ),
        "8: [outbound.reminder] machine: needs exactly one of text and url",
    ),
    "message from a mailbox": (
        outbound(
            'human = { do = "hangup" }',
            'amd.mode = "premium"',
            'machine = { do = "leave_message", url = "mailto:ana@example.com" }',
        ),
        f'8: [outbound.reminder] machine.url: expected {URL}, got "mailto:ana@example.com"',
    ),
    "attribute of a variable in a message": (
        outbound(
            'human = { do = "hangup" }',
            'amd.mode = "premium"',
            'machine = { do = "leave_message", text = "{a.b}" }',
        ),
        "8: [outbound.reminder] machine.text: stray {: only {name} is filled in; {{ and }} are plain braces",
    ),
    "hook without a function": (
        rule('{ do = "hook", call = "hooks" }'),
        f'7: [[rules]] "clinic: open" then.call: expected {HOOK}, got "hooks"',
    ),
    "hook by its file": (
        rule('{ do = "hook", call = "hooks/sales.py:overflow" }'),
        f'7: [[rules]] "clinic: open" then.call: expected {HOOK}, got "hooks/sales.py:overflow"',
    ),
    "hook that is called": (
        rule('{ do = "hook", call = "hooks:overflow()" }'),
        f'7: [[rules]] "clinic: open" then.call: expected {HOOK}, got "hooks:overflow()"',
    ),
    "hook that calls nothing": (
        rule('{ do = "hook" }'),
        f'7: [[rules]] "clinic: open" then.call: missing; expected {HOOK}',
    ),
    "hook with more": (
        rule('{ do = "hook", call = "hooks:overflow", then = { do = "hangup" } }'),
        '7: [[rules]] "clinic: open" then.then: unknown key; allowed: do, call',
    ),
    "blank text": (
        rule('{ do = "say", text = " " }'),
        f'7: [[rules]] "clinic: open" then.text: expected {SPOKEN}, got " "',
    ),
    "endless text": (
        rule('{ do = "say", text = "' + "a" * 3001 + '" }'),
        f'7: [[rules]] "clinic: open" then.text: expected {SPOKEN}, got "{"a" * 59}…"',
    ),
    "variable for an incoming call": (
        rule('{ do = "say", text = "Hello {name}." }'),
        f'7: [[rules]] "clinic: open" then.text: {NO_VARIABLES}',
    ),
}


@pytest.mark.parametrize(("tables", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(tables, expected):
    assert told_of(tables) == expected


DEFAULTS = {
    "unknown cause": ('{ do = "reject", cause = "BUSY" }', f'then.cause: expected {CAUSE}, got "BUSY"'),
    "message by default": ('{ do = "leave_message", text = "Hello." }', f"then: {NEVER_A_MACHINE}"),
    "hook that falls back on itself": (
        '{ do = "answer", then = { do = "hook", call = "hooks:overflow" } }',
        f"then.then: {ENDLESS}",
    ),
}


@pytest.mark.parametrize(("then", "expected"), DEFAULTS.values(), ids=DEFAULTS.keys())
def test_a_mistake_in_the_default_is_told_with_its_line_key_and_choices(then, expected):
    told = error_of(f"{HEAD}[default]\nthen = {then}\n")

    assert told == f"dialplan.toml:5: [default] {expected}"
