"""Pages, tables and rows of Access databases, Jet 3, Jet 4 and ACE, as the mdbtools project describes them.

https://github.com/mdbtools/mdbtools, HACKING: "MS Access (Jet) file format"
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

import msgspec

from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_DATA, _DEFINITION = 1, 2
_HEADER_KEY = bytes.fromhex("c7da396b")  # the same in every file: the head is veiled, not sealed
_BLOCK = 2**20
_MEMO_INLINE, _MEMO_SINGLE = 0x80000000, 0x40000000
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - dates in a database have no zone
BOOLEAN, MONEY, DATE, BINARY, TEXT, OBJECT, MEMO, GUID, NUMERIC = 1, 5, 8, 9, 10, 11, 12, 15, 16
_NUMBERS = {2: "<B", 3: "<h", 4: "<i", 6: "<f", 7: "<d", 0x12: "<i", 0x13: "<q"}


class Column(msgspec.Struct, frozen=True):
    """Where a column stands in a row."""

    name: str
    kind: int
    number: int  # of its bit in the mask of values that are there
    fixed: bool
    offset: int  # of fixed columns: bytes
    index: int  # of the others: among them
    size: int
    scale: int


class Table(msgspec.Struct, frozen=True):
    """A table's definition."""

    page: int
    columns: tuple[Column, ...]
    variable: bool  # whether any column is of variable length


