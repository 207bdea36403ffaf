"""From the `data` of an answer to its type: odd fields are lost, the rest is not; new keys pass."""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import fields

_Result = TypeVar("_Result", bound=Struct)


def read_result(kind: type[_Result], data: dict[str, Any]) -> _Result | None:
    """The typed result, or None where an id is missing that everybody relies on."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError:
        pass
    readable: dict[str, Any] = {}
    for field in fields(kind):
        try:
            readable[field.name] = msgspec.convert(data[field.encode_name], field.type)
        except (KeyError, msgspec.ValidationError):
            if field.required:
                return None
    return kind(**readable)
