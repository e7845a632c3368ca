"""How often one address may try something that guesses could profit from."""

from __future__ import annotations

import threading
import time

FORGET = 10_000  # addresses remembered at once; beyond, all are forgotten, which errs on the side of answering


class Limit:
    """At most ``count`` tries within ``seconds``, for each address by itself. Kept in memory: there is one process."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count, self.seconds = count, seconds
        self._lock = threading.Lock()
        self._tries: dict[str, list[float]] = {}

    def wait(self, address: str) -> int:
        """0 when this try may go on, else the seconds to wait."""
        now = time.monotonic()
        with self._lock:
            if len(self._tries) >= FORGET:
                self._tries.clear()
            recent = [at for at in self._tries.get(address, []) if now - at < self.seconds]
            if len(recent) >= self.count:
                self._tries[address] = recent
                return int(self.seconds - (now - recent[0])) + 1
            self._tries[address] = [*recent, now]
            return 0

    def clear(self) -> None:
        """Forget all tries."""
        with self._lock:
            self._tries.clear()
