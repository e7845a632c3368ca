"""The head of the column a cell stands in, however many rows above it.

A sheet of ten thousand cards says once what they are: in its first rows. What stands around a hit is then only more
numbers, so the head of its column counts as standing beside it. Tables come in three forms: sheets, whose segments say
where each run of cells begins (:class:`config.verdict.Segment`), lines whose cells are parted by tabs, and files whose
lines are parted by commas, semicolons or bars (RFC 4180).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from config.verdict import Zone
from detectors.grid import WIDE, Grid, Lines, Sheet, separator
from detectors.heads import Table, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.verdict import Segment

TITLES = 5  # lines that may stand above the table of a file
_LAID_OUT = frozenset({Zone.TABLE, Zone.CELL})


class Region(msgspec.Struct, frozen=True):
    """A stretch of a segment that is laid out in columns, with its tables."""

    grid: Grid
    begin: int
    end: int
    tables: list[Table]

    def table(self, offset: int) -> Table | None:
        """The table among whose rows a character stands."""
        at = bisect_right(self.tables, offset - self.begin, key=lambda table: table.start)
        return self.tables[at - 1] if at else None

    def stretches(self, low: int, high: int) -> Iterator[tuple[Table, int, int]]:
        """The tables between two characters, each with the part of it that lies between them."""
        for number, table in enumerate(self.tables):
            start = max(table.start + self.begin, low)
            last = number + 1 == len(self.tables)
            end = min(self.end if last else self.tables[number + 1].start + self.begin, high)
            if start < end:
                yield table, start, end

    def rows(self, table: Table, low: int, high: int) -> Iterator[dict[int, tuple[int, int]]]:
        """Column to span of each cell, for the rows of a table that begin between two characters."""
        grid, begin = self.grid, self.begin
        start = grid.row(low - begin)
        if start + begin < low:
            start = grid.next(start)
        while start + begin < high and start < len(grid.text):
            cells = grid.cells(start)
            if fits(grid, table, len(cells)):
                yield {cell.column: (cell.start + begin, cell.end + begin) for cell in cells}
            start = grid.next(start)

    def head(self, offset: int) -> str:
        """The head of the column of a character."""
        table = self.table(offset)
        if table is None:
            return ""
        place = offset - self.begin
        cells = self.grid.cells(self.grid.row(place))
        if not fits(self.grid, table, len(cells)):
            return ""
        return next((table.heads.get(cell.column, "") for cell in cells if cell.start <= place <= cell.end), "")


def fits(grid: Grid, table: Table, width: int) -> bool:
    """Whether a row of so many cells is one of the table: a comma stands in sentences too, a tab hardly does."""
    if not isinstance(grid, Lines):
        return True
    return width > 1 if grid.sign == "\t" else width == table.width


class Columns:
    """The heads of the tables of one file. Segments are shown to :meth:`enter` in the order of the file."""

    def __init__(self) -> None:
        self._entered: dict[int, Region] = {}  # by identity: of those alive, each was entered last under its own
        self._sheets: dict[str, Table] = {}  # the last table of each
        self._files: dict[str, tuple[str, Table]] = {}  # place of a text to its sign and the table it ended with
        self._broken: tuple[int, Table] | None = None  # page and last table of a table in a document
        self._paragraph: tuple[Segment, Region] | None = None  # looked at last

    def enter(self, segment: Segment) -> None:
        """Take note of a segment that may hold the heads of a table, or go on with one."""
        self._entered.pop(id(segment), None)
        region: Region | None
        if segment.cells:
            region = self._sheet(segment)
        elif segment.zone in _LAID_OUT and "\t" in segment.text:
            region = self._laid_out(segment)
        else:
            region = self._file(segment)
        if region is not None and region.tables:
            self._entered[id(segment)] = region

    def region(self, segment: Segment) -> Region | None:
        """The whole of a segment, where it is a table or several."""
        return self._entered.get(id(segment))

    def head(self, segment: Segment, offset: int) -> str:
        """The head of the column in which a character stands; empty where there is no table."""
        region = self.region(segment)
        if region is None and not segment.cells:
            region = self._around(segment, offset)
        return region.head(offset) if region else ""

    def _sheet(self, segment: Segment) -> Region:
        sheet = segment.cells[0][1].rpartition("!")[0]
        region = _region(Sheet(segment), self._sheets.get(sheet))
        if region.tables:
            self._sheets[sheet] = region.tables[-1]
        return region

    def _laid_out(self, segment: Segment) -> Region:
        """A table of a document; one that a page breaks goes on in the next segment, without heads."""
        grid = Lines(segment.text, "\t")
        carried = None
        if self._broken and segment.page == self._broken[0] + 1 and next(iter(grid.named()), -1) != 0:
            carried = self._broken[1]
        region = _region(grid, carried)
        self._broken = (segment.page, region.tables[-1]) if region.tables and segment.page else None
        return region

    def _file(self, segment: Segment) -> Region | None:
        text, where = segment.text, segment.where
        if segment.first == 1:
            self._files.pop(where, None)
            sign, carried = _sign(text), None
        else:
            sign, carried = self._files.get(where, ("", None))
        if not sign:
            return None
        region = _region(Lines(text, sign), carried)
        if region.tables:
            self._files[where] = sign, region.tables[-1]
        return region

    def _around(self, segment: Segment, offset: int) -> Region | None:
        """The lines with tabs among which a character stands."""
        if self._paragraph and self._paragraph[0] is segment:
            region = self._paragraph[1]
            if region.begin <= offset < region.end:
                return region
        low, high = max(offset - WIDE, 0), offset + WIDE
        start, end = segment.text.rfind("\n", low, offset) + 1, segment.text.find("\n", offset, high)
        if "\t" not in segment.text[start : end if end >= 0 else high]:
            return None
        region = paragraph(segment.text, start, "\t")
        self._paragraph = segment, region
        return region


def paragraph(text: str, start: int, sign: str) -> Region:
    """The lines around one that have the sign too; of signs of sentences, as often as that one, and below it only."""
    top, bottom = start, start
    count = Lines(text, sign).cells(start)
    while sign == "\t" and top > 0:
        above = text.rfind("\n", 0, top - 1) + 1
        if sign not in text[above:top]:
            break
        top = above
    while bottom < len(text):
        if sign == "\t":
            below = text.find("\n", bottom) + 1 or len(text)
            if sign not in text[bottom:below]:
                break
        elif len(Lines(text, sign).cells(bottom)) != len(count):
            break
        bottom = text.find("\n", bottom) + 1 or len(text)
    grid = Lines(text[top:bottom], sign)
    return Region(grid, top, bottom, tables(grid))


def _region(grid: Grid, carried: Table | None) -> Region:
    return Region(grid, 0, len(grid.text), tables(grid, carried))


def _sign(text: str) -> str:
    """What parts the cells of a file that is a table, with a few lines of title above it."""
    start = 0
    for _ in range(TITLES):
        if sign := separator(text, start):
            return sign
        start = text.find("\n", start) + 1
        if not start:
            break
    return ""
