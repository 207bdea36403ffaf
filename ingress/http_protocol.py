"""uvicorn's httptools protocol with deadlines and bounds for what comes before a request can be judged.

An ASGI application first hears of a request when its head is complete. So a head that never ends, and a chunk
whose extension never ends, are refused here; whatever is refused here closes the connection. So does a peer that
piles up requests, or answers that it does not take.
"""

import asyncio
from collections.abc import Collection
from typing import Final

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared import metrics

READ_DEADLINE_S: Final = 5.0  # for a complete head, and from then on for a complete body
# Above the guard's limits, so that whatever has a complete head gets its answer there, in the right order.
MAX_HEAD_BYTES: Final = 128 * 1024
MAX_URL_BYTES: Final = 32 * 1024  # httptools cannot take a URL of 64 KiB apart
MAX_IDLE_BYTES: Final = 8 * 1024  # of a chunked body, without a byte of content or a new chunk
MAX_WAITING: Final = 200  # requests behind the one that is being answered; each holds some 3 KB
WRITE_DEADLINE_S: Final = 5.0
PIECE_BYTES: Final = 4 * 1024  # what the parser gets at once, so that the bounds hold within one large read
LINGER_S: Final = 1.0  # told to stop: a request may be on its way over a connection that looks idle from here


class _NoReadingAhead(FlowControl):
    """Reads nothing more while requests wait: uvicorn's own reads on with every answer, and piles them up."""

    def __init__(self, transport: asyncio.Transport, waiting: Collection[object]) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class GuardedProtocol(HttpToolsProtocol):
    """Closes after 5 s without a complete head; answers 408 to a body as late, and 400 to what is malformed.

    One timer a connection, which looks whether it is late by then: setting and stopping two a request cost more.
    """

    _read_timer: asyncio.TimerHandle | None = None
    _since = 0.0  # when the head or the body that is awaited could begin, by the event loop's clock
    _write_timer: asyncio.TimerHandle | None = None
    _in_head = True
    _begun = False
    _refused = False
    _is_stopping = False
    url = b""
    _head_bytes = 0
    _idle_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.flow = _NoReadingAhead(transport, self.pipeline)
        self._since = self.loop.time()
        self._read_timer = self.loop.call_at(self._since + READ_DEADLINE_S, self._check_read)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_read_timer()
        self._stop_write_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        for start in range(0, len(data), PIECE_BYTES):
            if self._refused or self.transport.is_closing():
                return
            self._feed(data[start : start + PIECE_BYTES])

    def _feed(self, piece: bytes) -> None:
        try:
            self.parser.feed_data(piece)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(414 if self._in_head and len(self.url) > MAX_URL_BYTES else 400)
            return
        if self._in_head:
            self._head_bytes += len(piece)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431)
        else:
            self._idle_bytes += len(piece)
            if self._idle_bytes > MAX_IDLE_BYTES + PIECE_BYTES:
                self._refuse(400)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._begun = True

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            raise ValueError("the URL is too long")  # ends in `_refuse`, as every error in here

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            raise ValueError("a trailer: no header may come after the head was judged")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.get_http_version() not in {"1.0", "1.1"}:
            raise ValueError("HTTP/0.9 has no head that could be judged")
        if self.parser.should_upgrade():
            raise ValueError("httptools would not read the body")
        if len(self.pipeline) >= MAX_WAITING:
            raise ValueError("too many requests at once: those before this one get their answers")
        super().on_headers_complete()
        if self._is_stopping:
            self.cycle.keep_alive = False
        self._since = self.loop.time()
        self._in_head, self._head_bytes, self._idle_bytes = False, 0, 0

    def on_chunk_header(self) -> None:
        self._idle_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._begun, self._head_bytes = True, False, 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._since = self.loop.time()

    def shutdown(self) -> None:
        """The server stops: the next answer is the last one here; where none is due, it closes a little later."""
        self._is_stopping = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LINGER_S, super().shutdown)
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_DEADLINE_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_write_timer()

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _check_read(self) -> None:
        """Is what is awaited late? While a whole request is being answered, nothing is."""
        now = self.loop.time()
        is_answered = self._in_head and self.cycle is not None and not self.cycle.response_complete
        late_at = (now if is_answered else self._since) + READ_DEADLINE_S
        if now < late_at:
            self._read_timer = self.loop.call_at(late_at, self._check_read)
        elif self._in_head and not self._begun:
            self.transport.close()
        else:
            self._refuse(408)

    def _stop_read_timer(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _refuse(self, status: int) -> None:
        self._refused = True
        self._stop_read_timer()
        if self.transport.is_closing():
            return
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.keep_alive = False
            if self.pipeline or cycle.response_started or not cycle.more_body:
                return  # a request before the malformed one is being answered: it gets its answer, nothing follows
        metrics.REFUSED_EARLY.add(str(status))
        self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
