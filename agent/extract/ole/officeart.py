"""Words drawn as pictures in old office files: WordArt, of which watermarks are made ([MS-ODRAW] 2.2.9, 2.3.22)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

PROPERTIES = (0xF00B, 0xF121, 0xF122)  # the record types of property tables
_TEXT, _DESCRIPTION = 0x00C0, 0x0381  # gtextUNICODE, wzDescription
_COMPLEX = 0x8000
_DEPTH = 32


def texts(data: bytes, depth: int = 0) -> Iterator[str]:
    """The words in a run of drawing records; damage ends the run."""
    at = 0
    while at + 8 <= len(data):
        head, kind, size = struct.unpack_from("<HHI", data, at)
        if kind & 0xF000 != 0xF000:
            at += 1  # Word puts one byte before each drawing
            continue
        content = data[at + 8 : at + 8 + size]
        if kind in PROPERTIES:
            yield from table(content, head >> 4)
        elif head & 0xF == 0xF and depth < _DEPTH:
            yield from texts(content, depth + 1)
        at += 8 + size


def table(content: bytes, count: int) -> Iterator[str]:
    """The words in one property table: ``count`` entries of six bytes, then the values that do not fit in them."""
    at = 6 * count
    for index in range(min(count, len(content) // 6)):
        name, value = struct.unpack_from("<HI", content, 6 * index)
        if name & _COMPLEX:
            if name & 0x3FFF in (_TEXT, _DESCRIPTION):
                text = content[at : at + value].decode("utf-16-le", "replace").rstrip("\0").strip()
                if text:
                    yield text
            at += value
