"""Variables in the texts of outbound calls."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialplan import (
    Answer,
    Hangup,
    Hook,
    LeaveMessage,
    Outbound,
    Play,
    Reject,
    Ring,
    Say,
    Transfer,
    Voicemail,
    fill,
    filled,
    variables,
)
from shared.dialplan.texts import names_in
from shared.errors import DialplanError

NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=8)
LITERALS = st.text("ab :!.é\n", max_size=8)
VALUES = st.text("ab{}é", max_size=8)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Hello.", "Hello."),
        ("Hello {name}.", "Hello Ana {when}."),
        ("{name}{name}", "Ana {when}Ana {when}"),
        ("{{name}}", "{name}"),
        ("{{{name}}}", "{Ana {when}}"),
        ("", ""),
    ],
)
def test_only_plain_names_are_filled_and_values_are_not_templates(text, spoken):
    assert fill(text, {"name": "Ana {when}", "other": "unused"}) == spoken


@given(st.lists(st.one_of(LITERALS.map(lambda text: (text, None)), NAMES.map(lambda name: ("", name)))), st.data())
def test_a_text_is_filled_as_python_formats_it(parts, data):
    template = "".join(literal if name is None else f"{{{name}}}" for literal, name in parts)
    values = {name: data.draw(VALUES) for _, name in parts if name is not None}

    assert names_in(template) == set(values)
    assert fill(template, values) == template.format(**values)


@given(st.text("ab{}", max_size=12))
def test_escaped_braces_come_out_as_they_were_meant(text):
    escaped = text.replace("{", "{{").replace("}", "}}")

    assert fill(escaped, {}) == text


@pytest.mark.parametrize(
    "text", ["{", "}", "{}", "{a.b}", "{a!r}", "{a:>9}", "{a[0]}", "{ a }", "{1}", "{ä}", "{{a}"]
)
def test_any_other_brace_is_refused(text):
    with pytest.raises(DialplanError):
        fill(text, {"a": "x", "ä": "x", "1": "x"})


def test_a_missing_value_is_named():
    with pytest.raises(DialplanError, match="no value for name, when"):
        fill("{when} {name}", {})


def test_the_variables_of_a_profile_are_those_of_all_its_branches():
    outbound = Outbound(
        "+13125550300",
        human=Say("{name}", Transfer("+13125550111", otherwise=Say("{sorry}"))),
        machine=LeaveMessage("{when}"),
        fax=Hangup(),
        silence=Answer(Play("https://example.com/{no}", Say("{quiet}"))),
        not_sure=Ring("sales", otherwise=Say("{late} {{no}}")),
    )

    assert variables(outbound) == {"name", "sorry", "when", "quiet", "late"}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (LeaveMessage("{a}{{}}"), LeaveMessage("1{}")),
        (LeaveMessage(url="https://example.com/{a}"), LeaveMessage(url="https://example.com/{a}")),
        (Play("https://example.com/{a}", Say("{a}")), Play("https://example.com/{a}", Say("1"))),
        (Play("https://example.com"), Play("https://example.com")),
        (Voicemail("a"), Voicemail("a")),
        (Hook("hooks:a"), Hook("hooks:a")),
        (Reject(), Reject()),
    ],
)
def test_only_texts_are_filled(action, expected):
    assert filled(action, {"a": "1"}) == expected


def test_an_action_is_filled_with_all_that_follows_it():
    action = Answer(Say("{a}", Transfer("+13125550111", otherwise=Ring("sales", otherwise=Say("{b}", Hangup())))))

    spoken = filled(action, {"a": "1", "b": "2"})

    assert spoken == Answer(
        Say("1", Transfer("+13125550111", otherwise=Ring("sales", otherwise=Say("2", Hangup()))))
    )
