"""When recordings that a store does not take are tried again. Pure but for what it remembers."""

from typing import Final

BETWEEN_S: Final = 0.02  # so a folder that was full for hours costs a worker 50 looks a second at most


class Pacing:
    """Soon after the first trouble, and one after the other where many recordings wait.

    So the first of them goes on soon after the store is mended, however many there are.
    """

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._last = float("-inf")  # when the latest of those that wait has its turn

    def wait_s(self, now: float) -> float:
        """How long the next one waits; `now` in monotonic seconds."""
        wait_s = max(self._after_s, self._last + BETWEEN_S - now)
        self._last = now + wait_s
        return wait_s
