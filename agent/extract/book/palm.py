"""Books and texts in a Palm database: Mobipocket and Kindle (KF7, KF8), PalmDOC, eReader.

https://wiki.mobileread.com/wiki/PDB, /MOBI, /PalmDOC, /EReader
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from agent.extract.book import compression
from agent.extract.encoding import decide, decode
from agent.extract.picture import worth_reading
from agent.extract.reading import NotReadError, Reading
from agent.extract.text import web
from config.verdict import Reason, Segment, Zone

_PLAIN, _PACKED, _HUFFMAN, _DEFLATED = 1, 2, 17_480, 10
_LONGEST = 2**17  # bytes of a packed text record; real ones hold 4 KiB of text
_KEPT = {  # EXTH records that are words
    100: "Author",
    101: "Publisher",
    103: "Description",
    105: "Subject",
    106: "Date",
    108: "Contributor",
    109: "Rights",
    112: "Source",
    503: "Title",
}
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM")
_MARKUP = re.compile(r"\\(?:a(\d{3})|U([0-9a-fA-F]{4})|[a-zA-Z](?:\d|(?==))?(?:=\"[^\"]*\")?|([-\\]))")


class _Records:
    """The numbered records of a Palm database, each read when asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.seek(0)
        head = file.read(78)
        self.name = head[:32].partition(b"\0")[0]
        self.kind = head[60:68]
        table = file.read(8 * int.from_bytes(head[76:78]))
        self._starts = [start for start, _ in struct.iter_unpack(">II", table[: len(table) // 8 * 8])]
        self._starts.append(file.seek(0, 2))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> bytes:
        """A record; records may lie in any order only in damaged files, where a length below zero is none."""
        if not 0 <= number < len(self):
            return b""
        start, end = self._starts[number : number + 2]
        self._file.seek(start)
        return self._file.read(max(0, min(end - start, 2**24)))


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Properties, then the text, then pictures and other parts.

    Raises:
        NotReadError: sealed, damaged, or of a kind without a reader.
    """
    records = _Records(file)
    head = records[0]
    if records.name:
        yield Segment(decode(records.name, decide(records.name)[0]), "property:name", Zone.PROPERTY, lines=False)
    if len(head) < 16:
        raise NotReadError(Reason.CORRUPT)
    if records.kind == b"PNRdPPrs":
        yield from _ereader(records, reading)
    elif records.kind == b"BOOKMOBI":
        yield from _mobipocket(records, reading)
    else:
        data = _text(records, _unpacking(records, reading), 0, reading)
        yield Segment(decode(data, decide(data)[0]).replace("\r\n", "\n").replace("\0", ""), "body")


def _mobipocket(records: _Records, reading: Reading) -> Iterator[Segment]:
    head = records[0]
    size = int.from_bytes(head[20:24]) if head[16:20] == b"MOBI" else 0
    utf8 = int.from_bytes(head[28:32]) == 65001
    title_at, title_size = struct.unpack(">II", head[84:92].ljust(8, b"\0"))
    if title := head[title_at : title_at + min(title_size, 4096)]:
        yield Segment(_said(title, utf8), "property:Title", Zone.PROPERTY, lines=False)
    for kind, value in _extended(head[16 + size :]):
        if kind in _KEPT and value:
            yield Segment(_said(value, utf8), f"property:{_KEPT[kind]}", Zone.PROPERTY, lines=False)
    if int.from_bytes(head[12:14]):
        raise NotReadError(Reason.ENCRYPTED)
    flags = int.from_bytes(head[242:244]) if size >= 228 else 0
    data = _text(records, _unpacking(records, reading), flags, reading)
    yield from web.page(_said(data, utf8))
    yield from _parts(records, reading)


def _said(data: bytes, utf8: bool) -> str:
    """Text in the encoding the book names, where it fits; tools write Chinese into books that say windows-1252."""
    name = decide(data)[0]
    return decode(data, "utf-8" if utf8 and name == "windows-1252" else name)


def _extended(data: bytes) -> Iterator[tuple[int, bytes]]:
    if not data.startswith(b"EXTH"):
        return
    at = 12
    for _ in range(min(int.from_bytes(data[8:12]), len(data) // 8)):
        kind, size = struct.unpack(">II", data[at : at + 8].ljust(8, b"\0"))
        if size < 8:
            return
        yield kind, data[at + 8 : at + size]
        at += size


def _unpacking(records: _Records, reading: Reading) -> Callable[[bytes], bytes]:
    head = records[0]
    kind = int.from_bytes(head[:2])
    if kind == _PLAIN:
        return bytes
    if kind == _PACKED:
        return compression.palmdoc
    if kind == _HUFFMAN:
        first, count = struct.unpack(">II", head[112:120].ljust(8, b"\0"))
        tables = [records[number] for number in range(first, min(first + count, len(records)))]
        return compression.Huffman(tables, reading).unpack
    raise NotReadError(Reason.UNSUPPORTED)


def _text(records: _Records, unpack: Callable[[bytes], bytes], flags: int, reading: Reading) -> bytes:
    """All text records joined; one that is damaged is noted and passed over."""
    parts: list[bytes] = []
    total = 0
    for number in range(1, int.from_bytes(records[0][8:10]) + 1):
        if number >= len(records):
            reading.miss(Reason.CORRUPT, f"record {number}")
            break
        try:
            part = unpack(_trimmed(_short(records[number]), flags))
        except (ValueError, IndexError, struct.error) as problem:
            reading.fail(problem, f"record {number}")
            continue
        total += len(part)
        reading.unpack(len(part), f"record {number}")
        if total > reading.limits.max_part:
            reading.miss(Reason.TOO_LARGE, f"record {number}")
            break
        parts.append(part)
    return b"".join(parts)


def _short(record: bytes) -> bytes:
    if len(record) > _LONGEST:
        raise ValueError("a text record without end")
    return record


def _trimmed(data: bytes, flags: int) -> bytes:
    """A text record without the entries behind it, each of which ends with its own size."""
    end = len(data)
    for bit in range(15, 0, -1):
        if flags >> bit & 1 and end > 0:
            size = 0
            for index, byte in enumerate(reversed(data[max(0, end - 4) : end])):
                size |= (byte & 0x7F) << 7 * index
                if byte & 0x80:
                    break
            end = max(0, end - size)
    if flags & 1 and end > 0:
        end -= (data[end - 1] & 3) + 1
    return data[: max(0, end)]


def _parts(records: _Records, reading: Reading) -> Iterator[Segment]:
    """What follows the text: pictures are named, a source packed by the publisher is read."""
    for number in range(int.from_bytes(records[0][8:10]) + 1, len(records)):
        data = records[number]
        if data.startswith(_PICTURES) and worth_reading(data, len(data)):
            reading.miss(Reason.OCR_OFF, f"record {number}")
        elif data.startswith((b"AUDI", b"VIDE")):
            reading.miss(Reason.UNSUPPORTED, f"record {number}")
        elif data.startswith(b"SRCS") and len(data) > 16:
            reading.unpack(len(data), "source")
            yield from reading.inner("source", io.BytesIO(data[16:]))
        reading.tick()


def _ereader(records: _Records, reading: Reading) -> Iterator[Segment]:
    """Palm Markup Language, its marks taken out."""
    head = records[0]
    kind = int.from_bytes(head[:2])
    if len(head) != 132 or kind not in (_PACKED, _DEFLATED):
        raise NotReadError(Reason.ENCRYPTED if kind in (260, 272) else Reason.UNSUPPORTED)
    lines: list[str] = []
    for number in range(1, min(int.from_bytes(head[12:14]), len(records))):
        try:
            data = _inflate(records[number]) if kind == _DEFLATED else compression.palmdoc(_short(records[number]))
        except (zlib.error, ValueError) as problem:
            reading.fail(problem, f"record {number}")
            continue
        reading.unpack(len(data), f"record {number}")
        lines.append(_MARKUP.sub(_unmarked, decode(data, decide(data)[0])))
    if any(lines):
        yield Segment("".join(lines).replace("\r\n", "\n").replace("\0", ""), "body")


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, 2**20)


def _unmarked(match: re.Match[str]) -> str:
    code, wide, sign = match.groups()
    if code or wide:
        return bytes([int(code) & 0xFF]).decode("cp1252", "replace") if code else chr(int(wide, 16))
    return "\\" if sign == "\\" else "\n" if match.group()[1] in "px" else ""
