"""What a hook may answer, and how it is told that it may not."""

import pytest

from shared.dialplan import (
    Answer,
    Hangup,
    Hook,
    HookCall,
    LeaveMessage,
    Play,
    Reject,
    Ring,
    Say,
    Transfer,
    Voicemail,
    checked,
    hook_names,
    parse,
)

TABLES = """\
version = 1
timezone = "UTC"
voice = "female"
[groups.sales]
members = ["+13125550211"]
[recording.all]
start = "answer"
[voicemail.desk]
greeting = { say = "Hello." }
[default]
then = { do = "transfer", to = "+13125550111" }
"""
PLAN = parse(TABLES)
ALLOWING = parse(TABLES + '[limits]\nallow = ["+1312*"]\n')
SILENT = parse(
    TABLES.replace('voice = "female"\n', "").replace("say =", "play =").replace("Hello.", "https://a.b")
)
NOT_ALLOWED = "not a number that [limits] allow, or without it the dialplan itself, lets us dial"


@pytest.mark.parametrize(
    "answer",
    [
        Reject("USER_BUSY"),
        Hangup(),
        Transfer("+13125550111", record="all", otherwise=Voicemail("desk")),
        Transfer("+13125550211"),
        Ring("sales", otherwise=Say("Nobody is there.")),
        Answer(Say("Hello {name}, 100 %.", Play("https://example.com/a.mp3"))),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_an_action_that_the_dialplan_could_have_is_good(answer):
    assert checked(PLAN, answer) is None


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (None, "NoneType is no action"),
        ("hangup", "str is no action"),
        ({"do": "hangup"}, "dict is no action"),
        (Hangup, "StructMeta is no action"),
        (Ring("slaes"), "group: there is no [groups.slaes]; known: sales"),
        (Ring("sales", record="some"), "record: there is no [recording.some]; known: all"),
        (Answer(Voicemail("shop")), "then.box: there is no [voicemail.shop]; known: desk"),
        (Transfer("+13125550199"), f"to: {NOT_ALLOWED}"),
        (Transfer("911"), f"to: {NOT_ALLOWED}"),
        (Transfer("front desk"), f"to: {NOT_ALLOWED}"),
        (Ring("sales", otherwise=Transfer("+13125550199")), f"otherwise.to: {NOT_ALLOWED}"),
        (Transfer(13125550111), "to: expected an E.164 number (+13125550100) or a SIP URI (sip:ana@example.com)"),
        (Transfer("+13125550111", ring_secs=1), "ring_secs: expected 5 to 600"),
        (Reject("BUSY"), 'cause: expected "CALL_REJECTED", "USER_BUSY", "NOT_FOUND" or "TEMPORARILY_UNAVAILABLE"'),
        (Answer("hangup"), 'then: expected an action such as { do = "hangup" }'),
        (Answer({"do": "hangup"}), "holds something that no action can hold"),
        (Say(object()), "holds something that no action can hold"),
        (Say(" "), "text: expected a text of 1 to 3000 characters"),
        (Say("a" * 3001), "text: expected a text of 1 to 3000 characters"),
        (Play("a.mp3"), "url: expected an http or https URL"),
        (LeaveMessage("Hello."), "leave_message is for calls that we place"),
        (LeaveMessage(), "needs exactly one of text and url"),
        (Hook("hooks:other"), "a hook may not answer with a hook"),
        (Say("Hello.", Hook("hooks:other")), "then: a hook may not answer with a hook"),
    ],
)
def test_an_action_that_cannot_be_used_is_told_with_its_key(answer, why):
    assert checked(PLAN, answer) == why


def test_an_action_of_ones_own_making_is_none():
    class Sing(Say, frozen=True, tag_field="do", tag="sing"):
        pass

    assert checked(PLAN, Sing("La.")) is not None


def test_a_destination_is_held_against_the_limits():
    assert checked(ALLOWING, Transfer("+13125550199")) is None
    assert checked(ALLOWING, Transfer("+442079460000")) == f"to: {NOT_ALLOWED}"


def test_a_text_needs_a_voice():
    assert checked(SILENT, Say("Hello.")) == (
        'voice: missing; texts are spoken here, so choose a Telnyx voice such as "female"'
    )


def test_a_message_may_be_left_by_a_call_of_ours():
    assert checked(PLAN, LeaveMessage("Hello."), outbound=True) is None


def test_no_destination_is_told():
    answers = [
        Transfer("+13125550199"),
        Transfer(13125550199),
        Transfer("13125550199"),
        Transfer("sip:5550199@a.b"),
    ]

    assert "5550199" not in " ".join(str(checked(PLAN, answer)) for answer in answers)


def test_the_hooks_of_a_dialplan_are_known_by_their_places():
    action = '{ do = "answer", then = { do = "hook", call = "hooks:choose" } }'
    hook = f'[[rules]]\nname = "a"\nwhen = {{}}\nthen = {action}\n'
    profile = '[outbound.x]\nfrom = "+13125550300"\nhuman = { do = "hangup" }\non_outcome = "hooks:called"\n'
    plan = parse(TABLES + hook + profile)

    assert list(hook_names(plan)) == [
        (("rules", 0, "then", "then", "call"), "hooks:choose"),
        (("outbound", "x", "on_outcome"), "hooks:called"),
    ]


def test_what_is_not_known_of_a_call_is_empty_and_a_hook_can_change_nothing():
    call = HookCall(call="1", direction="incoming", from_="anonymous", to="+13125550100")

    assert (call.tags, call.headers, call.variables, call.attestation, call.outcome) == ((), {}, {}, None, None)
    with pytest.raises(AttributeError):
        call.to = "+13125550199"
