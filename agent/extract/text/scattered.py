"""Text that stands between other bytes: swap files of vim, journals of databases.

Vim keeps the text of a file that is edited in blocks, line by line, each ended by a NUL, the last line of a block first
(memline.c); the journal of SQLite keeps pages as they were (sqlite.org/fileformat2.html, 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.encoding import decide, decode
from agent.extract.reading import Reading
from config.verdict import Segment

_WINDOW = 2**20  # bytes
_OVERLAP = 2**12
# Runs of UTF-8 first: what stands between them, and is no control character, may be text in another encoding.
_UTF8 = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){4,}"
)
_OTHER = re.compile(rb"(?=[^\x00-\x08\x0e-\x1f\x7f]{0,8}[\x80-\xff])[^\x00-\x08\x0e-\x1f\x7f]{6,}")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """What can be read, in the order in which it lies; a line of it is a run of characters."""
    rest = b""
    while block := file.read(_WINDOW):
        reading.tick()
        data = rest + block
        cut = len(data) if len(block) < _WINDOW else max(data.rfind(b"\0") + 1, len(data) - _OVERLAP)
        rest = data[cut:]
        runs = b"\n".join(_UTF8.findall(data[:cut]))
        if runs:
            yield Segment(runs.decode("utf-8", "replace"), "", lines=False)
        others = b"\n".join(_OTHER.findall(_UTF8.sub(b"\0", data[:cut])))
        if others:
            yield Segment(decode(others, decide(others)[0]), "", lines=False)
