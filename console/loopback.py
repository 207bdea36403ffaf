"""Addresses of this machine, for what must never leave it."""

import argparse
import ipaddress
from urllib.parse import urlsplit


def loopback(text: str) -> str:
    """The http address itself, without a slash at its end. Raises ArgumentTypeError."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local or parts.scheme not in {"http", "https"}:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an http address of this machine, as http://127.0.0.1:8000"
        )
    return text.rstrip("/")
