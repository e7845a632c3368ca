"""A text as rows of cells: a sheet, whose segment says where its runs of cells begin, or lines parted by a sign."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple, Protocol

import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.verdict import Segment

WIDE = 20_000  # characters of a row in which cells are told apart
SEPARATORS = "\t,;|"
LONG = r"\d{4}|\d[.,]\d"  # what makes a cell a value and no name; "2024年" in a head is rare enough
_VALUE = re.compile(LONG)
# Lines of a text without such a value; nothing is looked at twice. Not ``re``: before Python 3.11.5 it loses matches of
# groups that repeat possessively (CPython issue 106052).
_PLAIN = r"[^\d\n]*+(?:\d{1,3}+(?!\d)(?![.,]\d)[^\d\n]*+)*+$"
_NAMES = regex.compile("^" + _PLAIN, regex.MULTILINE)
_HEADS = regex.compile(r"\n" + _PLAIN + r"(?=\n[^\d\n]*+\d|\n[^\n]*+\n[^\d\n]*+\d)", regex.MULTILINE)
_PLACE = re.compile(r"([A-Z]+)([0-9]+)\Z")
_QUOTED = re.compile(r'"[^"\n]*"')


class Cell(NamedTuple):
    """One cell, by its characters in the segment."""

    column: int  # counted from 0
    start: int
    end: int


class Grid(Protocol):
    """Rows by the place of their first character."""

    text: str

    def row(self, offset: int) -> int:
        """Where the row begins in which a character stands."""
        ...

    def cells(self, start: int) -> list[Cell]:
        """The cells of the row that begins at ``start``, empty ones too where the text shows them."""
        ...

    def next(self, start: int) -> int:
        """Where the next row begins; the end of the text behind the last."""
        ...

    def named(self) -> Iterable[int]:
        """Rows in which nothing looks like a value, in order."""
        ...

    def heading(self, start: int) -> Iterable[int]:
        """Those from ``start`` on, save the very first, that have a digit in one of the two lines below."""
        ...

    def gap(self, start: int) -> bool:
        """Whether nothing stands directly above a row."""
        ...


class Sheet:
    """Rows of a sheet; a cell may have line breaks in it."""

    def __init__(self, segment: Segment) -> None:
        self.text, self._runs = segment.text, segment.cells
        text = self.text
        self._starts = [begin for begin, _ in self._runs if not begin or text[begin - 1] == "\n"]

    def row(self, offset: int) -> int:
        return self._starts[max(bisect_right(self._starts, offset) - 1, 0)] if self._starts else 0

    def next(self, start: int) -> int:
        at = bisect_right(self._starts, start)
        return self._starts[at] if at < len(self._starts) else len(self.text)

    def cells(self, start: int) -> list[Cell]:
        end, found = self.next(start), list[Cell]()
        at = bisect_left(self._runs, start, key=lambda run: run[0])
        while at < len(self._runs) and self._runs[at][0] < end:
            begin, place = self._runs[at]
            at += 1
            high = self._runs[at][0] - 1 if at < len(self._runs) else len(self.text)
            found += _split(self.text, begin, min(high, begin + WIDE), "\t", column(place))
        return found

    def named(self) -> Iterator[int]:
        text, last = self.text, len(self._starts) - 1
        for number, start in enumerate(self._starts):
            end = self._starts[number + 1] if number < last else len(text)
            if _VALUE.search(text, start, end) is None:
                yield start

    def heading(self, start: int) -> Iterator[int]:
        for match in _HEADS.finditer(self.text, max(start - 1, 0)):
            if self.row(match.start() + 1) == match.start() + 1:  # else a line within a cell
                yield match.start() + 1

    def gap(self, start: int) -> bool:
        at = bisect_left(self._starts, start)
        return not at or self._number(start) - self._number(self._starts[at - 1]) > 1

    def _number(self, start: int) -> int:
        at = bisect_left(self._runs, start, key=lambda run: run[0])
        place = _PLACE.search(self._runs[at][1])
        return int(place[2][:9]) if place else 0


class Lines:
    """Lines whose cells are parted by a sign."""

    def __init__(self, text: str, sign: str) -> None:
        self.text, self.sign = text, sign

    def row(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def next(self, start: int) -> int:
        return self.text.find("\n", start) + 1 or len(self.text)

    def cells(self, start: int) -> list[Cell]:
        end = self.text.find("\n", start)
        end = min(len(self.text) if end < 0 else end, start + WIDE)
        return _split(self.text, start, end, self.sign, 0)

    def named(self) -> Iterator[int]:
        return (match.start() for match in _NAMES.finditer(self.text) if self.sign in match[0])

    def heading(self, start: int) -> Iterator[int]:
        found = _HEADS.finditer(self.text, max(start - 1, 0))
        return (match.start() + 1 for match in found if self.sign in match[0])

    def gap(self, start: int) -> bool:
        return not start or self.sign not in self.text[self.row(start - 1) : start].strip(f"{self.sign} \n")


def _split(text: str, start: int, end: int, sign: str, first: int) -> list[Cell]:
    line = text[start:end]
    if sign != "\t" and '"' in line:
        line = _QUOTED.sub(lambda match: "_" * len(match[0]), line)
    found = []
    for number, cell in enumerate(line.split(sign), first):
        found.append(Cell(number, start, start + len(cell)))
        start += len(cell) + 1
    return found


def separator(text: str, start: int = 0) -> str:
    """The sign that parts as many cells in the line that begins at ``start`` as in the next; none where none does."""
    end = text.find("\n", start)
    if end < 0:
        return ""
    below = text.find("\n", end + 1)
    lines = text[start : min(end, start + WIDE)], text[end + 1 : min(below, end + WIDE) if below >= 0 else end + WIDE]
    if "\t" in lines[0] and "\t" in lines[1]:
        return "\t"
    counts = [_QUOTED.sub("", line) if '"' in line else line for line in lines]
    return next((sign for sign in SEPARATORS[1:] if 0 < counts[0].count(sign) == counts[1].count(sign)), "")


def column(place: str) -> int:
    """The column of a cell, counted from 0: ``Sheet1!AA7`` gives 26."""
    letters = _PLACE.search(place)
    number = 0
    for letter in letters[1] if letters else "A":
        number = number * 26 + ord(letter) - 64
    return number - 1
