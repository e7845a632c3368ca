"""The text of a Word document as it flows: stories into lines, lines into pages, tables into rows ([MS-DOC] 2.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.extract.ole.wordformat import Paragraph
from config.verdict import Segment, Zone

_PARAGRAPH = re.compile("[^\r\x07\x0c]*(?:[\r\x07\x0c]|$)")
_FIELD = re.compile("[\x13\x14\x15]")
_CODE = re.compile("\x13[^\x13\x14\x15]*\x14?")  # of a field that does not end
_SHOWN = str.maketrans(
    {
        **dict.fromkeys((*range(9), *range(14, 32)), None),
        "\x0b": "\n",
        "\x0e": "\n",
        "\x1e": "-",
        "\xa0": " ",
    }
)


def plain(text: str) -> str:
    """Characters without the marks of objects, notes and fields."""
    return text if text.isprintable() else text.translate(_SHOWN)


def without_codes(text: str) -> tuple[str, str]:
    """A story of the same length in which the codes of fields are NUL, and the codes; what the fields show stays."""
    if "\x13" not in text:
        return text, ""
    parts: list[str] = []
    codes: list[str] = []
    nest: list[bool] = []  # of the fields open here, whether the code is still going on
    last = hidden = 0
    for match in _FIELD.finditer(text):
        piece = text[last : match.start()]
        if hidden:
            codes.append(piece)
        parts.append("\0" * (len(piece) + 1) if hidden else piece + "\0")
        last = match.end()
        if match.group() == "\x13":
            nest.append(True)
            hidden += 1
        elif nest:
            hidden -= nest[-1]
            nest[-1] = False
            if match.group() == "\x15":
                nest.pop()
                codes.append("\n")
    if hidden:  # the end of a field was lost: what cannot be told apart is shown
        return _CODE.sub(lambda code: "\0" * len(code.group()), text), "".join(codes)
    return "".join(parts) + text[last:], "".join(codes)


class Story:
    """One story, taken apart.

    Args:
        where: the place, empty for the body, whose places are pages.
        zone: of the running text.
        paragraph: gives the properties of the paragraph whose mark is at a position.
        label: gives the number that stands before a paragraph.
    """

    def __init__(
        self, where: str, zone: Zone, paragraph: Callable[[int], Paragraph] | None, label: Callable[[Paragraph], str]
    ) -> None:
        self._where, self._zone, self._paragraph, self._label = where, zone, paragraph, label
        self._paged = not where
        self._page, self._first = 1, 1
        self._lines: list[str] = []
        self._table: list[str] = []
        self._row: list[list[str]] = []
        self._cell: list[str] = []
        self._done: list[Segment] = []

    def segments(self, text: str, start: int, flowing: set[int], asides: list[tuple[int, str]]) -> Iterator[Segment]:
        """Segments of a story that begins at position ``start`` of the document.

        Args:
            text: the story.
            start: its position.
            flowing: positions of section breaks that begin no page.
            asides: deleted text by position.
        """
        next_aside = 0
        for match in _PARAGRAPH.finditer(text):
            mark = match.group()[-1:]
            position = start + match.end() - 1
            about = self._paragraph(position) if self._paragraph else _guess(text, match)
            if about.break_before and self._lines:
                self._next_page()
            said = plain(match.group()[:-1] if mark in ("\r", "\x07", "\x0c") else match.group())
            label = self._label(about) if mark else ""
            lines = [line for line in said.split("\n") if line and not line.isspace()]
            if label and lines:
                lines[0] = f"{label} {lines[0]}"
            self._take(lines, mark, about)
            while next_aside < len(asides) and asides[next_aside][0] <= position:
                self._aside(asides[next_aside][1])
                next_aside += 1
            if mark == "\x0c" and position not in flowing:
                self._next_page()
            if self._done:
                done, self._done = self._done, []
                yield from done
        self._end_table()
        self._end_lines()
        yield from self._done

    def _take(self, lines: list[str], mark: str, about: Paragraph) -> None:
        if mark == "\x07" and about.row_end:
            self._cell.extend(lines)
            self._end_row()
        elif mark == "\x07":
            self._row.append(self._cell + lines)
            self._cell = []
        elif about.in_table and mark == "\r":
            self._cell.extend(lines)
        else:
            self._end_table()
            self._lines.extend(lines)

    def _end_row(self) -> None:
        """The cells of a row in one line; a cell that is alone in its row keeps its lines."""
        if self._cell:
            self._row.append(self._cell)
        filled = [cell for cell in self._row if cell]
        if filled and not self._table:
            self._end_lines()
        if len(filled) == 1:
            self._table.extend(filled[0])
        elif filled:
            self._table.append("\t".join(" ".join(cell) for cell in self._row))
        self._row, self._cell = [], []

    def _end_table(self) -> None:
        if self._row or self._cell:
            self._end_row()
        if self._table:
            zone = Zone.TABLE if self._zone is Zone.BODY else self._zone
            self._done.append(Segment("\n".join(self._table), f"{self._place()} table", zone, self._number()))
            self._table = []

    def _end_lines(self) -> None:
        if self._lines:
            text = "\n".join(self._lines)
            self._done.append(Segment(text, self._place(), self._zone, self._number(), first=self._first))
            self._first += len(self._lines)
            self._lines = []

    def _aside(self, text: str) -> None:
        if text := plain(text.replace("\r", "\n").replace("\x07", "\t")).strip():
            self._done.append(Segment(text, f"{self._place()} deleted", Zone.NOTE, self._number()))

    def _next_page(self) -> None:
        if self._paged:
            self._end_table()
            self._end_lines()
            self._page, self._first = self._page + 1, 1

    def _place(self) -> str:
        return f"page {self._page}" if self._paged else self._where

    def _number(self) -> int | None:
        return self._page if self._paged else None


def _guess(text: str, match: re.Match[str]) -> Paragraph:
    """Without properties: a mark of a cell right behind another ends the row."""
    ends = match.group() == "\x07" and text[match.start() - 1 : match.start()] == "\x07"
    return Paragraph(row_end=ends)
