"""Documents that stand in a text as base64; texts in such forms are detection's to read (:mod:`detectors.decode`)."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator

from agent import identify, media
from agent.extract.reading import Reading
from config.verdict import Reason, Segment

# Four lines of mail, or one long line: no document is shorter.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,}[ \t]*\n?[ \t]*){1,}[A-Za-z0-9+/]*={0,2}")
_ALPHABET = bytes(65 if (chr(byte).isalnum() and byte < 128) or byte in b"+/" else 32 for byte in range(256))
_MOST_TRIED = 1_000  # runs in one text
_SHORTEST = 160


def found(text: str, place: str, reading: Reading, *, first: int = 1) -> Iterator[Segment]:
    """Segments of the documents that ``text`` holds; ``first`` is the number of its first line."""
    for tried, match in enumerate(_runs(text)):
        line = f"line {first + text.count(chr(10), 0, match.start())} base64"
        if tried >= _MOST_TRIED:
            reading.miss(Reason.TOO_LARGE, f"{place} {line}".lstrip())
            break
        yield from _encoded(match.group(), f"{place} {line}".lstrip(), reading)


def _runs(text: str) -> Iterator[re.Match[str]]:
    """Long runs of base64. Most texts hold none: a search for sixty alike is ten times as fast as the pattern."""
    at = text.encode("ascii", "replace").translate(_ALPHABET).find(b"A" * 60)
    if at >= 0:
        yield from _BASE64.finditer(text, at)


def _encoded(text: str, place: str, reading: Reading) -> Iterator[Segment]:
    """What a long run of base64 (RFC 4648) holds, when that is a document."""
    if len(text) < _SHORTEST:
        return
    try:
        data = base64.b64decode("".join(text.split()) + "==")
    except binascii.Error:
        return
    if identify.identify(io.BytesIO(data)).media_type not in (media.BINARY, media.TEXT):
        reading.unpack(len(data), place)
        yield from reading.inner(place, io.BytesIO(data))
