"""Whether Telnyx would take a command: enums, ranges, patterns, and fields that need or exclude each other."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import fields

from shared.commands.legs import Answer, Bridge, Dial, Transfer
from shared.commands.requests import VERBS, Command
from shared.commands.transcription import transcription_faults
from shared.errors import BadInput

_RETRIES_SUM_MS: Final = 60_000


def check(command: Command) -> None:
    """Raise BadInput, naming the field and, as JSON Schema, what it may be. Telnyx may still refuse what passes.

    Apart from `request` on purpose: a value newer than our lists is sent by not asking here.
    """
    verb = VERBS[type(command)]
    check_fields(verb, command)
    for conflict in _conflicts(command):
        raise BadInput(f"{verb}: {conflict}")


def check_fields(operation: str, sent: Struct) -> None:
    """`check` without the rules between fields, for anything that we send. Raises BadInput."""
    for path, value, annotation in _leaves(sent, ""):
        try:
            msgspec.convert(msgspec.to_builtins(value), annotation)
        except msgspec.ValidationError:
            raise BadInput(f"{operation}: {path} must be {schema(annotation)}") from None


def schema(annotation: Any) -> str:
    """What a field may be, as JSON Schema on one line."""
    return msgspec.json.encode(msgspec.json.schema(annotation)).decode()


def _leaves(struct: Struct, prefix: str) -> Iterator[tuple[str, Any, Any]]:
    """Every set field that is no object of ours, with its path and its type."""
    for field in fields(struct):
        value = getattr(struct, field.name)
        path = f"{prefix}{field.encode_name}"
        if isinstance(value, UnsetType):
            continue
        inner = list(_objects(value, path))
        if not inner:
            yield path, value, field.type
        for inner_path, inner_struct in inner:
            yield from _leaves(inner_struct, f"{inner_path}.")


def _objects(value: Any, path: str) -> Iterator[tuple[str, Struct]]:
    """The objects of ours in a field: one, several, or several by name."""
    if isinstance(value, Struct):
        yield path, value
    elif isinstance(value, tuple):
        yield from ((f"{path}[{n}]", item) for n, item in enumerate(value) if isinstance(item, Struct))
    elif isinstance(value, dict):
        yield from ((f"{path}.{name}", item) for name, item in value.items() if isinstance(item, Struct))


def _conflicts(command: Command) -> Iterator[str]:
    """Rules between fields (Telnyx docs: call-commands/dial and bridge)."""
    if isinstance(command, Bridge):
        others = (command.call_control_id, command.queue, command.video_room_id)
        if sum(other is not UNSET for other in others) != 1:
            yield "exactly one of call_control_id, queue and video_room_id must be set"
    if isinstance(command, Dial):
        yield from _dial_conflicts(command)
    if isinstance(command, Answer | Dial) and command.transcription_config is not UNSET:
        yield from transcription_faults(command.transcription_config)
    if isinstance(command, Answer | Dial | Transfer) and command.webhook_retries_policies is not UNSET:
        for event_type, policy in command.webhook_retries_policies.items():
            if policy.retries_ms is not UNSET and sum(policy.retries_ms) > _RETRIES_SUM_MS:
                yield f"webhook_retries_policies.{event_type}.retries_ms: at most {_RETRIES_SUM_MS} in all"


def _dial_conflicts(dial: Dial) -> Iterator[str]:
    if dial.link_to is UNSET:
        if dial.bridge_intent is True:
            yield "bridge_intent needs link_to"
        if dial.bridge_on_answer is True:
            yield "bridge_on_answer needs link_to"
        if dial.park_after_unbridge is not UNSET:
            yield "park_after_unbridge needs link_to"
    if dial.audio_url is not UNSET and dial.media_name is not UNSET:
        yield "audio_url and media_name exclude each other"
