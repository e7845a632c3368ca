"""OLE storages that only wrap another file: objects embedded in office documents ([MS-OLEDS] 2.3.6)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.encoding import decide, decode
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_NATIVE = "\x01Ole10Native"
_WHOLE = ("Package", "CONTENTS", "EmbeddedOdf")  # streams that are a file as they stand


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The file inside.

    Raises:
        NotReadError: the storage is of a kind without a reader.
        OSError: damaged.
    """
    found = False
    with olefile.OleFileIO(file) as storage:
        for entry in storage.listdir():
            if entry[-1] not in (_NATIVE, *_WHOLE):
                continue
            found = True
            data = storage.openstream(entry).read()
            reading.unpack(len(data), entry[-1])
            name, content = native(data) if entry[-1] == _NATIVE else (entry[-1], data)
            yield from reading.inner(name, io.BytesIO(content))
    if not found:
        raise NotReadError(Reason.UNSUPPORTED)


def native(data: bytes) -> tuple[str, bytes]:
    """Name and content of a packaged file; without the marks of a package, everything after its length."""
    if len(data) < 6 or struct.unpack_from("<H", data, 4)[0] != 2:
        return "object", data[4:]
    try:
        label, at = _word(data, 6)
        _, at = _word(data, at)
        at += 4
        at += 4 + struct.unpack_from("<I", data, at)[0]
        size = struct.unpack_from("<I", data, at)[0]
    except (struct.error, ValueError):
        return "object", data[4:]
    return label.replace("\\", "/").rpartition("/")[2] or "object", data[at + 4 : at + 4 + size]


def _word(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return decode(data[at:end], decide(data[at:end])[0]), end + 1
