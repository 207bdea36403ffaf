"""Phone numbers, SIP URIs and the patterns that stand for many of them; pure.

A pattern is an exact value, or holds one `*` for any run of characters: `+1312*`, `sip:*@sales.sip.telnyx.com`.
"""

import re
from typing import Final
from urllib.parse import unquote

_E164: Final = re.compile(r"\+[1-9][0-9]{1,14}")  # ITU-T E.164: at most 15 digits
_SIP: Final = re.compile(
    r"sips?:(?P<user>[A-Za-z0-9_.!~&=$+%-]+)"  # RFC 3261, without `*` (our wildcard) and without a password
    r"@(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:;[A-Za-z0-9_.!~+%-]+(?:=[A-Za-z0-9_.!~+%-]+)?)*"
)
_PREFIX: Final = re.compile(r"\+(?:[1-9][0-9]{0,14})?\*")

# Dialled alone these reach an emergency service (ITU-T E.161.1: 112, 911; Australia 000; 933 tests 911).
_EMERGENCY_ANYWHERE: Final = frozenset({"000", "112", "911", "933", "999"})
# National codes. A SIP user may rightly be named so (an extension), a number after a country code may not.
_EMERGENCY_NATIONAL: Final = frozenset(
    map(
        str,
        (100, 101, 102, 103, 108, 110, 111, 113, 115, 117, 118, 119, 120, 122, 190, 191, 192, 193, 995, 997, 998),
    )
)
_USER_ENDS: Final = re.compile("[@:;]")
_SEPARATORS: Final = str.maketrans("", "", "-.() ")  # RFC 3966: visual separators mean nothing
# What stands where a number was withheld. RFC 3323 section 4.1.1.3 gives `anonymous`; carriers send the others,
# and +266696687 is ANONYMOUS typed on a keypad. Telnyx documents none of them.
_WITHHELD: Final = frozenset({"", "anonymous", "restricted", "private", "unknown", "unavailable", "+266696687"})

# ITU-T E.164 assigned country codes of one and two digits; every other one has three.
_COUNTRY_CODES: Final = frozenset(
    map(
        str,
        (
            *(1, 7, 20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59)),
            *(*range(60, 67), 81, 82, 84, 86, *range(90, 96), 98),
        ),
    )
)
_SHOWN: Final = 2  # last digits of a masked number


def is_e164(text: str) -> bool:
    return _E164.fullmatch(text) is not None


def is_sip_uri(text: str) -> bool:
    return _SIP.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether Telnyx takes it as a destination: an E.164 number or a SIP URI."""
    return is_e164(text) or is_sip_uri(text)


def normal(number: str) -> str:
    """Whom a number or SIP URI reaches, written in one way: two that are equal so are one entry on a list.

    Scheme, port and parameters of a URI say how it is reached. Its user is case-sensitive, its host is not
    (RFC 3261 section 19.1.4).
    """
    uri = _SIP.fullmatch(number)
    return number if uri is None else f"sip:{uri['user']}@{uri['host'].lower()}"


def is_emergency(text: str) -> bool:
    """Whether it is an emergency number: bare (`911`), with a country code (`+1911`) or as a SIP user.

    Asked also of what `is_number` refuses: a scheme in capitals, a user with parameters or a password.
    """
    scheme, _, rest = text.partition(":")
    if scheme.lower() in ("sip", "sips"):
        user = _USER_ENDS.split(unquote(rest))[0].translate(_SEPARATORS)
        return _is_emergency_code(user.removeprefix("+"), _EMERGENCY_ANYWHERE)
    digits = text.translate(_SEPARATORS).removeprefix("+")
    return _is_emergency_code(digits, _EMERGENCY_ANYWHERE | _EMERGENCY_NATIONAL)


def _is_emergency_code(digits: str, codes: frozenset[str]) -> bool:
    # Alone or after a country code of one to three digits; no subscriber's number is as short as that.
    return any(digits[length:] in codes for length in range(4))


def is_withheld(caller: str) -> bool:
    """Whether the caller hides the number, as the pattern `anonymous` asks."""
    user = caller.removeprefix("sips:").removeprefix("sip:").partition("@")[0]
    return user.casefold() in _WITHHELD


def country_code(number: str) -> str:
    """Of an E.164 number, without the plus."""
    return next((number[1:end] for end in (2, 3) if number[1:end] in _COUNTRY_CODES), number[1:4])


def masked(text: str) -> str:
    """A number as pages and logs show it: its country code and last two digits; of a SIP URI only the host.

    A withheld caller stays, as that is nobody's number; of any other text at most the last two digits are left.
    """
    if is_sip_uri(text):
        scheme, _, rest = text.partition(":")
        return f"{scheme}:•••@{rest.partition('@')[2].partition(';')[0]}"
    if is_withheld(text):
        return text
    head = f"+{country_code(text)}" if is_e164(text) else ""
    rest = text.removeprefix(head)
    shown = rest[-_SHOWN:] if len(rest) > 2 * _SHOWN and rest.isascii() and rest.isdigit() else ""
    return f"{head}•••{shown}"


def is_pattern(text: str) -> bool:
    """Whether it is a number, a prefix of numbers, or a SIP URI with one `*`; `*` alone is every number."""
    if text.count("*") != 1:
        return is_number(text)
    return (
        text in ("*", "sip:*", "sips:*")
        or is_sip_uri(text.replace("*", "x"))
        or _PREFIX.fullmatch(text) is not None
    )


def matches(pattern: str, text: str) -> bool:
    """Whether a number or SIP URI is what the pattern stands for."""
    head, star, tail = pattern.partition("*")
    if not star:
        return pattern == text
    return len(text) >= len(head) + len(tail) and text.startswith(head) and text.endswith(tail)


def covers(wider: str, narrower: str) -> bool:
    """Whether `wider` matches everything that `narrower` matches."""
    head, star, tail = narrower.partition("*")
    wider_head, wider_star, wider_tail = wider.partition("*")
    if not star or not wider_star:
        return wider == narrower or (not star and matches(wider, narrower))
    return head.startswith(wider_head) and tail.endswith(wider_tail)
