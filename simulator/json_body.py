"""A JSON body as the struct it should be, or the refusal that names the field which is wrong."""

import re
from typing import TypeVar

import msgspec

from simulator.refusals import Refusal, invalid, missing, not_allowed, out_of_range

T = TypeVar("T")


def read_json(raw: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """An empty body is `{}`. Raises Refusal."""
    try:
        return decoder.decode(raw or b"{}")
    except msgspec.ValidationError as error:
        raise _bad_field(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid("The request body is not valid JSON.", status=400) from None


def _bad_field(message: str) -> Refusal:
    """From what msgspec says of a body: "Expected `int` >= 5 - at `$.timeout_secs`"."""
    inside = _pointer(message)
    absent = re.search(r"missing required field `([^`]+)`", message)
    if absent is not None:
        return missing(f"{inside}/{absent[1]}")
    if "Invalid enum value" in message:
        return not_allowed(message, inside or None)
    if re.search(r"Expected `\w+` (of length )?[<>]", message):
        return out_of_range(message, inside or None)
    return invalid(message, inside or None)


def _pointer(message: str) -> str:
    """msgspec's path as Telnyx's pointer: `$.custom_headers[1]` is /custom_headers/1, the body itself is empty."""
    path = re.search(r"at `\$\.?([^`]*)`$", message)
    if path is None:
        return ""
    return "/" + re.sub(r"\[(\d+)]", r"/\1", path[1].replace("[...]", "")).replace(".", "/")
