"""What an RTF carries in hexadecimal: embedded objects and pictures (RTF 1.9.1, Objects, Pictures; [MS-OLEDS] 2.2)."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

from agent.extract.ole.box import native
from agent.extract.picture import worth_reading
from agent.extract.reading import Reading
from config.verdict import Segment

_PLACES = re.compile(rb"\\(objdata|pngblip|jpegblip|emfblip|wmetafile\d*|dibitmap\d*)\b")
_GROUP = re.compile(rb"[{}]|\\bin\d+ ?")
_CODE = re.compile(rb"\\[a-zA-Z]+-?\d* ?|\\'|\\\*|[^0-9a-fA-F]")
_EMBEDDED = 2  # FormatID of an object that is here, and not linked


def embedded(data: bytes, reading: Reading) -> Iterator[Segment]:
    """The documents inside, as documents of their own."""
    for number, match in enumerate(_PLACES.finditer(data), 1):
        reading.tick()
        content = _content(data, match.end())
        if match.group(1) != b"objdata":
            if content and worth_reading(content, len(content)):
                yield from reading.inner(f"picture {number}", io.BytesIO(content))
        elif content:
            name, inner = _object(content)
            reading.unpack(len(inner), name)
            yield from reading.inner(name, io.BytesIO(inner))


def _content(data: bytes, at: int) -> bytes:
    """The bytes of a group from ``at`` on, in hexadecimal or as they are."""
    while (mark := _GROUP.search(data, at)) is not None and mark.group() == b"{":  # groups of properties stand before
        end = data.find(b"}", mark.end())
        if _digits(data[at : mark.start()]) or end < 0:
            break
        at = end + 1
    if mark is not None and mark.group().startswith(b"\\bin"):
        count = int(mark.group()[4:])
        return data[mark.end() : mark.end() + count]
    digits = _digits(data[at : mark.start() if mark is not None else len(data)])
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _digits(raw: bytes) -> bytes:
    return _CODE.sub(b"", raw)


def _object(data: bytes) -> tuple[str, bytes]:
    """Name and content of an OLE 1.0 object; what has no head of one is taken as it is."""
    try:
        _, kind, length = struct.unpack_from("<III", data, 0)
        name = data[12 : 12 + length].rstrip(b"\0").decode("latin-1")
        at = 12 + length
        if kind != _EMBEDDED or not 0 < length < 256:
            return "object", data
        for _ in range(2):  # topic and item
            at += 4 + struct.unpack_from("<I", data, at)[0]
        size = struct.unpack_from("<I", data, at)[0]
    except struct.error:
        return "object", data
    content = data[at + 4 : at + 4 + size]
    if name == "Package":
        package = native(struct.pack("<I", len(content)) + content)
        return package.name, package.content
    return name or "object", content
