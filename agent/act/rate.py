"""Not too many messages: the first is said, the rest of a burst is counted and said as one number afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 5.0


class Rate:
    """One message for a person (account number) in a span, whatever process it is about. Not thread-safe."""

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._until: dict[int, float] = {}
        self._left: dict[int, int] = {}

    def admits(self, whom: int) -> bool:
        """Whether a message to ``whom`` may be said now; if not, it is counted for them."""
        now = self._clock()
        if self._until.get(whom, now) > now:
            self._left[whom] = self._left.get(whom, 0) + 1
            return False
        self._until[whom] = now + self._seconds
        return True

    def due(self) -> list[tuple[int, int]]:
        """Who is to be told now how many messages were left out, and that number; a new span begins for them."""
        now = self._clock()
        ready = [(whom, count) for whom, count in self._left.items() if self._until[whom] <= now]
        for whom, _ in ready:
            del self._left[whom]
            self._until[whom] = now + self._seconds
        return ready

    def wait(self) -> float | None:
        """Seconds until somebody is due, None when nobody is."""
        now = self._clock()
        return min((max(0.0, self._until[whom] - now) for whom in self._left), default=None)

    def take(self, whom: int) -> int:
        """How many were left out for one person; from here on none."""
        return self._left.pop(whom, 0)
