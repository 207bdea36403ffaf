"""Whatever a dialplan says: what follows ends, and every way ends with a call that is connected or over."""

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from console.whatif import incoming, outgoing
from console.whatif.told import tree
from shared import dialplan
from shared.dialplan import Plan
from tests.builders import CALLER, CLINIC, plan
from workers.logic.decision import NOTHING_AROUND
from workers.logic.routing_rules import Incoming

STRATEGIES = ("simultaneous", "sequential", "round_robin")
ACCEPTS = ("any", "press_1", "amd")
GROUPS = [f"{strategy}-{accept}" for strategy in STRATEGIES for accept in ACCEPTS]
TABLES = """
[limits]
allow = ["+1*"]
[recording.answer]
start = "answer"
announce = "Recorded."
[recording.bridge]
start = "bridge"
[voicemail.say]
greeting = { say = "Leave a message." }
[voicemail.play]
greeting = { play = "https://example.com/a.mp3" }
record = "answer"
[outbound.reminder]
from = "+13125550300"
human = { do = "hangup" }
""" + "".join(
    f'[groups.{strategy}-{accept}]\nmembers = ["+13125550211", "+13125550212", "+13125550211"]\n'
    f'strategy = "{strategy}"\naccept = "{accept}"\n'
    for strategy in STRATEGIES
    for accept in ACCEPTS
)
BARE = plan("", TABLES)
POLICIES = st.sampled_from([None, "answer", "bridge"])
LEAVES = st.one_of(
    st.just(dialplan.Reject()),
    st.just(dialplan.Hangup()),
    st.just(dialplan.Hook("hooks:none")),
    st.sampled_from([dialplan.Voicemail("say"), dialplan.Voicemail("play")]),
)
MESSAGES = st.sampled_from(
    [dialplan.LeaveMessage(text="A."), dialplan.LeaveMessage(url="https://example.com/a.mp3")]
)


def grown(then):
    maybe = st.none() | then
    return st.one_of(
        st.builds(dialplan.Answer, then),
        st.builds(dialplan.Say, st.just("Hello."), maybe),
        st.builds(dialplan.Play, st.just("https://example.com/a.mp3"), maybe),
        st.builds(
            dialplan.Transfer,
            st.sampled_from(["+13125550111", "+13125550211"]),
            record=POLICIES,
            otherwise=maybe,
        ),
        st.builds(dialplan.Ring, st.sampled_from(GROUPS), record=POLICIES, otherwise=maybe),
    )


ACTIONS = st.recursive(LEAVES, grown, max_leaves=4)
MODES = st.sampled_from(["premium", "detect", "detect_beep", "detect_words", "greeting_end"])


def ends(path):
    if not path.ways:
        yield path.turns[-1].note
    for way in path.ways:
        yield from ends(way)


@given(ACTIONS)
def test_every_way_of_an_incoming_call_ends_connected_or_over(action):
    under: Plan = msgspec.structs.replace(BARE, rules=(dialplan.Rule("it", dialplan.When(), action),))

    explained = incoming.explain(under, Incoming(CLINIC, CALLER, "29", 1_795_000_000.0), NOTHING_AROUND)

    assert [note for note in ends(explained.follows) if not note.startswith(("connected", "over: "))] == []
    assert list(tree(explained.follows))


@given(ACTIONS | MESSAGES, ACTIONS | MESSAGES, MODES, st.integers(1, 3))
def test_every_way_of_a_call_of_ours_ends_connected_or_with_its_attempt(human, machine, mode, attempts):
    profile = msgspec.structs.replace(
        BARE.outbound["reminder"],
        human=human,
        machine=machine,
        amd=dialplan.Amd(mode),
        attempts=attempts,
        retry_after={"no_answer": "2h", "machine": "1d"},
    )
    under: Plan = msgspec.structs.replace(BARE, outbound={"reminder": profile})
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    explained = outgoing.explain(under, "reminder", CALLER, now, "29", NOTHING_AROUND)

    assert [note for note in ends(explained.follows) if not note.startswith(("connected", "over: "))] == []
    assert list(tree(explained.follows))
