"""Mistakes in actions."""

import pytest

from tests.mistakes import (
    DEFAULT,
    HEAD,
    HOOK,
    NEEDS_AMD,
    NO_VARIABLES,
    NO_VOICE,
    NUMBER,
    SPOKEN,
    URL,
    error_of,
    outbound,
    rule,
)

ACTION = '"reject", "hangup", "answer", "transfer", "ring", "say", "play", "voicemail", "leave_message" or "hook"'
CAUSE = '"CALL_REJECTED", "USER_BUSY", "NOT_FOUND" or "TEMPORARILY_UNAVAILABLE"'
ENDLESS = "a hook that fails goes to [default]: only its first action may be one, or it never ends"
NEVER_A_MACHINE = "leave_message is for the calls of [outbound.NAME]: who calls us is no machine"
OUTSIDE = '"+13125550111" is outside [limits] allow; add it there or change it here'

MISTAKES = {
    "no voice for a text": (
        HEAD.replace('voice = "female"\n', "") + rule('{ do = "say", text = "Hello." }') + DEFAULT,
        f"1: voice: {NO_VOICE}",
    ),
    "no voice for a message": (
        HEAD.replace('voice = "female"\n', "")
        + outbound(
            'human = { do = "hangup" }',
            'amd.mode = "premium"',
            'machine = { do = "leave_message", text = "Hello." }',
        )
        + DEFAULT,
        f"1: voice: {NO_VOICE}",
    ),
    "unknown action": (
        HEAD + rule('{ do = "voice_mail", box = "clinic" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.do: expected {ACTION}, got "voice_mail"',
    ),
    "misspelt key of an action": (
        HEAD + rule('{ do = "ring", grup = "sales" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.grup: unknown key; allowed: do, group, caller_id, record, otherwise',
    ),
    "too short a ring": (
        HEAD + rule('{ do = "transfer", to = "+13125550111", ring_secs = 3 }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.ring_secs: expected 5 to 600, got 3',
    ),
    "true is no number": (
        HEAD + rule('{ do = "transfer", to = "+13125550111", ring_secs = true }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.ring_secs: expected 5 to 600, got true',
    ),
    "deep inside": (
        HEAD
        + rule(
            '{ do = "say", text = "Hello.", then = { do = "transfer", to = "+13125550111", caller_id = "me" } }'
        )
        + DEFAULT,
        '7: [[rules]] "clinic: open" then.then.caller_id: expected "business" or "caller", got "me"',
    ),
    "transfer to nobody": (
        HEAD + rule('{ do = "transfer" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.to: missing; expected {NUMBER}',
    ),
    "answer without then": (
        HEAD + rule('{ do = "answer" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.then: missing; expected an action such as { do = "hangup" }',
    ),
    "action without do": (
        HEAD + rule('{ to = "+13125550111" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.do: missing; expected {ACTION}',
    ),
    "action as a word": (
        HEAD + rule('"hangup"') + DEFAULT,
        '7: [[rules]] "clinic: open" then: expected an action such as { do = "hangup" }, got "hangup"',
    ),
    "unknown cause": (
        HEAD + '[default]\nthen = { do = "reject", cause = "BUSY" }\n',
        f'5: [default] then.cause: expected {CAUSE}, got "BUSY"',
    ),
    "transfer to no number": (
        HEAD + rule('{ do = "transfer", to = "312-555-0111" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.to: expected {NUMBER}, got "312-555-0111"',
    ),
    "prefix as destination": (
        HEAD + rule('{ do = "transfer", to = "+1312*" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.to: expected {NUMBER}, got "+1312*"',
    ),
    "transfer to 911": (
        HEAD + rule('{ do = "transfer", to = "911" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.to: "911" is an emergency number, and those are never dialled',
    ),
    "transfer to +1911": (
        HEAD + rule('{ do = "transfer", to = "+1911" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.to: "+1911" is an emergency number, and those are never dialled',
    ),
    "destination outside the limits": (
        HEAD + '[limits]\nallow = ["+44*"]\n' + rule('{ do = "transfer", to = "+13125550111" }') + DEFAULT,
        f'9: [[rules]] "clinic: open" then.to: {OUTSIDE}',
    ),
    "dangling group": (
        HEAD + '[groups.sales]\nmembers = ["+13125550211"]\n' + rule('{ do = "ring", group = "slaes" }') + DEFAULT,
        '9: [[rules]] "clinic: open" then.group: there is no [groups.slaes]; known: sales',
    ),
    "dangling policy": (
        HEAD + rule('{ do = "transfer", to = "+13125550111", record = "all" }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.record: there is no [recording.all]; known: none',
    ),
    "play from a folder": (
        HEAD + rule('{ do = "play", url = "music.mp3" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.url: expected {URL}, got "music.mp3"',
    ),
    "play from a host with a space": (
        HEAD + rule('{ do = "play", url = "https://example.com/a b.mp3" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.url: expected {URL}, got "https://example.com/a b.mp3"',
    ),
    "play without a url": (
        HEAD + rule('{ do = "play" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.url: missing; expected {URL}',
    ),
    "play then nonsense": (
        HEAD
        + rule('{ do = "play", url = "https://example.com/a.mp3", then = { do = "ring", group = "x" } }')
        + DEFAULT,
        '7: [[rules]] "clinic: open" then.then.group: there is no [groups.x]; known: none',
    ),
    "message for a caller": (
        HEAD + rule('{ do = "say", text = "Hello.", then = { do = "leave_message", text = "Hello." } }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.then: {NEVER_A_MACHINE}',
    ),
    "message by default": (
        HEAD + '[default]\nthen = { do = "leave_message", text = "Hello." }\n',
        f"5: [default] then: {NEVER_A_MACHINE}",
    ),
    "message without detection": (
        HEAD + outbound('human = { do = "leave_message", text = "Hello." }') + DEFAULT,
        f"6: [outbound.reminder] human: {NEEDS_AMD}; without it no greeting's end is told",
    ),
    "message of nothing": (
        HEAD
        + outbound('human = { do = "hangup" }', 'amd.mode = "premium"', 'machine = { do = "leave_message" }')
        + DEFAULT,
        "8: [outbound.reminder] machine: needs exactly one of text and url",
    ),
    "message of both": (
        HEAD
        + outbound(
            'human = { do = "hangup" }',
            'amd.mode = "premium"',
            'machine = { do = "leave_message", text = "Hello.", url = "https://example.com/a.mp3" }',
        )
        + DEFAULT,
        "8: [outbound.reminder] machine: needs exactly one of text and url",
    ),
    "message from a mailbox": (
        HEAD
        + outbound(
            'human = { do = "hangup" }',
            'amd.mode = "premium"',
            'machine = { do = "leave_message", url = "mailto:ana@example.com" }',
        )
        + DEFAULT,
        f'8: [outbound.reminder] machine.url: expected {URL}, got "mailto:ana@example.com"',
    ),
    "attribute of a variable in a message": (
        HEAD
        + outbound(
            'human = { do = "hangup" }',
            'amd.mode = "premium"',
            'machine = { do = "leave_message", text = "{a.b}" }',
        )
        + DEFAULT,
        "8: [outbound.reminder] machine.text: stray {: only {name} is filled in; {{ and }} are plain braces",
    ),
    "hook without a function": (
        HEAD + rule('{ do = "hook", call = "hooks" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.call: expected {HOOK}, got "hooks"',
    ),
    "hook by its file": (
        HEAD + rule('{ do = "hook", call = "hooks/sales.py:overflow" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.call: expected {HOOK}, got "hooks/sales.py:overflow"',
    ),
    "hook that is called": (
        HEAD + rule('{ do = "hook", call = "hooks:overflow()" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.call: expected {HOOK}, got "hooks:overflow()"',
    ),
    "hook that calls nothing": (
        HEAD + rule('{ do = "hook" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.call: missing; expected {HOOK}',
    ),
    "hook that falls back on itself": (
        HEAD + '[default]\nthen = { do = "answer", then = { do = "hook", call = "hooks:overflow" } }\n',
        f"5: [default] then.then: {ENDLESS}",
    ),
    "hook with more": (
        HEAD + rule('{ do = "hook", call = "hooks:overflow", then = { do = "hangup" } }') + DEFAULT,
        '7: [[rules]] "clinic: open" then.then: unknown key; allowed: do, call',
    ),
    "blank text": (
        HEAD + rule('{ do = "say", text = " " }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.text: expected {SPOKEN}, got " "',
    ),
    "endless text": (
        HEAD + rule('{ do = "say", text = "' + "a" * 3001 + '" }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.text: expected {SPOKEN}, got "{"a" * 59}…"',
    ),
    "variable for an incoming call": (
        HEAD + rule('{ do = "say", text = "Hello {name}." }') + DEFAULT,
        f'7: [[rules]] "clinic: open" then.text: {NO_VARIABLES}',
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_line_key_and_choices(text, expected):
    told = error_of(text)

    assert told == f"dialplan.toml:{expected}"
    assert len(told.splitlines()) == 1
