"""Call control applications: what Telnyx calls when a number of ours rings, and where its webhooks go.

Source: Telnyx docs: api-reference/call-control-applications (create, update, list).
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct
from msgspec.structs import asdict

from shared.commands.sent import Maybe, Sent
from shared.errors import BadInput
from shared.telnyx.lists import Filtered

Anchorsite = Literal[
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
DtmfType = Literal["RFC 2833", "Inband", "SIP INFO"]
SubdomainCallers = Literal["only_my_connections", "from_anyone"]
ApiVersion = Literal["1", "2"]  # Trunkline reads "2" only; "1" is another shape, and was once the default
WebhookUrl = Annotated[str, Meta(pattern=r"\Ahttps?://")]
WebhookSeconds = Annotated[int, Meta(ge=0, le=30)]
Order = Literal["created_at", "connection_name", "active", "-created_at", "-connection_name", "-active"]


class InboundSettings(Sent, frozen=True, kw_only=True):
    """Of calls to us."""

    channel_limit: Maybe[int] = UNSET
    shaken_stir_enabled: Maybe[bool] = UNSET
    sip_subdomain: Maybe[str] = UNSET
    sip_subdomain_receive_settings: Maybe[SubdomainCallers] = UNSET


class OutboundSettings(Sent, frozen=True, kw_only=True):
    """Of calls from us."""

    channel_limit: Maybe[int] = UNSET
    outbound_voice_profile_id: Maybe[str] = UNSET


class _Settings(Sent, frozen=True, kw_only=True):
    """What may be left as it is; a timeout of null is Telnyx's own, 2 s."""

    active: Maybe[bool] = UNSET
    anchorsite_override: Maybe[Anchorsite] = UNSET
    call_cost_in_webhooks: Maybe[bool] = UNSET
    dtmf_type: Maybe[DtmfType] = UNSET
    first_command_timeout: Maybe[bool] = UNSET
    first_command_timeout_secs: Maybe[int] = UNSET
    inbound: Maybe[InboundSettings] = UNSET
    outbound: Maybe[OutboundSettings] = UNSET
    redact_dtmf_debug_logging: Maybe[bool] = UNSET
    webhook_api_version: Maybe[ApiVersion] = UNSET
    webhook_event_failover_url: Maybe[str | None] = UNSET
    webhook_timeout_secs: Maybe[WebhookSeconds | None] = UNSET


class CreateApplication(_Settings, frozen=True, kw_only=True):
    """Send `webhook_api_version` "2", or the webhooks have a shape that Trunkline can't read."""

    application_name: str
    webhook_event_url: WebhookUrl


class UpdateApplication(_Settings, frozen=True, kw_only=True):
    """Telnyx demands name and webhook address of every change: see ApplicationChanges."""

    application_name: str
    webhook_event_url: WebhookUrl
    tags: Maybe[tuple[str, ...]] = UNSET


class ApplicationChanges(_Settings, frozen=True, kw_only=True):
    """An update in which everything may stay as it is; `changed` makes it one that Telnyx takes."""

    application_name: Maybe[str] = UNSET
    webhook_event_url: Maybe[WebhookUrl] = UNSET
    tags: Maybe[tuple[str, ...]] = UNSET


class ListApplications(Filtered, frozen=True, kw_only=True):
    """Of the filters only application_name and outbound_voice_profile_id mean something here; newest first."""

    sort: Maybe[Order] = UNSET  # a minus for descending


class Inbound(Struct, frozen=True):
    """As Telnyx tells it; enums stay open."""

    channel_limit: int | None = None
    shaken_stir_enabled: bool | None = None
    sip_subdomain: str | None = None
    sip_subdomain_receive_settings: str | None = None


class Outbound(Struct, frozen=True):
    """As Telnyx tells it."""

    channel_limit: int | None = None
    outbound_voice_profile_id: str | None = None


class Application(Struct, frozen=True, kw_only=True):
    """A call control application; `id` is the connection_id of its calls."""

    id: str
    active: bool | None = None
    anchorsite_override: str | None = None
    application_name: str | None = None
    call_cost_in_webhooks: bool | None = None
    created_at: str | None = None
    dtmf_type: str | None = None
    first_command_timeout: bool | None = None
    first_command_timeout_secs: int | None = None
    inbound: Inbound | None = None
    outbound: Outbound | None = None
    record_type: str | None = None
    redact_dtmf_debug_logging: bool | None = None
    tags: tuple[str, ...] | None = None
    updated_at: str | None = None
    webhook_api_version: str | None = None
    webhook_event_failover_url: str | None = None
    webhook_event_url: str | None = None
    webhook_timeout_secs: int | None = None


def changed(current: Application, changes: ApplicationChanges) -> UpdateApplication:
    """The update that makes `changes` and leaves the rest. Raises BadInput where Telnyx told no name or address.

    A changed `inbound` or `outbound` goes out whole: whether Telnyx would merge or replace it is not documented.
    """
    given = _given(changes)
    for name, settings in (("inbound", InboundSettings), ("outbound", OutboundSettings)):
        part, known = given.get(name), getattr(current, name)
        if part is not None and known is not None:
            given[name] = settings(**(_known(known) | _given(part)))
    told = {name: getattr(current, name) for name in ("application_name", "webhook_event_url")}
    update = told | given
    for name in told:
        if update[name] is None:
            raise BadInput(f"update_call_control_application: {name} is missing")
    return UpdateApplication(**update)


def _given(settings: Struct) -> dict[str, Any]:
    return {name: value for name, value in asdict(settings).items() if value is not UNSET}


def _known(told: Struct) -> dict[str, Any]:
    return {name: value for name, value in asdict(told).items() if value is not None}
