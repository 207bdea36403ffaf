"""The kinds of ids, and those that we derive rather than draw."""

from typing import Final, NewType
from uuid import UUID, uuid5

CallId = NewType("CallId", str)  # ours: one call of the business, over all its legs
LegId = NewType("LegId", str)  # Telnyx's call_leg_id
SessionId = NewType("SessionId", str)  # Telnyx's call_session_id
ControlId = NewType("ControlId", str)  # Telnyx's call_control_id: what commands are addressed to
Row = NewType("Row", int)  # a command's number within its call

_NAMESPACE: Final = UUID("6f1d2c5e-6b57-5f0c-9d2e-0a7c1e5b7a11")


def inbound_call_id(session_id: SessionId) -> CallId:
    """The same id on every worker and at every rerun, so that two of them cannot make two calls of one."""
    return CallId(str(uuid5(_NAMESPACE, f"session:{session_id}")))


def reconciled_id(leg_id: LegId, fact: str) -> str:
    """The event id of a fact of a leg that a reconciliation found: the same whoever finds it, however often."""
    return str(uuid5(_NAMESPACE, f"reconciled:{leg_id}:{fact}"))


def command_id(call_id: CallId, version: int, ordinal: int, digest: str) -> str:
    """Telnyx's idempotency key: derived from what is sent, so that other bytes are another command.

    `digest` is the SHA-256 of method, path and the body without command_id.
    """
    return str(uuid5(_NAMESPACE, f"command:{call_id}:{version}:{ordinal}:{digest}"))
