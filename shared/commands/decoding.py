"""From JSON that a person wrote to what we send: unknown keys and wrong values are refused with their names."""

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import fields

from shared.commands.legs import UpdateClientState
from shared.commands.limits import schema
from shared.commands.requests import VERBS, Command
from shared.errors import BadInput

_SentT = TypeVar("_SentT", bound=Struct)
_PATH: Final = re.compile(r" - at `(?:key in )?\$\.?(.*)`\Z")
_KEY: Final = re.compile(r"Object (contains unknown|missing required) field `(.*?)`(?: - at `\$\.(.*)`)?\Z")
_STEP: Final = re.compile(r"\[(?:\d+|\.\.\.)\]|\.")
_KINDS: Final = {verb: kind for kind, verb in VERBS.items()}
_NO_OBJECT: Final = "the body must be a JSON object"
_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])


def decode_command(verb: str, body: bytes) -> tuple[Command, str | None]:
    """A command and its command_id from a request body exactly as in Telnyx's documentation.

    Raises BadInput, as `decode` does, and for a command_id that is no text or that the verb does not take.
    """
    kind = _KINDS[verb]
    command_id: str | None = None
    if kind is not UpdateClientState:
        members = decode_members(verb, body)
        if "command_id" in members:
            command_id = _text(verb, "command_id", members.pop("command_id"))
            body = msgspec.json.encode(members)
    return decode(verb, kind, body), command_id


def decode(operation: str, kind: type[_SentT], body: bytes, strict: bool = True) -> _SentT:
    """An object of `kind`. Raises BadInput: no JSON, no object, an unknown or missing key, a wrong value.

    Null is taken where the field may be null. Not `strict`: a number or boolean may be written as text.
    """
    try:
        return msgspec.json.decode(body, type=kind, strict=strict)
    except msgspec.ValidationError as reason:
        raise BadInput(f"{operation}: {_told(kind, str(reason))}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput(f"{operation}: the body is no JSON") from None


def decode_members(operation: str, body: bytes) -> dict[str, Raw]:
    """The members of a JSON object, each still raw. Raises BadInput."""
    try:
        return _MEMBERS.decode(body)
    except msgspec.ValidationError:
        raise BadInput(f"{operation}: {_NO_OBJECT}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput(f"{operation}: the body is no JSON") from None


def wire_fields(kind: type[Struct]) -> dict[str, bool]:
    """An object's fields as the wire names them, in the order of its definition, and whether each is required."""
    return {field.encode_name: field.required for field in fields(kind)}


def _told(kind: type[Struct], reason: str) -> str:
    """msgspec's reason with the field in full; about a value, in the words of `check`."""
    if key := _KEY.fullmatch(reason):
        path = f"{key[3]}.{key[2]}" if key[3] else key[2]
        return f"{path} is missing" if key[1] == "missing required" else f"{path} is unknown"
    at = _PATH.search(reason)
    if at is None:
        return _NO_OBJECT
    annotation = _annotation(kind, at[1])
    return f"{at[1]} must be {schema(annotation)}" if annotation else reason


def _annotation(kind: type[Struct], path: str) -> Any:
    """The type of the field at a path as msgspec writes it (`sip_headers[0].name`), or None."""
    found: Any = kind
    for step in [path] if path in wire_fields(kind) else filter(None, _STEP.split(path)):
        kinds = list(_structs(found))
        found = next((f.type for k in kinds for f in fields(k) if f.encode_name == step), None)
        tags = tuple(k.__struct_config__.tag for k in kinds if k.__struct_config__.tag_field == step)
        if found is None:
            return Literal[tags] if tags else None
    return found


def _structs(annotation: Any) -> Iterator[type[Struct]]:
    """The objects of ours that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        yield annotation
    for part in get_args(annotation):
        yield from _structs(part)


def _text(operation: str, name: str, raw: Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.DecodeError:
        raise BadInput(f'{operation}: {name} must be {{"type":"string"}}') from None
