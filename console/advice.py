"""What a person can do about an error of Telnyx's, by its code and then by its status (facts.md section 5)."""

from typing import Final

from shared.errors import TelnyxError

_BY_CODE: Final = {
    "90018": "nothing: the call has ended",
    "90015": "check the call_control_id: it names no call of this account",
    "90034": "wait for call.answered, or answer the call first",
    "90020": "wait until there is audio, then try again",
    "90103": "dial more slowly: 30 dials a second are allowed by default",
    "10009": "check TELNYX_API_KEY",
    "10010": "this key may not do that: check its permissions",
    "10005": "check the id: nothing has it",
    "10004": "add the parameter that the detail names",
    "10015": "mend the value that the detail names",
    "10016": "write the number as E.164, for example +13125550100",
    "10032": "take one of the values that the detail names",
    "10033": "keep to the range that the detail names",
    "10000": "remove the characters that the detail names",
}
_BY_STATUS: Final = {
    401: _BY_CODE["10009"],
    403: _BY_CODE["10010"],
    404: _BY_CODE["10005"],
    408: "try again",
    429: "wait a little and try again: there were too many requests",
}


def advice(reason: TelnyxError) -> str:
    """One line, never empty. 10011 means too many requests with 429, and media encryption with 422."""
    if reason.status is None:
        return "check TELNYX_BASE_URL and the network; look before you repeat it, it may have been done"
    if reason.code == "10011" and reason.status == 422:
        return "leave out media_encryption: it is not supported for calls to the telephone network"
    found = _BY_CODE.get(reason.code) or _BY_STATUS.get(reason.status)
    if found:
        return found
    return "try again later" if reason.status >= 500 else "see developers.telnyx.com for this code"


def refusal(reason: TelnyxError) -> str:
    """What Telnyx said, and what to do about it."""
    status = f"HTTP {reason.status}" if reason.status else "no answer"
    lines = [" ".join(part for part in (f"Telnyx refused: {reason.code or status}", reason.title) if part)]
    if reason.detail:
        lines.append(f"  detail   {reason.detail}")
    lines.append(f"  to do    {advice(reason)}")
    return "\n".join(lines)
