"""The head of a dBase table: its columns, and whether bytes are one at all, for it has no mark of its own."""

from __future__ import annotations

import re
import struct

import msgspec

_VERSIONS = frozenset(b"\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8c\xcb\xf5\xfb")
_NAME = re.compile(rb"[^\x00-\x20][^\x00-\x1f]{0,10}\x00*[^\x00]{0,10}", re.DOTALL)
_KINDS = frozenset(b"CNDLMFBGPYTIVQWX@O+0")


class Column(msgspec.Struct, frozen=True):
    """One column; ``start`` counts in the record, behind the mark of deletion."""

    name: bytes
    kind: str
    start: int
    width: int
    decimals: int


class Head(msgspec.Struct, frozen=True):
    """What stands before the records."""

    version: int
    records: int
    start: int
    width: int
    language: int
    columns: tuple[Column, ...]


def head(data: bytes) -> Head | None:
    """The head of a dBase III to VII, FoxPro or Visual FoxPro table, or nothing when this is none.

    Believed only when the columns fill the record exactly.
    """
    if len(data) < 65 or data[0] not in _VERSIONS or data[2] > 12 or data[3] > 31:
        return None
    records, start, width = struct.unpack_from("<IHH", data, 4)
    columns: list[Column] = []
    seven = data[0] & 7 == 4
    at, step = (68, 48) if seven else (32, 32)
    offset = 1
    while at + step <= min(len(data), start) and data[at] != 0x0D and len(columns) < 2048:
        field = data[at : at + step]
        name, kind, length, decimals = (
            (field[:32], field[32], field[33], field[34]) if seven else (field[:11], field[11], field[16], field[17])
        )
        name = name.partition(b"\0")[0]
        if kind not in _KINDS or not _NAME.fullmatch(name):
            return None
        if kind == 0x43 and not seven:  # a text column may be wider than 255: dBase lends it the decimals
            length, decimals = length | decimals << 8, 0
        columns.append(Column(name, chr(kind), offset, length, decimals))
        offset += length
        at += step
    cut = at + step > len(data) and start > len(data)  # the rest of a long head is not here
    if not columns or (not cut and (offset != width or start < at or data[at : at + 1] != b"\x0d")) or offset > width:
        return None
    return Head(data[0], records, start, width, data[29], tuple(columns))
