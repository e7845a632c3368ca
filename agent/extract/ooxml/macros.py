"""The source of macros, comments included ([MS-OVBA] 2.3.4.2 and 2.4.1)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile

from agent.extract.encoding import decide, decode
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_MODULES = 2_000
_VERSION, _STREAM_NAME, _OFFSET = 0x0009, 0x0032, 0x0031


def read(data: bytes, reading: Reading, part: str) -> Iterator[Segment]:
    """One segment a module, ``macro``."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as storage:
            yield from modules(storage, reading, part)
    except OSError as problem:
        reading.fail(problem, part)


def modules(storage: olefile.OleFileIO, reading: Reading, part: str) -> Iterator[Segment]:
    """The modules of all projects in a compound file."""
    found = False
    for path in storage.listdir():
        if path[-1].lower() != "dir" or len(path) < 2 or path[-2].upper() != "VBA":
            continue
        for name, offset in _listed(_unpack(storage.openstream(path).read(), reading, part)):
            stream = [*path[:-1], name]
            if not storage.exists(stream):
                continue
            source = _unpack(storage.openstream(stream).read()[offset:], reading, part)
            text = decode(source, decide(source)[0]).replace("\r\n", "\n")
            said = "\n".join(line for line in text.split("\n") if line.strip() and not line.startswith("Attribute "))
            found = True
            if said:
                yield Segment(said, f"macro {name}", Zone.PROPERTY)
    if not found:
        reading.miss(Reason.UNSUPPORTED, part)


def _listed(records: bytes) -> Iterator[tuple[str, int]]:
    """Stream name and offset of the source of each module, from the records of the ``dir`` stream."""
    at = count = 0
    name = ""
    while at + 6 <= len(records) and count < _MODULES:
        kind, size = struct.unpack_from("<HI", records, at)
        size = 6 if kind == _VERSION else size
        value = records[at + 6 : at + 6 + size]
        at += 6 + size
        if kind == _STREAM_NAME:
            name = value.decode("utf-16-le", "replace")
        elif kind == _OFFSET and len(value) == 4 and name:
            count += 1
            yield name, int.from_bytes(value, "little")


def _unpack(data: bytes, reading: Reading, part: str) -> bytes:
    """A compressed container: a mark, then chunks of at most 4096 bytes each."""
    if not data.startswith(b"\x01"):
        return b""
    result = bytearray()
    at = 1
    while at + 2 <= len(data):
        header = int.from_bytes(data[at : at + 2], "little")
        end = min(len(data), at + 3 + (header & 0xFFF))
        at += 2
        if header >> 12 & 7 != 3:
            break
        before = len(result)
        if header & 0x8000:
            _chunk(data, at, end, result)
        else:
            result += data[at : at + 4096]
        reading.unpack(len(result) - before, part)
        at = end
    return bytes(result)


def _chunk(data: bytes, at: int, end: int, result: bytearray) -> None:
    """Eight tokens behind each byte of flags: a byte as it is, or a copy of what stands before it."""
    start = len(result)
    while at < end:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= end:
                return
            if not flags >> bit & 1:
                result.append(data[at])
                at += 1
                continue
            token = int.from_bytes(data[at : at + 2], "little")
            at += 2
            bits = max(4, (len(result) - start - 1).bit_length())
            back, length = (token >> 16 - bits) + 1, (token & 0xFFFF >> bits) + 3
            if back > len(result) - start or len(result) - start + length > 4096:
                return
            for _ in range(length):
                result.append(result[-back])
