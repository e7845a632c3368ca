"""A document as the checks see it: its text, its marks, and where on the page they stand."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from config.verdict import Mark, Segment, Side, Zone
from detectors.marks.spot import HEAD_LINES, NAMED, PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

_NUMBERS = re.compile(r"\b(page|slide|line) (\d{1,9})\b")
_ROW = re.compile(r"![A-Z]{1,3}(\d{1,7})$")
_HEAD_ROWS = 4
PAGES = frozenset({Zone.BODY, Zone.TABLE})


class Line:
    """One line of the text, with its place."""

    __slots__ = ("segment", "text", "where")

    def __init__(self, text: str, where: str, segment: Segment) -> None:
        self.text, self.where, self.segment = text, where, segment


class Draft:
    """What is checked.

    Args:
        segments: the text of the document.
        marks: all real marks in it, in order.
        today: the day of the check.
    """

    def __init__(self, segments: Sequence[Segment], marks: Sequence[Mark], today: date) -> None:
        self.segments, self.marks, self.today = tuple(segments), tuple(marks), today

    @cached_property
    def lines(self) -> list[Line]:
        """Every line that is not blank, outside names and properties."""
        return [
            Line(text.strip(), where, segment)
            for segment in self.segments
            if segment.zone not in NAMED
            for where, text in _split(segment)
            if text.strip()
        ]

    @cached_property
    def text(self) -> str:
        """All of them together."""
        return "\n".join(line.text for line in self.lines)

    def of(self, *regimes: str) -> list[Mark]:
        """The marks of some regimes on the pages themselves."""
        return [mark for mark in self.marks if mark.regime in regimes and mark.zone not in NAMED]

    def said(self, *regimes: str) -> list[Mark]:
        """The marks of some regimes in properties, labels and the file's name."""
        return [mark for mark in self.marks if mark.regime in (*regimes, "label") and mark.zone in NAMED]

    def side(self, mark: Mark) -> Side | None:
        """Where a mark stands on its line, or None where that is at the left, or not known."""
        segment = self.segments[mark.segment]
        text, begin = segment.text, segment.text.rfind("\n", 0, mark.start) + 1
        margin = text[begin : mark.start]
        if mark.zone not in PAGES:
            return None
        for offset, side in segment.sides:
            if offset == mark.start or (offset == begin and not margin.strip()):
                return side
        if margin.strip():
            return None
        width = sum(8 if sign == "\t" else 2 if sign == "\u3000" else 1 for sign in margin)
        return Side.RIGHT if width >= 12 else None


def _split(segment: Segment) -> Iterator[tuple[str, str]]:
    """The lines of a segment with their places, in one pass."""
    at = 0
    for number, text in enumerate(segment.text.split("\n"), segment.first):
        if segment.lines and not segment.cells:
            yield f"{segment.where} line {number}".lstrip(), text
        else:
            yield segment.at(at), text
        at += len(text) + 1


def in_head(mark: Mark) -> bool:
    """Near the top of the first page, or where marks stand on every page."""
    if mark.zone in PLACES:
        return True
    last = mark.where.rpartition(" > ")[2]
    if row := _ROW.search(last):
        return int(row[1]) <= _HEAD_ROWS
    numbers = {name: int(number) for name, number in _NUMBERS.findall(last)}
    return numbers.get("page", numbers.get("slide", 1)) == 1 and numbers.get("line", 1) <= HEAD_LINES
