"""What the benchmark makes of what it has measured."""

import re

import msgspec
import pytest

from bench.__main__ import CONTESTS
from bench.files import read
from bench.ingress.contest import FLASK, SERVERS, TRUNKLINE, VERIFIES
from bench.page import PAGE, filled
from bench.pipeline.contest import OURS_AT_ONCE, PLAIN_AT_ONCE
from bench.ratios import TARGETS, fastest_peer, front, targets
from bench.recovery.contest import contestants as killed
from bench.recovery.contest import figures
from bench.side_by_side import Run, Spread, percentile, ratio, short, side_by_side, spread, table
from bench.worker.contestants import ENGINE, SIMPLE_WORKER, contestants


def exactly(value):
    return Spread(value, value, value)


def jobs(**by_name):
    """Results with these jobs a second."""
    return {name: {"jobs/s": exactly(value)} for name, value in by_name.items()}


def rows(markdown):
    """Its cells, without head and rule."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()[2:]]


def test_contestants_take_turns_in_every_round():
    turns = []

    def measure(name):
        turns.append(name)
        return {"n": len(turns)}

    results = side_by_side({"a": lambda: measure("a"), "b": lambda: measure("b")}, 3, lambda _: None)

    assert turns == ["a", "b"] * 3
    assert results == {"a": {"n": Spread(3, 1, 5)}, "b": {"n": Spread(4, 2, 6)}}


def test_a_contestant_that_fails_is_said_so_and_harms_nobody_else():
    said = []

    def fail():
        raise RuntimeError("no answer")

    results = side_by_side({"a": fail, "b": lambda: {"n": 1.0}}, 1, said.append)

    assert list(results) == ["b"]
    assert "a: failed: no answer" in said


def test_a_spread_has_the_middle_and_both_ends():
    assert spread([9, 1, 4, 2]) == Spread(3, 1, 9)


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 1), (0.5, 51), (0.99, 100), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share, wanted):
    assert percentile([float(n) for n in range(1, 101)], share) == wanted


@pytest.mark.parametrize(("value", "wanted"), [(0.09812, "0.0981"), (99.96, "100"), (12345.6, "12,346")])
def test_numbers_are_told_with_the_digits_that_matter(value, wanted):
    assert short(value) == wanted


def test_a_table_leaves_out_what_was_not_measured_and_a_spread_of_one_value():
    results = {"a": {"x": Spread(2, 1, 3)}, "b": {"y": exactly(5)}}

    told = table(results)

    assert told.splitlines() == ["|  | x | y |", "|---|---|---|", "| a | 2 (1 to 3) |  |", "| b |  | 5 |"]


def test_a_ratio_is_of_the_medians():
    results = {"a": {"x": Spread(30, 1, 99)}, "b": {"x": Spread(10, 9, 11)}}

    assert ratio(results, "x", "a", "b") == 3


def test_the_fastest_peer_is_never_ours():
    assert fastest_peer(jobs(**{ENGINE: 9, "a": 3, "b": 7}), "jobs/s", ENGINE) == "b"
    with pytest.raises(KeyError):
        fastest_peer(jobs(**{ENGINE: 9}), "jobs/s", ENGINE)


def test_the_front_table_compares_with_the_plain_way_and_with_the_fastest_peer():
    contests = {"noops": jobs(**{ENGINE: 6000, SIMPLE_WORKER: 200, "b": 4000})}

    told = rows(front(contests))

    assert [row[1:] for row in told] == [
        ["6,000", "200", SIMPLE_WORKER, "30 times"],
        ["6,000", "4,000", "b", "1.5 times"],
    ]


@pytest.mark.parametrize(("p99", "wanted"), [(4.9, "yes"), (5.0, "yes"), (5.1, "no")])
def test_a_target_that_is_a_most_is_reached_up_to_it(p99, wanted):
    (row,) = rows(targets({"recovery": {ENGINE: {"p99 s": exactly(p99)}}}))

    assert row[1:] == ["at most 5 s", f"{p99:.3g} s", wanted]


@pytest.mark.parametrize(("ours", "wanted"), [(2000, "yes"), (1999, "no")])
def test_a_target_that_is_a_least_is_reached_from_it_on(ours, wanted):
    (first, second) = rows(targets({"noops": jobs(**{ENGINE: ours, SIMPLE_WORKER: 100})}))

    assert first[3] == wanted
    assert second[3] == "yes"  # beside the fastest peer, which is the same here


def test_every_target_finds_its_figures_in_a_full_run():
    contests = full()

    assert len(rows(targets(contests))) == len(TARGETS)
    assert len(rows(front(contests))) == 8


def test_what_is_compared_are_names_of_contestants():
    assert {TRUNKLINE, VERIFIES, FLASK} <= SERVERS.keys()
    assert {ENGINE, SIMPLE_WORKER} <= contestants(1).keys()
    assert ENGINE in killed()


def full():
    """A run in which every contestant that a table names has every figure that it asks for."""
    told = {
        "ingress": (TRUNKLINE, VERIFIES, FLASK),
        "noops": (ENGINE, SIMPLE_WORKER),
        "fetches": (ENGINE, SIMPLE_WORKER),
        "pipeline": (OURS_AT_ONCE, PLAIN_AT_ONCE),
        "in_flight": (ENGINE,),
        "recovery": (ENGINE,),
    }
    asked = ("events/s", "CPU µs per event", "jobs/s", "calls/s", "p50 ms at 50%", "p99 ms at 50%")
    asked = (*asked, "KB per job in flight", "p99 s")
    return {contest: {name: dict.fromkeys(asked, exactly(1)) for name in names} for contest, names in told.items()}


def test_kills_that_were_given_up_are_counted_and_no_seconds():
    told = figures([3.0, None, 2.0])

    assert told["s until it runs again"] == Spread(2.5, 2.0, 3.0)
    assert told["p99 s"] == exactly(3.0)
    assert (told["kills"], told["not within 120 s"]) == (exactly(3), exactly(1))


def test_where_every_kill_was_given_up_no_time_is_told():
    assert figures([None]) == {"kills": exactly(1), "not within 120 s": exactly(1)}
    assert figures([]) == {}


def test_figures_of_several_files_are_read_as_they_were_written(tmp_path):
    one, other = Run("a machine", {"noops": jobs(a=1)}), Run("a machine", {"fetches": jobs(a=2)})
    for name, run in (("one", one), ("other", other)):
        (tmp_path / name).write_bytes(msgspec.json.encode(run))

    machines, contests = read([tmp_path / "one", tmp_path / "other"])

    assert machines == ["a machine"]
    assert contests == one.contests | other.contests


def test_the_page_takes_what_was_measured_and_keeps_the_rest():
    page = "a\n<!-- bench: noops -->\nold\n<!-- end -->\nb\n<!-- bench: memory -->\nkept\n<!-- end -->\nc\n"

    told = filled(page, {"noops": jobs(ours=7)}, ["a machine"])

    assert "| ours | 7 |" in told
    assert "old" not in told
    assert "\nkept\n" in told
    assert (told[0], told[-2]) == ("a", "c")


def test_the_page_has_a_place_for_every_contest():
    marks = set(re.findall(r"<!-- bench: (\w+) -->", PAGE.read_text(encoding="utf-8")))

    assert marks == {*CONTESTS, "recovery", "front", "targets", "machine"}
