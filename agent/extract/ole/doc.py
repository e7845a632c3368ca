"""Word 97 to 2003: the text through its piece table ([MS-DOC] 2.4.1, 2.5.1, 2.8.35)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.ole import officeart
from agent.extract.ole.properties import properties
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_MAGIC = 0xA5EC
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_CLX = 0x01A2  # where the File Information Block says the piece table is
_COUNTS = 0x004C  # characters of each story, in the order of _STORIES
_DRAWINGS = 0x022A  # and of the drawings
_STORIES = (
    ("", Zone.BODY),
    ("footnote", Zone.NOTE),
    ("header", Zone.HEADER),
    ("", None),  # macros, long gone
    ("comment", Zone.NOTE),
    ("endnote", Zone.NOTE),
    ("text box", Zone.TEXTBOX),
    ("text box", Zone.TEXTBOX),
)
_FIELD = re.compile("\x13[^\x13\x14\x15]*\x14?")  # the code of a field; what it shows stays
_NOISE = str.maketrans(
    {"\x07": "\t", "\x0b": "\n", "\r": "\n", "\x1e": "-", "\x1f": None, "\xa0": " ", "\x14": None, "\x15": None}
)
_OBJECTS = str.maketrans(dict.fromkeys((*range(9), *range(14, 32))))


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The body by pages where the writer set breaks, then notes, headers and footers, comments, text boxes.

    Raises:
        NotReadError: sealed, or from before Word 97.
        OSError, struct.error: damaged.
    """
    with olefile.OleFileIO(file) as storage:
        main = storage.openstream("WordDocument").read()
        magic, version, flags = struct.unpack_from("<HH6xH", main, 0)
        if flags & _ENCRYPTED:
            raise NotReadError(Reason.ENCRYPTED)
        if magic != _MAGIC or version < 0xC0:
            raise NotReadError(Reason.UNSUPPORTED)
        table = storage.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
        text = _text(main, table)
        yield from _stories(text, struct.unpack_from("<8i", main, _COUNTS))
        start, size = struct.unpack_from("<II", main, _DRAWINGS)
        if words := list(officeart.texts(table[start : start + size])):
            yield Segment("\n".join(words), "watermark", Zone.WATERMARK)
        yield from properties(storage)
        for name in storage.listdir():
            if name[0] == "ObjectPool" and name[-1] in ("Package", "WordDocument", "Workbook", "\x01Ole10Native"):
                reading.miss(Reason.UNSUPPORTED, "/".join(name).replace("\x01", ""))
        if storage.exists("Macros"):
            reading.miss(Reason.UNSUPPORTED, "Macros")


def _text(main: bytes, table: bytes) -> str:
    """All characters in the order of the document: pieces are UTF-16, or Windows-1252 where marked compressed."""
    start, size = struct.unpack_from("<II", main, _CLX)
    clx = table[start : start + size]
    at = 0
    while at < len(clx) and clx[at] == 1:  # formatting that pieces refer to
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at + 5 > len(clx) or clx[at] != 2:
        raise ValueError("no piece table")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    at += 5
    count = (size - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", clx, at)
    parts = []
    for index in range(count):
        place = struct.unpack_from("<I", clx, at + 4 * (count + 1) + 8 * index + 2)[0]
        length = bounds[index + 1] - bounds[index]
        if place & 0x40000000:
            begin = (place & 0x3FFFFFFF) // 2
            parts.append(main[begin : begin + length].decode("cp1252", "replace"))
        else:
            parts.append(main[place : place + 2 * length].decode("utf-16-le", "replace"))
    return "".join(parts)


def _stories(text: str, counts: tuple[int, ...]) -> Iterator[Segment]:
    at = 0
    for (place, zone), count in zip(_STORIES, counts, strict=True):
        story, at = text[at : at + max(0, count)], at + max(0, count)
        if zone is None:
            continue
        pages = story.split("\f") if zone is Zone.BODY else [story]
        for number, page in enumerate(pages, 1):
            said = _FIELD.sub("", page).replace("\x07\x07", "\n").translate(_NOISE).translate(_OBJECTS)
            lines = [line.strip("\t ") for line in said.split("\n") if line.strip()]
            if lines:
                where = place or f"page {number}"
                yield Segment("\n".join(lines), where, zone, None if place else number)
