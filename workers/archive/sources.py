"""Where recordings may be fetched from: one rule for links of events, fresh links and redirects. Pure.

Telnyx names no list of hosts. "Storing call recordings" in its docs shows presigned links of the one bucket below;
links seen in use in 2026 are on the same host. A link to other storage (a bucket of the customer's own, a bucket
that Telnyx adds) is refused and parked until its host stands in RECORDING_HOSTS: better than a list that guesses.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

from shared.errors import ConfigError
from workers.archive.trouble import Refused

# Exact host -> what its paths begin with. Everybody can put a file on Amazon's shared host, so its bucket is part
# of the rule. The API key goes to none of them, Telnyx's API included: a link carries its own right to the file.
SOURCES: Final = {
    "s3.amazonaws.com": "/telephony-recorder-prod/",  # Telnyx docs: storing-call-recordings
    "telephony-recorder-prod.s3.amazonaws.com": "/",  # the same bucket in Amazon's virtual-hosted form
    "api.telnyx.com": "/v2/",  # Telnyx docs: api-fundamentals
    "api.telnyx.eu": "/v2/",  # Telnyx docs: voice-api-services-in-europe
}

# The IANA special-purpose registries. Written out, because what `ipaddress` calls global differs between Python
# releases. Of IPv6 only 2000::/3 is handed out: loopback, link-local, ULA, multicast and v4-mapped lie outside.
NOT_PUBLIC_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
PUBLIC_V6: Final = IPv6Network("2000::/3")
NOT_PUBLIC_V6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo and other protocol assignments: they may carry a private IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4: likewise
        "3fff::/20",
    )
)

PORTS: Final = {"https": 443, "http": 80}
Trusted: TypeAlias = frozenset[tuple[str, int | None]]  # host and port; no port means any

_PLAIN: Final = re.compile(r"[!-\[\]-~]{1,8192}")  # visible ASCII without the backslash
_TRUSTED_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")


class Source(NamedTuple):
    """A link that passed: everything needed to fetch it, so that no second parser reads the link."""

    scheme: str
    host: str
    port: int
    target: str  # path and query, byte for byte: they are signed
    trusted: bool  # the operator vouches for the host: its address may be any

    @property
    def authority(self) -> str:
        """The Host header as the link's signature covers it: without a default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_trusted(hosts: tuple[str, ...]) -> Trusted:
    """RECORDING_HOSTS as a set. Raises ConfigError for an entry that is neither `host` nor `host:port`."""
    trusted: set[tuple[str, int | None]] = set()
    for entry in hosts:
        match = _TRUSTED_HOST.fullmatch(entry.lower())
        port = int(match["port"]) if match and match["port"] else None
        if match is None or not (port is None or 1 <= port <= 65535):
            raise ConfigError(f"RECORDING_HOSTS: {entry!r} is not host or host:port, like files.example.com:8443")
        trusted.add((match["v6"] or match["name"], port))
    return frozenset(trusted)


def check(link: str, trusted: Trusted) -> Source:
    """The source that a link means. Raises Refused."""
    if not _PLAIN.fullmatch(link):
        raise _refused("it is not a plain URL")
    try:
        parts = urlsplit(link)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise _refused("it is not a URL") from None
    if parts.scheme not in PORTS:
        raise _refused(
            f"scheme {parts.scheme[:20] or 'none'} is not https; a file in storage of your own stays there"
        )
    if "@" in parts.netloc:
        raise _refused("it holds a user name")
    port = PORTS[parts.scheme] if port is None else port
    vouched = bool(trusted & {(host, None), (host, port)})
    if not vouched:
        _check_unvouched(parts.scheme, host, port, parts.path)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Source(parts.scheme, host, port, target, vouched)


def _check_unvouched(scheme: str, host: str, port: int, path: str) -> None:
    """The rules for a host that is not in RECORDING_HOSTS. An address, in whatever spelling, is no listed host."""
    prefix = SOURCES.get(host)
    if prefix is None:
        raise _refused(f"host {host[:100]} is not allowed; see RECORDING_HOSTS")
    if scheme != "https" or port != 443:
        raise _refused(f"host {host} is allowed by https on port 443 only, not by {scheme} on port {port}")
    if not path.startswith(prefix) or ".." in unquote(path).split("/"):
        raise _refused(f"host {host} is allowed below {prefix} only; see RECORDING_HOSTS")


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet; nothing else is ever connected to unvouched."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if ip.version == 4:
        return not any(ip in network for network in NOT_PUBLIC_V4)
    return ip in PUBLIC_V6 and not any(ip in network for network in NOT_PUBLIC_V6)


def _refused(why: str) -> Refused:
    return Refused(f"recording link refused: {why}")
