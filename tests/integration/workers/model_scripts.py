"""The calls that the model plays.

To add one: its dialplan, who rings in (or nobody: then we call), and how those who are called behave.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from simulator.scenario import Callee, InboundCall

PROFILE: Final = "reminder"  # of a call that we make
OURS, CALLER, DESK, CALLED = "+13125550100", "+12025550142", "+13125550111", "+13125550777"
FIRST, SECOND = "+13125550211", "+13125550212"
STAYS: Final = InboundCall(CALLER, OURS, hangs_up_after=100.0)  # until everybody else has hung up
LEAVES: Final = InboundCall(CALLER, OURS, hangs_up_after=0.1)
LEAVES_A_MESSAGE: Final = InboundCall(CALLER, OURS, hangs_up_after=60.0)
TAKES: Final = Callee(answers_after=0.2, hangs_up_after=10.0)
PRESSES: Final = Callee(answers_after=0.2, hangs_up_after=20.0, presses=["1"])
AWAY: Final = Callee(no_answer=True)
PERSON: Final = Callee()
MACHINE: Final = Callee(as_="machine", beep_after=0.5)

HEAD: Final = 'version = 1\ntimezone = "UTC"\nvoice = "female"\n[default]\nthen = { do = "reject" }\n'


def rule(then: str, more: str = "") -> str:
    """A dialplan in which every call to OURS is handled so."""
    return f'{HEAD}[[rules]]\nname = "r"\nwhen = {{ to = "{OURS}" }}\nthen = {then}\n{more}'


def ring(keys: str = "") -> str:
    """A dialplan in which every call rings a group with these keys."""
    group = f'[groups.sales]\nmembers = ["{FIRST}", "{SECOND}"]\n{keys}'
    return rule('{ do = "ring", group = "sales", otherwise = { do = "say", text = "Sorry." } }', group)


TRANSFER = rule(f'{{ do = "transfer", to = "{DESK}", otherwise = {{ do = "say", text = "Sorry." }} }}')
VOICEMAIL = rule(
    f'{{ do = "transfer", to = "{DESK}", record = "all", otherwise = {{ do = "voicemail", box = "clinic" }} }}',
    """
[recording.all]
start = "answer"
[voicemail.clinic]
greeting = { say = "Please speak." }
max_secs = 60
""",
)
REMINDER = f"""{HEAD}
[limits]
allow = ["+1*"]
[outbound.{PROFILE}]
from = "{OURS}"
amd = {{ mode = "premium" }}
human = {{ do = "say", text = "Hello." }}
machine = {{ do = "leave_message", text = "Hello." }}
"""


class Script(NamedTuple):
    """What people do within a second happens while the workers are at it, what takes longer when all is quiet.

    `effects`: the commands that take effect when one thing happens after the other, as FarSide.effects names them.
    `beside`: what may take effect beside them, where something is lost or comes too late.
    `races`: somebody hangs up while the workers are at it, so that less may take effect.
    """

    toml: str
    callees: Mapping[str, Callee]
    effects: tuple[str, ...]
    caller: InboundCall | None = STAYS
    beside: tuple[str, ...] = ("speak caller", "hangup caller", "hangup callee")
    races: bool = False


MOVED: Final = ("answer caller", "transfer caller")
RUNG: Final = ("answer caller", "dial", "dial", "bridge caller")
ASKED: Final = ("gather_using_speak callee", "gather_using_speak callee")
SCRIPTS: Final = {
    "transfer": Script(TRANSFER, {DESK: TAKES}, MOVED),
    "overflow": Script(TRANSFER, {DESK: AWAY}, (*MOVED, "speak caller", "hangup caller")),
    "early hangup": Script(TRANSFER, {DESK: TAKES}, MOVED, LEAVES, races=True),
    "ring group": Script(ring(), {FIRST: TAKES, SECOND: TAKES}, (*RUNG, "hangup callee")),
    "one after the other": Script(ring('strategy = "sequential"'), {FIRST: AWAY, SECOND: TAKES}, RUNG),
    "press 1": Script(
        ring('accept = "press_1"'), {FIRST: TAKES, SECOND: PRESSES}, (*RUNG, *ASKED, "hangup callee")
    ),
    "voicemail": Script(
        VOICEMAIL,
        {DESK: AWAY},
        (*MOVED, "speak caller", "record_stop caller", "record_start caller"),
        LEAVES_A_MESSAGE,
    ),
    "human": Script(REMINDER, {CALLED: PERSON}, ("dial", "speak callee", "hangup callee"), None),
    "machine": Script(REMINDER, {CALLED: MACHINE}, ("dial", "speak callee", "hangup callee"), None),
}
