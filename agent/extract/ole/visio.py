"""Visio drawings of 5 to 2010: a tree of packed streams in ``VisioDocument``.

The format is not published; types and offsets are what files show.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import olefile

from agent.extract.ole import box
from agent.extract.ole.chunks import code_page
from agent.extract.ole.properties import properties
from agent.extract.ole.runs import runs
from agent.extract.ole.visiotree import streams
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_VERSION = 0x1A  # where the version is
_KNOWN, _WIDE, _LAST = 6, 11, 11  # the first of this layout, the first with UTF-16, the last there was
_MOST = 256 * 2**20  # bytes of all streams
_OFTEN = 1000  # matches between two looks at the clock
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
        yield from properties(storage, reading)
        drawing = _Drawing(data, reading)
        if not _KNOWN <= drawing.version <= _LAST:
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


class _Piece(msgspec.Struct, frozen=True):
    """Texts as bytes, and where they stand; they are decoded once it is known in what."""

    raws: list[bytes]
    where: str
    zone: Zone
    page: int | None = None


class _Drawing:
    def __init__(self, data: bytes, reading: Reading) -> None:
        self.version = data[_VERSION] if len(data) > _VERSION else 0
        self._data, self._reading = data, reading
        self._width = 2 if self.version >= _WIDE else 1
        self._objects: dict[int, bytearray] = {}  # by the list that holds their pieces
        self._pictures: list[bytes] = []
        self._names: list[bytes] = []
        self._pieces: list[_Piece] = []
        self._unknown: list[str] = []

    def segments(self) -> Iterator[Segment]:
        """What the tree holds; what was read before damage or the end of time is given all the same."""
        failed: Exception | None = None
        try:
            self._walk()
        except (struct.error, NotReadError) as problem:
            failed = problem
        yield from self._given()
        if failed is not None:
            raise failed

    def files(self) -> Iterator[Segment]:
        """Objects and pictures placed on pages."""
        kinds = (("object", [bytes(data) for data in self._objects.values()]), ("picture", self._pictures))
        for name, contents in kinds:
            for number, content in enumerate(contents, 1):
                if content:
                    yield from self._reading.inner(f"{name} {number}", io.BytesIO(content))

    def _walk(self) -> None:
        pages: dict[int, int] = {}
        kept = 0
        for stream in streams(self._data, self._reading, old=self.version < _KNOWN):
            kept += len(stream.data)
            if kept > _MOST:
                raise NotReadError(Reason.TOO_LARGE, "VisioDocument")
            if stream.kind == _OBJECT:
                self._objects.setdefault(stream.parent, bytearray()).extend(stream.data[4:])
            elif stream.kind == _PICTURE:
                self._pictures.append(stream.data[4:])
            elif stream.kind == _NAME:
                self._names.append(_ended(stream.data[4 + 4 * stream.packed :], self._width))
            elif self.version < _KNOWN:
                self._unknown += runs(stream.data, self._reading)
            elif stream.chunks:
                number = pages.setdefault(stream.page, len(pages) + 1) if stream.page else None
                where, zone = (f"page {number}", Zone.BODY) if number else ("master", Zone.MASTER)
                self._pieces.append(_Piece(list(self._chunks(_TEXT, stream.data, _COUNTS)), where, zone, number))
                values = [*self._chunks(_WORD, stream.data, 0), *self._values(stream.data)]
                self._pieces.append(_Piece(values, f"{where} property:Shape data", Zone.PROPERTY, number))
        self._pieces.append(_Piece(self._names, "property:Names", Zone.PROPERTY))

    def _given(self) -> Iterator[Segment]:
        name = "utf-16-le" if self._width == 2 else code_page(raw for piece in self._pieces for raw in piece.raws)
        said: set[str] = set()
        for piece in self._pieces:
            texts = [text for raw in piece.raws if (text := _text(raw, name)) and not _CONTROLS.search(text)]
            if piece.zone is Zone.PROPERTY:  # a value may be what its shape says
                texts = [text for text in dict.fromkeys(texts) if text not in said]
            said = set(texts)
            if texts:
                yield Segment("\n".join(texts), piece.where, piece.zone, piece.page, piece.zone is not Zone.PROPERTY)
        if self._unknown:
            yield Segment("\n".join(dict.fromkeys(self._unknown)), "content")

    def _chunks(self, head: re.Pattern[bytes], data: bytes, skip: int) -> Iterator[bytes]:
        """Text of chunks, wherever their heads stand: how many bytes part two chunks differs by version."""
        after = 0
        for number, match in enumerate(head.finditer(data)):
            if not number % _OFTEN:
                self._reading.tick()
            start, size = match.start() + _HEAD, int.from_bytes(match[1], "little")
            if match.start() >= after and skip < size <= len(data) - start:
                after = start + size
                yield data[start + skip : after]

    def _values(self, data: bytes) -> Iterator[bytes]:
        after = 0
        for number, match in enumerate(_VALUE.finditer(data)):
            if not number % _OFTEN:
                self._reading.tick()
            end = match.end() + self._width * match[1][0]
            if match.start() >= after and data[end : end + self._width] == bytes(self._width):
                after = end
                yield data[match.end() : end]


def _ended(raw: bytes, width: int) -> bytes:
    """A text up to its NUL, whatever stands behind that."""
    if width == 1:
        return raw.partition(b"\0")[0]
    return raw.decode("utf-16-le", "replace").partition("\0")[0].encode("utf-16-le", "replace")


def _text(raw: bytes, name: str) -> str:
    """A text without the NUL at its end and without the characters that stand for fields."""
    text = raw[: len(raw) // 2 * 2].decode(name, "replace") if name == "utf-16-le" else raw.decode(name, "replace")
    return text.rstrip("\0").replace("\u2028", "\n").replace("\r", "\n").replace("\ufffc", "").strip("\n ")
