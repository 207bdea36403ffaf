"""One gather of keys: what a key, a silence or a bad length means, and nothing of how it is told."""

from dataclasses import dataclass, field
from enum import StrEnum


class Progress(StrEnum):
    WAITS = "waits for another key"
    VALID = "valid"
    INVALID = "invalid"
    TIMEOUT = "timeout"


@dataclass(kw_only=True, slots=True)
class Gathering:
    """Telnyx docs: call-commands/gather-using-speak. Without a prompt there is one try."""

    minimum: int
    maximum: int
    terminating: str
    valid: str
    first_key_s: float
    """From the end of the prompt."""
    next_key_s: float
    prompt_s: float = 0.0
    invalid_prompt_s: float = 0.0
    tries_left: int = 0
    digits: list[str] = field(default_factory=list)

    def take(self, key: str) -> Progress:
        """The terminating key is no digit; any other that is not valid spoils the try."""
        if key == self.terminating:
            return Progress.VALID if len(self.digits) >= self.minimum else Progress.INVALID
        if key not in self.valid:
            return Progress.INVALID
        self.digits.append(key)
        return Progress.VALID if len(self.digits) == self.maximum else Progress.WAITS

    def silence(self) -> Progress:
        """No key, or no further one, came in time."""
        if not self.digits:
            return Progress.TIMEOUT
        return Progress.VALID if len(self.digits) >= self.minimum else Progress.INVALID

    def try_again(self) -> None:
        self.tries_left -= 1
        self.digits.clear()
