"""One hostile input: what goes over the wire, what must come back, and what may be left behind."""

from typing import NamedTuple

from tests.integration.hostile.wire import post


class Case(NamedTuple):
    """`answers` are the statuses of all answers on its connection, in order; none: it is closed in silence.

    `jobs`, `kept` and `duplicates` count what it leaves in Valkey; whatever is not counted must not be there.
    """

    row: int  # of the table of ingress inputs
    name: str
    answers: tuple[int, ...]
    parts: tuple[bytes, ...]
    jobs: int = 0
    kept: int = 0  # in the quarantine
    duplicates: int = 0
    pause_s: float = 0.0  # between two parts
    headers: bytes = b""  # stand in the first answer
    source: str = "127.0.0.2"  # its ports are in nobody's way
    trouble: str = ""  # what Valkey is in meanwhile: see trouble.py


def refused(row: int, name: str, status: int, raw: bytes, **more: object) -> Case:
    """It leaves nothing behind."""
    return Case(row, name, (status,), (raw,))._replace(**more)


def accepted(row: int, name: str, raw: bytes, **more: object) -> Case:
    """It becomes a job."""
    return Case(row, name, (200,), (raw,), jobs=1)._replace(**more)


def content(row: int, name: str, status: int, body: bytes, *more: bytes) -> Case:
    """A signed body: accepted, or kept in the quarantine before it is refused."""
    kept = status != 200
    return Case(row, name, (status,), (post(body, *more),), jobs=int(not kept), kept=int(kept))
