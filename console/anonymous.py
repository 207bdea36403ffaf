"""An exported call without the people in it, which is decided as it was; pure.

Of a webhook only the fields that have a meaning here are kept: whatever Telnyx adds might name somebody.
"""

from typing import Any, Final

import msgspec
from msgspec.structs import fields

from console.disguise import Disguise
from console.export import Answer, Document, Request, Step, Webhook
from shared import dialplan
from shared.events import PAYLOADS

_IDS: Final = ("call_control_id", "call_leg_id", "call_session_id", "connection_id", "client_state")
_AS_IT_IS: Final = ("_id", "_at", "_time", "client_state", "link_to")  # ids and times, by the ends of their keys
_FREE: Final = frozenset(
    {
        "from",
        "to",
        "from_sip_uri",
        "to_sip_uri",
        "caller_id_name",
        "value",
        "tags",
        "flow_destination",
        "media_name",
    }
)
_ENVELOPE: Final = ("id", "event_type", "record_type", "occurred_at")

_replace = msgspec.structs.replace


def anonymous(document: Document) -> Document:
    """Raises DialplanError where the dialplan cannot be read by this version."""
    plan = dialplan.parse(document.dialplan, f"dialplan {document.plan}")
    requests = [step.happened.request for step in document.steps if isinstance(step.happened, Request)]
    disguise = Disguise(plan, requests[0].variables if requests else {})
    steps = tuple(_step(disguise, step) for step in document.steps)
    return _replace(document, anonymous=True, steps=steps)


def _step(disguise: Disguise, step: Step) -> Step:
    commands = tuple(_replace(command, body=_value(disguise, "", command.body)) for command in step.commands)
    happened = step.happened
    match happened:
        case Webhook():
            happened = _replace(happened, body=_webhook(disguise, happened.body))
        case Request(request=request):
            asked = _replace(request, to=disguise.free_text(request.to), variables=disguise.variables)
            happened = _replace(happened, request=asked)
        case Answer():
            happened = _replace(happened, data=_value(disguise, "", happened.data))
        case _:
            pass
    return _replace(step, happened=happened, note=disguise.text(step.note), commands=commands)


def _webhook(disguise: Disguise, body: dict[str, Any]) -> dict[str, Any]:
    data = body["data"]
    kind = PAYLOADS.get(data["event_type"])
    known = {field.encode_name for field in fields(kind)} if kind else _IDS
    payload = {key: _value(disguise, key, value) for key, value in data["payload"].items() if key in known}
    return {"data": {**{key: data[key] for key in _ENVELOPE if key in data}, "payload": payload}}


def _value(disguise: Disguise, key: str, value: Any) -> Any:
    """A value of a JSON document, by the key that it stands under."""
    match value:
        case dict():
            return {name: _value(disguise, name, each) for name, each in value.items()}
        case list():
            return [_value(disguise, key, each) for each in value]
        case str() if key.endswith(_AS_IT_IS):
            return value
        case str() if key in _FREE:
            return disguise.free_text(value)
        case str() if key == "payload":
            return disguise.spoken(value)
        case str() if key == "digits":
            return value if len(value) < 2 else "0" * len(value)  # one key is an answer, several may be a secret
        case str():
            return disguise.text(value)
        case _:
            return value
