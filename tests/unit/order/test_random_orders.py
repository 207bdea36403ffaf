"""Random orders of everything at once: events, copies with new ids, timers, late answers, commands that fail."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared import calls
from tests.order.every import SCRIPTS
from tests.order.laws import check, check_end
from tests.order.people import FAULTS, far_side_of, with_far_side
from tests.order.rules import at_any_time, in_any_order
from tests.order.script import Script
from tests.order.world import OUTCOME, Seen, begin, deliver, tell
from workers.logic.decide import still_wanted
from workers.logic.happened import CommandVoided, Webhook

NOT_COMMANDS = ("fetch ", "tell ")


def with_a_fault(script: Script, fault: str, number: int) -> tuple[Script, str]:
    """Something goes wrong with one of the script's commands: which one, by its label."""
    labels = [label for label in script.sends if not label.startswith(NOT_COMMANDS)]
    label = labels[number % len(labels)]
    return with_far_side(script, label, FAULTS[fault](far_side_of(script, label))), label


def tell_next(script: Script, seen: Seen, choice: int) -> Seen:
    """One of all the things that can be told now."""
    copies = [event for event in seen.told.values() if isinstance(event, Webhook)]
    unwanted = [name for name, event in seen.waiting.items() if is_unwanted(seen, name, event)]
    names = at_any_time(script, seen)
    chosen = choice % (len(names) + len(copies) + len(unwanted))
    if chosen < len(names):
        return deliver(script, seen, names[chosen], outcomes=True)
    if chosen < len(names) + len(copies):
        return tell(script, seen, copies[chosen - len(names)])
    return void(script, seen, unwanted[chosen - len(names) - len(copies)])


def is_unwanted(seen: Seen, name: str, event: object) -> bool:
    """Whether it is the outcome of a command that may as well be held back right before it is sent."""
    begun = name.removesuffix(OUTCOME)
    is_certain = not any(told.startswith(f"{begun}: ") for told in seen.told)
    return name.endswith(OUTCOME) and is_certain and not still_wanted(seen.call, event.row)


def void(script: Script, seen: Seen, outcome: str) -> Seen:
    begun = outcome.removesuffix(OUTCOME)
    waiting = {name: event for name, event in seen.waiting.items() if not name.startswith(f"{begun}: ")}
    return tell(script, seen._replace(waiting=waiting), CommandVoided(seen.waiting[outcome].row, 0.0))


@settings(max_examples=3 * settings.default.max_examples)
@given(
    name=st.sampled_from(sorted(SCRIPTS)),
    fault=st.none() | st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(0, 20)),
    choices=st.lists(st.integers(0, 60), max_size=40),
)
def test_whatever_comes_in_whatever_order_nothing_is_sent_that_the_plan_does_not_ask_for(name, fault, choices):
    script, failing = with_a_fault(SCRIPTS[name], *fault) if fault else (SCRIPTS[name], "")
    seen = begin(script)

    while at_any_time(script, seen):
        before = seen
        if choices:
            seen = tell_next(script, seen, choices.pop())
        else:
            seen = deliver(script, seen, in_any_order(script, seen)[0], outcomes=True)
        check(script, before, seen, seen.sent[len(before.sent) :])

    assert calls.decode(calls.encode(seen.call)) == seen.call
    if not failing.startswith(("hangup ", "reject")):
        check_end(script, seen)
