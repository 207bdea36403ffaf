"""An outbound call asked for from outside, by `POST /calls` or `trunkline calls dial`: judged, made a job; pure.

Both doors take the same request and refuse it for the same reasons, and a key that was used at one is known at the
other. Likewise the job that cancels such a call, by `DELETE /calls/ID` or `trunkline calls cancel`.
"""

import hashlib
import re
from typing import Final

import msgspec

from shared import calls, queues
from shared.dialplan import Loaded, Plan, may_place_call, variables
from shared.errors import CallRefused
from shared.ids import CallId
from shared.numbers import is_emergency, is_number

KEY_FORM: Final = "1 to 255 printable ASCII characters"

_KEY: Final = re.compile(r"[ -~]{1,255}")


class CallRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /calls`. An unknown field is refused: a misspelt one must not dial."""

    profile: str
    to: str
    variables: dict[str, str] = {}


def is_key(text: str) -> bool:
    """Whether it may be an idempotency key: see `KEY_FORM`."""
    return _KEY.fullmatch(text) is not None


def check(plan: Plan, request: CallRequest) -> None:
    """Raises CallRefused unless the dialplan allows this call."""
    profile = plan.outbound.get(request.profile)
    if profile is None:
        known = ", ".join(plan.outbound) or "none"
        raise CallRefused("unknown_profile", f"no [outbound] profile has this name; known: {known}")
    if not is_number(request.to):
        raise CallRefused("unfit", "`to` is neither an E.164 number such as +13125550100 nor a SIP URI")
    if is_emergency(request.to):
        raise CallRefused("unfit", "`to` is an emergency number, and calling those is never allowed")
    if not may_place_call(plan, request.to):
        raise CallRefused("unfit", "`to` is not an allowed destination: see [limits] allow in the dialplan")
    missing = sorted(variables(profile) - request.variables.keys())
    if missing:
        raise CallRefused("unfit", f"missing variables: {', '.join(missing)}")


def entry_of(key: str, request: CallRequest, dialplan: Loaded, call_id: CallId, now: float) -> queues.Entry:
    """The job that places the call, once for this key. `now` is in Unix seconds."""
    digest = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()
    asked = calls.Request(call_id, request.profile, request.to, request.variables, dialplan.hash)
    return queues.Entry(
        once_key=queues.idempotency_key(key),
        once_value=f"{digest} {call_id}",
        job_id=f"call-{call_id}",
        kind="routing",
        description=f"call {request.profile}",
        data=queues.job_data(queues.PLACE_CALL, now, msgspec.json.encode(asked)),
    )


def cancel_entry(call: CallId, now: float) -> queues.Entry:
    """The job that cancels a call, once for each: what is cancelled stays so. `now` is in Unix seconds."""
    job_id = f"cancel-{call}"
    return queues.Entry(
        once_key=queues.seen_key(job_id),
        once_value="1",
        job_id=job_id,
        kind="routing",
        description="cancel",
        data=queues.job_data(queues.CANCEL_CALL, now, msgspec.json.encode(calls.Cancel(call))),
    )


def call_of(entry: queues.Entry, once_value: str) -> CallId:
    """Which call it became: its own, or the first of its key, where this one repeats it.

    `once_value` is what the key keeps. Raises CallRefused when the key was used for another request.
    """
    asked, _, _ = entry.once_value.partition(" ")
    first, _, call_id = once_value.partition(" ")
    if first != asked:
        raise CallRefused("key_taken", "this idempotency key was used with another body")
    return CallId(call_id)
