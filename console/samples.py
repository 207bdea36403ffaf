"""Samples of Telnyx's events, each made one of now: fresh ids, times that fit, values of one's own.

They stand in samples/, one file an event (Telnyx docs: voice-api-webhooks).
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

FOLDER: Final = Path(__file__).parent / "samples"

_OF_A_CALL: Final = ("call_leg_id", "call_session_id", "recording_id")


def names() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("*.json"))


def read(name: str) -> dict[str, Any]:
    """The whole body, as Telnyx sends it."""
    body: dict[str, Any] = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes())
    return body


def now_of(
    sample: Mapping[str, Any], now: datetime, event_id: str, call: str, payload: Mapping[str, str]
) -> dict[str, Any]:
    """The body of an event that happens now, to the call of that name: one name is always one call.

    Every time moves by as much as `occurred_at`. `payload` has values as they are typed. Raises ValueError.
    """
    moved_by = now - datetime.fromisoformat(sample["data"]["occurred_at"])
    data: dict[str, Any] = _moved(sample["data"], moved_by)
    data["id"] = event_id
    data["payload"] |= {name: _id(call, name) for name in _OF_A_CALL if name in data["payload"]}
    data["payload"]["call_control_id"] = f"v3:{_id(call, 'call_control_id')}"
    data["payload"] |= {name: _typed(name, text, data["payload"].get(name)) for name, text in payload.items()}
    return {**sample, "data": data}


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {name: _moved(item, by) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, by) for item in value]
    if not (isinstance(value, str) and value.endswith("Z")):
        return value
    try:
        return (datetime.fromisoformat(value) + by).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except ValueError:
        return value


def _id(call: str, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"trunkline:trigger:{call}:{what}"))


def _typed(name: str, text: str, was: Any) -> Any:
    """Text where the sample has text, or nothing; else JSON, so that a number of 19 digits stays an id."""
    if was is None or isinstance(was, str):
        return text
    try:
        return msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, UnicodeError):
        raise ValueError(f"{name} is {msgspec.json.encode(was).decode()} in the sample: give it as JSON") from None
