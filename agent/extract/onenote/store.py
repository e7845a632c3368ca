"""The revision store that OneNote keeps on a disk ([MS-ONESTORE] 2.3 to 2.5): lists of nodes that declare objects."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from agent.extract.onenote.objects import Id, Node, Space, filled
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_ROOT_AT = 172
_MAGIC = 0xA4567AB1F5F7F4C4.to_bytes(8, "little")
_FILE_HEAD = 36  # GUID, length, reserved
_SPACE, _REVISIONS, _GROUP = 0x08, 0x10, 0xB0
_TABLE_STARTS, _ENTRY, _MAPPED, _COPIED = (0x21, 0x22), 0x24, 0x25, 0x26
_DECLARED, _DECLARED_OLD, _REVISED = (0xA4, 0xA5, 0xC4, 0xC5), (0x2D, 0x2E), (0x41, 0x42)
_FILE_DECLARED, _ROOTS, _SEALED = (0x72, 0x73), (0x59, 0x5A), 0x7C
_FILES, _FILE = 0x90, 0x94
_PLACES = (("<Q", 1), ("<I", 1), ("<H", 8), ("<I", 8))
_SIZES = (("<I", 1), ("<Q", 1), ("<B", 8), ("<H", 8))
_MOST_NODES = 4_000_000
_MOST_COPIED = 2**16


class _Item(msgspec.Struct):
    """A file node."""

    kind: int
    place: int
    size: int
    body: bytes


class Store:
    """An open store: its object spaces, and the files that objects name."""

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._file, self._reading = file, reading
        self._end = file.seek(0, os.SEEK_END)
        self._seen: set[int] = set()
        self._count = 0
        self.files: dict[str, tuple[int, int]] = {}  # by GUID

    def spaces(self) -> Iterator[Space]:
        """Every object space, in the order of the file.

        Raises:
            NotReadError: sealed, or damaged at its root.
        """
        place, size = struct.unpack("<QI", self._bytes(_ROOT_AT, 12).ljust(12, b"\0"))
        spaces: list[_Item] = []
        for item in self._list(place, size):
            if item.kind == _SPACE:
                spaces.append(item)
            elif item.kind == _FILES:
                for entry in self._list(item.place, item.size):
                    if entry.kind == _FILE:
                        self.files[entry.body[:16].hex()] = (entry.place, entry.size)
        if not spaces:
            raise NotReadError(Reason.CORRUPT)
        for item in spaces:
            space = Space()
            for manifest in self._list(item.place, item.size):
                if manifest.kind == _REVISIONS:
                    _Revisions(self, space, self._reading).read(self._list(manifest.place, manifest.size))
            yield space

    def content(self, key: str) -> bytes:
        """The bytes of a file (2.6.13)."""
        place, size = self.files[key]
        head = self._bytes(place, min(size, _FILE_HEAD))
        length = min(int.from_bytes(head[16:24], "little"), max(0, size - _FILE_HEAD))
        if length > self._reading.limits.max_part:
            raise NotReadError(Reason.TOO_LARGE, "attachment")
        return self._bytes(place + _FILE_HEAD, length)

    def object(self, item: _Item) -> bytes:
        """The bytes of an object."""
        if item.size > self._reading.limits.max_part:
            raise ValueError("an object larger than a part may be")
        self._reading.unpack(item.size if item.place + item.size <= self._end else 0, "object")
        return self._bytes(item.place, item.size)

    def inner(self, item: _Item) -> Iterator[_Item]:
        """The nodes of a list that a node points to."""
        return self._list(item.place, item.size)

    def _bytes(self, place: int, size: int) -> bytes:
        if place >= self._end:
            return b""
        self._file.seek(place)
        return self._file.read(min(size, self._end - place))

    def _list(self, place: int, size: int) -> Iterator[_Item]:
        """The nodes of a list, fragment by fragment (2.4); every fragment is read once in a file."""
        while place < self._end and place not in self._seen:
            self._seen.add(place)
            self._reading.tick()
            data = self._bytes(place, min(size, 2**24))
            if len(data) < 36 or data[:8] != _MAGIC:
                self._reading.miss(Reason.CORRUPT, f"list at {place}")
                return
            yield from self._items(data[16:-20])
            place, size = struct.unpack("<QI", data[-20:-8])

    def _items(self, data: bytes) -> Iterator[_Item]:
        at = 0
        while at + 4 <= len(data):
            head = struct.unpack_from("<I", data, at)[0]
            kind, size, base = head & 0x3FF, head >> 10 & 0x1FFF, head >> 27 & 15
            if kind in (0, 0xFF) or size < 4 or at + size > len(data):
                return
            self._count += 1
            if self._count > _MOST_NODES:
                raise NotReadError(Reason.TOO_LARGE, "nodes")
            body, place, length = data[at + 4 : at + size], 0, 0
            if base in (1, 2):
                (form, unit), (other, units) = _PLACES[head >> 23 & 3], _SIZES[head >> 25 & 3]
                split, end = struct.calcsize(form), struct.calcsize(form) + struct.calcsize(other)
                if end <= len(body):
                    place = struct.unpack_from(form, body)[0] * unit
                    length = struct.unpack_from(other, body, split)[0] * units
                body = body[end:]
            yield _Item(kind, place, length, body)
            at += size


class _Revisions:
    """What the revisions of a space declare; a later one replaces what an earlier one said of the same object."""

    def __init__(self, store: Store, space: Space, reading: Reading) -> None:
        self._store, self._space, self._reading = store, space, reading
        self._table: dict[int, bytes] = {}  # of GUIDs, by which short identifiers are written out
        self._before: dict[int, bytes] = {}

    def read(self, items: Iterator[_Item]) -> None:
        for item in items:
            try:
                if item.kind == _GROUP:
                    for inner in self._store.inner(item):
                        self._item(inner)
                else:
                    self._item(item)
            except (struct.error, ValueError, IndexError) as problem:
                self._reading.fail(problem, "object")

    def _item(self, item: _Item) -> None:
        kind, body = item.kind, item.body
        if kind == _SEALED:
            raise NotReadError(Reason.ENCRYPTED)
        if kind in _TABLE_STARTS:
            self._before, self._table = self._table, {}
        elif kind == _ENTRY:
            self._table[int.from_bytes(body[:4], "little")] = body[4:20]
        elif kind == _MAPPED:
            old, new = struct.unpack_from("<II", body)
            self._table[new] = self._before.get(old, b"")
        elif kind == _COPIED:
            old, count, new = struct.unpack_from("<III", body)
            for index in range(min(count, _MOST_COPIED, len(self._before) + 1)):
                self._table[new + index] = self._before.get(old + index, b"")
        elif kind in _ROOTS:
            wide = kind == 0x5A
            found = (body[:16], int.from_bytes(body[16:20], "little")) if wide else self._id(body)
            self._space.roots[int.from_bytes(body[20:24] if wide else body[4:8], "little")] = found
        else:
            self._declared(item)

    def _declared(self, item: _Item) -> None:
        kind, body = item.kind, item.body
        if kind in _DECLARED or kind in _DECLARED_OLD:
            jcid = struct.unpack_from("<I", body, 4)[0]
            jcid = jcid if kind in _DECLARED else jcid & 0x3FF | 0x20000
        elif kind in _REVISED:
            jcid = self._space.nodes.get(self._id(body), Node()).kind
        elif kind in _FILE_DECLARED:
            at = 9 if kind == 0x72 else 12
            count = struct.unpack_from("<I", body, at)[0]
            name = body[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace")
            self._space.nodes[self._id(body)] = Node(struct.unpack_from("<I", body, 4)[0], file=_key(name))
            return
        else:
            return
        node = Node(jcid)
        self._space.nodes[self._id(body)] = node
        if jcid & 0x20000:
            filled(node, self._store.object(item), lambda _, point: self._id(point.to_bytes(4, "little")))

    def _id(self, short: bytes) -> Id:
        return self._table.get(int.from_bytes(short[1:4], "little"), b""), short[0]


def _key(name: str) -> str:
    """The GUID in ``<ifndf>{…}``, in the order of its bytes; the name itself where it is none."""
    digits = name.partition("{")[2].partition("}")[0].replace("-", "")
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return name
    return (raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]).hex() if len(raw) == 16 else name
