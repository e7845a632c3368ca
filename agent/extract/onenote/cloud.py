"""A section as OneDrive and SharePoint hand it out ([MS-ONESTORE] 2.7 and 2.8, [MS-FSSHTTPB] 2.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from agent.extract.onenote.objects import Id, Node, Space, filled
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_START = 68  # behind the head of the file
_ELEMENT, _BLOB = 0x01, 0x02
_OBJECT, _OBJECT_DATA, _FILE, _FILE_DATA = 0x18, 0x16, 0x05, 0x1C
_REVISION_OF, _CURRENT, _ROOT, _REVISION, _GROUPS = 0x0D, 0x0B, 0x0A, 0x1A, 0x19
_KIND, _PROPERTIES = 4, 1  # partitions of an object
_LONG = 32_767
_MOST_REVISIONS = 10_000
_NOTHING: Id = (b"", 0)


class _Cursor:
    """Numbers and identifiers of [MS-FSSHTTPB] 2.2.1, one after another."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def bytes(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise ValueError("a piece longer than what is left")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self) -> int:
        """A compact integer: the zeros at the end of the first byte tell how many bytes follow."""
        first = self.bytes(1)[0]
        if first == 0:
            return 0
        if first == 0x80:
            return int.from_bytes(self.bytes(8), "little")
        width = (first & -first).bit_length()
        return int.from_bytes(bytes([first]) + self.bytes(width - 1), "little") >> width

    def id(self) -> Id:
        """An extended GUID."""
        first = self.bytes(1)[0]
        if first == 0:
            return _NOTHING
        if first & 7 == 4:
            number = first >> 3
        elif first & 0x3F == 0x20:
            number = (first | self.bytes(1)[0] << 8) >> 6
        elif first & 0x7F == 0x40:
            number = int.from_bytes(bytes([first]) + self.bytes(2), "little") >> 7
        elif first == 0x80:
            number = int.from_bytes(self.bytes(4), "little")
        else:
            raise ValueError("no identifier")
        return self.bytes(16), number

    def ids(self) -> list[Id]:
        count = self.number()
        return [self.id() for _ in range(min(count, len(self.data)))]


class _Part(msgspec.Struct):
    """A stream object: its kind and its own bytes."""

    kind: int
    data: bytes


class _Object(msgspec.Struct):
    kind: int = 0
    data: bytes = b""
    points: list[Id] = []
    file: Id = _NOTHING


class Package:
    """An open package: its object spaces, and the files that objects name."""

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        file.seek(0)
        self._data = reading.hold(file)
        self._reading = reading
        self._elements: dict[Id, list[_Part]] = {}
        self.files: dict[str, Id] = {}
        current: list[_Part] = []
        try:
            for part in self._parts():
                if part.kind == _ELEMENT:
                    current = self._elements.setdefault(_Cursor(part.data).id(), [])
                current.append(part)
        except (struct.error, ValueError) as problem:
            reading.fail(problem)

    def _parts(self) -> Iterator[_Part]:
        """Every stream object, those within others included (2.2.1.5)."""
        at, data = _START, self._data
        while at < len(data):
            mark = data[at] & 3
            if mark in (1, 3):  # an end
                at += 1 if mark == 1 else 2
                continue
            if mark == 0:
                head = struct.unpack_from("<H", data, at)[0]
                kind, size, at = head >> 3 & 0x3F, head >> 9, at + 2
            else:
                head = struct.unpack_from("<I", data, at)[0]
                kind, size, at = head >> 3 & 0x3FFF, head >> 17, at + 4
                if size == _LONG:
                    cursor = _Cursor(data, at)
                    size, at = cursor.number(), cursor.at
            if at + size > len(data):
                raise ValueError("a part longer than the file")
            yield _Part(kind, data[at : at + size])
            at += size
            self._reading.tick()

    def spaces(self) -> Iterator[Space]:
        """Every object space with its current revision.

        Raises:
            NotReadError: damaged.
        """
        revisions: dict[Id, Id] = {}
        current: list[Id] = []
        for part in [part for element in self._elements.values() for part in element]:
            try:
                cursor = _Cursor(part.data)
                if part.kind == _REVISION_OF:
                    revision = cursor.id()
                    revisions[revision] = cursor.id()
                elif part.kind == _CURRENT:
                    current.append(cursor.id())
            except ValueError as problem:
                self._reading.fail(problem, "revision")
        if not current:
            raise NotReadError(Reason.CORRUPT)
        for revision in dict.fromkeys(current):
            yield self._space(revision, revisions)

    def content(self, key: str) -> bytes:
        """The bytes of a file."""
        for part in self._elements.get(self.files[key], ()):
            if part.kind == _BLOB:
                cursor = _Cursor(part.data)
                return cursor.bytes(min(cursor.number(), len(part.data) - cursor.at))
        return b""

    def _space(self, revision: Id, revisions: dict[Id, Id]) -> Space:
        """A revision upon those it is based on, the oldest first."""
        space = Space()
        groups: list[Id] = []
        seen: set[Id] = set()
        while revision != _NOTHING and revision not in seen and len(seen) < _MOST_REVISIONS:
            seen.add(revision)
            mine: list[Id] = []
            base = _NOTHING
            for part in self._elements.get(revisions.get(revision, _NOTHING), ()):
                cursor = _Cursor(part.data)
                try:
                    if part.kind == _REVISION:
                        cursor.id()
                        base = cursor.id()
                    elif part.kind == _ROOT:
                        role = cursor.id()[1]
                        space.roots.setdefault(role, cursor.id())
                    elif part.kind == _GROUPS:
                        mine.append(cursor.id())
                except ValueError as problem:
                    self._reading.fail(problem, "revision")
            groups = mine + groups
            revision = base
        objects: dict[Id, _Object] = {}
        for group in groups:
            try:
                self._group(group, objects)
            except (struct.error, ValueError) as problem:
                self._reading.fail(problem, "objects")
        for known, found in objects.items():
            space.nodes[known] = self._node(found)
        return space

    def _group(self, group: Id, objects: dict[Id, _Object]) -> None:
        """Declarations and, in the same order, what they declare (2.2.1.12.6)."""
        if group not in self._elements:
            self._reading.miss(Reason.CORRUPT, "objects")
        self._reading.tick()
        declared: list[tuple[Id, int]] = []
        number = 0
        for part in self._elements.get(group, ()):
            cursor = _Cursor(part.data)
            if part.kind == _OBJECT:
                declared.append((cursor.id(), cursor.number()))
            elif part.kind == _FILE:
                known = cursor.id()
                cursor.id()
                declared.append((known, cursor.number()))
            elif part.kind in (_OBJECT_DATA, _FILE_DATA) and number < len(declared):
                known, partition = declared[number]
                number += 1
                found = objects.setdefault(known, _Object())
                points = cursor.ids()
                for _ in range(min(cursor.number(), len(part.data))):
                    cursor.id()
                    cursor.id()
                if part.kind == _FILE_DATA:
                    found.file = cursor.id()
                    continue
                data = cursor.bytes(cursor.number())
                if partition == _KIND:
                    found.kind = int.from_bytes(data[:4], "little")
                elif partition == _PROPERTIES:
                    found.data, found.points = data, points

    def _node(self, found: _Object) -> Node:
        node = Node(found.kind)
        if found.file != _NOTHING:
            node.file = f"{found.file[0].hex()}-{found.file[1]}"
            self.files[node.file] = found.file
        if found.data:
            points = found.points
            try:
                filled(node, found.data, lambda at, _: points[at] if at < len(points) else None)
            except (struct.error, ValueError) as problem:
                self._reading.fail(problem, "object")
        return node
