"""A bucket that refuses, is away or lies: the recording waits without limit, and nobody is told a secret."""

import asyncio
from hashlib import sha256

import pytest

from tests.archiving import SOUND, WAV, Outcome, fetched, in_a_process, verdict_of, wanted
from tests.s3_server import ABOUT, SOUND_OF_IT, Box, in_place_of_s3, said
from tests.storage_host import SECRET, Stall, StorageHost, answer, serving, storage_host
from workers.engine.job import Done, Retry

PLACE = "the bucket of recordings (RECORDINGS_URL)"
PUT, HEAD, PUT_ABOUT = f"PUT {SOUND_OF_IT}", f"HEAD {SOUND_OF_IT}", f"PUT {ABOUT}"


def asked_of(s3: StorageHost) -> list[str]:
    return [f"{asked.method} {asked.path}" for asked in s3.requests]


def keep(answers, **options) -> tuple[Outcome, StorageHost]:
    """A good file to a bucket that gives these answers."""

    async def scenario():
        s3 = in_place_of_s3(answers, SOUND)
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host, serving(s3):
            return await fetched(host, Box(s3.port, "box").store(), **options), s3

    return asyncio.run(scenario())


def test_the_metadata_go_up_after_the_file_is_seen_to_be_whole():
    outcome, s3 = keep({})

    assert outcome.verdict == Done()
    assert asked_of(s3) == [f"GET {ABOUT}", PUT, HEAD, PUT_ABOUT]
    assert s3.requests[1].body == SOUND


def test_the_bucket_can_check_every_byte_and_is_sent_no_empty_token():
    _, s3 = keep({})

    assert s3.requests[1].headers["x-amz-content-sha256"] == sha256(SOUND).hexdigest()
    assert {"AWS4-HMAC-SHA256" in asked.headers["authorization"] for asked in s3.requests} == {True}
    assert not any("x-amz-security-token" in asked.headers for asked in s3.requests)


REFUSED_BEFORE = {
    "wrong key": (said(403, "InvalidAccessKeyId"), f"{PLACE} answered 403 InvalidAccessKeyId"),
    "wrong secret": (said(403, "SignatureDoesNotMatch"), f"{PLACE} answered 403 SignatureDoesNotMatch"),
    "may not": (said(403, "AccessDenied"), f"{PLACE} answered 403 AccessDenied"),
    "no such bucket": (said(404, "NoSuchBucket"), f"{PLACE} answered 404 NoSuchBucket"),
    "lent keys that ran out": (said(400, "ExpiredToken"), f"{PLACE} answered 400 ExpiredToken"),
    "who is it": (said(401), f"{PLACE} answered 401"),
    "another region": (said(301), f"{PLACE} answered 301: it is in another region than AWS_REGION"),
    "too busy": (said(503, "SlowDown"), f"{PLACE} answered 503 SlowDown"),
    "no HTTP": (b"hello\r\n\r\n", f"{PLACE} cannot be reached"),
    "cut in the middle": (answer(200, b"{", length=9), f"{PLACE} cannot be reached"),
}


@pytest.mark.parametrize(("reply", "reason"), REFUSED_BEFORE.values(), ids=REFUSED_BEFORE.keys())
def test_a_bucket_that_cannot_be_read_is_waited_for_and_no_link_is_used_up(reply, reason):
    outcome, _ = keep({f"GET {ABOUT}": reply}, attempt=100)

    assert outcome.verdict == Retry(60.0, False, reason)
    assert outcome.requests == []
    assert reason in outcome.logs


REFUSED_AFTER = {
    "the file": ({PUT: said(403, "AccessDenied")}, f"{PLACE} answered 403 AccessDenied", PUT),
    "a look at it": ({HEAD: said(403)}, f"{PLACE} answered 403", HEAD),
    "it is not there": ({HEAD: said(404)}, f"{PLACE} answered 404", HEAD),
    "it is short": (
        {HEAD: answer(200, b"", 'ETag: "x"', "Last-Modified: Wed, 25 Nov 2026 22:31:30 GMT", length=7)},
        f"{PLACE} has kept 7 bytes of {len(SOUND)}",
        HEAD,
    ),
    "the metadata": ({PUT_ABOUT: said(403, "AccessDenied")}, f"{PLACE} answered 403 AccessDenied", PUT_ABOUT),
}


@pytest.mark.parametrize(("answers", "reason", "last"), REFUSED_AFTER.values(), ids=REFUSED_AFTER.keys())
def test_a_bucket_that_does_not_take_it_all_is_waited_for_and_given_no_metadata(answers, reason, last):
    outcome, s3 = keep(answers, attempt=100)

    assert outcome.verdict == Retry(60.0, False, reason)
    assert asked_of(s3)[-1] == last


@pytest.mark.parametrize("silent", [f"GET {ABOUT}", PUT], ids=["before", "after"])
def test_a_bucket_that_falls_silent_is_left_at_the_deadline_and_waited_for(silent):
    outcome, s3 = keep({silent: Stall(b"")}, deadline_s=3.0, attempt=100)

    assert outcome.verdict == Retry(60.0, False, "not done within 3 s")
    assert asked_of(s3)[-1] == silent


def test_nobody_at_the_endpoint_is_waited_for():
    async def scenario():
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host:
            return await fetched(host, Box(1, "box").store(), attempt=100)

    outcome = asyncio.run(scenario())

    assert outcome.verdict == Retry(60.0, False, f"{PLACE} cannot be reached")
    assert outcome.requests == []


def test_a_full_temporary_folder_is_waited_for_and_left_empty(tmp_path):
    async def scenario():
        s3 = in_place_of_s3({}, SOUND)
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host, serving(s3):
            box = Box(s3.port, "box")
            env = {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "a-secret", "AWS_ALLOW_HTTP": "true"}
            places = {"AWS_ENDPOINT": box.aws.endpoint, "TMPDIR": str(tmp_path)}
            child = await in_a_process(box.url, wanted(host, WAV), "FSIZE 300000", **env, **places)
            return await verdict_of(child), s3

    verdict, s3 = asyncio.run(scenario())

    assert verdict == ["Retry", 60.0, False, "the temporary folder (TMPDIR): File too large"]
    assert asked_of(s3) == [f"GET {ABOUT}"]
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_is_cancelled_is_given_no_metadata_and_leaves_room_for_the_next():
    async def scenario():
        s3 = in_place_of_s3({PUT: Stall(b"")}, SOUND)
        async with storage_host({"/a.wav": answer(200, SOUND)}) as host, serving(s3):
            store = Box(s3.port, "box").store(spool_bytes=len(SOUND))
            task = asyncio.create_task(fetched(host, store))
            while PUT not in asked_of(s3):
                assert not task.done()
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            store.reserve(len(SOUND))
        return s3

    s3 = asyncio.run(asyncio.wait_for(scenario(), 10.0))

    assert asked_of(s3)[-1] == PUT


def test_no_log_line_and_no_verdict_holds_a_key_or_the_signature_of_a_link():
    refusals = [{f"GET {ABOUT}": said(403, "AccessDenied")}, {PUT: said(400, "Bad")}, {HEAD: b"canary"}, {}]

    kept = [keep(answers) for answers in refusals]

    assert all("AKCANARY" in asked.headers["authorization"] for _, s3 in kept for asked in s3.requests)
    assert all(SECRET in asked.path for outcome, _ in kept[1:] for asked in outcome.requests)
    told = [f"{outcome.verdict} {outcome.logs}".lower() for outcome, _ in kept]
    assert not any("canary" in text for text in told)
