"""The records of an Excel 97 workbook that stand around its cells ([MS-XLS] 2.4)."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator

import msgspec

from agent.extract.encoding import decide, decode
from agent.extract.ooxml.excel import printed
from config.verdict import Segment, Zone

_HEADER, _FOOTER, _TEXT, _CONTINUE, _SEALED, _STRINGS, _SHEET, _TITLE = (
    0x14,
    0x15,
    0x1B6,
    0x3C,
    0x2F,
    0xFC,
    0x809,
    0x100D,
)

_FOLLOWING = 10_000  # records that one may go on in


class Around(msgspec.Struct):
    """What the records say."""

    sealed: bool = False
    prints: list[tuple[int, Zone, str]] = []  # sheet, counted from one; header or footer; text
    boxes: list[str] = []
    strings: list[str] = []

    def segments(self, *, strings: bool) -> Iterator[Segment]:
        """Headers, footers, text boxes and comments; the shared strings too where the cells could not be read."""
        for sheet, zone, text in self.prints:
            yield Segment(text, f"sheet {sheet} {zone.value}" if sheet > 0 else zone.value, zone)
        if self.boxes:
            yield Segment("\n".join(self.boxes), "text box", Zone.TEXTBOX)
        if strings and self.strings:
            yield Segment("\n".join(self.strings), "body", Zone.CELL, lines=False)


def around(stream: bytes) -> Around:
    """Walk the records of a workbook stream; damage ends the walk."""
    found = Around()
    sheet = -1  # the first substream is the workbook's own
    records = list(_records(stream))
    for index, (kind, data) in enumerate(records):
        if kind == _SEALED:
            found.sealed = True
            break
        if kind == _SHEET:
            sheet += 1
        elif kind in (_HEADER, _FOOTER) and data:
            text = "\n".join(part for part in printed(_string(data)) if part)
            found.prints += [(sheet, Zone.HEADER if kind == _HEADER else Zone.FOOTER, text)] if text else []
        elif kind in (_TEXT, _TITLE, _STRINGS):
            _take(found, kind, data, records[index + 1 :][:_FOLLOWING])
    return found


def _take(found: Around, kind: int, data: bytes, following: list[tuple[int, bytes]]) -> None:
    """Records that go on in those behind them."""
    if kind == _TEXT and len(data) >= 12:
        text = _continued(following, struct.unpack_from("<H", data, 10)[0])
        if text.strip():
            found.boxes.append(text.replace("\r", "\n").strip())
    elif kind == _TITLE and len(data) > 4:  # of a chart, an axis, a series
        found.boxes.append(data[4:].decode("utf-16-le" if data[3] & 1 else "latin-1", "replace"))
    elif kind == _STRINGS:
        more = itertools.takewhile(lambda record: record[0] == _CONTINUE, following)
        found.strings = _shared([data, *(part for _, part in more)])


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _string(data: bytes) -> str:
    """A header or footer: with a 16-bit length and a flag in Excel 97, with an 8-bit length before."""
    if len(data) >= 3:
        length, flags = struct.unpack_from("<HB", data, 0)
        wide = flags & 1
        if len(data) == 3 + length * (1 + wide):
            return data[3:].decode("utf-16-le" if wide else "latin-1", "replace")
    raw = data[1 : 1 + data[0]]
    return decode(raw, decide(raw)[0])


def _continued(records: list[tuple[int, bytes]], length: int) -> str:
    """Text of ``length`` characters in the CONTINUE records that follow, each with its own flag of width."""
    text = ""
    for kind, data in records:
        if kind != _CONTINUE or not data or len(text) >= length:
            break
        text += data[1:].decode("utf-16-le" if data[0] & 1 else "latin-1", "replace")
    return text[:length]


def _shared(parts: list[bytes]) -> list[str]:
    """The shared strings (2.4.265): a string goes on in the next record behind a new flag of width."""
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
            text, wide = "", flags & 1
            while True:
                taken = parts[part][at : at + (length - len(text)) * (1 + wide)]
                text += taken.decode("utf-16-le" if wide else "latin-1", "replace")
                at += len(taken)
                if len(text) >= length or part + 1 >= len(parts):
                    break
                part, wide, at = part + 1, parts[part + 1][0] & 1, 1
            found.append(text)
            at += 4 * runs + extra
            while part + 1 < len(parts) and at > len(parts[part]):
                at -= len(parts[part])
                part += 1
    except (struct.error, IndexError):
        return found
    return found
