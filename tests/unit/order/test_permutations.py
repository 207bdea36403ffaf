"""Every permutation of what was told, even effects before their causes, as after the loss of a record."""

import math

import pytest

from tests.order.every import SCRIPTS, SHORT, TOLD
from tests.order.laws import check, known
from tests.order.orders import Orders
from tests.order.people import told_already
from tests.order.rules import history, in_any_order


@pytest.mark.parametrize("name", SHORT)
def test_no_permutation_sends_what_the_plan_does_not_ask_for_and_all_end_with_the_same_facts(name):
    script = told_already(SCRIPTS[name], history(SCRIPTS[name]))

    orders = Orders(script, in_any_order)

    for step in orders.steps():
        check(script, *step)
    assert len({repr(known(end)) for end in orders.ends()}) == 1
    assert orders.count == math.factorial(TOLD[name])