class Database:
    """An open database, read page by page.

    Raises:
        NotReadError: sealed, or no database.
    """

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._file, self._reading = file, reading
        file.seek(0)
        head = file.read(4096)
        if len(head) < 2048:
            raise NotReadError(Reason.CORRUPT)
        self.modern = head[0x14] > 0  # Jet 4 and later
        self._size = 4096 if self.modern else 2048
        self._count = file.seek(0, 2) // self._size
        clear = rc4(_HEADER_KEY, head[0x18 : 0x18 + (128 if self.modern else 126)])
        self._key = int.from_bytes(clear[0x26:0x2A], "little")
        self._page_code = _CODE_PAGES.get(int.from_bytes(clear[0x24:0x26], "little"), "cp1252")
        if self.page(2)[:1] != bytes([_DEFINITION]):
            # a database of Access 2007 or later under a password says at 0x299 how its pages are sealed
            raise NotReadError(Reason.ENCRYPTED if self._key or any(head[0x299:0x29B]) else Reason.CORRUPT)
        self._owned: dict[int, list[int]] = {}  # definition to its pages of data
        self._survey()

    def page(self, number: int) -> bytes:
        """A page as it reads when the veil of an encoded database is off; empty when there is none."""
        if not 0 < number < self._count:
            return b""
        self._file.seek(number * self._size)
        data = self._file.read(self._size)
        return rc4((self._key ^ number).to_bytes(4, "little"), data) if self._key else data

    def _survey(self) -> None:
        """Which page of data belongs to which table."""
        step = _BLOCK // self._size
        for first in range(0, self._count, step):
            self._reading.tick()
            self._file.seek(first * self._size)
            block = self._file.read(_BLOCK)
            for number in range(first, min(first + step, self._count)):
                head = block[(number - first) * self._size :][:8]
                if self._key and number:
                    head = rc4((self._key ^ number).to_bytes(4, "little"), head)
                if head[:1] == bytes([_DATA]):
                    self._owned.setdefault(int.from_bytes(head[4:8], "little"), []).append(number)

    def table(self, number: int) -> Table:
        """The definition that begins on a page.

        Raises:
            ValueError: there is none.
            struct.error: damaged.
        """
        data = self.page(number)
        if data[:1] != bytes([_DEFINITION]):
            raise ValueError(f"page {number} defines no table")
        following, seen = int.from_bytes(data[4:8], "little"), {number}
        parts = [data]
        while following and following not in seen and len(seen) < 256:
            seen.add(following)
            data = self.page(following)
            parts.append(data[8:])
            following = int.from_bytes(data[4:8], "little")
        data = b"".join(parts)
        if self.modern:
            count, indexes, at, step, width = *struct.unpack_from("<HxxxxI", data, 45), 63, 12, 25
        else:
            count, indexes, at, step, width = *struct.unpack_from("<HxxxxI", data, 25), 43, 8, 18
        at += indexes * step
        names_at = at + count * width
        columns = []
        for index in range(count):
            name, names_at = self._name(data, names_at)
            columns.append(self._column(data[at + index * width :][:width], name))
        columns.sort(key=lambda column: column.number)
        return Table(number, tuple(columns), any(not column.fixed for column in columns))

    def _name(self, data: bytes, at: int) -> tuple[str, int]:
        if self.modern:
            end = at + 2 + struct.unpack_from("<H", data, at)[0]
            return data[at + 2 : end].decode("utf-16-le", "replace"), end
        end = at + 1 + data[at]
        return data[at + 1 : end].decode(self._page_code, "replace"), end

    def _column(self, raw: bytes, name: str) -> Column:
        if self.modern:
            kind, number, index, scale, flags, offset, size = struct.unpack("<B4xHH3xB2xB5xHH", raw)
        else:
            kind, number, index, scale, flags, offset, size = struct.unpack("<BHH5xB2xBHH", raw)
        return Column(name, kind, number, bool(flags & 1), offset, index, size, scale)

    def rows(self, table: Table, part: str) -> Iterator[list[Any]]:
        """The values of every row that is not deleted; a row that is damaged is noted under ``part``."""
        for number in self._owned.get(table.page, ()):
            self._reading.tick()
            page = self.page(number)
            for index in range(self._rows_on(page)):
                try:
                    row = self._row(page, index)
                    if row:
                        yield self._values(row, table)
                except (struct.error, IndexError, ValueError) as problem:
                    self._reading.fail(problem, part)

    def _rows_on(self, page: bytes) -> int:
        at = 12 if self.modern else 8
        return min(int.from_bytes(page[at : at + 2], "little"), (self._size - at - 2) // 2)

    def _row(self, page: bytes, index: int, *, pointed: bool = False) -> bytes:
        """One row; empty when it is deleted, or stands elsewhere and nothing is there."""
        at = 14 if self.modern else 10
        start = struct.unpack_from("<H", page, at + 2 * index)[0]
        end = struct.unpack_from("<H", page, at + 2 * index - 2)[0] & 0x1FFF if index else self._size
        if start & 0x8000 and not pointed:
            return b""
        row = page[start & 0x1FFF : end or self._size]
        if start & 0x4000 and not pointed:
            return self._pointed(int.from_bytes(row[:4], "little"))
        return row

    def _pointed(self, pointer: int) -> bytes:
        page, index = self.page(pointer >> 8), pointer & 0xFF
        return self._row(page, index, pointed=True) if index < self._rows_on(page) else b""

    def _values(self, row: bytes, table: Table) -> list[Any]:
        width = 2 if self.modern else 1
        count = int.from_bytes(row[:width], "little")
        mask = row[len(row) - (count + 7) // 8 :]
        ends = self._ends(row, len(mask)) if table.variable else []
        values: list[Any] = []
        for column in table.columns:
            there = column.number < count and mask[column.number // 8] >> column.number % 8 & 1
            if column.kind == BOOLEAN:
                values.append(bool(there))
            elif not there:
                values.append(None)
            elif column.fixed:
                at = width + column.offset
                values.append(self._value(row[at : at + column.size], column))
            elif column.index + 1 < len(ends):
                values.append(self._value(row[ends[column.index] : ends[column.index + 1]], column))
            else:
                values.append(None)
        return values

    def _ends(self, row: bytes, mask: int) -> list[int]:
        """Where the values of variable length begin, and where the last one ends."""
        if self.modern:
            count = struct.unpack_from("<H", row, len(row) - mask - 2)[0]
            at = len(row) - mask - 4 - 2 * count
            if at < 0:
                raise ValueError("a row without its table of values")
            return list(struct.unpack_from(f"<{count + 1}H", row, at))[::-1]
        last = len(row) - mask - 1
        count, jumps = row[last], (len(row) - 1) // 256
        if (last - jumps - count) // 256 < jumps:
            jumps -= 1
        first = last - jumps - 1
        if first < count:
            raise ValueError("a row without its table of values")
        used, ends = 0, []
        for index in range(count + 1):
            while used < jumps and index == row[last - 1 - used]:
                used += 1
            ends.append(row[first - index] + 256 * used)
        return ends

    def _value(self, raw: bytes, column: Column) -> Any:  # noqa: PLR0911 - one answer a kind
        kind = column.kind
        if kind in _NUMBERS:
            size = struct.calcsize(_NUMBERS[kind])
            return struct.unpack(_NUMBERS[kind], raw[:size])[0] if len(raw) >= size else None
        if kind == TEXT:
            return self.text(raw)
        if kind in (MEMO, OBJECT):
            data = self._long(raw)
            return self.text(data) if kind == MEMO else data
        if kind == MONEY:
            return f"{int.from_bytes(raw, 'little', signed=True) / 10_000:.4f}"
        if kind == DATE:
            days = struct.unpack("<d", raw)[0]
            return str(_EPOCH + timedelta(days)).removesuffix(" 00:00:00") if -657_434 < days < 2_958_466 else None
        if kind == GUID:
            return str(UUID(bytes_le=raw)) if len(raw) == 16 else None
        if kind == NUMERIC and len(raw) == 17:
            whole = b"".join(raw[at : at + 4][::-1] for at in range(1, 17, 4))
            return _decimal(int.from_bytes(whole), column.scale, negative=raw[0] & 0x80 != 0)
        return raw

    def text(self, raw: bytes) -> str:
        """Text as Jet stores it: in the code page, or in UTF-16 whose Latin letters may be packed."""
        if not self.modern:
            return raw.decode(self._page_code, "replace").replace("\0", "")
        if not raw.startswith(b"\xff\xfe"):
            return raw.decode("utf-16-le", "replace").replace("\0", "")
        parts = []
        packed, at = True, 2
        while at < len(raw):
            end = raw.find(b"\0", at)
            if not packed:  # a NUL in a wide character is at an odd place
                while end >= 0 and (end - at) % 2:
                    end = raw.find(b"\0", end + 1)
            end = len(raw) if end < 0 else end
            parts.append(raw[at:end].decode("latin-1" if packed else "utf-16-le", "replace"))
            packed, at = not packed, end + 1
        return "".join(parts)

    def _long(self, raw: bytes) -> bytes:
        """A memo or an object: in the row, in one row elsewhere, or in a chain of them."""
        if len(raw) < 12:
            return b""
        size, pointer = struct.unpack_from("<II", raw)
        length = size & 0x3FFFFFFF
        if size & _MEMO_INLINE:
            return raw[12 : 12 + length]
        if size & _MEMO_SINGLE:
            return self._pointed(pointer)[:length]
        if length > self._reading.limits.max_part:
            self._reading.miss(Reason.TOO_LARGE, "long value")
            return b""
        parts, left = [], length
        while pointer and left > 0:
            row = self._pointed(pointer)
            if len(row) <= 4:
                break
            parts.append(row[4 : 4 + left])
            left -= len(parts[-1])
            pointer = int.from_bytes(row[:4], "little")
        self._reading.unpack(length - left, "long value")
        if left > 0:
            self._reading.miss(Reason.CORRUPT, "long value")
        return b"".join(parts)


def _decimal(value: int, scale: int, *, negative: bool) -> str:
    digits = str(value).rjust(scale + 1, "0")
    text = f"{digits[: len(digits) - scale]}.{digits[len(digits) - scale :]}" if scale else digits
    return f"-{text}" if negative else text


_CODE_PAGES = {
    874: "cp874",
    932: "cp932",
    936: "gb18030",
    949: "cp949",
    950: "big5",
    **{number: f"cp{number}" for number in range(1250, 1259)},
}


def rc4(key: bytes, data: bytes) -> bytes:
    """RC4, with which Jet veils its pages; the key stands in the file."""
    state = list(range(256))
    other = 0
    for index in range(256):
        other = (other + state[index] + key[index % len(key)]) & 0xFF
        state[index], state[other] = state[other], state[index]
    out = bytearray(data)
    first = second = 0
    for index, byte in enumerate(data):
        first = (first + 1) & 0xFF
        one = state[first]
        second = (second + one) & 0xFF
        two = state[second]
        state[first], state[second] = two, one
        out[index] = byte ^ state[(one + two) & 0xFF]
    return bytes(out)
