"""Sheets and databases of Lotus 1-2-3 to 2.x, Works, and Quattro Pro for DOS: a row of records (WK1 format, 1984).

A record is a 16-bit kind, a 16-bit size and its content. A cell has a format byte, column and row; in Works for
Windows column and row come first and the format has two bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.encoding import decide, decode
from agent.extract.ooxml.cells import rows as workbook_rows
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

MAGIC = (
    *(b"\0\0\2\0" + version for version in (b"\4\4", b"\5\4", b"\6\4", b"\x20\x51", b"\x21\x51")),
    b"\xff\0\2\0",
    b"\x20\x54\2\0\0\0",
    b"\xff\x54\2\0\0\0",
)
_END, _INTEGER, _NUMBER, _LABEL, _FORMULA, _FOOTER, _HEADER, _RESULT, _SEALED = (
    1,
    13,
    14,
    15,
    16,
    0x25,
    0x26,
    0x33,
    0x4B,
)
_CELLS = {_INTEGER: "<h", _NUMBER: "<d", _FORMULA: "<d"}
_LOTUS_2 = b"\6\4"  # the version that can have a password
_COLUMNS = 256  # of a sheet
_KEPT = 200_000  # cells
_OFTEN = 1000  # records between two looks at the clock


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The rows of the sheet, cells parted by tabs, then header and footer.

    Raises:
        NotReadError: larger than may be held.
    """
    yield from sheet(reading.hold(file), reading)


def sheet(data: bytes, reading: Reading) -> Iterator[Segment]:
    """The same, from a stream of an OLE file."""
    windows = data[:1] == b"\xff"
    rows: dict[int, dict[int, str]] = {}
    around: list[Segment] = []
    at, number, known, ended = 0, 0, 0, False
    while at + 4 <= len(data) and not ended:
        kind, size = struct.unpack_from("<HH", data, at)
        content = data[at + 4 : at + 4 + size]
        at, number, ended = at + 4 + size, number + 1, kind == _END
        if not number % _OFTEN:
            reading.tick()
        if kind == _SEALED and size == 2 and data[4:6] == _LOTUS_2:
            reading.miss(Reason.ENCRYPTED)
            return
        if kind in (_LABEL, _RESULT, *_CELLS) and len(content) > 5:
            column, row = struct.unpack_from("<HH", content, 0 if windows else 1)
            if column >= _COLUMNS:
                reading.miss(Reason.CORRUPT, "cell")
            elif text := _value(kind, content[6 if windows else 5 :]):
                rows.setdefault(row, {})[column] = text
                known += 1
                if known > _KEPT:  # rows as they came, when there are too many to wait for their order
                    yield from workbook_rows("Sheet1", _filled(rows), reading)
                    rows, known = {}, 0
        elif kind in (_HEADER, _FOOTER) and (text := _said(content)):
            zone = Zone.HEADER if kind == _HEADER else Zone.FOOTER
            around.append(Segment(text, zone.value, zone))
    if not ended:
        reading.miss(Reason.CORRUPT)
    yield from workbook_rows("Sheet1", _filled(rows), reading)
    yield from around


def _value(kind: int, content: bytes) -> str:
    if kind in (_LABEL, _RESULT):
        return _said(content.lstrip(b"'\"^\\|") if kind == _LABEL else content)
    shape = _CELLS[kind]
    return f"{struct.unpack_from(shape, content)[0]:.15g}" if len(content) >= struct.calcsize(shape) else ""


def _said(raw: bytes) -> str:
    raw = raw.split(b"\0")[0]
    return " ".join(decode(raw, decide(raw)[0]).split()) if raw else ""


def _filled(rows: dict[int, dict[int, str]]) -> Iterator[tuple[int, list[str]]]:
    for row, cells in sorted(rows.items()):
        yield row, [cells.get(column, "") for column in range(max(cells) + 1)]
