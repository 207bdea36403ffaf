"""What `decide` answers, and what it may know beside its call: values alone."""

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

import msgspec

from shared import commands
from shared.calls import Call, Verb
from shared.dialplan.hooks import HookCall, HookFunction
from shared.ids import CallId, ControlId, Row
from shared.timeline import HookEntry

Sendable: TypeAlias = commands.Command | commands.Request  # the latter is a look: a GET as it stands


class Dials(msgspec.Struct, frozen=True, array_like=True):
    """What is judged right before the first byte of a dial: the do-not-call list for `to`, and the pace.

    A call that was admitted has its place in the pace already; another one is refused when it would wait too long.
    """

    to: str
    dnc: bool
    admitted: bool
    minute: int | None = None


class Outgoing(msgspec.Struct, frozen=True):
    """A command to be sent. Commands of one lane go out in order, lanes run beside each other."""

    row: Row
    verb: Verb
    lane: str
    command: Sendable
    control_id: ControlId | None
    delay_s: float = 0.0
    dials: Dials | None = None


class Timer(msgspec.Struct, frozen=True):
    """`delay_s` runs from the commit: under a backlog the event it waits for is late as well."""

    name: str
    delay_s: float


class Admission(msgspec.Struct, frozen=True):
    """A turn that is waited for among the calls of a profile; it comes as the timer `name`.

    `rate` is in dials per second, `most` how many calls may live at once, `minute` how many dials a minute this
    deployment may make; None is no limit.
    """

    name: str
    profile: str
    rate: float | None
    most: int | None
    minute: int | None


class Told(msgspec.Struct, frozen=True):
    """The outcome of a call, for the hook that wants to know."""

    hook: str
    call: HookCall


class Download(msgspec.Struct, frozen=True):
    """A recording to be archived: fetched now while its links live, or later by its id."""

    recording_id: str
    call: CallId
    urls: dict[str, str]
    format: str
    channels: str
    started_at: str
    ended_at: str
    keep_days: int | None = None  # None: for ever


class Turn(msgspec.Struct, frozen=True):
    """A round robin's turn: the commit is void when another call has taken it meanwhile."""

    group: str
    number: int


class Around(NamedTuple):
    """What a decision may know beside its call: the turn of each round robin, and the hooks that loaded."""

    turns: Mapping[str, int] = {}
    hooks: Mapping[str, HookFunction] = {}


NOTHING_AROUND: Final = Around()


class Decision(msgspec.Struct, frozen=True):
    """What `decide` answers: the call as it is now, and everything that goes out with it, in one commit."""

    call: Call
    note: str
    outgoing: tuple[Outgoing, ...] = ()
    timers: tuple[Timer, ...] = ()
    cancelled: tuple[tuple[str, int], ...] = ()  # (name, the version that had set it)
    download: Download | None = None
    turn: Turn | None = None
    admission: Admission | None = None
    left: str = ""  # the profile among whose live calls, and those that wait, this one is no more
    told: Told | None = None
    hooks: tuple[HookEntry, ...] = ()  # that were asked, with their answers
