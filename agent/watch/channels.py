"""Ways out of this computer other than removable media: telephones, shares, synchronised folders.

They are watched, where a zone of the policy speaks of them; nothing stands in their way. ``shoumi doctor`` says so.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from agent.watch.media import SYSTEM, Sources
from agent.watch.phones import shown
from agent.watch.shares import shares
from agent.watch.synced import Home, synced
from config.events import Medium

log = logging.getLogger(__name__)
SECONDS = 10.0  # between two looks


def places(sources: Sources = SYSTEM, homes: list[Home] | None = None) -> dict[Path, Medium]:
    """Folders that lead away from this computer, and by what way."""
    found = dict(synced(homes))
    if sys.platform == "linux":
        found |= shares(sources)
        found |= shown(sources)[0]
    return found


class Channels(threading.Thread):
    """Tells when such places come and go."""

    def __init__(
        self,
        came: Callable[[Path, Medium], None],
        went: Callable[[Path], None],
        seconds: float = SECONDS,
        find: Callable[[], dict[Path, Medium]] = places,
    ) -> None:
        super().__init__(name="channels", daemon=True)
        self._came, self._went, self._seconds, self._find = came, went, seconds, find
        self._known: dict[Path, Medium] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look now and again; a share that hangs holds up nothing but this."""
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(self._seconds)

    def look(self) -> None:
        """Compare what is there with what was, and tell the difference."""
        try:
            now = self._find()
        except (OSError, ValueError) as problem:  # a list that changed while it was read; the next look is near
            log.info("cannot list channels: %s", problem)
            return
        gone = self._known.items() - now.items()
        new = now.items() - self._known.items()
        self._known = now
        for path, _ in gone:
            self._went(path)
        for path, medium in new:
            self._came(path, medium)

    def stop(self) -> None:
        """End at the next look."""
        self._stopping.set()
