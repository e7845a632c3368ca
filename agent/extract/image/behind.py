"""What is hung behind the end of a picture, where no viewer looks."""

from __future__ import annotations

import io
import struct

from agent import identify, media

_SHORTEST = 24  # bytes; cameras and editors leave a few of their own
_PNG_END = b"IEND\xaeB`\x82"


def appended(data: bytes) -> bytes:
    """What stands behind the end, when it is a document, an archive or a text; else nothing."""
    end = _end(data)
    rest = data[end:].lstrip(b"\0\r\n ") if end else b""
    if len(rest) < _SHORTEST:
        return b""
    kind = identify.identify(io.BytesIO(rest)).media_type
    return b"" if kind == media.BINARY or kind.startswith("image/") else rest


def _end(data: bytes) -> int:
    """Where the picture ends by its own account; 0 when it does not say."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"BM"):
        return int(struct.unpack_from("<I", data, 2)[0]) if len(data) > 6 else 0
    if data.startswith(b"RIFF"):
        return 8 + int(struct.unpack_from("<I", data, 4)[0]) if len(data) > 8 else 0
    if data.startswith(b"\x89PNG"):
        at = data.find(_PNG_END)
        return at + len(_PNG_END) if at >= 0 else 0
    return _gif(data) if data.startswith(b"GIF8") else 0


def _jpeg(data: bytes) -> int:
    """Behind the end of image that follows the last scan; pictures within the picture have ends of their own."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        size = int.from_bytes(data[at + 2 : at + 4])
        at += 2 + size
        if marker == 0xDA:  # entropy-coded data: a marker is FF and neither 00 nor a restart
            while (at := data.find(b"\xff", at)) >= 0 and data[at + 1 : at + 2] in _INSIDE:
                at += 1 if data[at + 1 : at + 2] == b"\xff" else 2
            if at < 0:
                return 0
    return 0


_INSIDE = {b"\0", b"\xff", *(bytes([0xD0 + number]) for number in range(8))}


def _gif(data: bytes) -> int:
    """Behind the trailer (GIF89a, 27), by the blocks before it."""
    if len(data) < 13:
        return 0
    at = 13 + (3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 0)
    while at < len(data):
        kind = data[at]
        if kind == 0x3B:
            return at + 1
        if kind == 0x21:
            at += 2
        elif kind == 0x2C and at + 10 <= len(data):
            at += 11 + (3 * (2 << (data[at + 9] & 7)) if data[at + 9] & 0x80 else 0)
        else:
            return 0
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return 0
