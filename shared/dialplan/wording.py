"""What each key accepts, in the operator's words; a test holds it against the schema."""

from typing import Final

from shared.dialplan.schema import NAMED_TABLES
from shared.dialplan.walk import KeyPath

_NUMBER: Final = "an E.164 number (+13125550100) or a SIP URI (sip:ana@example.com)"
_PATTERN: Final = "a number (+13125550100), a prefix (+1312*) or a SIP URI"
_ACTION: Final = 'an action such as { do = "hangup" }'
_SPOKEN: Final = "a text of 1 to 3000 characters"
_URL: Final = "an http or https URL"
_HOOK: Final = 'a function as "module:function"'
_SPAN: Final = '"08:00-12:00", past midnight "22:00-02:00" or until midnight "18:00-24:00"'
_DURATION: Final = 'a time such as "90s", "15m", "2h" or "1d"'
_TABLE: Final = "a table"

_EXPECTED: Final = {
    "version": "1",
    "timezone": 'an IANA timezone such as "America/Chicago"',
    "voice": 'a Telnyx voice such as "female"',
    "language": 'a language such as "en-US"',
    "schedules": "tables [schedules.NAME]",
    "recording": "tables [recording.NAME]",
    "voicemail": "tables [voicemail.NAME]",
    "groups": "tables [groups.NAME]",
    "outbound": "tables [outbound.NAME]",
    "limits": "a table [limits]",
    "rules": "tables [[rules]]",
    "default": 'a table [default] with then = { do = "reject" } or another action',
    # of a schedule
    "open": 'a table such as { mon-fri = ["08:00-12:00", "13:00-17:00"] }',
    "open.*": f"a list of one or more, each {_SPAN}",
    "open.*[]": _SPAN,
    "closed": "a list of dates such as 2026-12-25",
    "closed[]": "a date such as 2026-12-25",
    # of a recording policy
    "start": '"answer" or "bridge"',
    "channels": '"single" or "dual"',
    "format": '"mp3" or "wav"',
    "announce": _SPOKEN,
    "keep_days": "a whole number from 1",
    # of a voicemail box
    "greeting": 'a table with one of say = "a text" and play = "a URL"',
    "say": _SPOKEN,
    "play": _URL,
    "max_secs": "1 to 14400",
    # of a group
    "members": f"a list of one or more, each {_NUMBER}",
    "members[]": _NUMBER,
    "strategy": '"simultaneous", "sequential" or "round_robin"',
    "ring_secs": "5 to 600",
    "accept": '"any", "press_1" or "amd"',
    "prompt": _SPOKEN,
    # of the limits
    "allow": f"a list, each {_PATTERN}",
    "allow[]": _PATTERN,
    "dials_per_minute": "a whole number from 1",
    "commands_per_call": "a whole number from 1",
    # of a rule
    "name": "a text",
    "when": 'a table such as { to = "+13125550100" }',
    "when.to": f"{_PATTERN}, or a list of them",
    "when.to[]": _PATTERN,
    "when.from": f'{_PATTERN} or "anonymous", or a list of them',
    "when.from[]": f'{_PATTERN} or "anonymous"',
    "when.connection": "a connection id as text, or a list of them",
    "when.connection[]": "a connection id as text",
    "when.schedule": "the name of a [schedules.NAME] table, or a list of them",
    "when.schedule[]": "the name of a [schedules.NAME] table",
    "when.attestation": '"A", "B", "C" or "none", or a list of them',
    "when.attestation[]": '"A", "B", "C" or "none"',
    "when.tags": "a tag as text, or a list of them",
    "when.tags[]": "a tag as text",
    "when.header": 'a table such as { "X-Tier" = "gold" }',
    "header.*": "a text, or a list of them",
    "header.*[]": "a text",
    # of an outbound profile
    "from": _NUMBER,
    "connection": "a connection id as text",
    "schedule": "the name of a [schedules.NAME] table",
    "clock": '"business" or "recipient"',
    "dials_per_sec": "a number above 0, up to 30",
    "max_live": "a whole number from 1",
    "attempts": "1 to 20",
    "retry_after": 'a table such as { busy = "15m", no_answer = "2h" }',
    "retry_after.*": _DURATION,
    "on_outcome": _HOOK,
    "dnc": "true or false",
    "amd": 'a table such as { mode = "premium" }',
    "mode": '"detect", "detect_beep", "detect_words", "greeting_end", "premium" or '
    '"premium_ios_call_screening_detection"',
    "decide_within_secs": "1 to 60",
    "greeting_within_secs": "1 to 120",
    "human": _ACTION,
    "machine": _ACTION,
    "fax": _ACTION,
    "silence": _ACTION,
    "not_sure": _ACTION,
    # of an action
    "do": '"reject", "hangup", "answer", "transfer", "ring", "say", "play", "voicemail", "leave_message" '
    'or "hook"',
    "then": _ACTION,
    "otherwise": _ACTION,
    "cause": '"CALL_REJECTED", "USER_BUSY", "NOT_FOUND" or "TEMPORARILY_UNAVAILABLE"',
    "to": _NUMBER,
    "caller_id": '"business" or "caller"',
    "record": "the name of a [recording.NAME] table",
    "group": "the name of a [groups.NAME] table",
    "box": "the name of a [voicemail.NAME] table",
    "text": _SPOKEN,
    "url": _URL,
    "call": _HOOK,
}


def expected(path: KeyPath) -> str:
    """What may stand at a place of the file."""
    match path:
        case ("rules", int()):
            return _TABLE
        case ("rules", int(), "when", "header", str(), *rest):
            path = ("header", "*", *rest)
        case ("schedules", str(), "open", str(), *rest):
            path = ("open", "*", *rest)
        case ("outbound", str(), "retry_after", str()):
            path = ("retry_after", "*")
        case (str(table), str(), *rest) if table in NAMED_TABLES:
            if not rest:
                return _TABLE
            path = tuple(rest)  # a name is the operator's own and may look like a key
    keys = [key for key in path if isinstance(key, str)]
    item = "[]" if isinstance(path[-1], int) else ""
    return _EXPECTED.get(".".join(keys[-2:]) + item) or _EXPECTED[keys[-1] + item]
