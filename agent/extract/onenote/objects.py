"""Objects of OneNote and their properties, the same in both of its files ([MS-ONESTORE] 2.1.12, 2.6)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import msgspec

Id = tuple[bytes, int]  # a GUID and a number in it
_DEEPEST = 8  # sets of properties within properties
_MOST = 2**20  # properties of one object, those of sets in it included
_WIDTHS = {1: 0, 2: 0, 3: 1, 4: 2, 5: 4, 6: 8, 8: 0, 10: 0, 12: 0}
_LISTS = (9, 11, 13)  # counts of identifiers that stand elsewhere
_BYTES, _SETS, _SET = 7, 16, 17


class Node(msgspec.Struct):
    """One object: its kind (JCID), the properties that are bytes, and the objects it points to, in order."""

    kind: int = 0
    texts: list[tuple[int, bytes]] = []
    points: list[Id] = []
    file: str = ""  # the key of the file it stands for


class Space(msgspec.Struct):
    """An object space: a page, or what a section says of itself."""

    nodes: dict[Id, Node] = {}
    roots: dict[int, Id] = {}


def properties(data: bytes) -> tuple[list[int], list[tuple[int, bytes]]]:
    """The identifiers an object points to, not yet resolved, and its properties that are bytes.

    Raises:
        struct.error: damaged.
        ValueError: damaged.
    """
    head = struct.unpack_from("<I", data)[0]
    count = min(head & 0xFFFFFF, len(data) // 4 - 1)
    points = list(struct.unpack_from(f"<{count}I", data, 4))
    at = 4 + 4 * count
    more = not head >> 31  # identifiers of object spaces, then of contexts
    while more and at + 4 <= len(data):
        head = struct.unpack_from("<I", data, at)[0]
        at += 4 + 4 * (head & 0xFFFFFF)
        more = bool(head >> 30 & 1)
    found = list(_Walk(data, at).set(0))
    return points, found


class _Walk:
    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at, self._left = data, at, _MOST

    def _number(self, form: str) -> int:
        value: int = struct.unpack_from(form, self._data, self._at)[0]
        self._at += struct.calcsize(form)
        return value

    def set(self, depth: int) -> Iterator[tuple[int, bytes]]:
        """The byte properties of a set and of the sets in it."""
        if depth > _DEEPEST:
            raise ValueError("sets within sets without end")
        count = self._number("<H")
        names = struct.unpack_from(f"<{count}I", self._data, self._at)
        self._at += 4 * count
        self._left -= count
        if self._left < 0:
            raise ValueError("properties without end")
        for name in names:
            yield from self._value(name, name >> 26 & 0x1F, depth)

    def _value(self, name: int, kind: int, depth: int) -> Iterator[tuple[int, bytes]]:
        if kind in _WIDTHS:
            self._at += _WIDTHS[kind]
        elif kind == _BYTES:
            size = self._number("<I")
            if self._at + size > len(self._data):
                raise ValueError("a property longer than its object")
            yield name & 0x7FFFFFFF, self._data[self._at : self._at + size]
            self._at += size
        elif kind in _LISTS:
            self._number("<I")
        elif kind in (_SETS, _SET):
            sets = self._number("<I") if kind == _SETS else 1
            if kind == _SETS and sets:
                self._number("<I")
            for _ in range(min(sets, len(self._data))):
                yield from self.set(depth + 1)
        else:
            raise ValueError(f"a property of kind {kind}")


def filled(node: Node, data: bytes, resolve: Callable[[int, int], Id | None]) -> Node:
    """``node`` with what ``data`` says of it; ``resolve`` is given the place of an identifier and itself."""
    points, node.texts = properties(data)
    node.points = [found for at, point in enumerate(points) if (found := resolve(at, point)) is not None]
    return node
