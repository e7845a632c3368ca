"""EXIF: words in the directories of a TIFF, which stands in JPEG, PNG, WebP, HEIC and raw files alike (CIPA DC-008)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from agent.extract.encoding import decide, decode

_HEADS = (b"II*\0", b"MM\0*")
_SUB = {0x8769, 0x014A}  # directories within
_TEXTS = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0131: "Software",
    0x013B: "Artist",
    0x013C: "HostComputer",
    0x8298: "Copyright",
    0xA430: "CameraOwnerName",
}
_WIDE = {0x9C9B: "Title", 0x9C9C: "Comment", 0x9C9D: "Author", 0x9C9E: "Keywords", 0x9C9F: "Subject"}  # of Windows
_COMMENT = 0x9286
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_MOST = 200_000  # entries of one picture's directories: every page has one


def tags(data: bytes) -> Iterator[tuple[str, str]]:
    """Names and texts."""
    for start in _starts(data):
        yield from _directories(data[start:])


def _starts(data: bytes) -> Iterator[int]:
    if data.startswith(_HEADS):
        yield 0
    at = data.find(b"Exif\0\0")
    for _ in range(4):
        if at < 0:
            break
        if data.startswith(_HEADS, at + 6):
            yield at + 6
        at = data.find(b"Exif\0\0", at + 6)
    for name in (b"eXIf", b"EXIF"):  # chunks of PNG and of WebP
        at = data.find(name, 0, 2**22)
        start = at + 4 if name == b"eXIf" else at + 8
        if at >= 0 and data.startswith(_HEADS, start):
            yield start


def _directories(data: bytes) -> Iterator[tuple[str, str]]:
    order = "<" if data.startswith(b"II") else ">"
    waiting = [_number(data, 4, "I", order)]
    seen: set[int] = set()
    left = _MOST
    while waiting and left > 0:
        at = waiting.pop()
        if not at or at in seen or at + 2 > len(data):
            continue
        seen.add(at)
        count = min(_number(data, at, "H", order), (len(data) - at) // 12, left)
        left -= count + 1
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, length = struct.unpack_from(order + "HHI", data, entry)
            size = _SIZES.get(kind, 0) * length
            place = entry + 8 if size <= 4 else _number(data, entry + 8, "I", order)
            if tag in _SUB:
                waiting.append(_number(data, entry + 8, "I", order))
            elif raw := data[place : place + min(size, 2**20)]:
                yield from _said(tag, raw, order)
        waiting.append(_number(data, at + 2 + 12 * count, "I", order))


def _said(tag: int, raw: bytes, order: str) -> Iterator[tuple[str, str]]:
    if tag in _TEXTS:
        raw = raw.strip(b"\0 ")
        yield _TEXTS[tag], decode(raw, decide(raw)[0]) if raw else ""
    elif tag in _WIDE:
        yield _WIDE[tag], raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").strip("\0")
    elif tag == _COMMENT:
        code, text = raw[:8], raw[8:]
        if code.startswith(b"UNICODE"):
            yield (
                "UserComment",
                text[: len(text) // 2 * 2].decode("utf-16-le" if order == "<" else "utf-16-be", "replace").strip("\0"),
            )
        else:
            text = text.strip(b"\0 ")
            yield "UserComment", decode(text, decide(text)[0]) if text else ""


def _number(data: bytes, at: int, form: str, order: str) -> int:
    try:
        return int(struct.unpack_from(order + form, data, at)[0])
    except struct.error:
        return 0
