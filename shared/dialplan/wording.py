"""What each key accepts, in the operator's words; a test holds it against the schema."""

from typing import Final

from shared.dialplan.schema import NAMED_TABLES
from shared.dialplan.walk import KeyPath

_NUMBER: Final = "an E.164 number (+13125550100) or a SIP URI (sip:ana@example.com)"
_PATTERN: Final = "a number (+13125550100), a prefix (+1312*) or a SIP URI"
_ACTION: Final = 'an action such as { do = "hangup" }'
_SPOKEN: Final = "a text of 1 to 3000 characters"
_TABLE: Final = "a table"

_EXPECTED: Final = {
    "version": "1",
    "timezone": 'an IANA timezone such as "America/Chicago"',
    "voice": 'a Telnyx voice such as "female"',
    "language": 'a language such as "en-US"',
    "recording": "tables [recording.NAME]",
    "groups": "tables [groups.NAME]",
    "outbound": "tables [outbound.NAME]",
    "limits": "a table [limits]",
    "rules": "tables [[rules]]",
    "default": 'a table [default] with then = { do = "reject" } or another action',
    # of a recording policy
    "start": '"answer" or "bridge"',
    "channels": '"single" or "dual"',
    "format": '"mp3" or "wav"',
    "announce": _SPOKEN,
    # of a group
    "members": f"a list of one or more, each {_NUMBER}",
    "members[]": _NUMBER,
    "strategy": '"simultaneous"',
    "ring_secs": "5 to 600",
    "accept": '"any"',
    # of the limits
    "allow": f"a list, each {_PATTERN}",
    "allow[]": _PATTERN,
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
    # of an outbound profile
    "from": _NUMBER,
    "connection": "a connection id as text",
    "amd": 'a table such as { mode = "premium" }',
    "mode": '"premium"',
    "decide_within_secs": "1 to 60",
    "human": _ACTION,
    "machine": _ACTION,
    "fax": _ACTION,
    "silence": _ACTION,
    "not_sure": _ACTION,
    # of an action
    "do": '"reject", "hangup", "answer", "transfer", "ring" or "say"',
    "then": _ACTION,
    "otherwise": _ACTION,
    "cause": '"CALL_REJECTED", "USER_BUSY", "NOT_FOUND" or "TEMPORARILY_UNAVAILABLE"',
    "to": _NUMBER,
    "caller_id": '"business" or "caller"',
    "record": "the name of a [recording.NAME] table",
    "group": "the name of a [groups.NAME] table",
    "text": _SPOKEN,
}


def expected(path: KeyPath) -> str:
    """What may stand at a place of the file."""
    match path:
        case ("rules", int()):
            return _TABLE
        case (str(table), str(), *rest) if table in NAMED_TABLES:
            if not rest:
                return _TABLE
            path = tuple(rest)  # a name is the operator's own and may look like a key
    keys = [key for key in path if isinstance(key, str)]
    item = "[]" if isinstance(path[-1], int) else ""
    return _EXPECTED.get(".".join(keys[-2:]) + item) or _EXPECTED[keys[-1] + item]
