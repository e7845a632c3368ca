"""Segments laid out for one scan: small ones side by side, large ones in pieces with their surroundings.

A block is scanned at once. It holds pieces of segments parted by line breaks; a hit is mapped back to its segment, its
line and its characters. Pieces of a large segment see ``OVERLAP`` characters of their neighbours, and a hit belongs to
the piece in which it starts, so nothing is found twice and nothing is cut.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec

from config.verdict import Segment, Zone
from detectors.columns import Columns
from detectors.normal import Normal
from detectors.traits import traits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIZE = 65_536  # characters a block; the scan's speed is flat from here on
OVERLAP = 512  # longer than any hit and its context
SEARCH = 2_048  # how far back from the end a line break is looked for
_TEXT_ZONES = frozenset(Zone) - {Zone.CELL, Zone.PROPERTY, Zone.LABEL, Zone.NAME}
_BREAK = re.compile("\n")


class Piece(msgspec.Struct, frozen=True):
    """A stretch of one segment in a block."""

    segment: Segment
    index: int  # of the segment in its file
    start: int  # in the block's raw text
    offset: int  # in the segment's text, of the character at ``start``
    low: int  # hits of this piece start at or after this raw position of the block
    high: int  # and before this one
    line: int  # line of the segment at ``start``, counted from one
    before: int  # characters of the file before this segment: how near to the head of the document it stands


class Block:
    """One stretch of text to scan, with the way back to segments.

    ``text`` is the plain form, ``data`` the same in UTF-8, ``traits`` what it holds (:mod:`detectors.traits`).
    """

    def __init__(self, raw: str, pieces: list[Piece], columns: Columns | None = None) -> None:
        self.raw = raw
        self.pieces = pieces
        self.columns = columns or Columns()
        self.data = raw.encode("utf-8", "replace")
        self.traits = traits(raw, self.data)
        self.normal = Normal(raw, self.traits)
        self.text = self.normal.text
        if self.text is not raw:
            self.data = self.text.encode("utf-8", "replace")
            self.traits = traits(self.text, self.data)
        self._breaks: list[int] | None = None
        self._starts = [piece.start for piece in pieces]

    def piece(self, position: int) -> Piece:
        """The piece in which a character of the plain text stands."""
        return self.pieces[self._at(self.normal.original(position))]

    def owns(self, start: int, end: int) -> bool:
        """Whether a hit lies within one piece and is this block's to report."""
        low, high = self.normal.span(start, max(end, start + 1))
        piece = self.pieces[self._at(low)]
        return piece.low <= low < piece.high and self._at(high - 1) == self._at(low)

    def locate(self, start: int, end: int) -> tuple[Piece, int, int]:
        """The piece of a hit and its span in the segment's own text."""
        low, high = self.normal.span(start, end)
        piece = self.pieces[self._at(low)]
        return piece, low - piece.start + piece.offset, high - piece.start + piece.offset

    def line(self, position: int) -> int:
        """The line of the segment, counted from one."""
        low = self.normal.original(position)
        piece = self.pieces[self._at(low)]
        if self._breaks is None:
            self._breaks = [match.start() for match in _BREAK.finditer(self.raw)]
        return piece.line + bisect_left(self._breaks, low) - bisect_left(self._breaks, piece.start)

    def where(self, position: int) -> str:
        """The place of a character in the grammar of :mod:`config.places`."""
        piece, offset, _ = self.locate(position, position + 1)
        segment = piece.segment
        if segment.cells:
            return segment.at(offset)
        if segment.lines and segment.zone in _TEXT_ZONES:
            return f"{segment.where} line {segment.first - 1 + self.line(position)}".strip()
        return segment.where

    def bounds(self, position: int) -> tuple[int, int]:
        """Start and end of the line around a character of the plain text, without its line break."""
        end = self.text.find("\n", position)
        return self.text.rfind("\n", 0, position) + 1, len(self.text) if end < 0 else end

    def _at(self, raw: int) -> int:
        return max(bisect_right(self._starts, raw) - 1, 0)


def blocks(segments: Iterable[Segment], first: int = 0) -> Iterator[Block]:
    """Lay segments out, numbered from ``first``; memory stays bounded by one block and one segment."""
    texts: list[str] = []
    pieces: list[Piece] = []
    length = before = 0
    columns = Columns()
    for index, segment in enumerate(segments, first):
        columns.enter(segment)
        size = len(segment.text)
        if length and length + size > SIZE:
            yield Block("\n".join(texts), pieces, columns)
            texts, pieces, length = [], [], 0
        if size > SIZE:
            yield from _cut(segment, index, before, columns)
        elif size:
            pieces.append(Piece(segment, index, length, 0, length, length + size, 1, before))
            texts.append(segment.text)
            length += size + 1
        before += size
    if texts:
        yield Block("\n".join(texts), pieces, columns)


def _cut(segment: Segment, index: int, before: int, columns: Columns) -> Iterator[Block]:
    text, low, line, counted = segment.text, 0, 1, 0
    while low < len(text):
        high = min(low + SIZE, len(text))
        if high < len(text) and (found := text.rfind("\n", high - SEARCH, high)) > low:
            high = found + 1
        start, end = max(low - OVERLAP, 0), min(high + OVERLAP, len(text))
        line += text.count("\n", counted, start)
        counted = start
        piece = Piece(segment, index, 0, start, low - start, high - start, line, before)
        yield Block(text[start:end], [piece], columns)
        low = high
