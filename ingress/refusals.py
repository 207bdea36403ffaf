"""Why webhooks are refused, in the log: a flood of refusals must not become a flood of lines."""

from typing import Final

from shared.log import log

EVERY_S: Final = 10.0


class Refusals:
    """At most one line for each status and 10 s; it says how many it stands for."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[float, int]] = {}  # by status: when the last line was written, unsaid since

    def tell(self, status: int, reason: str, event_id: str | None, now: float) -> None:
        """Write a line, or count it for the next. `now`: seconds of any clock; `event_id`: None where unread."""
        last, unsaid = self._told.get(status, (-EVERY_S, 0))
        if now - last < EVERY_S:
            self._told[status] = (last, unsaid + 1)
            return
        self._told[status] = (now, 0)
        log.warning("webhook_refused", status=status, reason=reason, event_id=event_id, before_this_one=unsaid)
