"""A timeline as bars: where each lies, which is the slowest, and what is drawn as a gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.page.picture import draw
from console.steps import SPANS, Step

NOW = 1000.0


def event(name, at, leg=1, **spans):
    return Step(kind="event", name=name, at=NOW + at, leg=leg, spans=spans)


def answer(name, at, row=1, leg=1, **spans):
    return Step(kind="answer", name=name, at=NOW + at, leg=leg, row=row, spans=spans)


def lines(picture):
    return [line for lane in picture.lanes for line in lane.lines]


def test_nothing_is_drawn_of_no_steps():
    assert draw([]).lanes == ()


def test_the_parts_of_a_way_lie_one_after_the_other_and_to_scale():
    picture = draw([event("call.initiated", 0.1, received=0.1, queued=0.2, decided=0.1)])

    [line] = lines(picture)
    assert [(bar.span, bar.x, bar.width) for bar in line.bars] == [
        ("received", pytest.approx(0), pytest.approx(25)),
        ("queued", pytest.approx(25), pytest.approx(50)),
        ("decided", pytest.approx(75), pytest.approx(25)),
    ]
    assert line.took_s == pytest.approx(0.4)
    assert picture.seconds == pytest.approx(0.4)


def test_what_was_sent_ends_when_it_was_answered():
    steps = [event("call.initiated", 0.0, decided=0.1), answer("answer", 0.5, sent=0.1, answered=0.3)]

    _, line = lines(draw(steps))

    assert [(bar.span, bar.x, bar.width) for bar in line.bars] == [
        ("sent", pytest.approx(20), pytest.approx(20)),
        ("answered", pytest.approx(40), pytest.approx(60)),
    ]


def test_a_timer_is_drawn_from_when_it_was_due():
    steps = [event("timer ring", 1.0, leg=None, queued=0.5, decided=0.5)]

    [line] = lines(draw(steps))

    assert [(bar.x, bar.width) for bar in line.bars] == [
        (pytest.approx(0), pytest.approx(50)),
        (pytest.approx(50), pytest.approx(50)),
    ]
    assert line.x == pytest.approx(50)


def test_a_command_is_drawn_with_its_answer_once_that_is_there():
    command = Step(kind="command", name="dial", at=NOW, row=1)

    assert [line.name for line in lines(draw([command]))] == ["> dial"]
    assert [line.bars == () for line in lines(draw([command, answer("dial", 0.2, answered=0.2)]))] == [False]


def test_legs_are_lanes_and_what_is_of_no_leg_comes_first():
    steps = [event("a", 0.0, leg=2), event("b", 0.1, leg=1), event("c", 0.2, leg=None), event("d", 0.3, leg=2)]

    picture = draw(steps)

    assert [(lane.leg, [line.name for line in lane.lines]) for lane in picture.lanes] == [
        (None, ["c"]),
        (1, ["b"]),
        (2, ["a", "d"]),
    ]


def test_one_line_is_the_slowest():
    steps = [event("a", 0.0, queued=0.1), event("b", 1.0, queued=0.3, decided=0.1), event("c", 2.0, queued=0.2)]

    assert [line.name for line in lines(draw(steps)) if line.is_slowest] == ["b"]


def test_minutes_of_waiting_leave_room_for_milliseconds():
    picture = draw([event("call.initiated", 0.0, queued=0.01), event("call.hangup", 120.0, queued=0.01)])

    [gap] = picture.gaps
    assert gap.seconds == pytest.approx(119.99)
    assert gap.width == pytest.approx(6)
    assert [line.bars[0].width for line in lines(picture)] == [pytest.approx(47), pytest.approx(47)]


def test_many_gaps_share_what_is_theirs():
    picture = draw([event("call.answered", 10.0 * n, decided=0.01) for n in range(21)])

    assert len(picture.gaps) == 20
    assert sum(gap.width for gap in picture.gaps) == pytest.approx(40)


@given(
    st.lists(
        st.builds(
            Step,
            kind=st.sampled_from(["event", "answer", "command", "hook", "unreadable"]),
            name=st.sampled_from(["call.initiated", "timer ring", "dial"]),
            at=st.floats(0, 2e9),
            leg=st.none() | st.integers(1, 3),
            row=st.none() | st.integers(1, 3),
            spans=st.dictionaries(st.sampled_from(SPANS), st.floats(0, 1e6)),
        ),
        max_size=8,
    )
)
def test_whatever_was_written_down_is_drawn_within_the_picture(steps):
    picture = draw(steps)

    for line in lines(picture):
        assert -0.001 <= line.x <= 100.001
        for bar in line.bars:
            assert bar.x >= -0.001
            assert bar.width >= 0
            assert bar.x + bar.width <= 100.001
