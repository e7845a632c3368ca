"""OneNote sections and tables of contents ([MS-ONE]): the words of every page, properties, embedded files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.encoding import decide, decode
from agent.extract.onenote import cloud
from agent.extract.onenote.objects import Id, Node, Space
from agent.extract.onenote.store import Store
from agent.extract.picture import dimensions, worth_reading
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_UNICODE, _ASCII = 0x1C001C22, 0x1C003498
_SHOWN = {0x1C001E58, 0x1C001E20}  # alternative text of pictures, target of a link
_NAMES = (0x1C001D9C, 0x1C001DD7)  # of an embedded file, of a picture
_SAID = {
    0x1C001D75: "Author",
    0x1C001CF3: "Title",
    0x1C001D3C: "Title",
    0x1C00349B: "Section",
    0x1C001D6B: "File",
    0x1C001D9D: "Source",
    0x1C003468: "Tag",
    **dict.fromkeys(_NAMES, "File"),
}
_PAGE, _ROW = 0x0006000B, 0x00060023
_DEEPEST = 64
_PACKAGED = bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Page by page the text, then files; objects no page shows any more come last as deleted.

    Raises:
        NotReadError: a section under a password, or damaged.
    """
    head = file.read(64)
    store = cloud.Package(file, reading) if head[48:64] == _PACKAGED else Store(file, reading)
    number = 0
    said: set[str] = set()
    used: set[str] = set()
    for space in store.spaces():
        walk = _Walk(space, reading)
        lines = walk.lines()
        paged = any(node.kind == _PAGE for node in space.nodes.values())
        number += paged
        if lines:
            yield Segment("\n".join(lines), f"page {number}" if paged else "body", page=number if paged else None)
        if rest := walk.rest():
            yield Segment("\n".join(rest), "deleted", lines=False)
        for where, text in walk.said:
            if where + text not in said:
                said.add(where + text)
                yield Segment(text, where, Zone.PROPERTY, lines=False)
        for name, key in walk.files:
            if key in store.files and key not in used:
                used.add(key)
                yield from _file(store, name, key, reading)
    for key in store.files:
        if key not in used:
            yield from _file(store, "attachment", key, reading)


def _file(store: Store | cloud.Package, name: str, key: str, reading: Reading) -> Iterator[Segment]:
    try:
        data = store.content(key)
    except NotReadError as problem:
        reading.miss(problem.reason, name)
        return
    if not data:
        reading.miss(Reason.CORRUPT, name)
        return
    if dimensions(data) and not worth_reading(data, len(data)):
        return
    reading.unpack(len(data), name)
    yield from reading.inner(name, io.BytesIO(data))


class _Walk:
    """A way through the objects of a space, from its roots, each object once."""

    def __init__(self, space: Space, reading: Reading) -> None:
        self._space, self._reading = space, reading
        self._seen: set[Id] = set()
        self.said: list[tuple[str, str]] = []
        self.files: list[tuple[str, str]] = []

    def lines(self) -> list[str]:
        """What the roots lead to."""
        return [line for role in sorted(self._space.roots) for line in self._below(self._space.roots[role], 0, "")]

    def rest(self) -> list[str]:
        """What is left."""
        return [line for known in self._space.nodes for line in self._below(known, 0, "")]

    def _below(self, known: Id, depth: int, name: str) -> list[str]:
        node = self._space.nodes.get(known)
        if node is None or known in self._seen:
            return []
        if depth > _DEEPEST:
            self._reading.miss(Reason.TOO_DEEP)
            return []
        self._seen.add(known)
        own, name = self._own(node, name)
        if node.file:
            self.files.append((name or "attachment", node.file))
        below = [self._below(point, depth + 1, name) for point in node.points]
        if node.kind == _ROW:
            return [*own, "\t".join(" ".join(lines) for lines in below if lines)]
        return own + [line for lines in below for line in lines]

    def _own(self, node: Node, name: str) -> tuple[list[str], str]:
        """Its lines, and the name it gives to the file below it."""
        lines = []
        for kind, raw in node.texts:
            if kind == _ASCII:
                text = decode(raw, decide(raw)[0])
            elif kind in _SAID or kind == _UNICODE or kind in _SHOWN:
                text = raw.decode("utf-16-le", "replace")
            else:
                continue
            text = text.replace("\0", "").replace("\ufddf", "").replace("\x0b", "\n").replace("\r", "\n").strip()
            if kind in _NAMES:
                name = text.replace("\\", "/").rpartition("/")[2]
            if text and kind in _SAID:
                self.said.append((f"property:{_SAID[kind]}", text))
            elif text:
                lines.append(text)
        return lines, name
