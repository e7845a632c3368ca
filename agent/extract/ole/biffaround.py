"""What stands around the cells of a workbook: headers, comments, text boxes, charts, prompts, names, pictures.

[MS-XLS] 2.4; for workbooks before Excel 97 OpenOffice.org's Documentation of the Microsoft Excel File Format, 5.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import msgspec

from agent.extract.ole import officeart
from agent.extract.ole.biff import CHART, Book, Record, went_on
from agent.extract.ooxml.excel import printed
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone, column_name

_HEADER, _FOOTER, _MORE_PRINT = 0x14, 0x15, 0x89C
_OBJECT, _TEXT, _NOTE, _TITLE, _LABELS = 0x5D, 0x1B6, 0x1C, 0x100D, (0x04, 0x204)
_NAME, _VALID, _LINK, _TIP, _COPY = (0x18, 0x218), 0x1BE, 0x1B8, 0x800, 0xCD
_DRAWING, _GALLERY, _HEADER_ART = 0xEC, 0xEB, 0x866
_WORDED = (6, 7)  # kinds of objects: text box, button
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f]")
_MOST_NOTE = 2**16  # characters
_CONSTANT = 0x17  # a text within a formula: 2.5.198.89


class _Sheet(msgspec.Struct):
    """What one sheet says beside its cells."""

    number: int
    name: str
    boxes: dict[int, list[str]] = {}  # by the number of the drawn object
    notes: list[tuple[int, int, int, str]] = []  # row, column, object, text
    chart: list[str] = []
    drawing: list[bytes] = []
    last: int = 0


class Around:
    """The walk over all records of a workbook."""

    def __init__(self, stream: bytes, reading: Reading) -> None:
        self.book = Book(stream)
        self._reading = reading
        self._sheet = _Sheet(0, "")
        self._gallery: list[bytes] = []
        self._copied: list[str] = []

    def segments(self) -> Iterator[Segment]:
        for index, record in enumerate(self.book.records(cells=False)):
            if not index % 10_000:
                self._reading.tick()
            if record.sheet != self._sheet.number:
                yield from self._said()
                self._sheet = _Sheet(record.sheet, record.name)
            try:
                yield from self._take(record)
            except (struct.error, IndexError, ValueError) as problem:
                self._reading.fail(problem, f"record {record.kind:04x}")
        yield from self._said()
        yield from officeart.pictures(b"".join(self._gallery), self._reading, "picture")
        if self.book.sealed:
            self._reading.miss(Reason.ENCRYPTED, "records behind a seal")
        if self.book.cut:
            self._reading.miss(Reason.CORRUPT, "the last records")
        if self._copied:
            yield Segment("\n".join(dict.fromkeys(self._copied)), "property:pivot table", Zone.PROPERTY, lines=False)

    def _place(self, word: str) -> str:
        return f"sheet {self._sheet.number} {word}" if self._sheet.number else word

    def _said(self) -> Iterator[Segment]:
        sheet = self._sheet
        noted = {number for _, _, number, text in sheet.notes if not text}
        for row, column, number, text in sheet.notes:
            if text := text or "\n".join(sheet.boxes.get(number, ())):
                yield Segment(text, f"{sheet.name}!{column_name(column)}{row + 1}", Zone.NOTE, lines=False)
        if text := "\n".join(line for number, lines in sheet.boxes.items() if number not in noted for line in lines):
            yield Segment(text, self._place("text box"), Zone.TEXTBOX)
        if sheet.chart:
            yield Segment("\n".join(dict.fromkeys(sheet.chart)), self._place("chart"), Zone.TEXTBOX)
        yield from officeart.drawn(b"".join(sheet.drawing))

    def _take(self, record: Record) -> Iterator[Segment]:  # noqa: C901, PLR0912 - one line a kind of record
        kind, data, sheet = record.kind, record.data, self._sheet
        if kind in (_HEADER, _FOOTER):
            yield from self._print(self._string(data), Zone.HEADER if kind == _HEADER else Zone.FOOTER)
        elif kind == _MORE_PRINT:
            yield from self._more_print(data)
        elif kind == _OBJECT:
            if len(data) >= 8:
                sheet.last = struct.unpack_from("<H", data, 6)[0]
            if self.book.version < 8:
                self._old_object(data)
        elif kind == _TEXT and len(data) >= 12:
            text = went_on(record.more, struct.unpack_from("<H", data, 10)[0])
            if lines := [line for line in text.replace("\r", "\n").split("\n") if line.strip()]:
                sheet.boxes.setdefault(sheet.last, []).extend(lines)
        elif kind == _NOTE:
            self._note(data)
        elif kind == _TITLE and len(data) > 3:  # of a chart, an axis, a series
            sheet.chart.append(self.book.short(data, 2)[0])
        elif kind in _LABELS and record.substream == CHART:
            sheet.chart.append(self.book.long(data, 6)[0])
        elif kind in _NAME:
            yield from self._name(kind, data)
        elif kind == _VALID:
            yield from self._valid(data)
        elif kind in (_LINK, _TIP):
            yield from self._link(kind, data)
        elif kind == _COPY:
            self._copied.append(self.book.long(data, 0)[0])
        elif kind == _DRAWING:
            sheet.drawing += [data, *record.more]
        elif kind == _GALLERY:
            self._gallery += [data, *record.more]
        elif kind == _HEADER_ART:
            (sheet.drawing if sheet.number else self._gallery).append(data[14:])

    def _string(self, data: bytes) -> str:
        """A header or footer; its length has 16 bits in Excel 97, 8 before."""
        return (self.book.long if self.book.version == 8 else self.book.short)(data, 0)[0] if data else ""

    def _print(self, code: str, zone: Zone) -> Iterator[Segment]:
        if text := "\n".join(part for part in printed(code) if part):
            yield Segment(text, self._place(zone.value), zone)

    def _more_print(self, data: bytes) -> Iterator[Segment]:
        """Those of even pages and of the first page (2.4.136)."""
        if len(data) < 38:
            return
        at = 38
        for count, zone in zip(
            struct.unpack_from("<4H", data, 30), (Zone.HEADER, Zone.FOOTER, Zone.HEADER, Zone.FOOTER), strict=True
        ):
            if count:
                code, at = self.book.long(data, at)
                yield from self._print(code, zone)

    def _note(self, data: bytes) -> None:
        """A comment; before Excel 97 it holds its text, long ones in several records whose row is 0xFFFF."""
        row, column, length = struct.unpack_from("<HHH", data)
        notes = self._sheet.notes
        if self.book.version == 8:
            notes.append((row, column, struct.unpack_from("<H", data, 6)[0], ""))
            return
        text = self.book.characters(data, 6, min(length, len(data) - 6))[0]
        if row == 0xFFFF and notes and len(notes[-1][3]) < _MOST_NOTE:
            row, column, _, before = notes.pop()
            text = before + text
        notes.append((row, column, -1 - len(notes), text))

    def _old_object(self, data: bytes) -> None:
        """Text boxes and buttons of Excel 5 and 95 keep their words in the record of the object, behind its name."""
        if len(data) < 70 or self.book.version != 5:
            return
        macro, named = struct.unpack_from("<H2xH", data, 26)
        length = struct.unpack_from("<H", data, 44)[0]
        at = 70
        if named and at < len(data):
            at += (data[at] + 2) // 2 * 2
        at += (macro + 1) // 2 * 2
        text = self.book.characters(data, at, length)[0].replace("\r", "\n")
        if data[4] in _WORDED and 0 < length <= len(data) - at and not _CONTROLS.search(text):
            lines = [line for line in text.split("\n") if line.strip()]
            self._sheet.boxes.setdefault(self._sheet.last, []).extend(lines)

    def _name(self, kind: int, data: bytes) -> Iterator[Segment]:
        """A defined name that stands for a text, and what the writer said of it (2.4.150)."""
        if self.book.version < 5 or len(data) < 15 or kind != _NAME[0]:
            return
        letters, size = data[3], struct.unpack_from("<H", data, 4)[0]
        name, at = self.book.characters(data, 14, letters)
        formula = data[at : at + size]
        said = [self.book.short(formula, 1)[0]] if formula[:1] == bytes([_CONSTANT]) else []
        at += size
        for count in data[10:14]:
            if count:
                text, at = self.book.characters(data, at, count)
                said.append(text)
        if text := "\n".join(piece for piece in said if piece.strip()):
            yield Segment(text, f"property:{name}", Zone.PROPERTY, lines=False)

    def _valid(self, data: bytes) -> Iterator[Segment]:
        """The prompts of a validated cell and the choices it offers (2.4.93)."""
        at, said = 4, []
        for _ in range(4):
            text, at = self.book.long(data, at)
            said.append(text.strip("\0"))
        size = struct.unpack_from("<H", data, at)[0]
        formula = data[at + 4 : at + 4 + size]
        if formula[:1] == bytes([_CONSTANT]):
            said.append(self.book.short(formula, 1)[0].replace("\0", "\n"))
        at += 4 + size
        at += 4 + struct.unpack_from("<H", data, at)[0]
        row, column = struct.unpack_from("<H2xH", data, at + 2) if len(data) >= at + 10 else (0, 0)
        if text := "\n".join(piece for piece in said if piece.strip()):
            yield Segment(text, f"{self._sheet.name}!{column_name(column)}{row + 1}", Zone.NOTE, lines=False)

    def _link(self, kind: int, data: bytes) -> Iterator[Segment]:
        """The tip of a link, or its place within the workbook ([MS-XLS] 2.4.140, [MS-OSHARED] 2.3.7.1)."""
        said = []
        if kind == _TIP:
            row, column = struct.unpack_from("<H2xH", data, 2)
            said.append(data[10:].decode("utf-16-le", "replace").split("\0")[0])
        else:
            row, column = struct.unpack_from("<H2xH", data)
            flags, at = struct.unpack_from("<I", data, 28)[0], 32
            for skipped in (0x10, 0x80):  # the label, which is what the cell says, and the frame
                at += 4 + 2 * struct.unpack_from("<I", data, at)[0] if flags & skipped else 0
            if flags & 0x08 and not flags & 0x01:
                count = struct.unpack_from("<I", data, at)[0]
                said.append(data[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace").strip("\0"))
        if text := " ".join(piece for piece in said if piece):
            yield Segment(text, f"{self._sheet.name}!{column_name(column)}{row + 1}", Zone.NOTE, lines=False)
