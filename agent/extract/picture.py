"""Whether a picture could hold a page of text; until OCR reads it, such a picture is named in the coverage."""

from __future__ import annotations

import struct

_SMALLEST = 400  # pixels on the shorter side; below that a photographed or scanned page cannot be read
_LINE, _WORD = 14, 56  # pixels of one line with one word in it


def worth_reading(data: bytes, size: int, *, closely: bool = False) -> bool:
    """Whether a picture is large enough to hold readable text; unknown kinds are judged by their size in bytes.

    Args:
        data: its beginning, with its measures.
        size: bytes of the whole.
        closely: look at small ones too, such as a mark that was cut out and pasted; icons stay left out.
    """
    shape = dimensions(data)
    if shape is None:
        return size > (200 if closely else 50_000)
    return min(shape) >= _LINE and max(shape) >= _WORD if closely else min(shape) >= _SMALLEST


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of PNG, JPEG, GIF and BMP (their own specifications), else nothing."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(b"GIF8") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if data.startswith(b"BM") and len(data) >= 26:
        width, height = struct.unpack("<ii", data[18:26])
        return abs(width), abs(height)
    return _jpeg(data) if data.startswith(b"\xff\xd8") else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """From the frame header, SOF0 to SOF15 without DHT, JPG and DAC (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None
