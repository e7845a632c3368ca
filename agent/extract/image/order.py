"""Pieces of recognised text into lines, in the order in which people read them."""

from __future__ import annotations

import itertools
import math

import msgspec

from agent.extract.image.ocr import Line
from agent.extract.image.regions import Region

_SHARED = 0.5  # of the smaller of two heights, for two pieces to stand on one line
_COLUMN = 2.5  # heights of a gap that parts columns; a smaller one parts words
_WORD = 0.6  # heights of a gap that parts words; the outlines of pieces reach into it


class Piece(msgspec.Struct):
    """A region and what it says."""

    text: str
    score: float
    region: Region


class _Box(msgspec.Struct):
    text: str
    score: float
    left: float
    right: float
    y: float
    height: float


def arrange(pieces: list[Piece]) -> list[Line]:
    """Lines from top to bottom on a page that may stand askew; far pieces of one line are parted by a tab."""
    slope = _slope(pieces)
    boxes = sorted((_box(piece, slope) for piece in pieces), key=lambda box: box.y)
    rows: list[list[_Box]] = []
    for box in boxes:
        row = next((row for row in rows[:-4:-1] if _beside(row, box)), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
    return [_line(sorted(row, key=lambda box: box.left)) for row in rows]


def _slope(pieces: list[Piece]) -> float:
    """The angle (radians) at which the long pieces lie."""
    long = sorted(
        (piece.region.angle for piece in pieces if piece.region.width > 6 * piece.region.height),
    )
    return math.radians(long[len(long) // 2]) if long else 0.0


def _box(piece: Piece, slope: float) -> _Box:
    region = piece.region
    x = region.x * math.cos(slope) + region.y * math.sin(slope)
    y = region.y * math.cos(slope) - region.x * math.sin(slope)
    return _Box(piece.text, piece.score, x - region.width / 2, x + region.width / 2, y, region.height)


def _beside(row: list[_Box], box: _Box) -> bool:
    """Whether a piece continues a row: at the height of its nearest piece, and not over it."""
    near = min(row, key=lambda other: abs(other.left - box.left))
    shared = (near.height + box.height) / 2 - abs(near.y - box.y)
    over = min(near.right, box.right) - max(near.left, box.left)
    return (
        shared >= _SHARED * min(near.height, box.height)
        and abs(near.y - box.y) < 0.5 * max(near.height, box.height)
        and over < 0.5 * min(near.right - near.left, box.right - box.left)
    )


def _line(row: list[_Box]) -> Line:
    text = row[0].text
    for before, box in itertools.pairwise(row):
        gap = (box.left - before.right) / max(1.0, min(before.height, box.height))
        text += ("\t" if gap > _COLUMN else " " if gap > _WORD else "") + box.text
    return Line(
        text,
        min(box.score for box in row),
        min(box.left for box in row),
        min(box.y - box.height / 2 for box in row),
        max(box.right for box in row),
        max(box.y + box.height / 2 for box in row),
    )
