"""Microsoft Works texts: 2 to 4 with a table of limits at their start, 5 to 9 by a chunk index.

The formats are not published; offsets are what files show.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract import lotus
from agent.extract.ole import box, chunks
from agent.extract.ole.properties import properties
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_LIMITS, _START = 0x1A, 0x100  # ends of header, footer and body; where text may begin
_LINES = ((0x3A, Zone.HEADER), (0x40, Zone.FOOTER))  # place and length of a header or footer of one line
_STREAMS = ("MN0", "CONTENTS")
_MACINTOSH = b"DN"
_PRESET = "ColorSet-1ColorPos-1StyleSet-1StylePos-1"  # what Works 7 leaves in its files for Works 3


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Header and footer where they can be told, the body by pages where the writer set breaks, then properties.

    Raises:
        OSError, struct.error: damaged.
        NotReadError: larger than may be held.
    """
    if not olefile.isOleFile(file):
        file.seek(0)
        yield from _early(reading.hold(file), reading)
        return
    with olefile.OleFileIO(file) as storage:
        data = next((storage.openstream(name).read() for name in _STREAMS if storage.exists(name)), b"")
        try:
            if data.startswith(chunks.MAGIC):
                page = 1
                for text in chunks.texts(data, reading):
                    yield from _pages(text, page)
                    page += 1 + text.count("\f")
            elif data.startswith(lotus.MAGIC):
                yield from lotus.sheet(data, reading)
            elif data and not (storage.exists("MM") and storage.openstream("MM").read(2) == _MACINTOSH):
                yield from _early(data, reading)
            else:
                reading.miss(Reason.UNSUPPORTED)
                yield from box.words(storage, reading)
        except struct.error as problem:
            reading.fail(problem)
        for entry in storage.listdir():
            if entry[-1] == "\x01Ole10Native":
                yield from box.packaged(storage, entry, reading)
        yield from properties(storage, reading)


def _early(data: bytes, reading: Reading) -> Iterator[Segment]:
    """Works 2 to 4: 8-bit text between limits."""
    for place, zone in _LINES:
        start, size = struct.unpack_from("<IH", data, place)
        if start >= _START and (line := _text(data[start : start + size]).strip()):
            yield Segment(line, zone.value, zone)
    begin, header, footer, end = struct.unpack_from("<4i", data, _LIMITS)
    at = max(begin, _START)
    for stop, zone in ((header, Zone.HEADER), (footer, Zone.FOOTER)):
        if stop > at:
            if text := _text(data[at:stop]).strip():
                yield Segment(text, zone.value, zone)
            at = stop
    if end <= at or at >= len(data):
        reading.miss(Reason.CORRUPT)
    yield from _pages(_text(data[at:end]))


def _text(raw: bytes) -> str:
    return chunks.narrow(raw).removeprefix(_PRESET)


def _pages(text: str, first: int = 1) -> Iterator[Segment]:
    for number, page in enumerate(text.split("\f"), first):
        if page.strip():
            yield Segment(page.strip("\n"), f"page {number}", page=number)
