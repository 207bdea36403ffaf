"""A recording is kept in a bucket whole, its metadata last, or not at all; against a real S3 server."""

import json

import pytest

from tests.archiving import METADATA, ON_THE_HOST, SOUND, WAV, fetch
from tests.s3_server import Box, s3_server
from tests.storage_host import LOOK, RECORDING_ID, answer, looked_up, redirect
from workers.engine.job import Done, Park, Retry

FILE, ABOUT = f"calls/{RECORDING_ID}.wav", f"calls/{RECORDING_ID}.json"


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with s3_server(tmp_path_factory.mktemp("s3")) as port:
        yield port


@pytest.fixture
def box(s3):
    return Box(s3).made()


def test_a_good_file_is_kept_in_the_bucket_with_its_metadata(box):
    outcome = fetch(box.store(), {"/a.wav": answer(200, SOUND)}, fields={"keep_days": 90})

    assert outcome.verdict == Done()
    assert box.objects.keys() == {FILE, ABOUT}
    assert box.objects[FILE] == SOUND
    about = json.loads(box.objects[ABOUT])
    assert about.pop("fetched_at").endswith("+00:00")
    assert about == METADATA | {"delete_after": "2027-02-18T15:06:41Z"}
    kinds = {name: box.s3.get(name).attributes["Content-Type"] for name in (FILE, ABOUT)}
    assert kinds == {FILE: "audio/wav", ABOUT: "application/json"}


def test_a_file_that_goes_up_in_pieces_is_kept_whole(box):
    sound = SOUND * 18  # of 8 MiB each, the last one shorter

    outcome = fetch(box.store(), {"/a.wav": answer(200, sound)})

    assert outcome.verdict == Done()
    assert box.objects[FILE] == sound


def test_a_rerun_of_what_is_in_the_bucket_asks_nobody(box):
    fetch(box.store(), {"/a.wav": answer(200, SOUND)})

    again = fetch(box.store(), {})

    assert (again.verdict, again.requests) == (Done(), [])


@pytest.mark.parametrize(
    ("name", "content"),
    [(FILE, SOUND[:-1]), (FILE, None), (ABOUT, None), (ABOUT, b"{}"), (ABOUT, b"\xff")],
    ids=["short", "no file", "no metadata", "no fields", "no text"],
)
def test_what_is_not_whole_in_the_bucket_is_fetched_again(box, name, content):
    fetch(box.store(), {"/a.wav": answer(200, SOUND)})
    box.s3.delete(name)
    if content is not None:
        box.s3.put(name, content)

    again = fetch(box.store(), {"/a.wav": answer(200, SOUND)})

    assert (again.verdict, again.paths) == (Done(), ["/a.wav"])
    assert box.objects[FILE] == SOUND
    assert json.loads(box.objects[ABOUT])["length"] == len(SOUND)


BROKEN = {
    "shorter than announced": answer(200, SOUND, length=len(SOUND) + 1),
    "cut in the middle": answer(200, SOUND[:300_000], length=len(SOUND)),
    "cut in a chunk": b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nRIFF",
    "no length at all": answer(200, SOUND, length=""),
    "encoded": answer(200, SOUND, "Content-Encoding: gzip"),
    "server error": answer(500),
    "a redirect off the list": redirect("http://localhost:{port}/b"),
    "too large": answer(200, b"", length=200_000_001),
    "gone, and no fresh link": answer(404),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_a_whole_file_leaves_nothing_in_the_bucket(box, reply):
    outcome = fetch(box.store(), {"/a.wav": reply, "/b": answer(200, SOUND)})

    assert isinstance(outcome.verdict, Retry | Park)
    assert "/b" not in outcome.paths
    assert box.objects == {}


def test_an_expired_link_is_replaced_by_a_fresh_one_on_the_way_to_the_bucket(box):
    answers = {"/a.wav": answer(403), LOOK: looked_up(wav=f"{ON_THE_HOST}/b"), "/b": answer(200, SOUND)}

    outcome = fetch(box.store(), answers)

    assert (outcome.verdict, outcome.paths) == (Done(), ["/a.wav", LOOK, "/b"])
    assert box.objects[FILE] == SOUND


def test_a_bucket_that_is_not_there_is_waited_for_and_nobody_is_asked(s3):
    missing = Box(s3)

    outcome = fetch(missing.store(), {"/a.wav": answer(200, SOUND)})

    reason = "the bucket of recordings (RECORDINGS_URL) answered 404 NoSuchBucket"
    assert outcome.verdict == Retry(60.0, False, reason)
    assert outcome.requests == []
    missing.made()
    assert fetch(missing.store(), {"/a.wav": answer(200, SOUND)}).verdict == Done()


def test_downloads_under_way_take_only_so_much_of_this_machines_disk(box):
    store = box.store(spool_bytes=len(SOUND))

    too_much = fetch(store, {"/a.wav": answer(200, SOUND * 2)})

    assert too_much.verdict == Retry(
        60.0, False, "the temporary folder (TMPDIR): too many recordings are under way at once"
    )
    assert fetch(store, {"/a.wav": answer(200, SOUND)}, WAV).verdict == Done()
