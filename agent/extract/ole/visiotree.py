"""The tree of pointers in a Visio drawing, and the packing of the streams they point to."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

import msgspec

from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_ROOT = 0x24  # the pointer to the root of the tree
_PACKED, _POINTERS, _CHUNKS = 2, 0x5, (0x8, 0xD)  # in the format of a pointer: a flag, and the upper four bits
_PAGE, _COLOURS = 0x15, 0x16
_NEW, _OLD = struct.Struct("<IIIIH"), struct.Struct("<HHIII")
_OLD_COUNTS = {0x14: 0x82, 0x15: 0x42, 0x18: 0x2E, 0x1A: 0x12, 0x1D: 0x1E, 0x1E: 0x36}  # of pointers, by kind
_DEPTH, _MOST = 32, 50_000  # of streams below streams; of pointers in one stream
_WINDOW, _LONGEST = 4096, 18
_OFTEN = 4096  # flag bytes between two looks at the clock


class Stream(msgspec.Struct, frozen=True):
    """One stream, unpacked. ``page`` and ``parent`` are numbers of streams, 0 for none."""

    kind: int
    data: bytes
    chunks: bool
    packed: bool
    page: int
    parent: int


class _Pointer(msgspec.Struct, frozen=True):
    kind: int
    offset: int
    size: int
    format: int
    page: int = 0
    parent: int = 0
    depth: int = 0


def streams(data: bytes, reading: Reading, *, old: bool) -> Iterator[Stream]:
    """Every stream in the order of the tree, each place in the file once.

    Args:
        data: the content of ``VisioDocument``.
        reading: the document.
        old: whether pointers are those before Visio 2000.

    Raises:
        struct.error: there is no root.
    """
    open_, seen, number = [_pointer(data, _ROOT, old=old)], set[tuple[int, int]](), 0
    while open_:
        pointer = open_.pop()
        if (pointer.offset, pointer.size) in seen or pointer.offset >= len(data) or not pointer.size:
            continue
        seen.add((pointer.offset, pointer.size))
        number += 1
        packed = bool(pointer.format & _PACKED)
        content = data[pointer.offset : pointer.offset + pointer.size]
        if packed:
            content = unpack(content, reading)
        reading.unpack(len(content), "VisioDocument")
        page = number if pointer.kind == _PAGE else pointer.page
        shape = pointer.format >> 4
        yield Stream(pointer.kind, content, shape in _CHUNKS, packed, page, pointer.parent)
        if shape == _POINTERS and pointer.kind != _COLOURS:
            if pointer.depth >= _DEPTH:
                reading.miss(Reason.TOO_DEEP, "VisioDocument")
                continue
            below = list(islice(_below(content, pointer.kind, 4 if packed else 0, old=old), _MOST + 1))
            if len(below) > _MOST:
                reading.miss(Reason.TOO_LARGE, "VisioDocument")
            place = {"page": page, "parent": number, "depth": pointer.depth + 1}
            open_ += [msgspec.structs.replace(child, **place) for child in reversed(below)]


def _pointer(data: bytes, at: int, *, old: bool) -> _Pointer:
    if old:
        kind, form, _, offset, size = _OLD.unpack_from(data, at)
        return _Pointer(kind & 0xFF, offset, size, form & 0xFF)
    kind, _, offset, size, form = _NEW.unpack_from(data, at)
    return _Pointer(kind, offset, size, form)


def _below(content: bytes, kind: int, shift: int, *, old: bool) -> Iterator[_Pointer]:
    """The pointers in a stream; one cut off gives as many as are there."""
    try:
        if old:
            at = shift + _OLD_COUNTS.get(kind, 0x1E if kind > 0x45 else 0xA)
            count, at, size = struct.unpack_from("<H", content, at)[0], at + 4, _OLD.size
        else:
            at = struct.unpack_from("<I", content, shift)[0] + shift
            count, at, size = struct.unpack_from("<I", content, at)[0], at + 8, _NEW.size
        for place in range(at, min(at + count * size, len(content) - size + 1), size):
            pointer = _pointer(content, place, old=old)
            if pointer.kind:
                yield pointer
    except struct.error:
        return


def unpack(data: bytes, reading: Reading) -> bytes:
    """LZSS with a window of 4096 bytes of NUL, its addresses turned by 18.

    Raises:
        NotReadError: longer than one part may be.
    """
    out = bytearray()
    at = rounds = 0
    while at < len(data):
        if not rounds % _OFTEN:
            reading.tick()
            if len(out) > reading.limits.max_part:
                raise NotReadError(Reason.TOO_LARGE, "VisioDocument")
        rounds += 1
        flags, at = data[at], at + 1
        if flags == 0xFF:
            out += data[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if flags >> bit & 1:
                out += data[at : at + 1]
                at += 1
            elif at + 1 < len(data):
                low, high = data[at], data[at + 1]
                at += 2
                _copy(out, ((high & 0xF0) << 4 | low) + _LONGEST, (high & 15) + 3)
            else:
                return bytes(out)
    return bytes(out)


def _copy(out: bytearray, place: int, size: int) -> None:
    """Repeat ``size`` bytes that begin at ``place`` of the window; they may go on into what they make."""
    back = (len(out) - place) % _WINDOW or _WINDOW
    start = len(out) - back
    if start < 0:
        zeros = min(size, -start)
        out += bytes(zeros)
        start, size = start + zeros, size - zeros
        if not size:
            return
    piece = out[start : start + size]
    while len(piece) < size:
        piece += piece[: size - len(piece)]
    out += piece
