"""The time by which grants are judged: never earlier than any that was seen before, whatever the clock is set to.

The latest time seen is kept on disk. While the agent runs it goes on with a clock that nobody sets. The collector's
word, which comes over TLS, replaces it, so that a clock that was wrong once does not spoil grants for ever.
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime

from agent.lending.store import Store
from config.signing import utc_now

_KEPT_EVERY = 60_000  # milliseconds: what a crash may take back


class Clock:
    """Milliseconds of UTC that do not go back. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._kept = store.latest()
        self._anchor = (self._kept, _steady())

    def now(self, wall: datetime | None = None) -> int:
        """The later one of this PC's clock (or ``wall``) and what time it must be by all that was seen."""
        said = int((wall or utc_now()).timestamp() * 1000)
        with self._lock:
            steady = _steady()
            carried = self._anchor[0] + steady - self._anchor[1]
            if said > carried:
                self._anchor = (said, steady)
            best = max(said, carried)
            if best >= self._kept + _KEPT_EVERY:
                self._keep(best)
        return best

    def heard(self, milliseconds: int) -> None:
        """The collector said what time it is."""
        with self._lock:
            self._anchor = (milliseconds, _steady())
            if abs(milliseconds - self._kept) >= _KEPT_EVERY:
                self._keep(milliseconds)

    def _keep(self, milliseconds: int) -> None:
        self._store.saw(milliseconds)
        self._kept = milliseconds


def _steady() -> int:
    """Milliseconds of a clock that nobody sets and that goes on during sleep."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    return time.monotonic_ns() // 1_000_000
