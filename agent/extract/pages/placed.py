"""Text that a page places piece by piece, put back into lines as a reader sees them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from agent.extract.pages.sides import Place, side
from config.verdict import Side

_SAME_LINE = 0.6  # of the smaller of two heights that must overlap
_ALIKE = 2.5  # times taller, and it is no longer a word of the same line: an initial, a letterhead, a watermark
_BACK = 3  # lines looked at; words of one line may stand a little higher or lower than each other
_GAP = 3.0  # of the height, after which Chinese characters stand apart: less is the spacing of a heading or a mark
_LETTER_GAP = 0.2
_BOX_GAP = 1.5
_SET_APART = 3.0  # of the height, after which something else begins on the line
_AGAIN = 0.15  # of the height: the same word drawn twice to look bold

_LETTERS = "\u1fff"  # the last of them; Chinese characters and the marks between them are wide
_WIDTHS = dict.fromkeys("fijlrtI.,:;'!|()[] ", 0.3) | dict.fromkeys("mwMW@%", 0.85)
_WIDTHS |= dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ&", 0.66)

Matrix = tuple[float, float, float, float, float, float]  # a b c d e f, as in PDF, OFD and XPS alike
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


class Word(NamedTuple):
    """A piece of text with its place, counted from the upper left corner of the page; ``height`` is the font's size.

    ``slanted`` text, such as a watermark across the page, stands in no line with other text.
    """

    text: str
    left: float
    top: float
    width: float
    height: float
    slanted: bool = False


def lines(words: list[Word]) -> list[str]:
    """Words whose heights overlap stand on one line, from left to right; slanted ones follow, in the order given."""
    return [said for said, _ in _rows(words)]


def sides(words: list[Word], page: float) -> dict[Place, Side]:
    """Which lines, or parts of them behind a wide gap, do not stand at the left of a page of this width."""
    found: dict[Place, Side] = {}
    for number, (said, row) in enumerate(_rows(words)):
        if row and (where := side(row[0].left, row[-1].left + row[-1].width, page)):
            found[number, 0] = where
        for at, (last, word) in enumerate(pairwise(row), 1):
            apart = word.left - last.left - last.width >= _SET_APART * max(last.height, word.height)
            if apart and word.left >= page / 2 > 0 and said.endswith(rest := _joined(row[at:])):
                found[number, len(said) - len(rest)] = Side.RIGHT
    return found


def _rows(words: list[Word]) -> list[tuple[str, list[Word]]]:
    """The lines that say something, each with its words; slanted ones without."""
    found: list[list[Word]] = []
    for word in sorted((word for word in words if not word.slanted), key=lambda word: word.top):
        line = next((line for line in reversed(found[-_BACK:]) if _level(line[0], word)), None)
        if line is None:
            found.append([word])
        else:
            line.append(word)
    ordered = [sorted(line, key=lambda word: word.left) for line in found]
    said = [(_joined(line), line) for line in ordered]
    said += [(line, []) for line in _slanted([word for word in words if word.slanted])]
    return [(line, row) for line, row in said if line.strip()]


def width(text: str, size: float) -> float:
    """How wide a text is likely to run: Chinese characters fill a square, letters about half of one."""
    return size * sum(1.0 if char > _LETTERS else _WIDTHS.get(char, 0.5) for char in text)


def times(outer: Matrix, inner: Matrix) -> Matrix:
    """The way through both: from the coordinates of an inner thing to those of the outer one's surroundings."""
    o, (a, b, c, d, e, f) = outer, inner
    return (
        o[0] * a + o[2] * b,
        o[1] * a + o[3] * b,
        o[0] * c + o[2] * d,
        o[1] * c + o[3] * d,
        o[0] * e + o[2] * f + o[4],
        o[1] * e + o[3] * f + o[5],
    )


def _slanted(words: list[Word]) -> list[str]:
    """Slanted words go on where the one before ends, whichever way they run: up a margin, around a seal."""
    found: list[list[str]] = []
    last: Word | None = None
    for word in words:
        near = last is not None and math.hypot(word.left - last.left, word.top - last.top) <= last.width + last.height
        if near and found:
            found[-1].append(word.text)
        else:
            found.append([word.text])
        last = word
    return ["".join(line) for line in found]


def _level(first: Word, word: Word) -> bool:
    low, high = sorted((first.height, word.height))
    shared = min(first.top + first.height, word.top + word.height) - max(first.top, word.top)
    return shared >= _SAME_LINE * max(1e-6, low) and high <= _ALIKE * low


def _joined(line: list[Word]) -> str:
    parts = [line[0].text]
    last = line[0]
    for word in line[1:]:
        near = _AGAIN * word.height
        if word.text == last.text and abs(word.left - last.left) < near and abs(word.top - last.top) < near:
            continue
        if _apart(last, word):
            parts.append(" ")
        parts.append(word.text)
        last = word
    return "".join(parts)


def _apart(last: Word, word: Word) -> bool:
    """Whether the gap between two words reads as a space; digits in boxes, one in each, are one number."""
    before, after = last.text[-1:], word.text[:1]
    if before.isspace() or after.isspace():
        return False
    wide = max(before, after) > _LETTERS
    boxed = len(last.text) == len(word.text) == 1 and before.isdigit() and after.isdigit()
    gap = _GAP if wide else _BOX_GAP if boxed else _LETTER_GAP
    return word.left - last.left - last.width > gap * max(last.height, word.height)
