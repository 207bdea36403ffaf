"""One call control application: what a body may ask of it, and what it then is.

Telnyx docs: create-call-control-application, update-a-call-control-application.
"""

from typing import Annotated, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from simulator.json_body import read_json
from simulator.refusals import invalid

_T = TypeVar("_T")
_Struct = TypeVar("_Struct", bound=Struct)
_Maybe: TypeAlias = _T | UnsetType
_URL_LENGTH = 2000

AnchorSite = Literal[
    "Latency",
    "Chicago, IL",
    "Ashburn, VA",
    "San Jose, CA",
    "London, UK",
    "Chennai, IN",
    "Amsterdam, Netherlands",
    "Toronto, Canada",
    "Sydney, Australia",
]
TimeoutS = Annotated[int, Meta(ge=0, le=30)]
NotNegative = Annotated[int, Meta(ge=0)]


class Inbound(Struct, frozen=True, kw_only=True):
    channel_limit: _Maybe[NotNegative | None] = UNSET
    shaken_stir_enabled: _Maybe[bool] = UNSET
    sip_subdomain: _Maybe[str | None] = UNSET
    sip_subdomain_receive_settings: _Maybe[Literal["only_my_connections", "from_anyone"]] = UNSET


class Outbound(Struct, frozen=True, kw_only=True):
    channel_limit: _Maybe[NotNegative | None] = UNSET
    outbound_voice_profile_id: _Maybe[str | None] = UNSET


class Wanted(Struct, frozen=True, kw_only=True):
    """The body of POST and PATCH: name and URL are mandatory in both, what else is unset stays as it is."""

    application_name: Annotated[str, Meta(min_length=1)]
    webhook_event_url: str
    active: _Maybe[bool] = UNSET
    anchorsite_override: _Maybe[AnchorSite] = UNSET
    call_cost_in_webhooks: _Maybe[bool] = UNSET
    dtmf_type: _Maybe[Literal["RFC 2833", "Inband", "SIP INFO"]] = UNSET
    first_command_timeout: _Maybe[bool] = UNSET
    first_command_timeout_secs: _Maybe[NotNegative] = UNSET
    inbound: _Maybe[Inbound] = UNSET
    outbound: _Maybe[Outbound] = UNSET
    redact_dtmf_debug_logging: _Maybe[bool] = UNSET
    tags: _Maybe[list[str]] = UNSET
    webhook_api_version: _Maybe[Literal["1", "2"]] = UNSET
    webhook_event_failover_url: _Maybe[str | None] = UNSET
    webhook_timeout_secs: _Maybe[TimeoutS | None] = UNSET


class Application(Struct, frozen=True, kw_only=True):
    """As it is answered, with the documented defaults (Telnyx docs: create-call-control-application)."""

    id: str
    record_type: str = "call_control_application"
    active: bool = True
    anchorsite_override: str = "Latency"
    application_name: str = ""
    call_cost_in_webhooks: bool = False
    created_at: str
    dtmf_type: str = "RFC 2833"
    first_command_timeout: bool = False
    first_command_timeout_secs: int = 30
    inbound: Inbound = Inbound(
        channel_limit=None,
        shaken_stir_enabled=False,
        sip_subdomain=None,
        sip_subdomain_receive_settings="from_anyone",
    )
    outbound: Outbound = Outbound(channel_limit=None, outbound_voice_profile_id=None)
    redact_dtmf_debug_logging: bool = False
    tags: list[str] = []
    updated_at: str
    webhook_api_version: str = "1"
    webhook_event_failover_url: str | None = None
    webhook_event_url: str = ""
    webhook_timeout_secs: int | None = None


_WANTED = msgspec.json.Decoder(Wanted)


def read_wanted(raw: bytes) -> Wanted:
    """Raises Refusal."""
    wanted = read_json(raw, _WANTED)
    _check_url("webhook_event_url", wanted.webhook_event_url)
    _check_url("webhook_event_failover_url", wanted.webhook_event_failover_url)
    return wanted


def changed(old: _Struct, new: Struct) -> _Struct:
    """`old` with every field that `new` sets, and so within the objects of it."""
    changes = {name: getattr(new, name) for name in new.__struct_fields__}
    changes = {name: value for name, value in changes.items() if value is not UNSET}
    for name, value in changes.items():
        if isinstance(value, Struct):
            changes[name] = changed(getattr(old, name), value)
    return msgspec.structs.replace(old, **changes)


def _check_url(name: str, url: str | UnsetType | None) -> None:
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= _URL_LENGTH
    except ValueError:
        good = False
    if not good:
        raise invalid(f"{name} must be an http or https URL.", f"/{name}")
