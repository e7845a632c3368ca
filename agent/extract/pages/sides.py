"""On which side of a page lines stand: where a mark is put says whether it was put there rightly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from config.verdict import Side

_MIDDLE = 0.06  # of the width of a page, by which the middle of a line in the middle may be off
_INSET = 0.25  # of the width, at least, on either side of such a line: a full line has its middle there too

Place = tuple[int, int]
"""A line, by its number, and a character of it."""


def side(left: float, right: float, width: float) -> Side | None:
    """Where a line stands between the edges of its page; none at the left, or when it fills the page."""
    if width <= 0:
        return None
    if left >= width / 2:
        return Side.RIGHT
    middle = abs((left + right) / 2 - width / 2) <= _MIDDLE * width
    return Side.CENTRE if middle and left >= _INSET * width else None


def placed(lines: Sequence[str], sides: Mapping[Place, Side]) -> tuple[tuple[int, Side], ...]:
    """Sides by their offset in the lines joined, in order."""
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0)) if sides else []
    return tuple(sorted((starts[number] + offset, where) for (number, offset), where in sides.items()))
