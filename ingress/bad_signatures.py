"""How many bad signatures each peer has sent lately: past the limit its answer is 429 instead of 401."""

from collections import OrderedDict, deque
from typing import Final

LIMIT: Final = 100
WINDOW_S: Final = 10.0
MAX_PEERS: Final = 2_000  # about 4 KB each; the peer unseen for longest is forgotten first


class BadSignatures:
    """Counts by address of the connection, in each server process. X-Forwarded-For is not trusted."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def is_over_limit(self, peer: str, now: float) -> bool:
        """Note a bad signature at `now` (seconds of any clock): was it beyond 100 within 10 s?"""
        times = self._times.pop(peer, None) or deque(maxlen=LIMIT)
        over = len(times) == LIMIT and now - times[0] < WINDOW_S
        times.append(now)
        self._times[peer] = times
        if len(self._times) > MAX_PEERS:
            self._times.popitem(last=False)
        return over
