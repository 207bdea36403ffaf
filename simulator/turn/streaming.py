"""Streams of a leg's sound to a WebSocket. None is opened: whether it can be is scripted."""

from urllib.parse import urlsplit

from simulator.leg import Leg, Stream, StreamWish
from simulator.turn.instant import Turn

_NO_SUCH_HOST = ".invalid"
"""A top level domain in which no name exists (RFC 6761)."""


def start_stream(turn: Turn, leg: Leg, wish: StreamWish) -> None:
    stream = Stream(next(turn.switch.ids), wish.url)
    if not (leg.person.stream_fails or _host(wish.url).endswith(_NO_SUCH_HOST)):
        leg.streams.append(stream)
        turn.emit(leg, "streaming.started", stream_url=stream.url)
        return
    turn.emit(
        leg,
        "streaming.failed",
        failure_reason="connection_failed",
        stream_id=stream.stream_id,
        stream_params={"stream_url": wish.url, "track": wish.track},
        stream_type=wish.kind,
    )


def stop_streams(turn: Turn, leg: Leg, stream_id: str | None = None) -> None:
    """One, or all of them."""
    stopped = [stream for stream in leg.streams if stream_id in (None, stream.stream_id)]
    leg.streams = [stream for stream in leg.streams if stream not in stopped]
    for stream in stopped:
        turn.emit(leg, "streaming.stopped", stream_url=stream.url)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
