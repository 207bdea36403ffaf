"""F16: twenty times the usual traffic at once, in the middle of calls, beside a crowd of bad signatures."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.caller import noted
from tests.e2e.stack import WEBHOOKS
from tests.faults.announcing import Announcing
from tests.signing import OTHER_KEY, event_id_of, signed

USUAL_PER_S, TIMES = 10, 20
SENDERS = 16
STALL_S = 2.0  # of Valkey, once, in the long set: then the ingress cannot answer 200
BAD = 400  # at once, from the same address: beyond 100 in 10 s each web process answers them 429
PATIENCE_S = 10.0


class Storm:
    """A context. Posts at a steady pace, whatever the answers; `answers` has status and seconds by event id."""

    def __init__(self, url):
        self.answers = {}
        self._http = httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._http.close()

    def blow(self, seconds, per_s):
        with ThreadPoolExecutor(SENDERS) as threads:
            begun = time.monotonic()
            for n in range(int(seconds * per_s)):
                time.sleep(max(0.0, begun + n / per_s - time.monotonic()))
                threads.submit(self._post, noted())
        return time.monotonic() - begun

    def _post(self, body):
        begun = time.monotonic()
        status = self._http.post(WEBHOOKS, content=body, headers=signed(body)).status_code
        self.answers[event_id_of(body)] = status, time.monotonic() - begun

    def post_unsigned(self, count):
        """Signed with a key that is not Telnyx's; the statuses."""
        bodies = [noted() for _ in range(count)]
        posts = (self._http.post(WEBHOOKS, content=one, headers=signed(one, key=OTHER_KEY)) for one in bodies)
        return Counter(post.status_code for post in posts)

    def accepted(self):
        return [event for event, (status, _) in self.answers.items() if status == 200]


def test_in_a_storm_every_signed_event_is_answered_200_or_503_and_whatever_was_accepted_is_applied(
    fleet, tmp_path, figures, is_long
):
    seconds = 60.0 if is_long else 2.0
    announcing = Announcing(fleet, tmp_path)
    running = announcing.fleet.start(*(["web", "web", "routing", "routing"] if is_long else ["web", "routing"]))
    stalls = []
    if is_long:
        stalls = [
            threading.Timer(seconds / 2, running.link.hold),
            threading.Timer(seconds / 2 + STALL_S, running.link.heal),
        ]
    calling = threading.Thread(target=announcing.ring_for, args=(seconds, 1.0))

    for one in (calling, *stalls):
        one.start()
    with Storm(running.where.web) as storm, ThreadPoolExecutor(1) as beside:
        bad = beside.submit(storm.post_unsigned, BAD)
        took_s = storm.blow(seconds, USUAL_PER_S * TIMES)
        refused = bad.result()
    for one in (calling, *stalls):
        one.join()
    running.stack.until_quiet(60)

    statuses = Counter(status for status, _ in storm.answers.values())
    waits = sorted(wait for status, wait in storm.answers.values() if status == 200)
    unapplied = [event for event in storm.accepted() if not running.books.is_applied(event)]
    figures(
        "F16",
        what=f"20 times the usual 10 events a second for {seconds:g} s, beside calls and bad signatures",
        events=running.books.audit().accepted,
        faults=len(stalls) // 2,
        lost=len(unapplied),
        doubled=len(announcing.doubled()),
        note=f"{statuses[503]} answered 503, half of the 200s within {1000 * waits[len(waits) // 2]:.0f} ms, "
        f"99 % within {1000 * waits[int(len(waits) * 0.99)]:.0f} ms, {len(storm.answers) / took_s:.0f}/s",
    )
    assert statuses.keys() <= {200, 503}
    assert len(storm.answers) == int(seconds * USUAL_PER_S * TIMES)
    assert refused.keys() == {401, 429}
    assert unapplied == []
    if is_long:
        assert statuses[503] > 0, "the stall of Valkey was not felt"
    announcing.assert_each_was_announced_once()
