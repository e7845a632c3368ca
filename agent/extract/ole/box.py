"""OLE storages that only wrap another file: objects embedded in office documents ([MS-OLEDS] 2.3.6)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from agent.extract.encoding import decide, decode
from agent.extract.ole.compound import opened
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_NATIVE = "\x01ole10native"
_WHOLE = ("package", "contents", "embeddedodf")  # streams that are a file as they stand


class Native(msgspec.Struct):
    """A file wrapped by the Object Packager: its name, where it came from, itself."""

    name: str
    paths: tuple[str, ...]
    content: bytes


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The file inside, and the paths that it had.

    Raises:
        NotReadError: the storage is of a kind without a reader.
        OSError: damaged.
    """
    found = False
    with opened(file, reading) as storage:
        for entry in storage.listdir():
            kind = entry[-1].lower()
            if kind != _NATIVE and kind not in _WHOLE:
                continue
            found = True
            data = storage.openstream(entry).read()
            reading.unpack(len(data), entry[-1].lstrip("\x01"))
            wrapped = native(data) if kind == _NATIVE else Native(entry[-1], (), data)
            if wrapped.paths:
                yield Segment("\n".join(wrapped.paths), "property:path", Zone.PROPERTY, lines=False)
            if wrapped.content:
                yield from reading.inner(wrapped.name, io.BytesIO(wrapped.content))
    if not found:
        raise NotReadError(Reason.UNSUPPORTED)


def native(data: bytes) -> Native:
    """A packaged file; without the marks of a package, everything after its length.

    Newer writers add label and paths once more behind the file, in UTF-16: a name may have no bytes in the old one.
    """
    if len(data) < 6 or struct.unpack_from("<H", data, 4)[0] != 2:
        return Native("object", (), data[4:])
    try:
        label, at = _word(data, 6)
        path, at = _word(data, at)
        length = struct.unpack_from("<I", data, at + 4)[0]
        copy = _text(data[at + 8 : at + 8 + length].rstrip(b"\0"))
        at += 8 + length
        size = struct.unpack_from("<I", data, at)[0]
    except (struct.error, ValueError):
        return Native("object", (), data[4:])
    wide = _wide(data[at + 4 + size :])
    if len(wide) == 3:
        copy, label, path = (new or old for new, old in zip(wide, (copy, label, path), strict=True))
    name = (label or path).replace("\\", "/").rpartition("/")[2] or "object"
    paths = tuple(dict.fromkeys(place for place in (path, copy) if place))
    return Native(name, paths, data[at + 4 : at + 4 + size])


def _word(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return _text(data[at:end]), end + 1


def _text(raw: bytes) -> str:
    return decode(raw, decide(raw)[0])


def _wide(data: bytes) -> list[str]:
    """The three strings at the end, each behind the number of its characters."""
    found: list[str] = []
    at = 0
    while len(found) < 3 and at + 4 <= len(data):
        count = struct.unpack_from("<I", data, at)[0]
        if count > (len(data) - at - 4) // 2:
            break
        found.append(data[at + 4 : at + 4 + 2 * count].decode("utf-16-le", "replace").rstrip("\0"))
        at += 4 + 2 * count
    return found
