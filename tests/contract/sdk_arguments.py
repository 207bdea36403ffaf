"""Arguments for the SDK's methods, made from its types and the contract's rules, and what they are on the wire."""

import base64
import typing
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, Literal, NamedTuple, Union
from zlib import crc32

import typing_extensions

from tests.telnyx_contract import OBJECTS

_UNKNOWN: Final = object  # the SDK's type of what may be anything
_NARROWER: Final[dict[str, dict[str, Any]]] = {  # what only the SDK's texts say, and our types with them
    "max_endpoint_delay_ms": {"min": 500, "max": 3000},
    "park_after_unbridge": {"enum": ["self"]},
    "speed": {"min": 0.7, "max": 1.3},
    "target_legs": {"enum": ["self", "opposite", "both"]},
    "track": {"enum": ["both", "inbound", "outbound"]},
    "transcription_tracks": {"enum": ["both", "inbound", "outbound"]},
    "utterance_end_ms": {"min": 0, "max": 5000},
    "volume": {"min": 0.1, "max": 1},
}
_FORMATS: Final[dict[str, Callable[[str], str]]] = {  # of texts that are not free
    "client_state": lambda text: base64.b64encode(text.encode()).decode(),
    "digits": lambda text: f"{crc32(text.encode())}wW*#",
    "from_display_name": lambda text: text.replace(".", " "),
    "send_digits_on_answer": lambda text: f"{crc32(text.encode())}wW*#",
    "target_leg_client_state": lambda text: base64.b64encode(text.encode()).decode(),
}


class Pair(NamedTuple):
    """One value, as the SDK's caller writes it and as the wire has it."""

    given: Any
    wire: Any


def all_arguments(params: type, rules: dict[str, Any], turn: int) -> Pair:
    """Every parameter of a method set; another `turn` takes other values, and other members of unions."""
    return _object(params, rules, turn, "")


def turns(annotation: Any) -> int:
    """How many turns it takes until each member of each union was there."""
    annotation, _ = _plain(annotation)
    if typing_extensions.is_typeddict(annotation):
        return max((turns(inner) for inner in _hints(annotation).values()), default=1)
    members = _members(annotation)
    if _is_union(annotation):
        return len(members) * max(map(turns, members))
    return max((turns(inner) for inner in members if not isinstance(inner, str | int)), default=1)


def literals(annotation: Any) -> set[Any] | None:
    """The values of an enum, in whatever it may be wrapped; None for anything else."""
    annotation, _ = _plain(annotation)
    if typing.get_origin(annotation) is Literal:
        return set(typing.get_args(annotation))
    if _is_union(annotation):
        found = [literals(member) for member in _members(annotation)]
        return set().union(*found) if all(member is not None for member in found) else None
    return None


def wire_types(params: type) -> Iterator[tuple[str, Any]]:
    """The name on the wire and the type of each member of an object of the SDK."""
    for name, hint in _hints(params).items():
        annotation, alias = _plain(hint)
        yield alias or name, annotation


def required(params: type, wire_name: str) -> bool:
    """Whether the SDK wants this member to be given."""
    for name, hint in _hints(params).items():
        if (_plain(hint)[1] or name) == wire_name:
            return typing.get_origin(hint) is typing_extensions.Required
    raise KeyError(wire_name)


def maps_to_text(annotation: Any) -> bool:
    """Whether the values of a mapping may be texts."""
    _, values = typing.get_args(annotation)
    return str in (_members(values) if _is_union(values) else [values])


def objects_of(annotation: Any) -> Iterator[type]:
    """The SDK's objects in a type, itself included."""
    annotation, _ = _plain(annotation)
    if typing_extensions.is_typeddict(annotation):
        yield annotation
        for _, inner in wire_types(annotation):
            yield from objects_of(inner)
    else:
        for member in _members(annotation):
            yield from objects_of(member)


def object_name(kind: type) -> str:
    """Of an object of the SDK, as the contract calls it."""
    return kind.__name__.removesuffix("Param")


def _object(kind: type, rules: dict[str, Any], turn: int, path: str) -> Pair:
    given, wire = {}, {}
    for name, hint in _hints(kind).items():
        _, alias = _plain(hint)
        wire_name = alias or name
        rule = _NARROWER.get(wire_name, {}) | rules.get(wire_name, {})
        given[name], wire[wire_name] = _value(hint, rule, turn, f"{path}.{wire_name}".lstrip("."))
    return Pair(given, wire)


def _value(annotation: Any, rule: dict[str, Any], turn: int, path: str) -> Pair:
    annotation, _ = _plain(annotation)
    if typing_extensions.is_typeddict(annotation):
        return _object(annotation, OBJECTS.get(object_name(annotation), {}), turn, path)
    members = _members(annotation)
    if _is_union(annotation):
        return _value(members[turn % len(members)], rule, turn // len(members), path)
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return _same(members[turn % len(members)])
    if origin is dict:
        item = _value(members[1], rule, turn, f"{path}.key")
        return Pair({"key": item.given}, {"key": item.wire})
    if members:  # a list, whatever the SDK calls it
        items = [_value(members[0], rule, turn + n, f"{path}[{n}]") for n in range(2)]
        return Pair([item.given for item in items], [item.wire for item in items])
    return _same(_scalar(annotation, rule, turn, path))


def _scalar(kind: Any, rule: dict[str, Any], turn: int, path: str) -> Any:
    """Different for each path, so that values in one another's place are seen."""
    seed = crc32(path.encode()) + turn
    if "enum" in rule and kind is not bool:
        return rule["enum"][turn % len(rule["enum"])]
    if kind is bool:
        return bool(seed % 2)
    if kind in {int, float}:
        least = rule.get("min", 1)
        span = rule.get("max", least + 1000) - least
        return least + (seed % (span + 1) if kind is int else seed % 97 / 97 * span)
    assert kind in {str, _UNKNOWN}, (path, kind)
    return _text(path, turn, rule.get("max_length", 60))


def _text(path: str, turn: int, longest: int) -> str:
    name = path.rpartition(".")[2].partition("[")[0]
    if "url" in path:
        scheme = "wss" if path == "conversation_relay_config.url" else "https"
        return f"{scheme}://a.example/{path}?turn={turn}&x=%20"
    if path == "loop":
        return "infinity"
    form = _FORMATS.get(name, lambda text: f"{text} ä/&=")
    return form(f"{path}.{turn}")[:longest]


def _same(value: Any) -> Pair:
    return Pair(value, value)


def _hints(kind: type) -> dict[str, Any]:
    return typing_extensions.get_type_hints(kind, include_extras=True)


def _plain(annotation: Any) -> tuple[Any, str | None]:
    """Without Required and Annotated, and the name on the wire where it has one of its own."""
    alias = None
    while typing.get_origin(annotation) in {typing_extensions.Required, Annotated}:
        for extra in getattr(annotation, "__metadata__", ()):
            alias = getattr(extra, "alias", None) or alias
        annotation = typing.get_args(annotation)[0]
    return annotation, alias


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) is Union


def _members(annotation: Any) -> list[Any]:
    return [member for member in typing.get_args(annotation) if member is not type(None)]
