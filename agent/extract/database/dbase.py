"""dBase, FoxPro and Visual FoxPro tables: every record, those marked as deleted included.

dBase 7 file structure (dbase.com) and "Table File Structure" of Visual FoxPro. Memos stand in a file of their own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date, timedelta
from typing import BinaryIO

from agent.extract.database import fields
from agent.extract.database.table import table
from agent.extract.encoding import SAMPLE, decide
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_HEAD = 2**17
_BLOCK = 2**20
# Language drivers that say something; the others stand in tables of every language.
_LANGUAGES = {
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x4D, 0x7A), "gb18030"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x4F, 0x78), "big5"),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64, 0x87), "cp852"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    **dict.fromkeys((0x50, 0x7C), "cp874"),
    0xC8: "cp1250",
    0xC9: "cp1251",
    0xCA: "cp1254",
    0xCB: "cp1253",
    0xCC: "cp1257",
    0x7D: "cp1255",
    0x7E: "cp1256",
}
_DAY_ONE = 1_721_425  # the Julian day of 1 January of the year 1
_MEMOS = "MGPWX0"  # numbers of blocks in another file, and flags


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """One table.

    Raises:
        NotReadError: damaged.
    """
    found = fields.head(file.read(_HEAD))
    if found is None:
        raise NotReadError(Reason.CORRUPT)
    end = file.seek(0, 2)
    if (end - found.start) // found.width < found.records:
        reading.miss(Reason.CORRUPT, "records")
    file.seek(found.start)
    encoding = _LANGUAGES.get(found.language) or _guess(file.read(_BLOCK), found)
    columns = [column for column in found.columns if column.kind not in _MEMOS]
    file.seek(found.start)
    names = [column.name.decode(encoding, "replace") for column in columns]
    rows = ([_value(row, column, found.version, encoding) for column in columns] for row in _records(file, found))
    yield from table("table", names, rows, reading)


def _records(file: BinaryIO, found: fields.Head) -> Iterator[bytes]:
    """Records to the end of the file: those behind the count that the head gives were written all the same."""
    size = max(1, _BLOCK // found.width) * found.width
    while block := file.read(size):
        for at in range(0, len(block) - found.width + 1, found.width):
            if block[at] == 0x1A:  # the end
                return
            yield block[at : at + found.width]


def _guess(data: bytes, found: fields.Head) -> str:
    texts = [column for column in found.columns if column.kind in "CV"]
    sample = b"\n".join(column.name for column in found.columns) + b"\n"
    for at in range(0, len(data), found.width):
        sample += b"\n".join(
            part for column in texts if (part := data[at + column.start : at + column.start + column.width].strip())
        )
        if len(sample) > SAMPLE:
            break
    return decide(sample[:SAMPLE])[0]


def _value(row: bytes, column: fields.Column, version: int, encoding: str) -> str:
    raw = row[column.start : column.start + column.width]
    if column.kind in "I+" and len(raw) == 4:
        # dBase 7 stores integers with the high byte first and the sign turned round
        return str(int.from_bytes(raw) - 2**31 if version & 7 == 4 else int.from_bytes(raw, "little", signed=True))
    if column.kind == "Y" and len(raw) == 8:
        return f"{int.from_bytes(raw, 'little', signed=True) / 10_000:.4f}"
    if column.kind == "B" and len(raw) == 8:
        return repr(struct.unpack("<d", raw)[0])
    if column.kind == "T" and len(raw) == 8:
        return _moment(raw)
    if column.kind in "@OB":
        return ""
    return raw.decode(encoding, "replace").replace("\0", " ").strip()


def _moment(raw: bytes) -> str:
    day, milliseconds = struct.unpack("<II", raw)
    if not _DAY_ONE <= day < _DAY_ONE + date.max.toordinal():
        return ""
    found = date.fromordinal(day - _DAY_ONE + 1)
    return f"{found} {timedelta(milliseconds=milliseconds % 86_400_000)}".removesuffix(" 0:00:00")
