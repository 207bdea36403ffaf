"""Timers that are faster than the events that they wait for."""

import pytest

from tests.order.every import SCRIPTS, SHORT
from tests.order.laws import check, check_end
from tests.order.orders import Orders
from tests.order.rules import at_any_time


@pytest.mark.parametrize("name", SHORT)
def test_no_timer_makes_us_send_what_the_plan_does_not_ask_for(name):
    orders = Orders(SCRIPTS[name], at_any_time)

    for step in orders.steps():
        check(orders.script, *step)
    for end in orders.ends():
        check_end(orders.script, end)
