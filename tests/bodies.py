"""Bodies of webhooks with three fixed ids, right but for what a test puts into them."""

import json

IDS = {"call_control_id": "v3:a", "call_leg_id": "leg", "call_session_id": "session"}


def body(event_type: str = "call.bridged", payload: object = None, **data: object) -> bytes:
    """A valid webhook, with the given fields of `data` replaced."""
    envelope = {"id": "evt-1", "event_type": event_type, "payload": IDS if payload is None else payload}
    return json.dumps({"data": envelope | data}).encode()
