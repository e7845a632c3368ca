"""Visio drawings of 5 to 2010: a tree of packed streams in ``VisioDocument``.

The format is not published; types and offsets are what files show.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.ole import box
from agent.extract.ole.chunks import narrow
from agent.extract.ole.properties import properties
from agent.extract.ole.runs import runs
from agent.extract.ole.visiotree import Stream, streams
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_VERSION, _WIDE, _KNOWN = 0x1A, 11, 6  # where the version is; the first with UTF-16; the first of this layout
_PAGE, _MASTER, _OBJECT, _OBJECT_LIST, _PICTURE, _NAME = 0x15, 0x1E, 0x1F, 0x0D, 0x0C, 0x33
_TEXT = re.compile(rb"(?=\x0e\0\0\0.{4}\0\0\0\0(.{3}\0).{2}.)", re.DOTALL)  # head of a chunk of text, level at its end
_WORD = re.compile(rb"(?=\x2d\0\0\0.{4}\0\0\0\0(.{3}\0).{2}.)", re.DOTALL)  # of a name that a field shows
_HEAD, _COUNTS = 19, 8  # bytes of a head; bytes before the text of a chunk
_VALUE = re.compile(rb"\x60([\x02-\xff])")  # begins a text in a formula: labels and values of shape data, links
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufffd-\uffff]")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``page N`` and masters with their text, shape data, names, embedded objects, properties.

    Raises:
        OSError, struct.error: damaged.
    """
    with olefile.OleFileIO(file) as storage:
        data = storage.openstream("VisioDocument").read()
        yield from properties(storage)
        drawing = _Drawing(data, reading)
        if not _KNOWN <= drawing.version < 2 * _WIDE:
            reading.miss(Reason.UNSUPPORTED)
        found = False
        try:
            for segment in drawing.segments():
                found = True
                yield segment
        except struct.error as problem:
            reading.fail(problem)
        yield from drawing.files()
        if not found:
            yield from box.words(storage, reading)


class _Drawing:
    def __init__(self, data: bytes, reading: Reading) -> None:
        self.version = data[_VERSION] if len(data) > _VERSION else 0
        self._data, self._reading = data, reading
        self._objects: dict[int, bytearray] = {}  # by the list that holds their pieces
        self._pictures: list[bytes] = []
        self._names: list[str] = []

    def segments(self) -> Iterator[Segment]:
        pages: dict[int, int] = {}
        for stream in streams(self._data, self._reading, old=self.version < _KNOWN):
            if stream.kind == _OBJECT:
                self._objects.setdefault(stream.parent, bytearray()).extend(stream.data[4:])
            elif stream.kind == _PICTURE:
                self._pictures.append(stream.data[4:])
            elif stream.kind == _NAME:
                self._names.append(self._decode(stream.data[4 + 4 * stream.packed :]).partition("\0")[0])
            elif self.version < _KNOWN:
                if said := list(runs(stream.data, self._reading)):
                    yield Segment("\n".join(said), "content")
            elif stream.chunks:
                yield from self._said(stream, pages)
        if names := [name for name in dict.fromkeys(self._names) if name.strip()]:
            yield Segment("\n".join(names), "property:Names", Zone.PROPERTY, lines=False)

    def files(self) -> Iterator[Segment]:
        """Objects and pictures placed on pages."""
        kinds = (("object", [bytes(data) for data in self._objects.values()]), ("picture", self._pictures))
        for name, contents in kinds:
            for number, content in enumerate(contents, 1):
                if content:
                    yield from self._reading.inner(f"{name} {number}", io.BytesIO(content))

    def _said(self, stream: Stream, pages: dict[int, int]) -> Iterator[Segment]:
        if stream.page:
            number = pages.setdefault(stream.page, len(pages) + 1)
            where, zone, page = f"page {number}", Zone.BODY, number
        else:
            where, zone, page = "master", Zone.MASTER, None
        texts = list(self._chunks(_TEXT, stream.data, _COUNTS))
        if texts:
            yield Segment("\n".join(texts), where, zone, page)
        values = dict.fromkeys([*self._chunks(_WORD, stream.data, 0), *self._values(stream.data)])
        if more := [text for text in values if text not in texts]:
            yield Segment("\n".join(more), f"{where} property:Shape data", Zone.PROPERTY, page, lines=False)

    def _chunks(self, head: re.Pattern[bytes], data: bytes, skip: int) -> Iterator[str]:
        """Text of chunks, wherever their heads stand: how many bytes part two chunks differs by version."""
        for number, match in enumerate(head.finditer(data)):
            if not number % 1000:
                self._reading.tick()
            start, size = match.start() + _HEAD, int.from_bytes(match[1], "little")
            if skip < size <= len(data) - start:
                text = self._decode(data[start + skip : start + size]).strip("\0\n ")
                if text and not _CONTROLS.search(text):
                    yield text

    def _values(self, data: bytes) -> Iterator[str]:
        width = 2 if self.version >= _WIDE else 1
        for number, match in enumerate(_VALUE.finditer(data)):
            if not number % 1000:
                self._reading.tick()
            raw = data[match.end() : match.end() + width * match[1][0]]
            if len(raw) == width * match[1][0]:
                text = self._decode(raw)
                if not _CONTROLS.search(text) and (width == 2 or data[match.end() + len(raw)] == 0):
                    yield text

    def _decode(self, raw: bytes) -> str:
        text = raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace") if self.version >= _WIDE else narrow(raw)
        return text.replace("\u2028", "\n").replace("\r", "\n").replace("\ufffc", "")  # which stands for a field
