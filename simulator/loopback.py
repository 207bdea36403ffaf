"""The stand-in speaks with this machine only, whatever it is told."""

import ipaddress
from urllib.parse import urlsplit

_NETWORKS = {4: ipaddress.ip_network("127.0.0.0/8"), 6: ipaddress.ip_network("::1/128")}


class NotLoopbackError(ValueError):
    """An address that is not 127.0.0.0/8, ::1 or localhost, or a URL that is not plain HTTP to one."""


def check_host(host: str) -> str:
    """The host itself. Raises NotLoopbackError."""
    if host != "localhost":
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise NotLoopbackError(f"host {host!r} is not a loopback address") from None
        if address not in _NETWORKS[address.version]:
            raise NotLoopbackError(f"host {host!r} is not a loopback address")
    return host


def check_webhook_url(url: str) -> str:
    """The URL itself. Raises NotLoopbackError."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise NotLoopbackError(f"webhook URL {url!r} is malformed") from None
    if parts.scheme != "http" or host is None or not url.isascii() or not url.isprintable() or " " in url:
        raise NotLoopbackError(f"webhook URL {url!r} is not a plain http URL")
    check_host(host)
    return url
