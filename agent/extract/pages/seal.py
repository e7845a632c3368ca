"""Electronic seals: their names and pictures, found in the DER they are written in (GB/T 38540-2020, X.690)."""

from __future__ import annotations

from collections.abc import Iterator

_DEEPEST = 24
_OCTETS, _UTF8, _BMP = 0x04, 0x0C, 0x1E
_CONSTRUCTED = 0x20
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"PK\x03\x04", b"<svg", b"<?xml")


def contents(data: bytes) -> Iterator[str | bytes]:
    """Names as text and pictures as bytes, in their order; what is no DER ends the walk where it stands."""
    walk = [(0, len(data))]
    while walk:
        at, end = walk.pop()
        if at + 2 > end:
            continue
        tag = data[at]
        length, start = _length(data, at + 1, end)
        if length < 0 or start + length > end:
            continue
        if len(walk) < _DEEPEST:
            walk.append((start + length, end))
        value = data[start : start + length] if not tag & _CONSTRUCTED else b""
        if tag & _CONSTRUCTED:
            walk.append((start, start + length))
        elif tag == _UTF8:
            yield value.decode("utf-8", "replace")
        elif tag == _BMP:
            yield value.decode("utf-16-be", "replace")
        elif tag == _OCTETS and value.startswith(_PICTURES):
            yield value
        elif tag == _OCTETS and value[:1] == b"\x30" and len(walk) < _DEEPEST:
            walk.append((start, start + length))


def _length(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The length of a value and where it begins; below zero when it has none."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 4 or at + 1 + count > end:
        return -1, at
    return int.from_bytes(data[at + 1 : at + 1 + count]), at + 1 + count
