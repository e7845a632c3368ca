"""OLE storages that wrap another file ([MS-OLEDS] 2.3.6), and documents in OLE of a kind that has no reader."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import olefile

from agent.extract.encoding import decide, decode
from agent.extract.ole.compound import opened
from agent.extract.ole.properties import properties
from agent.extract.ole.runs import runs
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_NATIVE = "\x01ole10native"
_WHOLE = ("package", "contents", "embeddedodf")  # streams that are a file as they stand
_FILES = (b"PK\x03\x04", b"%PDF-", olefile.MAGIC, b"{\\rtf", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_MOST = 16 * 2**20  # bytes looked through for words in one file, at up to half a second each million


class Native(msgspec.Struct):
    """A file wrapped by the Object Packager: its name, where it came from, itself."""

    name: str
    paths: tuple[str, ...]
    content: bytes


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The file inside. Of a kind without a reader: properties, files in streams, and what reads as words elsewhere."""
    try:
        yield from _storage(file, reading)
    except (OSError, IndexError) as problem:  # without its directory a compound file is still made of its streams
        reading.fail(problem)
        file.seek(0)
        if said := list(runs(file.read(_MOST), reading)):
            yield Segment("\n".join(said), "content")


def _storage(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    with opened(file, reading) as storage:
        wrapped = [entry for entry in storage.listdir() if entry[-1].lower() in (_NATIVE, *_WHOLE)]
        for entry in wrapped:
            yield from packaged(storage, entry, reading)
        if not wrapped:
            reading.miss(Reason.UNSUPPORTED)
            yield from properties(storage, reading)
            yield from words(storage, reading)


def packaged(storage: olefile.OleFileIO, entry: list[str], reading: Reading) -> Iterator[Segment]:
    """The file that one stream wraps, and the paths that it had."""
    data = storage.openstream(entry).read()
    reading.unpack(len(data), entry[-1].lstrip("\x01"))
    wrapped = native(data) if entry[-1].lower() == _NATIVE else Native(entry[-1], (), data)
    if wrapped.paths:
        yield Segment("\n".join(wrapped.paths), "property:path", Zone.PROPERTY, lines=False)
    if wrapped.content:
        yield from reading.inner(wrapped.name, io.BytesIO(wrapped.content))


def words(storage: olefile.OleFileIO, reading: Reading) -> Iterator[Segment]:
    """A best effort on streams of unknown layout: whole files in them, then the runs that read as text."""
    left = _MOST
    for entry in storage.listdir():
        name = "/".join(entry)
        if entry[-1].startswith(("\x01", "\x03", "\x05")):  # about the storage itself: [MS-OLEDS], [MS-OLEPS]
            continue
        try:
            data = storage.openstream(entry).read()
        except (OSError, ValueError) as problem:
            reading.fail(problem, name)
            continue
        reading.unpack(len(data), name)
        if start := _file(data):
            yield from reading.inner(name, io.BytesIO(data[start - 1 :]))
        elif said := list(runs(data[:left], reading)):
            yield Segment("\n".join(said), "content")
        left -= 0 if start else min(left, len(data))


def _file(data: bytes) -> int:
    """Where in a stream a file of a known kind begins, counted from one; thumbnails have a short head before them."""
    return next((at + 1 for at in (0, 4, 12, 24) if data.startswith(_FILES, at)), 0)


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
