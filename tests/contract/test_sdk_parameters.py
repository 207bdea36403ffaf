"""Our contract and the official SDK know the same parameters and enums, but for the differences in one table."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pytest

from shared.telnyx import OPERATIONS, decode_body, decode_query
from tests.contract.sdk_arguments import literals, maps_to_text, object_name, objects_of, required, wire_types
from tests.contract.sdk_methods import IN_THE_SDK, params_of
from tests.telnyx_contract import OBJECTS
from tests.telnyx_contract import OPERATIONS as DOCUMENTED


class Difference(NamedTuple):
    """`taken` is what our types take and the SDK's do not; `unlike` says so of its types (None: no such key)."""

    operation: str
    parameter: str
    reason: str
    taken: dict[str, Any]
    unlike: Callable[[Any, type], bool]


def _absent(annotation: Any, _params: type) -> bool:
    return annotation is None


_CURSORS: Final = "in Telnyx's reference and not in the SDK, which asks for pages by number only"
ON_PURPOSE: Final = [
    Difference("list_active_calls", "page[after]", _CURSORS, {"page[after]": "c"}, _absent),
    Difference("list_active_calls", "page[before]", _CURSORS, {"page[before]": "c"}, _absent),
    Difference("list_active_calls", "page[limit]", _CURSORS, {"page[limit]": 2}, _absent),
    Difference(
        "answer",
        "preferred_codecs",
        "the SDK's enum is one example with commas in it, as its own type for a dial shows",
        {"preferred_codecs": "OPUS,PCMU"},
        lambda annotation, _: literals(annotation) == {"G722,PCMU,PCMA,G729,OPUS,VP8,H264"},
    ),
    Difference(
        "list_call_control_applications",
        "sort",
        "the reference, and the SDK's own text, take a leading minus for descending",
        {"sort": "-created_at"},
        lambda annotation, _: "-created_at" not in (literals(annotation) or {"-created_at"}),
    ),
    Difference(
        "bridge",
        "call_control_id",
        "required in the SDK, whose text excludes it beside queue and video_room_id",
        {"queue": "support"},
        lambda _, params: required(params, "call_control_id"),
    ),
    *(
        Difference(
            operation,
            "webhook_urls",
            "the SDK has lists of URLs, the reference a single one for each event",
            {"webhook_urls": {"call.hangup": "https://a.example"}, **needed},
            lambda annotation, _: not maps_to_text(annotation),
        )
        for operation, needed in (
            ("answer", {}),
            ("dial", {"connection_id": "29", "from": "+12025550142", "to": "+12025550111"}),
            ("transfer", {"to": "+12025550111"}),
        )
    ),
]
SHOWN_BY_NAMES_AND_ENUMS: Final = {  # of the differences, those that the contract's names and enums show
    *(("list_active_calls", f"page[{key}]") for key in ("after", "before", "limit")),
    ("answer", "preferred_codecs"),
}


def sdk_parameters(params: type | None) -> dict[str, Any]:
    """Types by wire key, the objects of a query taken apart."""
    return dict(_flat(params, "")) if params else {}


def _flat(kind: type, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, annotation in wire_types(kind):
        key = f"{prefix}[{name}]" if prefix else name
        is_filter = name == "filter" or prefix
        inner = next(iter(objects_of(annotation)), None) if is_filter else None
        yield from _flat(inner, key) if inner else [(key, annotation)]


def unequal(documented: dict[str, Any], theirs: dict[str, Any]) -> Iterator[str]:
    """The keys that only one of the two knows, or whose enums differ."""
    yield from documented.keys() ^ theirs.keys()
    for key in documented.keys() & theirs.keys():
        if set(documented[key].get("enum", ())) != (literals(theirs[key]) or set()):
            yield key


def test_names_and_enums_of_parameters_are_the_sdks(sdk):
    found = {
        (name, key)
        for name in IN_THE_SDK
        for key in unequal(DOCUMENTED[name]["sends"], sdk_parameters(params_of(sdk, name)))
    }

    assert found == SHOWN_BY_NAMES_AND_ENUMS
    assert found <= {(difference.operation, difference.parameter) for difference in ON_PURPOSE}


def test_objects_inside_them_are_the_sdks(sdk):
    theirs = {
        object_name(kind): dict(wire_types(kind))
        for name in IN_THE_SDK
        if (params := params_of(sdk, name))
        for key, annotation in wire_types(params)
        if key != "filter"
        for kind in objects_of(annotation)
    }

    assert theirs.keys() == OBJECTS.keys()
    assert {name: list(unequal(OBJECTS[name], theirs[name])) for name in theirs} == {name: [] for name in theirs}


@pytest.mark.parametrize("difference", ON_PURPOSE, ids=lambda row: f"{row.operation}-{row.parameter}")
def test_a_difference_on_purpose_is_still_there(sdk, difference):
    params = params_of(sdk, difference.operation)
    decode = decode_query if OPERATIONS[difference.operation].listed else decode_body

    decode(difference.operation, json.dumps(difference.taken).encode())

    assert difference.unlike(sdk_parameters(params).get(difference.parameter), params), difference.reason
