"""F21: links that have run out, hosts that are slow or lie, bombs, and links to where nobody may be sent.

Each of them for one archive, in the short set: tests/integration/test_archive.py, test_archive_links.py.
"""

import gzip
import socket
import time

import pytest

from simulator.wav import wav_file
from tests.faults.recordings import SOUND, Kept, Storage, good, saved
from tests.relay import Relay
from tests.storage_host import Stall, answer, redirect
from tests.waiting import wait_until

MANY = 5  # of each kind
SLOW = b"RIFF" + bytes(20_000)
SLOW_BYTES_PER_S = 1_000
BOMB = gzip.compress(bytes(50_000_000))
EXPIRED = {"403": answer(403, b"Request has expired"), "404": answer(404)}  # a fresh link is asked for
LATER = {  # the first answer, and why it counts for nothing; the second one is good
    "short": (answer(200, SOUND[:-1], length=len(SOUND)), "RemoteProtocolError"),
    "endless": (answer(200, SOUND, length=""), "announced no length"),
    "bomb": (answer(200, BOMB, "Content-Encoding: gzip"), "sent an encoded body"),
    "503": (answer(503), "answered 503"),
}
REFUSED = "recording link refused: "
TOO_LARGE = "recording is over 200 MB"
OFF_THE_LIST = (
    "http://127.0.0.1:{decoy}/a.wav",
    "http://127.0.0.2:{decoy}/a.wav",
    "http://localhost:{decoy}/a.wav",
    "http://[::1]:{decoy}/a.wav",
    "http://2130706433:{decoy}/a.wav",
    "http://0x7f.1:{decoy}/a.wav",
    "http://u@127.0.0.1:{decoy}/a.wav",
    "http://localhost:{storage}/good.wav",
    "https://s3.amazonaws.com@127.0.0.1:{decoy}/a.wav",
    "file:///etc/hostname",
)


class Decoy:
    """Listens where nobody is to come, on every loopback address; those who do wait in its queue."""

    def __init__(self, ends):
        first = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.port = first.getsockname()[1]
        self._listeners = [first, ends.enter_context(socket.create_server(("127.0.0.2", self.port)))]
        if socket.has_ipv6:
            self._listeners.append(
                ends.enter_context(socket.create_server(("::1", self.port), family=socket.AF_INET6))
            )

    @property
    def visitors(self):
        return sum(map(came, self._listeners))


def came(listener):
    """How many have connected since the last look."""
    listener.setblocking(False)
    count = 0
    try:
        while True:
            listener.accept()[0].close()
            count += 1
    except BlockingIOError:
        return count


class Telling:
    """Tells of recordings of each kind; their ids, in the order in which they were told of."""

    def __init__(self, running, storage, slow, decoy):
        self._running, self._storage, self._slow, self._decoy = running, storage, slow, decoy
        storage.answers = {"/good.wav": good(SOUND), "/slow.wav": good(SLOW)}
        storage.answers |= {f"/{name}.wav": reply for name, reply in EXPIRED.items()}
        storage.answers["/large.wav"] = Stall(answer(200, b"", length=200_000_001))
        self.dribbled, self.expired, self.later, self.large, self.off = [], [], [], [], []

    def of_slow_ones(self):
        link = f"http://127.0.0.1:{self._slow.port}/slow.wav"
        self.dribbled += [saved(self._running, link) for _ in range(MANY)]

    def of_expired_ones(self):
        self.expired += [self._on_the_host(f"/{name}.wav") for name in EXPIRED for _ in range(MANY)]

    def of_those_that_come_later(self):
        for name, (reply, _) in LATER.items():
            for number in range(MANY):
                path = f"/{name}-{number}.wav"
                self._storage.answers[path] = [reply, good(SOUND)]
                self.later.append(self._on_the_host(path))

    def of_too_large_ones(self):
        self.large += [self._on_the_host("/large.wav") for _ in range(MANY)]

    def of_those_off_the_list(self):
        """By their links, and by redirects to them."""
        for number, place in enumerate(OFF_THE_LIST):
            link = place.format(decoy=self._decoy.port, storage=self._storage.port)
            self._storage.answers[f"/{number}.wav"] = redirect(link)
            self.off += [saved(self._running, link), self._on_the_host(f"/{number}.wav")]

    def _on_the_host(self, path):
        return saved(self._running, self._storage.link(path))

    @property
    def everything(self):
        return [*self.dribbled, *self.expired, *self.later, *self.large, *self.off]


@pytest.fixture
def hosts(ends):
    """The storage host, a slow way to it, and a decoy."""
    storage, decoy = ends.enter_context(Storage()), Decoy(ends)
    slow = Relay(storage.port)
    ends.callback(slow.close)
    slow.dribble(SLOW_BYTES_PER_S)
    return storage, slow, decoy


@pytest.mark.long_only
def test_a_recording_is_fetched_afresh_or_parked_and_nobody_off_the_list_is_asked(fleet, figures, ends, hosts):
    running = fleet("--adopt").start("web", "routing")
    storage, slow, decoy = hosts
    allowed = f"127.0.0.1:{storage.port},127.0.0.1:{slow.port},{running.sim.host}"
    running.start("recording", RECORDING_HOSTS=allowed)
    fresh = {wav_file(channels) for channels in ("single", "dual")}
    kept = ends.enter_context(Kept(running, {SOUND, SLOW, *fresh}))
    telling = Telling(running, storage, slow, decoy)

    telling.of_slow_ones()
    wait_until(lambda: storage.paths.count("/slow.wav") == MANY, "the slow ones are under way")
    told = time.monotonic()
    telling.of_expired_ones()
    telling.of_those_that_come_later()
    telling.of_too_large_ones()
    telling.of_those_off_the_list()
    quick = {*telling.expired, *telling.later}
    wait_until(lambda: kept.at.keys() >= quick, "all that can be had are kept", 60)
    none_of_the_slow = kept.at.keys().isdisjoint(telling.dribbled)
    wait_until(lambda: kept.at.keys() >= set(telling.dribbled), "the slow ones, too", 120)
    running.stack.until_worked_off(60)

    parked = {job.removeprefix("recording-"): why for job, why in running.books.dead_letters("recording").items()}
    visitors = decoy.visitors
    figures(
        "F21",
        what="recordings: 403, 404, 1 KB/s, short, no length, gzip bomb, too large, links and redirects off the"
        " list; recovery: of those that come at the second try",
        events=running.books.audit().accepted,
        faults=len(telling.everything),
        lost=len(set(telling.everything) - kept.at.keys() - parked.keys()),
        recovery=[kept.at[one] - told for one in telling.later],
        note=f"{len(kept.at)} kept, {len(parked)} parked, {visitors} requests off the list",
    )
    assert none_of_the_slow
    assert kept.at.keys() == {*telling.dribbled, *quick}
    assert (kept.not_whole, kept.parts) == (set(), [])
    assert visitors == 0
    assert storage.paths.count("/good.wav") == 0  # by its address it is on the list, by another name it is not
    assert_each_is_parked_for_its_reason(parked, telling)
    (worker,) = running.alive("recording")
    assert [why for _, why in LATER.values() if len(running.log_of(worker, why)) < MANY] == []


def assert_each_is_parked_for_its_reason(parked, telling):
    assert parked.keys() == {*telling.large, *telling.off}
    assert {one: parked[one] for one in telling.large} == dict.fromkeys(telling.large, TOO_LARGE)
    assert [parked[one] for one in telling.off if not parked[one].startswith(REFUSED)] == []
