"""What a picture file says of itself: EXIF, XMP, IPTC, and the comments of its own format."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from agent.extract import xmp
from agent.extract.encoding import decide, decode
from agent.extract.image import exif
from agent.extract.ooxml.properties import labelled
from agent.extract.reading import Reading
from config.verdict import Segment

# Data sets of IPTC-IIM 4.2 that hold words, in record 2.
_IPTC = {5: "Title", 15: "Category", 25: "Keywords", 40: "Instructions", 80: "Author", 85: "AuthorTitle", 90: "City"}
_IPTC |= {101: "Country", 105: "Headline", 110: "Credit", 115: "Source", 116: "Copyright", 120: "Description"}
_LARGEST = 2**22  # bytes of one unpacked chunk


def properties(data: bytes, reading: Reading) -> Iterator[Segment]:
    """One segment a property, in whichever way the format keeps them."""
    said: dict[tuple[str, str], None] = {}
    for name, text in (*_comments(data), *exif.tags(data), *_iptc(data)):
        if text.strip():
            said[name, text.strip()] = None
    for name, text in said:
        yield labelled(name, text)
    for packet in dict.fromkeys(_packets(data)):
        yield from xmp.said(packet, reading)


def _packets(data: bytes) -> Iterator[bytes]:
    yield from xmp.packets(data)
    for kind, content in _chunks(data):
        if kind == b"iTXt":
            yield from xmp.packets(_international(content)[1])


def _comments(data: bytes) -> Iterator[tuple[str, str]]:
    if data.startswith(b"\xff\xd8"):
        yield from (("Comment", _text(content)) for marker, content in _segments(data) if marker == 0xFE)
    elif data.startswith(b"GIF8"):
        yield from (("Comment", _text(content)) for content in _gif(data))
    for kind, content in _chunks(data):
        name, _, raw = content.partition(b"\0")
        if kind == b"tEXt":
            yield _text(name), _text(raw)
        elif kind == b"zTXt":
            yield _text(name), _text(_inflated(raw[1:]))
        elif kind == b"iTXt":
            key, text = _international(content)
            yield key, "" if b"<x:xmpmeta" in text else text.decode("utf-8", "replace")


def _gif(data: bytes) -> Iterator[bytes]:
    """Comment and plain text extensions (GIF89a, 24 and 25): blocks of up to 255 bytes behind their length."""
    at = 13 + (3 * (2 << (data[10] & 7)) if len(data) > 10 and data[10] & 0x80 else 0)
    while at + 2 <= len(data) and data[at] in (0x21, 0x2C):
        kind = data[at + 1] if data[at] == 0x21 else 0
        if data[at] == 0x2C:  # a picture: its place, its colours, then blocks of pixels
            colours = data[at + 9] if at + 9 < len(data) else 0
            at += 9 + (3 * (2 << (colours & 7)) if colours & 0x80 else 0)
        at += 2
        blocks = []
        while at < len(data) and data[at]:
            if kind in (0xFE, 0x01):
                blocks.append(data[at + 1 : at + 1 + data[at]])
            at += 1 + data[at]
        at += 1
        if blocks:
            yield b"".join(blocks if kind == 0xFE else blocks[1:])


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers and contents before the first scan of a JPEG (ITU-T T.81, B.1.1)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (0xDA, 0xD9):
        size = int.from_bytes(data[at + 2 : at + 4])
        yield data[at + 1], data[at + 4 : at + 2 + size]
        at += 2 + max(2, size)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kinds and contents of a PNG's chunks, pixels left out (PNG 5.3)."""
    at = 8 if data.startswith(b"\x89PNG") else len(data)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if kind != b"IDAT":
            yield kind, data[at + 8 : at + 8 + size]
        at += 12 + size


def _international(content: bytes) -> tuple[str, bytes]:
    """Keyword and text of an iTXt chunk (PNG 11.3.3.4)."""
    name, _, rest = content.partition(b"\0")
    packed, rest = rest[:1] == b"\1", rest[2:]
    raw = rest.partition(b"\0")[2].partition(b"\0")[2]
    return _text(name), _inflated(raw) if packed else raw


def _inflated(raw: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(raw, _LARGEST)
    except zlib.error:
        return b""


def _iptc(data: bytes) -> Iterator[tuple[str, str]]:
    """Records within Photoshop's resources (8BIM 0x0404), in JPEG, TIFF and PSD alike."""
    at = data.find(b"8BIM\x04\x04")
    while at >= 0:
        name = data[at + 6] if at + 6 < len(data) else 0
        start = at + 6 + (name + 2 & ~1)
        size = struct.unpack_from(">I", data, start)[0] if start + 4 <= len(data) else 0
        yield from _records(data[start + 4 : start + 4 + size])
        at = data.find(b"8BIM\x04\x04", at + 6)


def _records(block: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    while at + 5 <= len(block) and block[at] == 0x1C:
        record, number = block[at + 1], block[at + 2]
        size = int.from_bytes(block[at + 3 : at + 5])
        if record == 2 and number in _IPTC and size < 0x8000:
            yield _IPTC[number], _text(block[at + 5 : at + 5 + size])
        at += 5 + size


def _text(raw: bytes) -> str:
    raw = raw.strip(b"\0")
    return decode(raw, decide(raw)[0]) if raw else ""
