"""Drawings in old office files ([MS-ODRAW]): WordArt, of which watermarks are made, descriptions, and pictures."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterable, Iterator

from agent.extract.picture import worth_reading
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

PROPERTIES = (0xF00B, 0xF121, 0xF122)  # the record types of property tables: 2.2.9 to 2.2.11
_TEXT, _DESCRIPTION = 0x00C0, 0x0381  # gtextUNICODE (2.3.22.1), wzDescription (2.3.4.24)
_COMPLEX = 0x8000
_DEPTH = 32
_ALIGNED = re.compile(rb"[\x00-\xff][\xf0-\xff]")  # the type of the next record, where one begins
# A picture (2.2.23): the type in a record's head; odd instances carry a second identifier of 16 bytes.
_HEAD = re.compile(rb"[\x1a-\x1f\x29\x2a]\xf0")
_INSTANCES = {
    0x1A: (0x3D4, 0x3D5),
    0x1B: (0x216, 0x217),
    0x1C: (0x542, 0x543),
    0x1D: (0x46A, 0x46B, 0x6E2, 0x6E3),
    0x1E: (0x6E0, 0x6E1),
    0x1F: (0x7A8, 0x7A9),
    0x29: (0x6E4, 0x6E5),
    0x2A: (0x46A, 0x46B, 0x6E2, 0x6E3),
}
_METAFILES = (0x1A, 0x1B, 0x1C)
_BITMAP = 0x1F
_DEFLATED = 0


def drawn(data: bytes) -> Iterator[Segment]:
    """The words in a run of drawing records: WordArt as watermark, descriptions of pictures as a property."""
    art: list[str] = []
    described: list[str] = []
    for name, text in texts(data):
        (art if name == _TEXT else described).append(text)
    yield from _said(art, described)


def _said(art: Iterable[str], described: Iterable[str]) -> Iterator[Segment]:
    if words := "\n".join(dict.fromkeys(art)):
        yield Segment(words, "watermark", Zone.WATERMARK)
    if words := "\n".join(dict.fromkeys(described)):
        yield Segment(words, "property:description", Zone.PROPERTY, lines=False)


def texts(data: bytes, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Property and words, in a run of drawing records; damage ends the run."""
    at = 0
    while at + 8 <= len(data):
        head, kind, size = struct.unpack_from("<HHI", data, at)
        if kind & 0xF000 != 0xF000:  # Word puts one byte before each drawing
            match = _ALIGNED.search(data, at + 3)
            at = match.start() - 2 if match else len(data)
            continue
        content = data[at + 8 : at + 8 + size]
        if kind in PROPERTIES:
            yield from table(content, head >> 4)
        elif head & 0xF == 0xF and depth < _DEPTH:
            yield from texts(content, depth + 1)
        at += 8 + size


def table(content: bytes, count: int) -> Iterator[tuple[int, str]]:
    """The words in one property table: ``count`` entries of six bytes, then the values that do not fit in them."""
    at = 6 * count
    for index in range(min(count, len(content) // 6)):
        name, value = struct.unpack_from("<HI", content, 6 * index)
        if name & _COMPLEX:
            if name & 0x3FFF in (_TEXT, _DESCRIPTION):
                text = content[at : at + value].decode("utf-16-le", "replace").rstrip("\0").strip()
                if text:
                    yield name & 0x3FFF, text
            at += value


def pictures(data: bytes, reading: Reading, part: str) -> Iterator[Segment]:
    """Every picture in a stream that is large enough to hold a page of text, as a document of its own.

    They are found by the heads of their records, wherever these stand: Word, Excel and PowerPoint each point to them in
    another way, and damaged files not at all.
    """
    at, number = 2, 0
    while match := _HEAD.search(data, at):
        at = match.end()
        if at + 4 > len(data):
            break
        head, kind, size = struct.unpack_from("<HBxI", data, match.start() - 2)
        start = at + 4
        if head & 0xF or head >> 4 not in _INSTANCES[kind] or size > len(data) - start:
            continue
        at = start + size
        number += 1
        picture = _picture(data[start:at], kind, reading, 32 if head >> 4 & 1 else 16, f"{part} {number}")
        if worth_reading(picture, len(picture)):
            reading.admit()
            yield from reading.inner(f"{part} {number}", io.BytesIO(picture))


def _picture(data: bytes, kind: int, reading: Reading, skip: int, part: str) -> bytes:
    if kind in _METAFILES:
        size, packing = len(data) - skip - 34, data[skip + 32 : skip + 33]
        if size <= 0 or packing != bytes([_DEFLATED]):
            return data[skip + 34 :]
        return unzipped(data[skip + 34 :], reading, part)
    data = data[skip + 1 :]
    return b"BM" + struct.pack("<IHHI", len(data) + 14, 0, 0, 54) + data if kind == _BITMAP else data


def unzipped(data: bytes, reading: Reading, part: str) -> bytes:
    """A zlib stream, as far as it goes within the limits.

    Raises:
        NotReadError: the outermost file unpacks to more than its limit.
    """
    unpacker = zlib.decompressobj()
    most = min(reading.limits.max_part, max(2**24, reading.limits.max_ratio * len(data)))
    try:
        found = unpacker.decompress(data, most)
    except zlib.error as problem:
        reading.fail(problem, part)
        return b""
    reading.unpack(len(found), part)
    if unpacker.unconsumed_tail:
        reading.miss(Reason.RATIO if most < reading.limits.max_part else Reason.TOO_LARGE, part)
    elif not unpacker.eof:
        reading.miss(Reason.CORRUPT, part)
    return found
