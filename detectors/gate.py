"""Which of a few things a text has at all: asked of every stretch, so that what one costs is paid where it occurs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from detectors.offsets import characters

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None

_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


class Gate:
    """Patterns of which it is said whether they occur, at gigabytes a second; ``re`` answers where no wheel exists.

    They are plain ones: classes, counts and alternatives, which both engines read alike.
    """

    def __init__(self, patterns: Sequence[str], *, native: bool = True, every: bool = False) -> None:
        """Compile them; their numbers are their places in the sequence. ``every``: for :meth:`places`."""
        self._exact = [re.compile(pattern, re.ASCII) for pattern in patterns]
        self._database: Any = None
        self._scratch: Any = None
        if native:
            self._database, self._scratch = _compile(patterns, every=every)

    @property
    def native(self) -> bool:
        """Whether Vectorscan answers."""
        return self._database is not None

    def __call__(self, text: str, data: bytes = b"") -> set[int]:
        """Numbers of the patterns that occur in the text; ``data`` is the text in UTF-8, where the caller has it."""
        if self._database is None:
            return {number for number, pattern in enumerate(self._exact) if pattern.search(text)}
        found: set[int] = set()
        data = data or text.encode("utf-8", "replace")
        self._database.scan(data, match_event_handler=lambda number, *_: found.add(number), scratch=self._scratch)
        return found

    def places(self, text: str, data: bytes) -> list[int]:
        """Where any of the patterns ends in a text, in order; ``data`` is the text in UTF-8."""
        if self._database is None:
            return sorted({match.end() for pattern in self._exact for match in pattern.finditer(text)})
        found: set[int] = set()
        self._database.scan(data, match_event_handler=lambda _id, _from, end, *_: found.add(end), scratch=self._scratch)
        return list(characters(text, data, found).values()) if found else []


def _compile(patterns: Sequence[str], *, every: bool) -> tuple[Any, Any]:
    if hyperscan is None:
        return None, None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[_ESCAPE.sub(r"\\x{\1}", pattern).encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            flags=[hyperscan.HS_FLAG_UTF8 | (0 if every else hyperscan.HS_FLAG_SINGLEMATCH)] * len(patterns),
        )
        return database, hyperscan.Scratch(database)
    except hyperscan.error:
        return None, None
