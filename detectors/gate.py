"""Which of a few things a text has at all: asked of every stretch, so that what one costs is paid where it occurs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

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

    def __init__(self, patterns: Sequence[str], *, native: bool = True) -> None:
        """Compile them; their numbers are their places in the sequence."""
        self._exact = [re.compile(pattern, re.ASCII) for pattern in patterns]
        self._database: Any = None
        self._scratch: Any = None
        if native:
            self._database, self._scratch = _compile(patterns)

    def __call__(self, text: str, data: bytes = b"") -> set[int]:
        """Numbers of the patterns that occur in the text; ``data`` is the text in UTF-8, where the caller has it."""
        if self._database is None:
            return {number for number, pattern in enumerate(self._exact) if pattern.search(text)}
        found: set[int] = set()
        data = data or text.encode("utf-8", "replace")
        self._database.scan(data, match_event_handler=lambda number, *_: found.add(number), scratch=self._scratch)
        return found


def _compile(patterns: Sequence[str]) -> tuple[Any, Any]:
    if hyperscan is None:
        return None, None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[_ESCAPE.sub(r"\\x{\1}", pattern).encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            flags=[hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH] * len(patterns),
        )
        return database, hyperscan.Scratch(database)
    except hyperscan.error:
        return None, None
