"""F20: the disk of the recordings is full in the middle of a file, read-only, or no file can be opened any more.

For one archive, in the short set: tests/integration/test_archive_stops.py.
"""

import time

import pytest

from tests.disks import READ_ONLY, UNLIMITED, Descriptors, Disk
from tests.faults.calls import Calls, dialplan
from tests.faults.recordings import SOUND, Kept, Storage, good, saved
from tests.waiting import wait_until

PROMISED_S = 5.0  # until a recording that waits is kept; twice that is allowed to a busy machine
MANY = 20
SHORT = b"RIFF"
TROUBLES = {  # which file is told of, and why it has to wait
    "full": ("/long.wav", "No space left on device"),
    "full for the metadata": ("/short.wav", "No space left on device"),
    "read-only": ("/long.wav", "Read-only file system"),
    "no descriptor left": ("/long.wav", "Too many open files"),
}


class Archiving:
    """A recording worker whose disk and descriptors are ours, and what is told to it."""

    def __init__(self, running, storage, kept, tmp_path):
        disk = Disk(tmp_path, running.stack.recordings)
        name = running.launch("recording", RECORDING_HOSTS=f"127.0.0.1:{storage.port}", **disk.env)
        running.until_up(name)
        process = running.stack.running[name]
        self.disk, self.descriptors, self._log = disk, Descriptors(process.popen.pid), process.err
        self.running, self._storage, self._kept = running, storage, kept
        self.told = []

    def tell(self, count, path="/long.wav"):
        new = [saved(self.running, self._storage.link(path)) for _ in range(count)]
        self.told += new
        return new

    def inflict(self, trouble):
        match trouble:
            case "full":
                self.disk.room(len(SOUND) // 2)
            case "full for the metadata":
                self.disk.room(100)
            case "read-only":
                self.disk.room(READ_ONLY)
            case "no descriptor left":
                self.descriptors.forbid_more()

    def mend(self):
        self.disk.room(UNLIMITED)
        self.descriptors.allow()

    def times_waited(self, reason):
        return self._log.read_text().count(f"(RECORDINGS_URL): {reason}")

    def until_kept(self, recordings):
        wait_until(lambda: self._kept.at.keys() >= set(recordings), "all are kept", 60)


def in_trouble(archiving, kept, calls, trouble):
    """From a trouble to its end; the seconds then until the first and the last of its recordings was kept."""
    path, reason = TROUBLES[trouble]
    before, waited = len(kept.at), archiving.times_waited(reason)

    archiving.inflict(trouble)
    waiting = archiving.tell(MANY, path)
    calls.go_on(3.0, every_s=0.15)
    wait_until(lambda: archiving.times_waited(reason) >= waited + MANY, f"all wait: {reason}")
    archiving.running.stack.until_quiet(60)
    calls.assert_each_got_its_commands_once()
    assert len(kept.at) == before

    archiving.mend()
    mended = time.monotonic()
    archiving.until_kept(waiting)
    seconds = [kept.at[one] - mended for one in waiting]
    return min(seconds), max(seconds)


@pytest.mark.long_only
def test_recordings_wait_for_their_disk_and_are_kept_soon_after_while_calls_go_on(fleet, figures, tmp_path, ends):
    running = fleet("--speed", "10", dialplan=dialplan(tmp_path)).start("web", "routing")
    storage, kept = ends.enter_context(Storage()), ends.enter_context(Kept(running, {SOUND, SHORT}))
    storage.answers = {"/long.wav": good(SOUND), "/short.wav": good(SHORT)}
    archiving, calls = Archiving(running, storage, kept, tmp_path), Calls(running)
    archiving.until_kept(archiving.tell(1))
    asked = len(storage.requests)

    recovery = [second for trouble in TROUBLES for second in in_trouble(archiving, kept, calls, trouble)]
    running.stack.until_quiet(60)

    figures(
        "F20",
        what=f"the disk of the recordings: {', '.join(TROUBLES)}; recovery: until the first and the last is kept",
        events=running.books.audit().accepted,
        faults=len(TROUBLES),
        lost=len(set(archiving.told) - kept.at.keys()),
        recovery=recovery,
        note=f"{len(calls)} calls meanwhile, {len(kept.at)} recordings, {len(kept.not_whole)} not whole",
    )
    assert (kept.not_whole, kept.parts) == (set(), [])
    assert kept.at.keys() == set(archiving.told)
    assert all(second < 2 * PROMISED_S for second in recovery), recovery
    downloads = len(storage.requests) - asked
    assert downloads <= 2 * MANY * len(TROUBLES)  # nothing is downloaded to a disk that is full
    assert running.books.dead_letters("recording") == {}
