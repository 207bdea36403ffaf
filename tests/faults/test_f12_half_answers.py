"""F12: answers that prove nothing, of commands that were performed: cut, no JSON, or 10 MB long.

What each of them is to the client: tests/unit/test_telnyx.py.
"""

from pathlib import Path

from tests.faults.calls import COMMANDS, Calls, dialplan, tries
from tests.faults.checker import doubled
from tests.waiting import wait_until

HALF = [{"fault": fault, "probability": 0.2} for fault in ("cut_head", "cut_body", "bad_json")]
HUGE = {"fault": "huge", "probability": 0.4}
MOST_GROWTH = 5_000_000  # bytes
WARM_CALLS = 9


def test_half_an_answer_is_none_the_same_goes_out_again_and_no_memory_is_spent_on_it(
    fleet, figures, tmp_path, seed, is_long
):
    running = fleet("--speed", "20", dialplan=dialplan(tmp_path)).start("web", "routing")
    (worker,) = running.alive("routing")
    pid = running.stack.running[worker].popen.pid
    calls = Calls(running)
    running.sim.faults(*HALF, seed=seed)
    place(running, calls, WARM_CALLS)
    running.stack.until_quiet()

    peaks = [peak_of_one(running, calls, pid) for _ in range(20 if is_long else 3)]
    before = memory(pid, "VmRSS")
    running.sim.faults(HUGE, *HALF, seed=seed)
    place(running, calls, 120 if is_long else WARM_CALLS)
    running.stack.until_quiet(60)
    kept = memory(pid, "VmRSS") - before

    ledger = running.sim.ledger()
    struck = [one for one in tries(ledger) if one[0].fault]
    huge = sum(one.fault == "huge" for one in ledger)
    figures(
        "F12",
        what="performed, and answered by half: cut after the head, in the body, no JSON, 10 MB",
        events=running.books.audit().accepted,
        faults=sum(one.fault is not None for one in ledger),
        lost=running.books.audit().lost,
        doubled=len(doubled(ledger)),
        note=f"{huge} of 10 MB: {max(peaks) / 1e6:.1f} MB for one, {kept / 1e6:.1f} MB kept of all",
    )
    assert {one.fault for one in ledger} >= {rule["fault"] for rule in (HUGE, *HALF)}
    assert [one for one in struck if one[0].verb == "speak" and len(one) == 1] == []  # nothing else proves it
    assert kept < MOST_GROWTH
    assert max(peaks) < MOST_GROWTH
    calls.assert_each_got_its_commands_once()


def peak_of_one(running, calls, pid):
    """Bytes that the worker had more, at the most, while a single command was answered with 10 MB."""
    running.sim.faults({"fault": "huge", "on": "reject", "times": 1})
    before = memory(pid, "VmRSS")
    forget_the_peak(pid)
    calls.place("rejected")
    running.stack.until_quiet()
    return memory(pid, "VmHWM") - before


def place(running, calls, number):
    """One after the other, each as soon as the first command of the one before has come."""
    for _ in range(number):
        before = len(running.sim.ledger())
        calls.place(list(COMMANDS)[len(calls) % len(COMMANDS)])
        wait_until(lambda since=before: len(running.sim.ledger()) > since, "its first command comes")


def memory(pid, name):
    """In bytes: VmRSS now, VmHWM at the most since `forget_the_peak`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def forget_the_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # man 5 proc
