"""Somebody's tunnel as a process, and its public address: the one of those it prints that leads to our door."""

import asyncio
import os
import re
import shlex
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

import httpx

from console.fleet import die_with_parent
from console.listen.door import Door
from shared.errors import ConfigError, Unavailable

FOUND_WITHIN_S: Final = 40.0  # a name that was made a moment ago has to reach the resolvers
ASK_AGAIN_S: Final = 1.0
END_WITHIN_S: Final = 5.0
LAST_LINES: Final = 5
LAST_WORDS_WITHIN_S: Final = 1.0
LONGEST_LINE: Final = 8192

_ADDRESS: Final = re.compile(
    r"https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]+)?(?![A-Za-z0-9:-]|\.[A-Za-z0-9]|/[A-Za-z0-9])"
)


class Tunnel:
    """What it has printed so far: the addresses without a path, and its last lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.addresses: list[str] = []
        self._lines: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Until its output ends; a tunnel that nobody reads would stop."""
        assert self.process.stdout is not None
        rest = ""
        while chunk := await self.process.stdout.read(8192):
            *lines, rest = (rest + chunk.decode(errors="replace")).replace("\r", "\n").split("\n")
            self._note(lines)
            rest = rest[-LONGEST_LINE:]
        self._note([rest])

    def _note(self, lines: list[str]) -> None:
        """Whole lines: half an address would be another one."""
        for line in lines:
            self.addresses += [one for one in addresses(line) if one not in self.addresses]
        self._lines = [*self._lines, *filter(str.strip, lines)][-LAST_LINES:]

    async def last_words(self) -> str:
        """Of one that has ended, or will say no more."""
        await asyncio.wait({self._reading}, timeout=LAST_WORDS_WITHIN_S)
        return " ".join(self._lines[-1].split()) if self._lines else "it said nothing"

    def leave(self) -> None:
        """Read no more of it."""
        self._reading.cancel()


def addresses(text: str) -> list[str]:
    """The https addresses without a path, as a tunnel has them; a link to a page of help has one."""
    return list(dict.fromkeys(_ADDRESS.findall(text)))


def words(command: str, url: str) -> list[str]:
    """With `{url}` and `{port}` filled in; one of them there must be. Raises ConfigError."""
    try:
        parts = shlex.split(command)
    except ValueError as reason:
        raise ConfigError(f"trunkline listen: --tunnel cannot be read: {reason}") from None
    if not parts:
        raise ConfigError("trunkline listen: --tunnel is empty")
    if "{url}" not in command and "{port}" not in command:
        raise ConfigError("trunkline listen: --tunnel has neither {url} nor {port}: where would it lead?")
    port = str(urlsplit(url).port)
    return [part.replace("{url}", url).replace("{port}", port) for part in parts]


@asynccontextmanager
async def started(command: str, url: str) -> AsyncIterator[Tunnel]:
    """Ended, with its children, at the end. Raises ConfigError where there is no such program."""
    try:
        process = await asyncio.create_subprocess_exec(
            *words(command, url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C must not end it before the address is put back
            preexec_fn=die_with_parent,
        )
    except OSError as reason:
        raise ConfigError(f"trunkline listen: the tunnel cannot be started: {reason}") from None
    tunnel = Tunnel(process)
    try:
        yield tunnel
    finally:
        await _end(process)
        tunnel.leave()


async def public_address(tunnel: Tunnel, door: Door) -> str:
    """The address under which our door proves itself. Raises Unavailable."""
    try:
        async with asyncio.timeout(FOUND_WITHIN_S), httpx.AsyncClient(timeout=5.0) as http:
            while tunnel.process.returncode is None:
                for address in list(tunnel.addresses):
                    with suppress(httpx.HTTPError, httpx.InvalidURL):
                        if (await http.get(address + door.proof_path)).text == door.proof:
                            return address
                await asyncio.sleep(ASK_AGAIN_S)
    except TimeoutError:
        seen = ", ".join(tunnel.addresses) or "no address in its output"
        late = f"the tunnel leads nowhere after {FOUND_WITHIN_S:.0f} s ({seen})"
        raise Unavailable(f"{late}: {await tunnel.last_words()}") from None
    raise Unavailable(f"the tunnel ended: {await tunnel.last_words()}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """By the group of its own that it was started in."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(END_WITHIN_S):
                await process.wait()
                return
