"""Files that a document carries within itself, as base64 or as they are."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator

from agent import identify
from agent.extract.picture import worth_reading
from agent.extract.reading import Reading
from config.verdict import Segment

HEAD = 4096  # packed bytes of a part, from which its first ones come
FONTS = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf", b"\1\0\4", b"%!PS", b"\x80\1", b"wOFF", b"wOF2")
_NONE = re.compile(rb"[^A-Za-z0-9+/]")


def unpacked(text: str) -> bytes:
    """The bytes of a run of base64 (RFC 4648), as far as it goes."""
    packed = _NONE.sub(b"", text.encode("ascii", "ignore"))
    return base64.b64decode(packed[: len(packed) - (len(packed) % 4 == 1)] + b"==")


def encoded(text: str, name: str, reading: Reading) -> Iterator[Segment]:
    """What a run of base64 holds."""
    data = unpacked(text)
    reading.unpack(len(data), name)
    yield from carried(data, name, reading)


def carried(data: bytes, name: str, reading: Reading) -> Iterator[Segment]:
    """A document inside; pictures too small to hold text, and fonts, are none."""
    if not data or data.startswith(FONTS):
        return
    content = io.BytesIO(data)
    if identify.identify(content).media_type.startswith("image/") and not worth_reading(data, len(data)):
        return
    yield from reading.inner(name, content)
