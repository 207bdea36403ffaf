"""A real Chromium without a window, spoken to by the DevTools protocol over two pipes: no driver, no library.

The protocol: chromedevtools.github.io/devtools-protocol. With `--remote-debugging-pipe` it reads messages on
descriptor 3 and writes them on 4, each ended by a zero byte.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from tests.waiting import wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_S = 20.0  # it starts within a second on an idle machine
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # which root has none of, as CI machines run it
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def find() -> str | None:
    """Where one is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One tab, in a profile of its own below `folder`."""

    def __init__(self, binary: str, folder: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # above 4, so that neither is overwritten before it is copied
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (theirs_in, theirs_out)]
        log = folder / "chromium.log"
        self._pid = os.posix_spawn(
            binary,
            [binary, *OPTIONS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            {"PATH": os.environ["PATH"], "HOME": str(folder)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, high[0], 3),
                (os.POSIX_SPAWN_DUP2, high[1], 4),
            ],
            setpgroup=0,
        )
        for fd in (theirs_in, theirs_out, *high):
            os.close(fd)
        self._number = 0
        self._session = ""
        self._read = b""
        self.complaints: list[str] = []  # of the page's policy and of its script
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def close(self) -> None:
        """End it with every process that it has started."""
        os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._in)
        os.close(self._out)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One command; its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while True:
            reply = self._next(end, method)
            if reply.get("id") == self._number:
                assert "error" not in reply, f"{method}: {reply['error']}"
                return reply["result"]

    def go(self, url: str) -> None:
        """Load a page."""
        self.ask("Page.navigate", url=url)
        self.wait_for("document.readyState == 'complete'")

    def run(self, script: str) -> Any:
        """What an expression of JavaScript is in the page."""
        told = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Until an expression is true in whatever page is there by then."""
        wait_until(lambda: self.run(f"Boolean({script})"), f"in the page: {script}", PATIENCE_S)

    def screen(self, width: int, height: int, *, dark: bool = False, phone: bool = False) -> None:
        """How large it is, and which colours its owner likes."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self) -> bytes:
        """PNG of what is seen."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def _next(self, end: float, awaited: str) -> dict[str, Any]:
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"Chromium does not answer: {awaited}"
            piece = os.read(self._in, 1 << 16)
            assert piece, f"Chromium has ended: {awaited}"
            self._read += piece
        line, _, self._read = self._read.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        match message.get("method"):
            case "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
        return message
