"""The dialplan: what the business wants done with each call, read from one TOML file."""

from shared.dialplan.faults import Fault, describe_fault
from shared.dialplan.forms import seconds
from shared.dialplan.hooks import HookCall, HookFunction, checked
from shared.dialplan.limits import connections, may_dial, may_place_call
from shared.dialplan.load import load
from shared.dialplan.parse import parse
from shared.dialplan.schedules import is_open, next_opening
from shared.dialplan.schema import (
    Action,
    Amd,
    Answer,
    Box,
    Branch,
    Default,
    Greeting,
    Group,
    Hangup,
    Hook,
    LeaveMessage,
    Limits,
    Loaded,
    Outbound,
    Outcome,
    Plan,
    Play,
    RecordingPolicy,
    Reject,
    Ring,
    Rule,
    Say,
    Schedule,
    Transfer,
    Voicemail,
    When,
)
from shared.dialplan.texts import fill, filled, variables
from shared.dialplan.walk import hook_names
from shared.dialplan.warn import warnings

__all__ = [
    "Action",
    "Amd",
    "Answer",
    "Box",
    "Branch",
    "Default",
    "Fault",
    "Greeting",
    "Group",
    "Hangup",
    "Hook",
    "HookCall",
    "HookFunction",
    "LeaveMessage",
    "Limits",
    "Loaded",
    "Outbound",
    "Outcome",
    "Plan",
    "Play",
    "RecordingPolicy",
    "Reject",
    "Ring",
    "Rule",
    "Say",
    "Schedule",
    "Transfer",
    "Voicemail",
    "When",
    "checked",
    "connections",
    "describe_fault",
    "fill",
    "filled",
    "hook_names",
    "is_open",
    "load",
    "may_dial",
    "may_place_call",
    "next_opening",
    "parse",
    "seconds",
    "variables",
    "warnings",
]
