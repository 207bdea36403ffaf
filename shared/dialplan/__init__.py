"""The dialplan: what the business wants done with each call, read from one TOML file."""

from shared.dialplan.limits import connections, may_dial, may_place_call
from shared.dialplan.load import load
from shared.dialplan.parse import parse
from shared.dialplan.schema import (
    Action,
    Amd,
    Answer,
    Branch,
    Default,
    Group,
    Hangup,
    Limits,
    Loaded,
    Outbound,
    Plan,
    RecordingPolicy,
    Reject,
    Ring,
    Rule,
    Say,
    Transfer,
    When,
)
from shared.dialplan.texts import fill, filled, variables
from shared.dialplan.warn import warnings

__all__ = [
    "Action",
    "Amd",
    "Answer",
    "Branch",
    "Default",
    "Group",
    "Hangup",
    "Limits",
    "Loaded",
    "Outbound",
    "Plan",
    "RecordingPolicy",
    "Reject",
    "Ring",
    "Rule",
    "Say",
    "Transfer",
    "When",
    "connections",
    "fill",
    "filled",
    "load",
    "may_dial",
    "may_place_call",
    "parse",
    "variables",
    "warnings",
]
