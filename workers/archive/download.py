"""One file over HTTP from a checked source at a pinned address, piece by piece."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from urllib.parse import urljoin

import httpx

from workers.archive.sources import Source, Trusted, check, is_public
from workers.archive.trouble import Expired, Later, Refused

MAX_BYTES: Final = 200_000_000  # nearly two hours of stereo WAV at 8 kHz
MAX_REDIRECTS: Final = 3
MAX_ADDRESSES: Final = 4  # of a host with more, the first ones
PIECE: Final = 256 * 1024  # bytes in memory per download
TIMEOUTS: Final = {"connect": 5.0, "read": 20.0, "write": 10.0, "pool": None}  # the whole has its own deadline
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
OVERLOADED: Final = frozenset({408, 425, 429})  # the 4xx that say nothing of the link

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
Write: TypeAlias = Callable[[bytes], Awaitable[None]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system orders them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


class Downloads:
    """Knows no key: its transport is apart from the one to Telnyx's API. Close it with `aclose`.

    httpx's transport without its client, as in `shared.telnyx`: no proxies, cookies or redirects of its own, and
    no log line with the link in it.
    """

    def __init__(self, trusted: Trusted, max_bytes: int, resolve: Resolve) -> None:
        self._trusted = trusted
        self._max_bytes = max_bytes
        self._resolve = resolve
        # Nothing is kept alive: the pool tells connections apart by address, and two hosts may share one.
        single = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._http = httpx.AsyncHTTPTransport(limits=single, trust_env=False)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def download(self, link: str, write: Write) -> str:
        """Hand the file to `write` and return the host that it came from; whole, if no exception was raised.

        Raises Refused, Expired, Later, and what `write` raises.
        """
        for _ in range(1 + MAX_REDIRECTS):
            source = check(link, self._trusted)
            try:
                response = await self._get(source)
                try:
                    if response.status_code not in REDIRECTS:
                        await self._read(response, source.host, write)
                        return source.host
                    link = _redirected(link, response, source.host)
                finally:
                    await response.aclose()
            except httpx.HTTPError as trouble:
                raise Later(f"{source.host}: {type(trouble).__name__}") from None
        raise Later(f"{source.host}: more than {MAX_REDIRECTS} redirects")

    async def _get(self, source: Source) -> httpx.Response:
        """The head of the answer. Raises Refused, Later, httpx.HTTPError."""
        addresses = await self._addresses(source)
        for address in addresses[:-1]:
            try:
                return await self._request(source, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._request(source, addresses[-1])

    async def _addresses(self, source: Source) -> list[str]:
        """Resolved once, judged, and used as they are: a name that changes its mind gains nothing."""
        try:
            found = await self._resolve(source.host, source.port)
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise Later(f"{source.host}: its name cannot be resolved")
        if not source.trusted and not all(map(is_public, found)):
            raise Refused(
                f"recording link refused: host {source.host} resolves to an address that is not public;"
                " see RECORDING_HOSTS"
            )
        return list(dict.fromkeys(found))[:MAX_ADDRESSES]

    async def _request(self, source: Source, address: str) -> httpx.Response:
        """Connect to the address, but ask (and check the certificate) for the host. Raises httpx.HTTPError."""
        literal = f"[{address}]" if ":" in address else address
        return await self._http.handle_async_request(
            httpx.Request(
                "GET",
                f"{source.scheme}://{literal}:{source.port}/",
                headers={"Host": source.authority, "Accept-Encoding": "identity", "User-Agent": "trunkline"},
                extensions={
                    "timeout": TIMEOUTS,
                    "sni_hostname": source.host,
                    "target": source.target.encode(),  # httpx would normalise a path, which breaks its signature
                },
            )
        )

    async def _read(self, response: httpx.Response, host: str, write: Write) -> None:
        """Raises Refused, Expired, Later, httpx.HTTPError, and what `write` raises."""
        length = _judge(response, host)
        if length is not None and length > self._max_bytes:
            raise self._too_large()
        came = 0
        async for piece in response.aiter_raw(PIECE):
            came += len(piece)
            if came > self._max_bytes:
                raise self._too_large()
            await write(piece)
        if came == 0 or length not in {came, None}:  # httpx has raised where fewer came than announced
            raise Later(f"{host}: {came} bytes came, {length} were announced")

    def _too_large(self) -> Refused:
        return Refused(f"recording is over {self._max_bytes / 1e6:g} MB")


def _judge(response: httpx.Response, host: str) -> int | None:
    """The announced length of a good answer; None when it comes in chunks. Raises Expired, Later."""
    status = response.status_code
    if 400 <= status < 500 and status not in OVERLOADED:
        raise Expired(f"{host} answered {status}")
    if status != 200:
        raise Later(f"{host} answered {status}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Later(f"{host} sent an encoded body")
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit():
        return int(length)
    if "transfer-encoding" not in response.headers:
        raise Later(f"{host} announced no length, so that a cut would go unseen")
    return None


def _redirected(link: str, response: httpx.Response, host: str) -> str:
    """Where a redirect points; `check` judges it as any link. Raises Later."""
    try:
        location = response.headers["location"]
        return urljoin(link, location)
    except (KeyError, ValueError):
        raise Later(f"{host} redirected to nowhere") from None
