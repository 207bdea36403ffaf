"""A measured web process: its command line for a port, and whether it answers there."""

from collections.abc import Iterable

import httpx


def at_port(argv: Iterable[str], port: int) -> list[str]:
    """The command line, in which PORT stands for the port."""
    return [word.replace("PORT", str(port)) for word in argv]


def listens(port: int) -> bool:
    return _status(port) is not None


def is_ready(port: int) -> bool:
    """Of our own web process, which is ready once Valkey and the dialplan are."""
    return _status(port) == 200


def _status(port: int) -> int | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).status_code
    except httpx.TransportError:
        return None
