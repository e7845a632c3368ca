"""The head of the column a cell stands in, however many rows above it.

A sheet of ten thousand cards says once what they are: in its first rows. What stands around a hit is then only more
numbers, so the head of its column counts as standing beside it. Tables come in three forms: sheets, whose segments say
where each run of cells begins (:class:`config.verdict.Segment`), lines whose cells are parted by tabs, and files whose
first line parts its names by commas, semicolons or bars (RFC 4180).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.verdict import Segment

ROWS = 20  # of a sheet, from its top, among which the row of heads is looked for
DEEP = 2  # rows of heads that stand upon each other: "contact" above "mobile" and "mail"
LONGEST = 40  # characters of a head; what is longer is a sentence
WIDE = 20_000  # characters of a row in which the column is still counted
_NUMBER = re.compile(r"\d{4}|\d[.,]\d")  # a value, not a name; "2024年" in a head is rare enough
_PLACE = re.compile(r"([A-Z]+)[0-9]+\Z")
_SEPARATORS = ",;|"
_QUOTED = re.compile(r'"[^"\n]*"')


class Columns:
    """The heads of the tables of one file. Segments are shown to :meth:`enter` in the order of the file."""

    def __init__(self) -> None:
        self._sheets: dict[str, dict[int, str]] = {}
        self._tops: dict[str, str] = {}  # place of a text to its first line, for the windows that follow
        self._table: tuple[Segment, int, int, list[str]] | None = None  # start, end, heads of the table read last

    def enter(self, segment: Segment) -> None:
        """Take note of a segment that may hold the heads of a table."""
        if segment.cells:
            sheet = segment.cells[0][1].rpartition("!")[0]
            if sheet not in self._sheets:
                self._sheets[sheet] = _heads(_rows(segment))
        elif segment.first == 1:
            self._tops[segment.where] = segment.text[: segment.text.find("\n") + 1]

    def head(self, segment: Segment, offset: int) -> str:
        """The head of the column in which a character stands; empty where there is no table."""
        if segment.cells:
            return self._of_sheet(segment, offset)
        text = segment.text
        start = text.rfind("\n", max(offset - WIDE, 0), offset) + 1
        end = text.find("\n", offset)
        end = len(text) if end < 0 else end
        if "\t" in text[start : min(end, start + WIDE)]:
            heads = self._of_table(segment, start, end)
            column = text.count("\t", start, offset)
        else:
            heads, column = self._of_top(segment, text[start : min(end, start + WIDE)], offset - start)
        return heads[column] if column < len(heads) else ""

    def _of_sheet(self, segment: Segment, offset: int) -> str:
        run = bisect_right(segment.cells, offset, key=lambda cell: cell[0]) - 1
        begin, place = segment.cells[max(run, 0)]
        column = _column(place) + segment.text.count("\t", begin, offset)
        return self._sheets.get(place.rpartition("!")[0], {}).get(column, "")

    def _of_table(self, segment: Segment, start: int, end: int) -> list[str]:
        """The heads of the lines with tabs among which one stands; found once a table, not once a hit."""
        known = self._table
        if known and known[0] is segment and known[1] <= start <= known[2]:
            self._table = (segment, known[1], max(end + 1, known[2]), known[3])
            return known[3]
        text, top, lines = segment.text, start, 0
        while top > 0:
            above = text.rfind("\n", 0, top - 1) + 1
            if "\t" not in text[above:top]:
                break
            top, lines = above, lines + 1
        rows = text[top : top + WIDE].split("\n")[:DEEP] if lines else []
        if top == 0 and segment.first > 1 and "\t" in self._tops.get(segment.where, ""):
            rows = [self._tops[segment.where]]
        heads = _heads(enumerate(row.rstrip("\n").split("\t")) for row in rows)
        listed = [heads.get(column, "") for column in range(max(heads, default=-1) + 1)]
        self._table = (segment, top, end + 1, listed)
        return listed

    def _of_top(self, segment: Segment, line: str, offset: int) -> tuple[list[str], int]:
        """The names in the first line of a file of separated values, and the column."""
        top = self._tops.get(segment.where, "").rstrip("\n")
        for sign in _SEPARATORS:
            count = top.count(sign)
            plain = _QUOTED.sub(lambda match: "_" * len(match[0]), line)
            if count and plain.count(sign) == count:
                names = [name.strip().strip('"') for name in top.split(sign)]
                return [name if _is_head(name) else "" for name in names], plain.count(sign, 0, offset)
        return [], 0


def _rows(segment: Segment) -> Iterator[Iterator[tuple[int, str]]]:
    """The first rows of a sheet: column, counted from 0, and text of each cell."""
    rows: dict[str, list[tuple[int, str]]] = {}
    for number, (begin, place) in enumerate(segment.cells):
        row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").rpartition("!")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if row not in rows and len(rows) == ROWS:
            break
        end = segment.cells[number + 1][0] if number + 1 < len(segment.cells) else len(segment.text)
        cells = segment.text[begin : min(end, begin + WIDE)].strip("\n").split("\t")
        rows.setdefault(row, []).extend(enumerate(cells, _column(place)))
    return (iter(cells) for cells in rows.values())


def _heads(rows: Iterator[Iterator[tuple[int, str]]] | Iterator[enumerate[str]]) -> dict[int, str]:
    """Column to head: from the first row of names, and from the one below it where that holds names too."""
    heads: dict[int, str] = {}
    found = 0
    for row in rows:
        cells = [(column, text.strip()) for column, text in row if text.strip()]
        if len(cells) > 1 and all(_is_head(text) for _, text in cells):
            found += 1
            for column, text in cells:
                heads[column] = f"{heads.get(column, '')} {text}".strip()
        elif found:
            break
        if found == DEEP:
            break
    return heads


def _is_head(text: str) -> bool:
    return len(text) <= LONGEST and not _NUMBER.search(text)


def _column(place: str) -> int:
    """The column of a cell, counted from 0: ``Sheet1!AA7`` gives 26."""
    letters = _PLACE.search(place)
    column = 0
    for letter in letters[1] if letters else "A":
        column = column * 26 + ord(letter) - 64
    return column - 1
