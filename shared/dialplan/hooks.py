"""What a hook is told and may answer; pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from shared.dialplan.schema import Action


class HookCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call as a hook sees it. Names of `headers` are in lower case; `outcome` is for `on_outcome` only."""

    call: str  # our id
    direction: Literal["incoming", "outgoing"]
    from_: str
    to: str
    connection: str = ""
    attestation: str | None = None
    tags: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    rule: str | None = None  # that took an incoming call; None for [default]
    profile: str | None = None  # of an outgoing call, as are its variables
    variables: dict[str, str] = {}
    outcome: str | None = None


HookFunction = Callable[[HookCall, datetime], Action | None]
