"""Logs are events with fields: JSON lines on a platform, readable text on a terminal.

Never log a body, a key, a signature or a phone number.
"""

import logging
import sys
import traceback
from typing import Any

import structlog

from shared.settings import LogFormat

log = structlog.stdlib.get_logger("trunkline")


def where(reason: BaseException) -> str:
    """An exception's type and its innermost lines. Its text is left out: it may hold a caller's number."""
    frames = reversed(traceback.extract_tb(reason.__traceback__)[-4:])
    return f"{type(reason).__name__} in " + " < ".join(f"{frame.name}:{frame.lineno}" for frame in frames)


def configure(level: str, log_format: LogFormat, **fields: Any) -> None:
    """Set up the process's logging once, at its root; `fields` stand on every line (process type, kind)."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "rq.worker", "rq.job"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(**fields)
