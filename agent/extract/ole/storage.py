"""A storage inside a compound file, made a compound file of its own, so that any reader can read it ([MS-CFB] 2)."""

from __future__ import annotations

import io
import struct
from typing import Any

import olefile

from agent.extract.ole.compound import Compound
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_SECTOR = 4096  # those of version 4: the 109 table sectors that the head has room for then reach 457 MB
_SMALL, _PIECE = 4096, 64  # shorter streams stand in the mini stream, in pieces
_TABLES = 109
_END, _TABLE, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_ROOT, _STORAGE, _STREAM = 5, 1, 2


def content(storage: Compound, entry: Any) -> bytes:
    """The bytes of one stream, found without a search by name.

    Raises:
        OSError: damaged.
    """
    data: bytes = storage._open(entry.isectStart, entry.size).read()  # noqa: SLF001 - a search by name is quadratic
    return data


def housed(storage: Compound, root: Any, reading: Reading, part: str) -> io.BytesIO:
    """A compound file whose root is the storage ``root`` of another.

    Raises:
        OSError: one of its streams is damaged.
        NotReadError: larger than allowed, or than the file that it is in.
    """
    nodes, seen = [root], {root.sid}
    kids: list[tuple[int, int]] = []
    for node in nodes:  # grows: the levels of the tree one after another
        first = len(nodes)
        if node.entry_type != _STREAM:
            fresh = [kid for kid in node.kids if kid.sid not in seen and kid.entry_type in (_STORAGE, _STREAM)]
            seen.update(kid.sid for kid in fresh)
            nodes += sorted(fresh, key=lambda kid: (len(kid.name), kid.name.upper()))
        kids.append((first, len(nodes)))
    house = _House()
    links: dict[int, tuple[int, int]] = {}
    places = []
    total = 0
    for index, node in enumerate(nodes):
        low, high = kids[index]
        data = b""
        if node.entry_type == _STREAM:
            data = content(storage, node)
            reading.unpack(len(data), part)
            total += len(data)
            if total > storage.size:
                raise NotReadError(Reason.CORRUPT, part)
        places.append((_balance(low, high, links), *house.add(data)))
    entries: list[bytes] = []
    for index, (node, (child, start, size)) in enumerate(zip(nodes, places, strict=True)):
        kind = node.entry_type if index else _ROOT
        place = (start, size) if index else house.settle()
        left, right = links.get(index, (_FREE, _FREE))
        name = node.name if index else "Root Entry"
        entries.append(_entry(name, kind, (left, right, child), _clsid(node.clsid), place))
    return io.BytesIO(house.file(b"".join(entries), part))


def _balance(low: int, high: int, links: dict[int, tuple[int, int]]) -> int:
    """The root of a balanced tree over the entries from ``low`` to ``high``, which are in order."""
    if low >= high:
        return _FREE
    middle = (low + high) // 2
    links[middle] = (_balance(low, middle, links), _balance(middle + 1, high, links))
    return middle


def _clsid(text: str) -> bytes:
    digits = text.replace("-", "")
    if len(digits) != 32:
        return bytes(16)
    raw = bytes.fromhex(digits)
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def _entry(name: str, kind: int, links: tuple[int, int, int], clsid: bytes, place: tuple[int, int]) -> bytes:
    raw = name.encode("utf-16-le", "replace")[:62]
    head = raw.ljust(64, b"\0") + struct.pack("<HBB3I", len(raw) + 2, kind, 1, *links)
    return head + clsid + bytes(20) + struct.pack("<IQ", *place)


class _House:
    """Streams laid out in sectors."""

    def __init__(self) -> None:
        self._body: list[bytes] = []
        self._chain: list[int] = []
        self._small: list[bytes] = []
        self._links: list[int] = []

    def add(self, data: bytes) -> tuple[int, int]:
        """Where a stream begins, and its size."""
        if not data:
            return _END, 0
        small = len(data) < _SMALL
        room, chain = (self._small, self._links) if small else (self._body, self._chain)
        unit = _PIECE if small else _SECTOR
        start, count = len(chain), -(-len(data) // unit)
        chain += [*range(start + 1, start + count), _END]
        room.append(data.ljust(count * unit, b"\0"))
        return start, len(data)

    def settle(self) -> tuple[int, int]:
        """Lay out the mini stream, which belongs to the root."""
        data = b"".join(self._small)
        self._small = []
        return self._whole(data), len(data)

    def file(self, entries: bytes, part: str) -> bytes:
        table = struct.pack(f"<{len(self._links)}I", *self._links)
        small, sectors = self._whole(table, b"\xff"), -(-len(table) // _SECTOR)
        directory = self._whole(entries)
        tables = 1
        while tables * _SECTOR // 4 < len(self._chain) + tables:
            tables += 1
        if tables > _TABLES:
            raise NotReadError(Reason.TOO_LARGE, part)
        at = len(self._chain)
        chain = self._chain + [_TABLE] * tables
        chain += [_FREE] * (tables * _SECTOR // 4 - len(chain))
        head = olefile.MAGIC + bytes(16) + struct.pack("<5H6x", 0x3E, 4, 0xFFFE, 12, 6)
        head += struct.pack(
            "<10I", -(-len(entries) // _SECTOR), tables, directory, 0, _SMALL, small, sectors, _END, 0, at
        )
        head += struct.pack(f"<{_TABLES - 1}I", *range(at + 1, at + tables), *[_FREE] * (_TABLES - tables))
        return b"".join([head.ljust(_SECTOR, b"\0"), *self._body, struct.pack(f"<{len(chain)}I", *chain)])

    def _whole(self, data: bytes, fill: bytes = b"\0") -> int:
        if not data:
            return _END
        start, count = len(self._chain), -(-len(data) // _SECTOR)
        self._chain += [*range(start + 1, start + count), _END]
        self._body.append(data.ljust(count * _SECTOR, fill))
        return start
