"""Many callers at once, each call told of in full, from the ring to the hangup, as fast as it is acknowledged."""

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Final, Self
from uuid import uuid4

from tests.e2e.stack import WEBHOOKS
from tests.signing import signed, webhook_body

NOTES: Final = 8  # digits that a caller presses meanwhile
EVENTS: Final = NOTES + 2  # a call's
AGAIN_S: Final = 0.2  # after a 503
LOOK_EVERY_S: Final = 0.05


class Crowd:
    """A context: `callers` of them, until `events` were told, `seconds` are over, or it is left."""

    def __init__(self, port: int, to: str, *, callers: int, events: int, seconds: float) -> None:
        self.told = 0  # and acknowledged
        self.refused = 0
        self.calls = 0
        self.waits = False  # with the next call, as long as this is true: the workers have fallen behind
        self._port, self._to, self._callers = port, to, callers
        self._events, self._until = events, time.monotonic() + seconds
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self._until = self._until if failed is None else 0.0
        self._thread.join()
        if self._failure is not None and failed is None:
            raise self._failure

    def wait(self, seconds: float) -> bool:
        """For so long, or until it is over; whether it goes on."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def _play(self) -> None:
        try:
            asyncio.run(self._all_call())
        except BaseException as reason:  # noqa: BLE001 - raised again where the test stands
            self._failure = reason

    async def _all_call(self) -> None:
        async with asyncio.TaskGroup() as together:
            for _ in range(self._callers):
                together.create_task(self._call_on())

    async def _call_on(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while self.calls * EVENTS < self._events and time.monotonic() < self._until:
            if self.waits:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            self.calls += 1
            for body in bodies(self._to):
                await self._tell(reader, writer, body)
        writer.close()

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        while (status := await _post(reader, writer, body)) == 503:
            self.refused += 1
            await asyncio.sleep(AGAIN_S)
        assert status == 200, status
        self.told += 1


def bodies(to: str) -> Iterator[bytes]:
    """A caller who is rejected, presses some keys all the same, and hangs up."""
    leg = str(uuid4())
    ids = {
        "call_control_id": f"v3:{leg}",
        "call_leg_id": leg,
        "call_session_id": leg,
        "direction": "incoming",
        "from": "+12025550142",
        "to": to,
    }
    yield webhook_body("call.initiated", state="parked", **ids)
    for _ in range(NOTES):
        yield webhook_body("call.dtmf.received", digit="1", **ids)
    yield webhook_body("call.hangup", hangup_cause="call_rejected", **ids)


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> int:
    """The status; of an answer without a body."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
    head = f"POST {WEBHOOKS} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n{fields}\r\n"
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    return int(answer[9:12])
