"""The webhook payloads, key for key as Telnyx sends them (Telnyx docs: voice-api-webhooks)."""

from datetime import UTC, datetime

from simulator.leg import Leg, Recording

_WITHOUT_PARTIES = ("call.speak.", "call.playback.", "call.recording.", "streaming.")
_CODECS = "PCMU,PCMA,G729"
_QUALITY = {
    "inbound": {
        "jitter_max_variance": "12.40",
        "jitter_packet_count": "0",
        "mos": "4.50",
        "packet_count": "7730",
        "skip_packet_count": "3",
    },
    "outbound": {"packet_count": "7701", "skip_packet_count": "0"},
}


def wire_time(at: float) -> str:
    """Unix seconds as Telnyx writes a time: microseconds and a Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def leg_payload(leg: Leg, event_type: str, extra: dict[str, object]) -> dict[str, object]:
    """The payload of any event of a leg; `extra` holds what only this event tells."""
    payload: dict[str, object] = {
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "client_state": leg.client_state,
        "connection_id": leg.connection_id,
    }
    if not event_type.startswith(_WITHOUT_PARTIES):
        payload |= {"from": leg.from_, "to": leg.to}
    match event_type:
        case "call.initiated":
            payload |= _lifecycle(leg) | _initiated(leg)
        case "call.answered":
            payload |= _lifecycle(leg) | {"state": "answered"}
        case "call.hangup":
            payload |= _lifecycle(leg) | _hangup(leg)
        case _:
            pass
    return payload | extra


def _lifecycle(leg: Leg) -> dict[str, object]:
    return {
        "custom_headers": leg.custom_headers,
        "sip_headers": [],
        "start_time": wire_time(leg.started_at),
        "tags": leg.tags,
    }


def _initiated(leg: Leg) -> dict[str, object]:
    incoming = leg.direction == "incoming"
    fields: dict[str, object] = {
        "call_screening_result": "not_screened",
        "caller_id_name": leg.from_,
        "calling_party_type": "sip" if leg.from_.startswith("sip") else "pstn",
        "connection_codecs": _CODECS,
        "direction": leg.direction,
        "from_sip_uri": _sip_uri(leg.from_),
        "offered_codecs": _CODECS,
        "state": "parked" if incoming else "bridging",
        "to_sip_uri": _sip_uri(leg.to),
    }
    signed = incoming and leg.attestation != "none"
    told: dict[str, object] = {"shaken_stir_attestation": leg.attestation, "shaken_stir_validated": True}
    return fields | (told if signed else {})


def _sip_uri(party: str) -> str:
    return party if party.startswith("sip") else f"{party}@192.0.2.10:5060"


def _hangup(leg: Leg) -> dict[str, object]:
    if leg.ending is None or leg.ended_at is None:
        raise AssertionError("a leg that has not ended has no call.hangup")
    return {
        "call_quality_stats": _QUALITY if leg.answered_at is not None else None,
        "end_time": wire_time(leg.ended_at),
        "hangup_cause": leg.ending.cause,
        "hangup_source": leg.ending.source,
        "sip_hangup_cause": leg.ending.sip,
        "state": "hangup",
        "telnyx_error": None,
    }


def recording_payload(recording: Recording, ended_at: float, url: str) -> dict[str, object]:
    """What call.recording.saved tells beyond its leg."""
    started, ended = wire_time(recording.started_at), wire_time(ended_at)
    return {
        "calling_party_type": "pstn",
        "channels": recording.channels,
        "end_time": ended,
        "format": recording.format,
        "public_recording_urls": {},
        "recording_ended_at": ended,
        "recording_id": recording.recording_id,
        "recording_started_at": started,
        "recording_urls": {recording.format: url},
        "start_time": started,
    }
