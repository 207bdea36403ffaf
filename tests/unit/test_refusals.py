"""A flood of refused webhooks is told of in a few lines, and counted."""

from structlog.testing import capture_logs

from ingress.refusals import Refusals


def test_each_status_is_told_of_at_once_and_then_every_ten_seconds():
    refusals = Refusals()

    with capture_logs() as lines:
        for now in (100.0, 100.1, 109.9, 110.0):
            refusals.tell(401, "none of our keys made this signature", None, now)
        refusals.tell(503, "no", "an-event", 100.2)

    assert [(line["status"], line["event_id"], line["before_this_one"]) for line in lines] == [
        (401, None, 0),
        (401, None, 2),
        (503, "an-event", 0),
    ]
