"""Logs are events with fields: JSON lines on a platform, readable text on a terminal.

Never log a body, a key, a signature or a phone number. An exception may hold any of them, so of one only its
types and places are told, wherever it comes from; and no text from outside can begin a line, or move a cursor.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog

from shared.numbers import masked
from shared.settings import LogFormat

log = structlog.stdlib.get_logger("trunkline")

# What stands on every line: the fields that are bound, its level, its logger and the time.
_CONTEXT: Final[tuple[Any, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_PARTY: Final = re.compile(r"sips?:[^\s<>\"]+@[^\s<>\";]+|(?<!\w)(?:\+|%2[Bb])[1-9][0-9]{6,14}(?![0-9A-Za-z])")


def where(reason: BaseException) -> str:
    """An exception's type and its innermost lines. Its text is left out: it may hold a caller's number."""
    frames = reversed(traceback.extract_tb(reason.__traceback__)[-4:])
    return f"{type(reason).__name__} in " + " < ".join(f"{frame.name}:{frame.lineno}" for frame in frames)


def configure(level: str, log_format: LogFormat, **fields: Any) -> None:
    """Set up the process's logging once, at its root; `fields` stand on every line (process type, kind)."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),  # a line below the level costs nothing
        processors=[*_CONTEXT, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "rq.worker", "rq.job"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(**fields)
    sys.excepthook = _crashed
    threading.excepthook = lambda told: _crashed(told.exc_type, told.exc_value, told.exc_traceback)


def _formatter(log_format: LogFormat) -> logging.Formatter:
    """Our own lines and those of the libraries, which come through the standard library, written alike."""
    renderers: tuple[Any, ...] = (
        (structlog.processors.JSONRenderer(),)  # escapes by itself what would break a line
        if log_format == "json"
        else (_on_one_line, structlog.dev.ConsoleRenderer(colors=False))
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_CONTEXT,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _of_asyncio,
            structlog.processors.ExceptionRenderer(_traceback),
            _masked,
            *renderers,
        ],
    )


def _traceback(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """Of an exception, and of those that led to it, the types and places, the first one first."""
    parts: list[str] = []
    reason: BaseException | None = exc_info[1]
    while reason is not None:
        lines = traceback.format_tb(reason.__traceback__)
        parts.append("".join(("Traceback (most recent call last):\n", *lines, _types(reason))))
        reason = reason.__cause__ or (None if reason.__suppress_context__ else reason.__context__)
    return "\nthen\n".join(reversed(parts))


def _types(reason: BaseException) -> str:
    inside = ", ".join(map(_types, reason.exceptions)) if isinstance(reason, BaseExceptionGroup) else ""
    return type(reason).__name__ + (f" of {inside}" if inside else "")


def _crashed(_type: type[BaseException], reason: BaseException | None, _at: TracebackType | None) -> None:
    """What nobody has caught; Python would write its text to stderr."""
    log.critical("crashed", exc_info=reason)


def _of_asyncio(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """asyncio tells of a lost task with the text of its exception, from the second line on."""
    if event.get("logger") == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """No number is logged on purpose; one within a reason that came from outside is masked here."""
    for name, value in event.items():
        if isinstance(value, str) and ("+" in value or ":" in value or "%2" in value):
            event[name] = _PARTY.sub(lambda found: masked(found[0].replace("%2B", "+").replace("%2b", "+")), value)
    return event


def _on_one_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape what would break a line or what a terminal would act on; a traceback keeps its lines."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            event[name] = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in value)
    return event
