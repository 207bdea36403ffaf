"""The law of order: every script, in every order in which its events can be told.

Told in the order of cause and effect, exactly the same is always sent. In any other order nothing else is sent,
and what is missing is missing because its leg, or the call, was known to have ended. What is known is what was
told, in whatever order and however often.
"""

from collections import Counter

import pytest

from tests.order.every import SCRIPTS, SHORT, TOLD
from tests.order.laws import check, check_end, commands, cut_off, is_cleanup, known, told_to_be_ours
from tests.order.orders import Orders
from tests.order.people import leaving
from tests.order.rules import in_any_order, with_causes_first, with_its_own_end_last
from tests.order.world import tell

OF_ONE_LEG = ("bridge ", "gather_using_speak ", "hangup ")  # of no use to a leg that has ended
LONG = 12  # told from outside; those beyond take as long as all others together


@pytest.fixture(scope="module", params=SCRIPTS)
def orders(request) -> Orders:
    """Where up to 7 things are told from outside, the answers to commands take part in the order as well."""
    return Orders(SCRIPTS[request.param], in_any_order, outcomes=request.param in SHORT)


def test_told_in_the_order_of_cause_and_effect_exactly_the_same_is_sent(orders):
    ends = list(orders.ends(with_causes_first))

    assert [end.sent for end in ends if Counter(end.sent) not in orders.script.wanted] == []
    assert len({(end.call.rule, end.call.outcome, end.call.outcomes) for end in ends}) == 1


def test_no_order_sends_anything_else(orders):
    sent = [commands(orders.script, end) for end in orders.ends()]

    assert [counted for counted in sent if not any(counted <= most for most in orders.script.most)] == []


def test_a_command_is_missing_only_where_its_leg_or_the_call_was_known_to_have_ended(orders):
    for end in orders.ends(with_its_own_end_last):
        missing = min((sends - Counter(end.sent) for sends in orders.script.wanted), key=Counter.total)
        assert all(label.startswith(OF_ONE_LEG) for label in missing), (missing, end.sent)


def test_every_order_keeps_what_no_order_may_break(orders):
    for step in orders.steps():
        check(orders.script, *step)


def test_every_order_ends_the_call_and_leaves_nobody_on_the_line(orders):
    for end in orders.ends():
        check_end(orders.script, end)


def test_nobody_who_is_known_to_talk_is_hung_up(orders):
    for before, _, sent in orders.steps():
        legs = [label.removeprefix("hangup ") for label in sent if is_cleanup(orders.script, label)]
        known_legs = [before.call.legs[leg] for leg in legs if leg in before.call.legs]
        assert [leg for leg in known_legs if leg.bridged_at is not None] == []


def test_nothing_that_is_heard_or_recorded_is_cut_off(orders):
    for step in orders.steps():
        assert cut_off(*step) == []


def test_a_leg_is_ours_as_soon_as_anything_tells_so(orders):
    for seen in orders.states.values():
        assert told_to_be_ours(seen) <= {*seen.call.made.values()}


def test_what_is_known_is_what_was_told_in_whatever_order(orders):
    by_what_was_told = {}
    for seen in orders.states.values():
        assert by_what_was_told.setdefault(frozenset(seen.told), known(seen)) == known(seen)


def test_a_copy_of_what_was_told_changes_nothing_in_any_state(orders):
    for seen in orders.states.values():
        for event in seen.told.values():
            again = tell(orders.script, seen, event)
            assert (again.call, again.sent) == (seen.call, seen.sent)


@pytest.mark.parametrize("name", [name for name, told in TOLD.items() if told <= LONG])
def test_whoever_leaves_at_any_stage_gets_nothing_more_and_nobody_is_left(name):
    script = SCRIPTS[name]

    orders = Orders(leaving(script), in_any_order)

    for step in orders.steps():
        check(script, *step)
    for end in orders.ends():
        assert any(commands(script, end) <= most for most in script.most), end.sent
        check_end(script, end)
