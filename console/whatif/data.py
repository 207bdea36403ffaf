"""What an action or a profile says, as plain data in which every name of a table is replaced by what stands in it.

So a group with another member, or a box with another greeting, makes another action; a table's name does not.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from shared.dialplan import Outbound, Plan
from shared.dialplan.schema import Branch
from shared.numbers import is_number

_TABLES: Final = {"group": "groups", "box": "voicemail", "record": "recording"}
_PACE: Final = frozenset({"dials_per_sec", "max_live", "schedule", "clock"})  # when a call goes, and not where
_BRANCHES: Final[tuple[Branch, ...]] = ("human", "machine", "fax", "silence", "not_sure")


def data_of(plan: Plan, value: Any, key: str = "") -> Any:
    if key in _TABLES and isinstance(value, str):
        return data_of(plan, getattr(plan, _TABLES[key])[value])
    if not isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    tag = value.__struct_config__.tag
    names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
    told = {written: data_of(plan, getattr(value, name), written) for name, written in names}
    return {"do": tag, **told} if tag else told


def outbound_data(plan: Plan, profile: Outbound, dialled: float | None) -> dict[str, Any]:
    """A profile as the action that it is; `dialled` (Unix seconds) is when, None for at once."""
    told = {name: value for name, value in data_of(plan, profile).items() if name not in _PACE}
    when = f"{datetime.fromtimestamp(dialled, UTC):%Y-%m-%d %H:%M} UTC" if dialled is not None else "at once"
    branches = {name: data_of(plan, profile.branch(name)) for name in _BRANCHES}
    return {"do": "call", "dialled": when, **told, **branches}


def summary(value: Any, show: Callable[[str], str]) -> str:
    """A value of such data in a few words; `show` masks a number, or does not."""
    match value:
        case None:
            return "nothing"
        case str():
            return show(value) if is_number(value) else value
        case {"do": "refused", "why": str(why)}:
            return f"refused: {why}"
        case {"do": do, "to": str(to)}:
            return f"{do} to {show(to)}"
        case {"do": do, "group": {"members": members}}:
            return f"{do} {summary(members, show)}"
        case {"do": do}:
            return str(do)
        case list() | tuple():
            return ", ".join(summary(item, show) for item in value)
    return msgspec.json.encode(value).decode()
