"""Presentations of PowerPoint 4 and 95, whose format was never published: their text, found by its shape.

Every text stands behind the number of its bytes, in 32 bits, of which the upper half is 0. The first four bytes of the
stream tell the order of bytes: that of the Macintosh or that of Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.extract.ole import codepage
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_MACINTOSH = b"\x0b\xad\xde\xed"
_ROMAN, _WESTERN = 10000, 1252
_BIG = re.compile(rb"\0\0([\0-\xff]{2})(?=[\t\x0b\r\x20-\xff]{2})")
_LITTLE = re.compile(rb"([\0-\xff]{2})\0\0(?=[\t\x0b\r\x20-\xff]{2})")
_TEXT = re.compile(rb"[\t\x0b\r\x20-\xff]*")
_WORD = re.compile("[^\\W\\d_]{2}")
_SHORT = 2


def texts(data: bytes, reading: Reading) -> Iterator[Segment]:
    """All texts in the order of the stream; which slide they stand on is not known."""
    big = data.startswith(_MACINTOSH)
    pattern = _BIG if big else _LITTLE
    lines: list[str] = []
    at = 0
    while match := pattern.search(data, at):
        length = int.from_bytes(match[1], "big" if big else "little")
        start = match.end()
        shape = _TEXT.match(data, start, start + length)
        at = match.start() + 1
        if length < _SHORT or shape is None or shape.end() - start < length:
            continue
        at = start + length
        text = codepage.text(data[start:at], _ROMAN if big else _WESTERN)
        if _WORD.search(text):
            lines += [line.strip() for line in re.split("[\r\x0b]", text) if line.strip()]
        reading.tick()
    if lines:
        yield Segment("\n".join(lines), "body", Zone.BODY)
    else:
        reading.miss(Reason.UNSUPPORTED)
