"""The chunk index that Publisher (``CHNKINK``) and Works 5 to 9 (``CHNKWKS``) keep their text under.

Blocks of an index are chained from 0x18: a count at 2, the next block at 4 (all ones ends the chain), then entries of
24 bytes with a name at 2, an offset at 16 and a length at 20. Neither format is published; this is what files show.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator

from agent.extract.encoding import decide, decode
from agent.extract.reading import Reading

MAGIC = (b"CHNKINK ", b"CHNKWKS ")
_FIRST, _ENTRY, _END = 0x18, 24, 0xFFFFFFFF
_SAMPLE = 1000  # lines beyond ASCII that tell the encoding
_BREAKS = {ord("\r"): "\n", ord("\x0b"): "\n", ord("\x1f"): None, ord("\xa0"): " "}
_NOISE = str.maketrans({**dict.fromkeys((*range(9), *range(14, 32))), **_BREAKS})


def texts(data: bytes, reading: Reading) -> Iterator[str]:
    """The content of every ``TEXT`` chunk, paragraphs as lines; page breaks stay form feeds.

    Raises:
        struct.error: an index block lies beyond the end.
        NotReadError: chunks that overlap add up to more than the file may hold.
    """
    at, seen = _FIRST, set[int]()
    while at != _END and at not in seen:
        seen.add(at)
        count, following = struct.unpack_from("<HI", data, at + 2)
        for place in range(at + 8, min(at + 8 + _ENTRY * count, len(data) - _ENTRY + 1), _ENTRY):
            if data[place + 2 : place + 6] == b"TEXT":
                start, size = struct.unpack_from("<II", data, place + 16)
                text = data[start : start + size]
                reading.unpack(len(text), "TEXT")
                yield clean(text.decode("utf-16-le", "replace"))
        at = following


def clean(text: str) -> str:
    """Paragraph marks as line breaks; the characters that stand for objects and fields left out."""
    return text.replace("\r\n", "\n").translate(_NOISE)


def narrow(raw: bytes) -> str:
    """8-bit text of these programs, in the code page of whoever wrote it."""
    return clean(decode(raw, code_page(raw.splitlines())))


def code_page(lines: Iterable[bytes]) -> str:
    """The encoding of many short texts, decided once for all; those of ASCII tell nothing of it."""
    beyond = itertools.islice((line.rstrip(b"\0") for line in lines if not line.isascii()), _SAMPLE)
    return decide(b"\n".join(beyond)[: 64 * _SAMPLE])[0]
