"""Your dialplan on trial: the real processes, a stand-in for Telnyx, people whom a test describes.

with Trial("dialplan.toml") as trial:
    trial.people({"+13125550111": {"busy": True}})
    commands = trial.ring(to="+13125550100", hangs_up_after=20)
assert [command.verb for command in commands] == ["answer", "transfer", "hangup"]
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from msgspec import Struct

from console import audit
from console.asking import ask
from console.fleet import Fleet
from shared.errors import ConfigError, Unavailable
from shared.settings import Settings

SPEED: Final = 10.0  # of the people and of the sounds; what Trunkline itself waits for takes as long as ever
OVER_WITHIN_S: Final = 60.0
LOOK_EVERY_S: Final = 0.05
TIMEOUT_S: Final = 10.0


class Sent(Struct, frozen=True):
    """A command that took effect: Telnyx's name of it, and its body."""

    verb: str
    body: dict[str, Any]


class Trial(Fleet):
    """Up within a `with`, in about two seconds. It takes nothing from the environment."""

    def __init__(self, dialplan: Path | str, speed: float = SPEED) -> None:
        super().__init__({"DIALPLAN": str(Path(dialplan).absolute())}, ["--speed", str(speed)])
        self._http = httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def people(self, habits: Mapping[str, Any]) -> None:
        """How whoever is called behaves, by number or SIP URI, `*` for everybody else.

        The words are those of the stand-in's scenarios: `busy`, `no_answer`, `answers_after`, `presses`, …
        """
        self._told(self._http.put(f"{self.control}/callees", json=dict(habits)))

    def ring(self, to: str, from_: str = "+12025550142", **caller: Any) -> list[Sent]:
        """Somebody calls; what was sent to Telnyx until everything is over.

        `caller` are words of the scenarios again: `hangs_up_after`, `presses`, …
        Raises Unavailable for a call that does not end: let the caller hang up.
        """
        before = len(self._told(self._http.get(f"{self.control}/ledger")))
        self._told(self._http.post(f"{self.control}/calls", json={"from": from_, "to": to, **caller}))
        end = time.monotonic() + OVER_WITHIN_S
        while not self._is_over():
            if time.monotonic() > end:
                raise Unavailable(f"the call goes on after {OVER_WITHIN_S:.0f} s: let somebody hang up")
            time.sleep(LOOK_EVERY_S)
        entries = self._told(self._http.get(f"{self.control}/ledger", params={"after": before}))
        return [Sent(entry["verb"], entry["body"]) for entry in entries if entry["effective"]]

    def stop(self) -> None:
        super().stop()
        self._http.close()

    def _is_over(self) -> bool:
        """Nothing lives at the stand-in, before and after nothing is left to do here."""
        return self._is_idle() and ask(Settings(redis_url=self.redis_url), audit.take).quiet and self._is_idle()

    def _is_idle(self) -> bool:
        return bool(self._told(self._http.get(f"{self.control}/idle"))["idle"])

    @staticmethod
    def _told(answer: httpx.Response) -> Any:
        """Raises ConfigError for words that the stand-in does not know."""
        if answer.is_error:
            raise ConfigError(f"the stand-in refused it: {answer.text}")
        return answer.json()
