"""Cells of workbooks that calamine does not read: Excel 2 to 4, and later ones with damage.

[MS-XLS] 2.4 for Excel 5 to 2003, OpenOffice.org's Documentation of the Microsoft Excel File Format, 5, before.
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from agent.extract.ole.biff import BOF, BOOK, BOOK4, CHART, Book, Record, shared, went_on
from agent.extract.ooxml import cells
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_COLUMNS = 256  # more than any version had
_RK, _MULTIPLE, _SHARED, _STRINGS = 0x27E, 0xBD, 0xFD, 0xFC
_INTEGER, _NUMBERS, _LABELS, _TRUTHS = 0x02, (0x03, 0x203), (0x04, 0x204, 0xD6), (0x05, 0x205)
_FORMULAS, _RESULTS = (0x06, 0x206, 0x406), (0x07, 0x207)
_STYLES, _FORMATS, _FROM_1904 = (0x243, 0x443, 0xE0), (0x1E, 0x41E), 0x22
_SINGLES = {_RK, _SHARED, _INTEGER, *_NUMBERS, *_LABELS, *_TRUTHS}
_TIMES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # number formats that every Excel has
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def sheets(stream: bytes, reading: Reading) -> Iterator[Segment]:
    """Names and cells of all sheets; a damaged record is noted and left out."""
    table = _Table(Book(stream))
    for name, rows in table.run(reading):
        if name:
            yield Segment(name, "sheet name", Zone.NAME, lines=False)
        yield from cells.rows(name, rows, reading)


class _Table:
    def __init__(self, book: Book) -> None:
        self._book = book
        self._strings: list[str] = []
        self._styles: list[int] = []
        self._formats: dict[int, str] = {}
        self._from_1904 = False
        self._rows: dict[int, dict[int, Any]] = {}
        self._awaited: tuple[int, int] | None = None  # the formula whose text comes in the next record
        self._beyond = False

    def run(self, reading: Reading) -> Iterator[tuple[str, Iterator[tuple[int, list[Any]]]]]:
        for (sheet, name), group in itertools.groupby(
            self._book.records(), key=lambda record: (record.sheet, record.name)
        ):
            self._rows = {}
            for index, record in enumerate(group):
                try:
                    self._take(record)
                except (struct.error, IndexError):
                    reading.miss(Reason.CORRUPT, name)
                if not index % 10_000:
                    reading.tick()
            if sheet:
                yield name, self._ordered()
        if self._beyond:
            reading.miss(Reason.CORRUPT, "cells beyond the last column")

    def _ordered(self) -> Iterator[tuple[int, list[Any]]]:
        for row in sorted(self._rows):
            values = self._rows[row]
            line: list[Any] = [None] * (max(values) + 1)
            for column, value in values.items():
                line[column] = value
            yield row, line

    def _put(self, row: int, column: int, value: Any) -> None:
        if column < _COLUMNS:
            self._rows.setdefault(row, {})[column] = value
        else:
            self._beyond = True

    def _take(self, record: Record) -> None:
        kind, data = record.kind, record.data
        if record.substream in (BOOK, BOOK4) or not record.sheet or kind in (*_STYLES, *_FORMATS, _FROM_1904):
            self._prepare(record)
        if kind & 0xFF == BOF or not record.sheet or record.substream == CHART:
            return
        old = self._book.version == 2
        if kind in _RESULTS:
            if self._awaited is not None:
                text = (self._book.short if old else self._book.long)(data, 0)[0]
                whole = int.from_bytes(data[:2], "little") if record.more else 0
                self._put(*self._awaited, text + went_on(record.more, whole - len(text)))
        elif kind == _MULTIPLE:
            row, column = struct.unpack_from("<HH", data)
            for index in range((len(data) - 6) // 6):
                style, packed = struct.unpack_from("<HI", data, 4 + 6 * index)
                self._put(row, column + index, self._shown(_unpacked(packed), style))
        elif kind in _FORMULAS:
            self._formula(data, old=old)
        elif kind in _SINGLES:
            self._single(kind, data, old=old)

    def _single(self, kind: int, data: bytes, *, old: bool) -> None:
        row, column, style = struct.unpack_from("<HHH", data)
        if kind == _RK:
            self._put(row, column, self._shown(_unpacked(struct.unpack_from("<I", data, 6)[0]), style))
        elif kind == _SHARED:
            index = struct.unpack_from("<I", data, 6)[0]
            if index < len(self._strings):
                self._put(row, column, self._strings[index])
        elif kind in _LABELS:
            one = kind == 0x04
            self._put(row, column, (self._book.short if one else self._book.long)(data, 7 if one else 6)[0])
        elif kind in _NUMBERS:
            self._number(row, column, struct.unpack_from("<d", data, 7 if kind == 0x03 else 6)[0], data, style)
        elif kind == _INTEGER and old:
            self._number(row, column, struct.unpack_from("<H", data, 7)[0], data, style)
        elif kind in _TRUTHS:
            value, error = data[7 if kind == 0x05 else 6 :][:2]
            self._put(row, column, _ERRORS.get(value, "") if error else bool(value))

    def _number(self, row: int, column: int, value: float, data: bytes, style: int) -> None:
        if self._book.version > 2:
            self._put(row, column, self._shown(value, style))
        else:
            self._put(row, column, self._dated(value, data[5] & 0x3F))

    def _formula(self, data: bytes, *, old: bool) -> None:
        """The result that Excel kept; a text stands in the record behind."""
        row, column, style = struct.unpack_from("<HHH", data)
        result = data[7 if old else 6 :][:8]
        self._awaited = None
        if result[6:] != b"\xff\xff":
            self._number(row, column, struct.unpack("<d", result)[0], data, style)
        elif result[0] == 0:
            self._awaited = (row, column)
        elif result[0] in (1, 2):
            self._put(row, column, bool(result[2]) if result[0] == 1 else _ERRORS.get(result[2], ""))

    def _prepare(self, record: Record) -> None:
        kind, data = record.kind, record.data
        if kind == _STRINGS:
            self._strings = shared([data, *record.more])
        elif kind == _FROM_1904 and len(data) >= 2:
            self._from_1904 = data[0] == 1
        elif kind in _STYLES and len(data) >= 4:
            self._styles.append(struct.unpack_from("<H", data, 2)[0] if kind == 0xE0 else data[1])
        elif kind in _FORMATS:
            numbered = self._book.version >= 5
            number = struct.unpack_from("<H", data)[0] if numbered else len(self._formats)
            if self._book.version == 8:
                self._formats[number] = self._book.long(data, 2)[0]
            else:
                self._formats[number] = self._book.short(data, 2 if kind == 0x41E else 0)[0]

    def _shown(self, value: float, style: int) -> Any:
        return self._dated(value, self._styles[style] if style < len(self._styles) else 0)

    def _dated(self, value: float, number: int) -> Any:
        """A number, or the day and time that its format shows."""
        form = self._formats.get(number)
        time = number in _TIMES if form is None else bool(re.search("[ymdhs]", _QUOTED.sub("", form), re.IGNORECASE))
        if not time or form == "General" or not 0 <= value < 2_958_466:  # the end of the year 9999
            return value
        start = datetime(1904, 1, 1) if self._from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - sheets have no zone
        moment = start + timedelta(seconds=round(value * 86_400))
        if value < 1:
            return moment.time()
        return moment.date() if value == int(value) else moment


def _unpacked(packed: int) -> float:
    """An RK number ([MS-XLS] 2.5.122): 30 bits of an integer or of a float, maybe of its hundredfold."""
    value: float
    if packed & 2:
        value = (packed >> 2) - ((packed & 0x80000000) >> 1)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return value / 100 if packed & 1 else value
