"""What a job carries without the people in it: their numbers are masked, what may name them is not shown; pure."""

import re
from typing import Any, Final

from console.parties import replaced
from shared.numbers import masked

_HIDDEN: Final = "•••"
_NAMES: Final = frozenset({"caller_id_name", "value", "variables", "headers", "tags", "said", "flow_destination"})
_PARTIES: Final = frozenset({"from", "from_", "to", "from_sip_uri", "to_sip_uri"})
_DIGITS: Final = "digits"  # that were pressed: one is an answer, several may be a secret
_LINK: Final = re.compile(r"(https?://[^/\s?#]+)[/?#]\S*")  # its path and query let anyone fetch the file


def masked_text(text: str) -> str:
    """The numbers and SIP URIs in a text masked, links cut down to their host."""
    return replaced(_LINK.sub(rf"\1/{_HIDDEN}", text), masked)


def masked_value(value: Any, key: str = "") -> Any:
    """A value of a JSON document, by the key that it stands under."""
    match value:
        case dict():
            return {name: masked_value(each, key if key in _NAMES else name) for name, each in value.items()}
        case list():
            return [masked_value(each, key) for each in value]
        case str() if key in _NAMES and value:
            return _HIDDEN
        case str() if key in _PARTIES:
            return masked(value)
        case str() if key == _DIGITS and len(value) > 1:
            return _HIDDEN
        case str():
            return masked_text(value)
        case _:
            return value
