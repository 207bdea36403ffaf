"""What `dialplan diff` tells of a call that would go elsewhere, and of how many were looked at."""

from datetime import UTC, datetime

import pytest

from console.whatif.change import Change, Counts, lines, sentence
from console.whatif.compare import Difference
from tests.builders import CALLER, CLINIC


def told(difference, old_rule="a", new_rule="a", from_=CALLER):
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return list(lines(Change("the-call", at, from_, CLINIC, old_rule, new_rule, difference)))


@pytest.mark.parametrize(
    ("difference", "rules", "line"),
    [
        (Difference("rule"), ("a", "b"), "  rule 'a' → 'b': the same action"),
        (Difference("rule", "then", "hangup", "ring x"), ("a", "b"), "  rule 'a' → 'b'; then: hangup → ring x"),
        (Difference("destination", "then.to", "x", "y"), ("a", "a"), "  rule 'a'; destination then.to: x → y"),
        (Difference("commands", "", "answer", "reject"), ("a", "a"), "  rule 'a'; commands answer → reject"),
    ],
)
def test_a_change_is_told_in_two_lines(difference, rules, line):
    assert told(difference, *rules) == [f"2026-03-02T12:00:00Z  the-call  {CALLER} calls {CLINIC}", line]


def test_a_call_of_ours_has_nobody_who_calls():
    assert told(Difference("rule"), from_="")[0].endswith(f"we call {CLINIC}")


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        (Counts(1204, 17, {}), "1,204 calls looked at, 17 would go elsewhere"),
        (
            Counts(20, 0, {"timeline gone": 2, "never routed": 1}),
            "20 calls looked at, 0 would go elsewhere; not compared: 1 never routed, 2 timeline gone",
        ),
    ],
)
def test_the_counts_are_told_in_a_sentence(counts, line):
    assert sentence(counts) == line
