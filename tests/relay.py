"""A TCP relay from one address to others, and everything that may go wrong on the way."""

import asyncio
import socket
import ssl
import struct
import threading
import time
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: whatever is on its way is dropped
_CHUNK = 65536
_TURNS = 5  # of the loop, more than asyncio takes from accepting a connection to the task that serves it


class Relay:
    """New connections go to `targets` (ports) in turn, past those that refuse; old ones stay where they are.

    What happens to the bytes on the way holds for all connections and both directions, until `heal`.
    """

    def __init__(self, *targets: int, tls: ssl.SSLContext | None = None) -> None:
        self.targets = list(targets)
        self.connections = 0  # so far
        self.asked_at: list[float] = []  # when data came from those who connected (monotonic seconds)
        self._delay_s = 0.0
        self._bytes_per_s = 0
        self._turn = 0
        self._ends: set[asyncio.StreamWriter] = set()
        self._joins: set[asyncio.Task[None] | None] = set()
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._join, "127.0.0.1", 0, ssl=tls))
        self.port = int(self._server.sockets[0].getsockname()[1])

    def delay(self, seconds: float) -> None:
        """Every piece of data comes so much later."""
        self._delay_s = seconds

    def dribble(self, bytes_per_s: int) -> None:
        """As on a line that is all but dead."""
        self._bytes_per_s = bytes_per_s

    def hold(self) -> None:
        """Connections are taken and stay, but nothing comes through: half open, as behind a dead router."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def heal(self) -> None:
        """Let everything through again, what was held back first."""
        self._delay_s, self._bytes_per_s = 0.0, 0
        self._loop.call_soon_threadsafe(self._open.set)

    def refuse(self) -> None:
        """End every connection with a reset, and each new one at once, until `targets` are set again."""
        self.targets = []
        self.reset()

    def reset(self) -> None:
        """End every connection with a reset, whatever is on its way; new ones are taken."""
        self._do(self._reset())

    def cut(self) -> None:
        """End every connection, and take no more."""
        self._do(self._cut())

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _reset(self) -> None:
        for end in self._ends:
            with suppress(OSError):  # it may be closed already
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.transport.abort()

    async def _cut(self) -> None:
        self._server.close()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for end in self._ends:
            end.transport.abort()
        for join in self._joins:
            join.cancel()
        await asyncio.gather(*self._joins, return_exceptions=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here = asyncio.current_task()
        self._joins.add(here)
        self.connections += 1
        ends = {writer}
        self._ends.add(writer)
        try:
            far_reader, far_writer = await self._reach()
            ends.add(far_writer)
            self._ends.add(far_writer)
            asking = self._copy(reader, far_writer, self.asked_at)
            await asyncio.gather(asking, self._copy(far_reader, writer, []))
        except OSError:
            pass
        finally:
            for end in ends:
                end.close()
            self._ends -= ends
            self._joins.discard(here)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the target whose turn it is, or to one after it. Raises OSError."""
        self._turn += 1
        for n in range(len(self.targets)):
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection(
                    "127.0.0.1", self.targets[(self._turn + n) % len(self.targets)]
                )
        raise ConnectionRefusedError

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, read_at: list[float]
    ) -> None:
        """Until either side ends, which ends the other direction too."""
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                read_at.append(time.monotonic())
                await asyncio.sleep(self._delay_s)
                await self._open.wait()
                await self._write(writer, data)
        writer.close()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        while data:
            piece = data[: self._bytes_per_s] if self._bytes_per_s else data
            writer.write(piece)
            await writer.drain()
            data = data[len(piece) :]
            if data:
                await asyncio.sleep(1.0)
