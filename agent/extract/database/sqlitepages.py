"""Rows on the pages of a SQLite database without asking SQLite: large or damaged databases, logs, freed pages.

https://sqlite.org/fileformat2.html, 1.6 (pages), 2.1 (records), 4.1 (write-ahead log)
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from agent.extract.database.table import SHORT
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_LEAF = 0x0D  # of a table
_AT_ONCE = 2**16  # characters
_WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # bytes of the serial types below 10
_MOST_COLUMNS = 32_767


class Pages:
    """Numbered pages, each at its place in a file."""

    def __init__(self, file: BinaryIO, size: int, reserved: int, encoding: str, places: dict[int, int] | int) -> None:
        self._file, self.size, self.usable, self.encoding = file, size, size - reserved, encoding
        self._places = places

    @property
    def numbers(self) -> Iterable[int]:
        """All pages there are."""
        return range(1, self._places + 1) if isinstance(self._places, int) else self._places

    @property
    def count(self) -> int:
        return self._places if isinstance(self._places, int) else len(self._places)

    def page(self, number: int) -> bytes:
        """The bytes of a page; none where there is no such page."""
        if isinstance(self._places, int):
            place = (number - 1) * self.size if 0 < number <= self._places else -1
        else:
            place = self._places.get(number, -1)
        if place < 0:
            return b""
        self._file.seek(place)
        return self._file.read(self.size)

    def free(self) -> list[int]:
        """The pages whose rows were deleted, by the chain of trunk pages (1.5)."""
        head = self.page(1)
        trunk = int.from_bytes(head[32:36])
        found: dict[int, None] = {}
        while trunk and trunk not in found and len(found) < self.count:
            found[trunk] = None
            page = self.page(trunk)
            if len(page) < self.size:
                break
            leaves = min(int.from_bytes(page[4:8]), self.usable // 4 - 2)
            found.update(dict.fromkeys(struct.unpack_from(f">{leaves}I", page, 8)))
            trunk = int.from_bytes(page[:4])
        return list(found)

    def overflow(self, number: int, wanted: int) -> bytes:
        """What of a row stands on a chain of further pages."""
        parts = []
        for _ in range(self.count):
            page = self.page(number) if number and wanted > 0 else b""
            if len(page) < self.size:
                break
            part = page[4 : 4 + min(wanted, self.usable - 4)]
            parts.append(part)
            wanted -= len(part)
            number = int.from_bytes(page[:4])
        return b"".join(parts)


def database(file: BinaryIO) -> Pages:
    """The pages of a database."""
    file.seek(0)
    head = file.read(100).ljust(100, b"\0")
    size = _page_size(int.from_bytes(head[16:18]))
    encoding = {2: "utf-16-le", 3: "utf-16-be"}.get(int.from_bytes(head[56:60]), "utf-8")
    return Pages(file, size, min(head[20], size - 480), encoding, file.seek(0, os.SEEK_END) // size)


def log(file: BinaryIO) -> Pages:
    """The pages of a write-ahead log, the last version of each; a log does not say how it encodes text."""
    file.seek(0)
    size = _page_size(int.from_bytes(file.read(32)[8:12]))
    places: dict[int, int] = {}
    at, end = 32, file.seek(0, os.SEEK_END)
    while at + 24 + size <= end:
        file.seek(at)
        places[int.from_bytes(file.read(4))] = at + 24
        at += 24 + size
    return Pages(file, size, 0, "utf-8", places)


def _page_size(said: int) -> int:
    size = 65536 if said == 1 else said
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else 4096


def rows(pages: Pages, reading: Reading, only: list[int] | None = None) -> Iterator[Segment]:
    """Every row of every page of a table, cells parted by tabs; of which table is not known.

    Args:
        pages: of one file.
        reading: whose clock is looked at.
        only: the pages to look at, whose rows are deleted ones; else all.
    """
    where = "table" if only is None else "deleted"
    lines: list[str] = []
    length = 0
    for number in pages.numbers if only is None else only:
        for payload in _payloads(pages, number, reading):
            line = "\t".join(text for text in _texts(payload, pages.encoding) if text)
            if only is None and "WITHOUT ROWID" in line.upper():
                reading.miss(Reason.UNSUPPORTED, "tables without row numbers")
            if only is None and _holds_files(payload):
                reading.miss(Reason.UNSUPPORTED, "bytes in rows")
            if line:
                lines.append(line)
                length += len(line)
        if length > _AT_ONCE:
            yield Segment("\n".join(lines), where, Zone.CELL, lines=False)
            lines, length = [], 0
            reading.tick()
    if lines:
        yield Segment("\n".join(lines), where, Zone.CELL, lines=False)


def _payloads(pages: Pages, number: int, reading: Reading) -> Iterator[bytes]:
    page = pages.page(number)
    start = 100 if number == 1 and page.startswith(b"SQLite format 3") else 0
    if len(page) < pages.size or page[start] != _LEAF:
        return
    count = min(int.from_bytes(page[start + 3 : start + 5]), (pages.size - start - 8) // 2)
    spread = 0  # bytes read for this page; cells that lie upon each other must not be read again and again
    for at in struct.unpack_from(f">{count}H", page, start + 8):
        length, at = _varint(page, at)  # noqa: PLW2901 - a cursor
        _, at = _varint(page, at)  # noqa: PLW2901
        local = length
        if length > pages.usable - 35:
            least = (pages.usable - 12) * 32 // 255 - 23
            local = least + (length - least) % (pages.usable - 4)
            local = local if local <= pages.usable - 35 else least
        data = page[at : at + local]
        if local < length:
            if length > reading.limits.max_part:
                reading.miss(Reason.TOO_LARGE, f"page {number}")
                continue
            data += pages.overflow(int.from_bytes(page[at + local : at + local + 4]), length - local)
            reading.unpack(len(data), f"page {number}")
        spread += local
        if spread > 4 * pages.size:
            reading.miss(Reason.CORRUPT, f"page {number}")
            return
        yield data


def _values(record: bytes) -> Iterator[tuple[int, bytes]]:
    """Serial type and bytes of every value of a record (2.1)."""
    head, at = _varint(record, 0)
    body = head
    for _ in range(_MOST_COLUMNS):
        if at >= head or at >= len(record):
            return
        kind, at = _varint(record, at)
        width = _WIDTHS[kind] if kind < 10 else max(0, (kind - 12) // 2)
        yield kind, record[body : body + width]
        body += width


def _texts(record: bytes, encoding: str) -> Iterator[str]:
    """The values of a record: texts, and numbers that may be an account or a telephone."""
    for kind, value in _values(record):
        if kind >= 13 and kind % 2:
            yield value.decode(encoding, "replace").replace("\0", "")
        elif 1 <= kind <= 6:
            yield str(int.from_bytes(value, signed=True))
        elif kind == 7 and len(value) == 8:
            yield repr(struct.unpack(">d", value)[0])


def _holds_files(record: bytes) -> bool:
    """Whether a value is bytes that could be a document, which are not looked into here."""
    return any(kind >= 12 and kind % 2 == 0 and len(value) > SHORT for kind, value in _values(record))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        if at >= len(data):
            return value, at
        byte = data[at]
        at += 1
        if index == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at
