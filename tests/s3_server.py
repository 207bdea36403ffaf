"""A real S3 server on loopback, moto's, in a process of its own; and a stand-in that answers as a test wants."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
from obstore.store import S3Store

from shared.settings import Aws
from tests.ports import free_port
from tests.storage_host import RECORDING_ID, StorageHost, answer
from tests.waiting import wait_until
from workers.archive.bucket import SPOOL_BYTES, Bucket
from workers.archive.s3 import s3_at

ABOUT, SOUND_OF_IT = f"/box/calls/{RECORDING_ID}.json", f"/box/calls/{RECORDING_ID}.wav"


def aws(port: int) -> Aws:
    return Aws("AKCANARY", "secret-canary", endpoint=f"http://127.0.0.1:{port}", allow_http="true")


class Box:
    """A bucket of the test's own, at the server behind `port`; recordings go below `calls/`."""

    def __init__(self, port: int, name: str = "") -> None:
        self.name = name or f"box-{uuid4()}"
        self.url = f"s3://{self.name}/calls"
        self.aws = aws(port)

    def made(self) -> "Box":
        httpx.put(f"{self.aws.endpoint}/{self.name}", trust_env=False).raise_for_status()
        return self

    def store(self, spool_bytes: int = SPOOL_BYTES) -> Bucket:
        """Where recordings are kept in it."""
        return Bucket(s3_at(self.url, self.aws), spool_bytes)

    @property
    def s3(self) -> S3Store:
        return s3_at(f"s3://{self.name}", self.aws)

    @property
    def objects(self) -> dict[str, bytes]:
        found = [meta for some in self.s3.list() for meta in some]
        return {meta["path"]: bytes(self.s3.get(meta["path"]).bytes()) for meta in found}


@contextmanager
def s3_server(folder: Path) -> Iterator[int]:
    """Its port. It trusts every key."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _answers(port), "the S3 server is up", within_s=30.0)  # it has much to import
        yield port
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code < 500
    except httpx.TransportError:
        return False


def said(status: int, code: str = "", *headers: str) -> bytes:
    """S3's own way to say no; its text holds what no log may."""
    body = f"<Error><Code>{code}</Code><AWSAccessKeyId>AKCANARY</AWSAccessKeyId></Error>" if code else ""
    return answer(status, body.encode(), "Connection: close", *headers)


def in_place_of_s3(answers: Mapping[str, bytes], sound: bytes) -> StorageHost:
    """An empty bucket `box` that takes whatever comes; `answers` are what it answers otherwise."""
    took = answer(200, b"", "Connection: close", 'ETag: "x"')
    size = ["Connection: close", 'ETag: "x"', "Last-Modified: Wed, 25 Nov 2026 22:31:30 GMT"]
    usual = {
        f"GET {ABOUT}": said(404, "NoSuchKey"),
        f"PUT {SOUND_OF_IT}": took,
        f"HEAD {SOUND_OF_IT}": answer(200, b"", *size, length=len(sound)),
        f"PUT {ABOUT}": took,
    }
    return StorageHost({**usual, **answers})
