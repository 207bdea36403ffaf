"""Telnyx's API over HTTP: send a request, get an `Answer`, ask for its `meaning`."""

from shared.telnyx.answer import Answer, ApiError, read_answer
from shared.telnyx.client import Telnyx
from shared.telnyx.meanings import Meaning, meaning

__all__ = ["Answer", "ApiError", "Meaning", "Telnyx", "meaning", "read_answer"]
