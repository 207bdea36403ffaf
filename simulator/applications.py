"""Call control applications: made, read, changed and deleted (Telnyx docs: call-control-applications).

They are kept for their own sake: calls come and go under any connection id, and webhooks go where the stand-in
was told to send them.
"""

import itertools
from typing import Annotated, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from simulator.payloads import wire_time
from simulator.query import Ask, Look, Query, choice, numbered_page
from simulator.refusals import bad_field, bad_query, invalid, not_found

_T = TypeVar("_T")
_Struct = TypeVar("_Struct", bound=Struct)
_Maybe: TypeAlias = _T | UnsetType
_FIRST_ID = 1_494_404_757_140_276_705
_URL_LENGTH = 2000
_CONTAINS_LENGTH = 3
_SORTS = ("created_at", "connection_name", "active")

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


class Applications:
    """Those of one account, in the order in which they were made."""

    def __init__(self) -> None:
        self._ids = itertools.count(_FIRST_ID)
        self._kept: dict[str, Application] = {}

    def create(self, ask: Ask) -> Look:
        wanted, now = _read(ask.raw), wire_time(ask.now)
        application = _over(Application(id=str(next(self._ids)), created_at=now, updated_at=now), wanted)
        self._kept[application.id] = application
        return {"data": application}

    def one(self, ask: Ask) -> Look:
        return {"data": self._named(ask)}

    def update(self, ask: Ask) -> Look:
        before = self._named(ask)
        after = msgspec.structs.replace(_over(before, _read(ask.raw)), updated_at=wire_time(ask.now))
        self._kept[before.id] = after
        return {"data": after}

    def delete(self, ask: Ask) -> Look:
        return {"data": self._kept.pop(self._named(ask).id)}

    def listed(self, ask: Ask) -> Look:
        kept = _in_order([one for one in self._kept.values() if _fits(one, ask.query)], ask.query)
        rows, meta = numbered_page(kept, ask.query)
        return {"data": rows, "meta": meta}

    def _named(self, ask: Ask) -> Application:
        application = self._kept.get(ask.path["id"])
        if application is None:
            raise not_found()
        return application


def _read(raw: bytes) -> Wanted:
    try:
        wanted = msgspec.json.decode(raw or b"{}", type=Wanted)
    except msgspec.ValidationError as error:
        raise bad_field(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid("The request body is not valid JSON.", status=400) from None
    _check_url("webhook_event_url", wanted.webhook_event_url)
    _check_url("webhook_event_failover_url", wanted.webhook_event_failover_url)
    return wanted


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


def _over(old: _Struct, new: Struct) -> _Struct:
    """`old` with every field that `new` sets, and so within the objects of it."""
    changes = {name: getattr(new, name) for name in new.__struct_fields__}
    changes = {name: value for name, value in changes.items() if value is not UNSET}
    for name, value in changes.items():
        if isinstance(value, Struct):
            changes[name] = _over(getattr(old, name), value)
    return msgspec.structs.replace(old, **changes)


def _fits(application: Application, query: Query) -> bool:
    part = query.get("filter[application_name][contains]")
    if part is not None and len(part) < _CONTAINS_LENGTH:
        raise bad_query("At least three characters.", "filter[application_name][contains]")
    # Older docs spell the second filter without its first `outbound`.
    profile = query.get(
        "filter[outbound.outbound_voice_profile_id]", query.get("filter[outbound_voice_profile_id]")
    )
    named = part is None or part.casefold() in application.application_name.casefold()
    return named and profile in (None, application.outbound.outbound_voice_profile_id)


def _in_order(applications: list[Application], query: Query) -> list[Application]:
    """The newest first where no order is asked for; a minus before the key turns the order round."""
    sort = choice(query, "sort", (*_SORTS, *(f"-{key}" for key in _SORTS)))
    if sort is None:
        return applications[::-1]
    key = "application_name" if sort.endswith("connection_name") else sort.removeprefix("-")
    return sorted(applications, key=lambda one: getattr(one, key), reverse=sort.startswith("-"))
