"""Telnyx's API over HTTP.

`Telnyx` sends a request and gives an `Answer`, `meaning` judges it: that is what workers use. `Api` has a typed
method for each operation. `OPERATIONS` is the table of them all; the types that are no call commands (those stand
in `shared.commands`) are in the file of their family.
"""

from shared.telnyx.answer import Answer, ApiError, read_answer
from shared.telnyx.api import Api
from shared.telnyx.client import Telnyx
from shared.telnyx.meanings import Meaning, meaning
from shared.telnyx.operations import (
    OPERATIONS,
    Operation,
    check_operation,
    decode_body,
    decode_query,
    operation_request,
    page_request,
)

__all__ = [
    "OPERATIONS",
    "Answer",
    "Api",
    "ApiError",
    "Meaning",
    "Operation",
    "Telnyx",
    "check_operation",
    "decode_body",
    "decode_query",
    "meaning",
    "operation_request",
    "page_request",
    "read_answer",
]
