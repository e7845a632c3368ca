"""Where many spans of a text lie against another one: round it, or beside it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]


class Cover:
    """Whether a span lies within one of many."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._starts = [start for start, _ in spans]
        self._reach: list[int] = []
        for _, end in spans:
            self._reach.append(max(end, self._reach[-1] if self._reach else 0))

    def holds(self, start: int, end: int) -> bool:
        """Whether it does."""
        at = bisect_right(self._starts, start)
        return at > 0 and self._reach[at - 1] >= end


class Beside:
    """How far the nearest of many spans is, on either side and not overlapping; far beyond any text when none is."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._starts = [start for start, _ in spans]
        self._ends = sorted(end for _, end in spans)

    def gap(self, start: int, end: int) -> int:
        """Characters between."""
        left, right = bisect_right(self._ends, start), bisect_left(self._starts, end)
        gaps = [start - self._ends[left - 1]] if left else []
        if right < len(self._starts):
            gaps.append(self._starts[right] - end)
        return min(gaps, default=2**31)
