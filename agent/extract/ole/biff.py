"""The records of Excel 2 to 2003 workbooks: their order, their strings ([MS-XLS] 2.1.4, 2.5.294).

Before Excel 97: OpenOffice.org's Documentation of the Microsoft Excel File Format, 2.5 and 4.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left, insort
from collections.abc import Iterator

import msgspec

from agent.extract.ole import codepage

BOF, EOF, CONTINUE, FILEPASS = 0x09, 0x0A, 0x3C, 0x2F
_BOUNDSHEET, _BUNDLE, _CODEPAGE = 0x85, 0x8F, 0x42  # the second names the sheets of Excel 4 workbooks
_ABOUT = (FILEPASS, _BOUNDSHEET, _BUNDLE, _CODEPAGE)
BOOK, CHART, BOOK4, GRAPH = 0x05, 0x20, 0x100, 0x8000  # what a substream is
_BEGINNINGS = {0x0009: 2, 0x0209: 3, 0x0409: 4, 0x0809: 5}
_CELLS = {0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E}
_PLACE = struct.Struct("<HH").unpack_from
_EXCEL_97 = 0x0600
_PADDING = re.compile(rb"\0*")
_CONTINUED = CONTINUE.to_bytes(2, "little")
_NEST = 32  # charts stand in sheets, nothing in charts


class Record(msgspec.Struct):
    """A record and where it stands."""

    kind: int
    data: bytes
    more: list[bytes] = []  # the records that it goes on in
    substream: int = 0  # what kind of part of the workbook it stands in
    sheet: int = 0  # counted from one; 0 in the workbook's own part
    name: str = ""  # of the sheet


class Book:
    """A workbook stream, record by record.

    A sheet is known by where the workbook says it begins, or else is the next part of the stream.
    """

    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self.version = _version(stream)
        self.page = 1252 if self.version < 8 else 1200
        self.sealed = False
        self.names: dict[int, str] = {}  # of sheets, by the place of their first record
        self.cut = False  # within a part
        self.area = 0  # cells that the sheets span, once all records were read
        self._order: list[int] = []
        self._named = ""

    def records(self, *, cells: bool = True) -> Iterator[Record]:  # noqa: C901 - one loop, for its speed
        """All records of all parts; those of a sealed workbook end where the seal begins.

        Without ``cells`` those of cells only count for the area of the sheets.
        """
        rows = columns = 0
        nest: list[int] = []
        sheet, name, at = 0, "", 0
        stream, size = self._stream, len(self._stream)
        while at + 4 <= size:
            kind, length = struct.unpack_from("<HH", stream, at)
            if not kind and not length:
                match = _PADDING.match(stream, at)
                at = match.end() if match else size
                continue
            if not cells and kind in _CELLS and len(nest) == 1 and length >= 4:
                row, column = _PLACE(stream, at + 4) if at + 8 <= size else (0, 0)
                if row >= rows:
                    rows = row + 1
                if column >= columns:
                    columns = column + 1
                at += 4 + length
                continue
            data, start = stream[at + 4 : at + 4 + length], at
            more, at = self._more(at + 4 + length)
            if kind in _BEGINNINGS and len(data) >= 4 and len(nest) < _NEST:
                what = struct.unpack_from("<H", data, 2)[0]
                if not nest and what not in (BOOK, BOOK4):
                    sheet += 1
                    name, self._named = self.names.get(start, self._named) or f"Sheet{sheet}", ""
                nest.append(what)
            elif kind in _ABOUT:
                self._note(kind, data)
                if self.sealed:
                    return
            yield Record(kind, data, more, nest[-1] if nest else 0, sheet, name)
            if kind == EOF and nest:
                nest.pop()
                if not nest:
                    self.area, rows, columns = self.area + rows * columns, 0, 0
                following = bisect_left(self._order, at)
                if not nest and following < len(self._order):
                    at = self._order[following]
        self.area += rows * columns
        self.cut = bool(nest)

    def _more(self, at: int) -> tuple[list[bytes], int]:
        """The records that the one before ``at`` goes on in, and where they end."""
        found: list[bytes] = []
        stream = self._stream
        while stream[at : at + 2] == _CONTINUED and at + 4 <= len(stream):
            length = stream[at + 2] | stream[at + 3] << 8
            found.append(stream[at + 4 : at + 4 + length])
            at += 4 + length
        return found, at

    def _note(self, kind: int, data: bytes) -> None:
        """What later records depend on."""
        if kind == FILEPASS:
            self.sealed = True
        elif kind == _BOUNDSHEET and len(data) > 7:
            place = struct.unpack_from("<I", data)[0]
            self.names[place] = self.short(data, 6)[0]
            insort(self._order, place)
        elif kind == _BUNDLE and self.version == 4:
            self._named = self.short(data, 4)[0]
        elif kind == _CODEPAGE and self.version < 8 and len(data) >= 2:
            self.page = struct.unpack_from("<H", data)[0]

    def short(self, data: bytes, at: int) -> tuple[str, int]:
        """A string behind the 8-bit number of its characters, and where it ends."""
        return self.characters(data, at + 1, data[at]) if at < len(data) else ("", at)

    def long(self, data: bytes, at: int) -> tuple[str, int]:
        """A string behind the 16-bit number of its characters, and where it ends."""
        if at + 2 > len(data):
            return "", len(data)
        return self.characters(data, at + 2, struct.unpack_from("<H", data, at)[0])

    def characters(self, data: bytes, at: int, count: int) -> tuple[str, int]:
        """``count`` characters: with a flag of width since Excel 97, bytes of the code page before."""
        if self.version < 8:
            return codepage.text(data[at : at + count], self.page), at + count
        if at >= len(data):
            return "", at
        flags = data[at]
        at += 1
        runs = struct.unpack_from("<H", data, at)[0] if flags & 8 and at + 2 <= len(data) else 0
        at += 2 if flags & 8 else 0
        extra = struct.unpack_from("<I", data, at)[0] if flags & 4 and at + 4 <= len(data) else 0
        at += 4 if flags & 4 else 0
        width = 1 + (flags & 1)
        text = wide(data[at : at + count * width], flags)
        return text, at + count * width + 4 * runs + extra


def wide(data: bytes, flags: int) -> str:
    """Characters of Excel 97: two bytes each, or one where the flag says that the high byte is always 0."""
    return data.decode("utf-16-le" if flags & 1 else "latin-1", "replace")


def _version(stream: bytes) -> int:
    if len(stream) < 6:
        return 8
    kind, _, version = struct.unpack_from("<HHH", stream)
    found = _BEGINNINGS.get(kind, 8)
    return 8 if found == 5 and version >= _EXCEL_97 else found


def went_on(parts: list[bytes], length: int) -> str:
    """Text of ``length`` characters in the records that another goes on in, each with its own flag of width."""
    pieces, left = [], length
    for part in parts:
        if left <= 0:
            break
        piece = wide(part[1:], part[0] if part else 0)[:left]
        pieces.append(piece)
        left -= len(piece)
    return "".join(pieces)


def shared(parts: list[bytes]) -> list[str]:
    """The shared strings ([MS-XLS] 2.4.265): a string goes on in the next record behind a new flag of width."""
    found: list[str] = []
    part, at = 0, 8
    try:
        while part < len(parts):
            if at >= len(parts[part]):
                part, at = part + 1, 0
                continue
            length, flags = struct.unpack_from("<HB", parts[part], at)
            at += 3
            runs = struct.unpack_from("<H", parts[part], at)[0] if flags & 8 else 0
            at += 2 if flags & 8 else 0
            extra = struct.unpack_from("<I", parts[part], at)[0] if flags & 4 else 0
            at += 4 if flags & 4 else 0
            text, left = "", length
            while True:
                taken = parts[part][at : at + left * (1 + (flags & 1))]
                text += wide(taken, flags)
                left -= len(taken) // (1 + (flags & 1))
                at += len(taken)
                if left <= 0 or part + 1 >= len(parts):
                    break
                part, flags, at = part + 1, parts[part + 1][0], 1
            found.append(text)
            at += 4 * runs + extra
            while part + 1 < len(parts) and at > len(parts[part]):
                at -= len(parts[part])
                part += 1
    except (struct.error, IndexError):
        return found
    return found
