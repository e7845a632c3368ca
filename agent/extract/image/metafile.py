"""Words in Windows metafiles: what office programs draw with text ([MS-EMF] 2.3.5.7, [MS-WMF] 2.3.3.5)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.encoding import decide, decode
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_EMF_TEXTS = {83: False, 84: True}  # EMR_EXTTEXTOUTA, EMR_EXTTEXTOUTW
_WMF_TEXT, _WMF_PLACED = 0x0521, 0x0A32  # META_TEXTOUT, META_EXTTEXTOUT
_PLACEABLE = b"\xd7\xcd\xc6\x9a"


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The pieces of text in the order they are drawn; those that go on at the same height are one line.

    Raises:
        NotReadError: larger than may be held.
    """
    data = reading.hold(file)
    found = _enhanced(data, reading) if data[40:44] == b" EMF" else _old(data, reading)
    lines: list[str] = []
    height: int | None = None
    for text, top in found:
        if top == height and lines:
            lines[-1] += text
        else:
            lines.append(text)
        height = top
    if said := [line for line in lines if line.strip()]:
        yield Segment("\n".join(said), "text box", Zone.TEXTBOX)


def _enhanced(data: bytes, reading: Reading) -> Iterator[tuple[str, int]]:
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind in _EMF_TEXTS and size >= 76 and at + 76 <= len(data):
            reading.tick()
            top, count, offset = struct.unpack_from("<iII", data, at + 40)
            wide = _EMF_TEXTS[kind]
            raw = data[at + offset : min(at + size, at + offset + count * (2 if wide else 1))]
            yield (raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace") if wide else _narrow(raw)), top
        at += max(8, size)


def _old(data: bytes, reading: Reading) -> Iterator[tuple[str, int]]:
    at = 18 + (22 if data.startswith(_PLACEABLE) else 0)
    while at + 6 <= len(data):
        size, kind = struct.unpack_from("<IH", data, at)
        body = data[at + 6 : at + 2 * size]
        if kind == _WMF_PLACED and len(body) >= 8:
            reading.tick()
            top, _, count, options = struct.unpack_from("<hhHH", body)
            start = 16 if options & 0x6 else 8  # a rectangle stands before the text
            yield _narrow(body[start : start + count]), top
        elif kind == _WMF_TEXT and len(body) >= 2:
            reading.tick()
            count = struct.unpack_from("<H", body)[0]
            place = 2 + (count + 1 & ~1)
            top = struct.unpack_from("<h", body, place)[0] if place + 2 <= len(body) else 0
            yield _narrow(body[2 : 2 + count]), top
        at += max(6, 2 * size)


def _narrow(raw: bytes) -> str:
    raw = raw.rstrip(b"\0")
    return decode(raw, decide(raw)[0]) if raw else ""
