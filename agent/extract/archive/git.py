"""Zlib streams, and what git keeps in them: single objects, packs of objects, bundles.

Sources: RFC 1950; gitformat-pack(5), gitformat-bundle(5); the layout of a loose object is that of ``git hash-object``.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from agent import media
from agent.extract.member import document, metered, size_of
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_BLOCK = 2**18
_HEAD = re.compile(rb"(blob|tree|commit|tag) \d{1,19}\0")
_NAMES = re.compile(rb"[0-7]{5,6} ([^\0]+)\0.{20}", re.DOTALL)  # of a tree: mode, name, hash
_TREE, _BLOB, _BY_OFFSET, _BY_HASH = 2, 3, 6, 7
_HASH = 20


def is_zlib(head: bytes) -> bool:
    """Whether bytes begin a zlib stream: its two bytes of header, and a beginning that unpacks."""
    if len(head) < 8 or head[0] != 0x78 or (head[0] << 8 | head[1]) % 31 or head[1] & 0x20:
        return False
    try:
        return bool(zlib.decompressobj().decompress(head, 64))
    except zlib.error:
        return False


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The document inside, under the place ``content``; of a pack each under ``object`` and its number."""
    packed = size_of(file)
    if reading.media_type == media.ZLIB:
        blocks = metered(_inflated(file), packed, "", reading)
        first = next(blocks, b"")
        head = _HEAD.match(first)
        if head is not None and head[1] == b"tree":
            yield from _names(first[head.end() :], "content")
            return
        rest = first[head.end() :] if head else first
        yield from document("content", _chain(rest, blocks), reading)
        return
    yield from _pack(file, packed, reading)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    while chunk := file.read(_BLOCK):
        while chunk and not stream.eof:
            yield stream.decompress(chunk, _BLOCK)
            chunk = stream.unconsumed_tail
        if stream.eof:
            return
    raise EOFError("the stream is cut off")


def _names(tree: bytes, where: str) -> Iterator[Segment]:
    names = b"\n".join(match[1] for match in _NAMES.finditer(tree)).decode("utf-8", "replace")
    if names:
        yield Segment(names, where, Zone.NAME, lines=False)


def _pack(file: BinaryIO, packed: int, reading: Reading) -> Iterator[Segment]:
    """Object after object; a delta is told in full, beside the object it is made of."""
    data = file.read(reading.limits.max_held + 1)
    if len(data) > reading.limits.max_held:
        raise NotReadError(Reason.TOO_LARGE)
    at = data.find(b"PACK\0\0\0")
    if at < 0 or len(data) < at + 12:
        raise EOFError("no pack in it")
    count = int.from_bytes(data[at + 8 : at + 12])
    at += 12
    by_offset: dict[int, tuple[int, bytes]] = {}
    held = 0
    for number in range(1, count + 1):
        reading.tick()
        where, began = f"object {number}", at
        kind, at = _kind(data, at)
        base: tuple[int, bytes] | None = None
        if kind == _BY_OFFSET:
            back, at = _back(data, at)
            base = by_offset.get(began - back)
        elif kind == _BY_HASH:
            at += _HASH
        content, at = _object(data, at, packed, where, reading)
        if kind in (_BY_OFFSET, _BY_HASH):
            if base is None:  # made of an object that is not here: what it adds is
                kind, content = _BLOB, b"".join(piece for piece in _pieces(content) if isinstance(piece, bytes))
            else:
                kind, content = base[0], _patched(content, base[1])
                reading.unpack(len(content), where)
        held += len(content)
        if held <= reading.limits.max_held:
            by_offset[began] = kind, content
        if kind == _TREE:
            yield from _names(content, where)
        else:
            yield from document(where, iter([content]), reading)


def _kind(data: bytes, at: int) -> tuple[int, int]:
    """Type of an object; its size follows in as many bytes as have the high bit set, and one."""
    kind = data[at] >> 4 & 7
    while data[at] & 0x80:
        at += 1
    return kind, at + 1


def _back(data: bytes, at: int) -> tuple[int, int]:
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = (value + 1 << 7) | data[at] & 0x7F
    return value, at + 1


def _object(data: bytes, at: int, packed: int, where: str, reading: Reading) -> tuple[bytes, int]:
    stream = zlib.decompressobj()
    view = memoryview(data)

    def blocks() -> Iterator[bytes]:
        position = at
        chunk: bytes | memoryview = view[position : position + _BLOCK]
        while not stream.eof:
            if not chunk:
                raise EOFError("an object is cut off")
            yield stream.decompress(chunk, _BLOCK)
            if stream.eof:
                break
            chunk = stream.unconsumed_tail
            if not chunk:
                position += _BLOCK
                chunk = view[position : position + _BLOCK]
        ends.append(min(position + _BLOCK, len(data)) - len(stream.unused_data))

    ends: list[int] = []
    content = b"".join(metered(blocks(), packed, where, reading))
    return content, ends[0]


def _size(delta: bytes, at: int) -> int:
    """Where a size of a delta ends."""
    while delta[at] & 0x80:
        at += 1
    return at + 1


def _pieces(delta: bytes) -> Iterator[bytes | tuple[int, int]]:
    """What a delta is made of: bytes of its own, or (offset, length) in its base."""
    at = _size(delta, _size(delta, 0))
    while at < len(delta):
        code = delta[at]
        at += 1
        if not code & 0x80:
            yield delta[at : at + code]
            at += code
            continue
        numbers = [0] * 7
        for bit in range(7):
            if code >> bit & 1:
                numbers[bit] = delta[at]
                at += 1
        offset = int.from_bytes(bytes(numbers[:4]), "little")
        yield offset, int.from_bytes(bytes(numbers[4:]), "little") or 0x10000


def _patched(delta: bytes, base: bytes) -> bytes:
    return b"".join(
        piece if isinstance(piece, bytes) else base[piece[0] : piece[0] + piece[1]] for piece in _pieces(delta)
    )
