"""Plain text in any encoding, read to its end in windows; where an encoding stops fitting it is decided anew."""

from __future__ import annotations

import base64
import binascii
import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from agent import identify
from agent.extract.encoding import SAMPLE, decide, skip_hole
from agent.extract.reading import Reading
from config.verdict import Reason, Segment

_WINDOW = 2**20  # bytes
_BREAK = re.compile(r"\r\n|\r|\u2028|\u2029|\x85|\x0c")
# Four lines of mail, or one long line: shorter runs are words, digests, keys, which the rules know as they stand.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,}[ \t]*\n?[ \t]*){1,}[A-Za-z0-9+/]*={0,2}")
_ALPHABET = bytes(65 if (chr(byte).isalnum() and byte < 128) or byte in b"+/" else 32 for byte in range(256))
_MOST_TRIED = 200
_SHORTEST = 160
_HIGH = re.compile(rb"[\x80-\xff]")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Segments without a name of place: their lines are the lines of the file, counted through."""
    line = 1
    tried = 0
    for text, other in _windows(file, reading):
        yield Segment(text, "", first=line)
        if other:
            yield Segment(other, "", first=line)
        for match in _runs(text):
            tried += 1
            if tried > _MOST_TRIED:
                break
            yield from _encoded(match.group(), f"line {line + text.count(chr(10), 0, match.start())} base64", reading)
        line += text.count("\n")


def _runs(text: str) -> Iterator[re.Match[str]]:
    """Long runs of base64. Most texts hold none: a search for sixty alike is ten times as fast as the pattern."""
    at = text.encode("ascii", "replace").translate(_ALPHABET).find(b"A" * 60)
    if at >= 0:
        yield from _BASE64.finditer(text, at)


def _encoded(text: str, place: str, reading: Reading) -> Iterator[Segment]:
    """What a long run of base64 (RFC 4648) holds, when that is a document or a text of its own."""
    if len(text) < _SHORTEST:
        return
    try:
        data = base64.b64decode("".join(text.split()) + "==")
    except binascii.Error:
        return
    if identify.identify(io.BytesIO(data)).media_type != identify.BINARY:
        reading.unpack(len(data), place)
        yield from reading.inner(place, io.BytesIO(data))


def _windows(file: BinaryIO, reading: Reading) -> Iterator[tuple[str, str]]:
    """Windows of text that end with a line where lines are not endless; beside each, its other possible reading."""
    position = consumed = 0
    rest = b""  # bytes of a character, or of a line, begun at the end of the last window
    names: tuple[str, ...] = ()
    while True:
        position = skip_hole(file, position)
        file.seek(position)
        wanted = min(_WINDOW, reading.limits.max_bytes - consumed)
        block = file.read(wanted)
        reading.tick()
        position += len(block)
        consumed += len(block)
        data = rest + (
            block if names[:1] and names[0].startswith("utf-") and "8" not in names[0] else block.lstrip(b"\0")
        )
        if not data and not block:
            break
        names = _fit(data, names)
        # A regular file reads short only at its end: then the last line goes with the others.
        cut = len(data) if len(block) < wanted else _cut(data, names[0])
        rest = data[cut:]
        text, other = (_decode(data[:cut], name) for name in (*names, "")[:2])
        if text:
            yield text, _lines_beyond_ascii(other)
        if not block:
            break
    if consumed >= reading.limits.max_bytes and file.read(1):
        reading.miss(Reason.TOO_LARGE)


def _fit(data: bytes, names: tuple[str, ...]) -> tuple[str, ...]:
    """The encoding used so far while it fits and says something; else the one that fits what stands here."""
    high = _HIGH.search(data)
    if names and names[0] != "windows-1252" and (high is None or _fits(data, names[0])):
        return names
    if high is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff")) and 0 not in data[: high.start()]:
        # ASCII at first: what comes after it tells
        start = data.rfind(b"\n", 0, high.start()) + 1
        return decide(data[max(start, high.start() - SAMPLE // 2) :][:SAMPLE])
    return decide(data[:SAMPLE])


def _fits(data: bytes, name: str) -> bool:
    if name != "utf-8":
        # a double-byte encoding takes nearly anything; what it leaves undecoded tells
        return data[:_WINDOW].decode(name, "replace").count("\ufffd") <= 0.001 * len(data)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _cut(data: bytes, name: str) -> int:
    """Where the window ends: after its last line break, or anywhere between characters when it has none."""
    if name.startswith(("utf-16", "utf-32")):
        width = 2 if "16" in name else 4
        mark = "\n".encode(name)
        at = data.rfind(mark)
        while at > 0 and at % width:
            at = data.rfind(mark, 0, at)
        return at + width if at >= 0 else len(data) - len(data) % width
    at = data.rfind(b"\n")
    if at < 0:
        at = data.rfind(b"\r", 0, len(data) - 1)  # a \n may follow a last \r
    if at >= 0:
        return at + 1
    decoder = codecs.getincrementaldecoder(name)("replace")
    decoder.decode(data)
    return max(1, len(data) - len(decoder.getstate()[0]))


def _decode(data: bytes, name: str) -> str:
    if not name:
        return ""
    return _BREAK.sub("\n", data.decode(name, "replace").removeprefix("\ufeff").replace("\0", ""))


def _lines_beyond_ascii(text: str) -> str:
    """A second reading holds only what may read otherwise; empty lines keep the count."""
    return "\n".join("" if line.isascii() else line for line in text.split("\n")) if text else ""
