"""Plain text in any encoding, read to its end in windows; where an encoding stops fitting it is decided anew."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from agent.extract.alphabets import LATIN, WIDE
from agent.extract.encoding import decide, sense, valid
from agent.extract.holes import skip_hole
from agent.extract.reading import Reading
from agent.extract.text import disguise
from config.verdict import Reason, Segment

_WINDOW = 2**20  # bytes
_BREAKS = "\x0b\x0c\x85\u2028\u2029"  # other characters that end a line
_WIDE = frozenset(WIDE)
_TELLING = _WIDE | {"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}  # encodings that do not take anything
_SWITCHES = (b"\x1b$", b"~{")  # what begins another alphabet in encodings of seven bits
_DECLARED = re.compile(rb"\s*<\?xml[^>]*\bencoding\s*=\s*[\"']([\w.:-]{1,40})")
# Three characters of Han in UTF-8, as letters: bytes that begin one, and bytes that go on. A search for what is alike
# is much faster than the pattern.
_CLASSES = bytes(72 if 0xE3 <= byte <= 0xE9 else 104 if 0x80 <= byte <= 0xBF else 32 for byte in range(256))
_DENSE = re.compile(rb"[\x80-\xff]{6}")  # no word of a language with accents
_THREE = b"Hhh" * 3


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Segments without a name of place: their lines are the lines of the file, counted through."""
    line = 1
    for text, other in _windows(file, reading):
        yield Segment(text, "", first=line)
        if other:
            yield Segment(other, "", first=line)
        yield from disguise.found(text, "", reading, first=line)
        line += text.count("\n")


def broken(text: str) -> str:
    """A text with one kind of line break."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for char in _BREAKS:
        if char in text:
            text = text.replace(char, "\n")
    return text


def beyond_ascii(text: str) -> str:
    """A second reading holds only what may read otherwise; empty lines keep the count."""
    return "\n".join("" if line.isascii() else line for line in text.split("\n")) if text else ""


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
        data = rest + (block if names[:1] and names[0].startswith(("utf-16", "utf-32")) else _without_nuls(block))
        if not data and not block:
            break
        names = _fit(data, names)
        # A regular file reads short only at its end: then the last line goes with the others.
        cut = len(data) if len(block) < wanted else _cut(data, names[0])
        rest = data[cut:]
        text, other = (_decode(data[:cut], name) for name in (*names, "")[:2])
        if text:
            yield text, beyond_ascii(other)
        if not block:
            break
    if consumed >= reading.limits.max_bytes and file.read(1):
        reading.miss(Reason.TOO_LARGE)


def _without_nuls(block: bytes) -> bytes:
    """Without the NULs at the start, save those that may belong to a wide character."""
    nuls = len(block) - len(block.lstrip(b"\0"))
    return block[nuls - nuls % 4 :]


def _fit(data: bytes, names: tuple[str, ...]) -> tuple[str, ...]:
    """The encoding used so far while it fits and says something; else the one that fits what stands here."""
    if names and data.isascii():
        if not any(sign in data for sign in _SWITCHES):
            return names
    elif names and names[0] in _TELLING and _fits(data, names[0]):
        return names
    declared = _DECLARED.match(data[:1000])
    return decide(data, declared.group(1).decode() if declared else "")


def _fits(data: bytes, name: str) -> bool:
    if name == "utf-8":
        return valid(data, name)
    # a double-byte encoding takes nearly anything; what it leaves undecoded tells
    return data.decode(name, "replace").count("\ufffd") <= 0.001 * len(data)


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
    if name in _WIDE and _THREE in data.translate(_CLASSES):
        text = "\n".join(_either(line, name) for line in data.split(b"\n"))
    elif name == "utf-8" and not valid(data, name):
        text = _mixed(data, name, _not_utf8)
    elif name in LATIN and _DENSE.search(data):
        text = _mixed(data, name, _DENSE.search)
    else:
        text = data.decode(name, "replace")
    return broken(text.removeprefix("\ufeff").replace("\0", ""))


def _mixed(data: bytes, name: str, foreign: Callable[[bytes], object]) -> str:
    """Lines in ``name`` among which some are in another encoding, as in logs that several programs write."""
    lines = data.split(b"\n")
    other = [number for number, line in enumerate(lines) if foreign(line)]
    texts = [line.decode(name, "replace") for line in lines]
    if other:
        name = decide(b"\n".join(lines[number] for number in other))[0]
        for number in other:
            texts[number] = lines[number].decode(name, "replace")
    return "\n".join(texts)


def _not_utf8(line: bytes) -> bool:
    text = line.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return bad > 0 and bad > 0.2 * (sum(char > "\x7f" for char in text) - bad)


def _either(line: bytes, name: str) -> str:
    """A line of a text in ``name``, or in UTF-8 where it is that and says something."""
    if _THREE in line.translate(_CLASSES):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            pass
        else:
            if sense(text) > 0.9:
                return text
    return line.decode(name, "replace")
