"""IWA, the archives in documents of Pages, Numbers and Keynote since 2013: Snappy blocks of protobuf messages.

Apple publishes no description. The block format is Snappy's own (google/snappy, format_description.txt) without its
framing checks; messages are those of protobuf (protobuf.dev, "Encoding").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_DEEPEST = 12
_LARGEST = 2**20  # bytes of a block; Apple's hold 64 KiB
_BLOCK_HEAD = 4  # a zero, then the length in three bytes


class Message(NamedTuple):
    """One object of a document; what ``kind`` means depends on the program that wrote it, from 200 on on none."""

    identifier: int
    kind: int
    data: bytes


class Field(NamedTuple):
    """A field of a message: a number, or bytes that may be text or a message."""

    number: int
    value: int
    data: bytes | None


def messages(packed: bytes, reading: Reading, name: str) -> Iterator[Message]:
    """The messages of one archive.

    Raises:
        ValueError: damaged; what came before stays.
    """
    data, damage = _unpack(packed, reading, name)
    at = 0
    while at < len(data):
        length, at = _varint(data, at)
        head, at = data[at : at + length], at + length
        identifier = 0
        for field in fields(head):
            if field.number == 1 and field.data is None:
                identifier = field.value
            elif field.number == 2 and field.data is not None:
                inner = {item.number: item.value for item in fields(field.data) if item.data is None}
                size = inner.get(3, 0)
                if at + size > len(data):
                    raise ValueError("a message is cut off")
                yield Message(identifier, inner.get(1, 0), data[at : at + size])
                at += size
    if damage is not None:
        raise damage


def fields(data: bytes) -> Iterator[Field]:
    """The fields of a message; what is no message ends where it stops making sense."""
    at = 0
    try:
        while at < len(data):
            key, at = _varint(data, at)
            kind = key & 7
            if kind == 0:
                value, at = _varint(data, at)
                yield Field(key >> 3, value, None)
            elif kind == 2:
                length, at = _varint(data, at)
                if at + length > len(data):
                    return
                yield Field(key >> 3, 0, data[at : at + length])
                at += length
            elif kind in (1, 5):
                at += 8 if kind == 1 else 4
            else:
                return
    except ValueError:
        return


def first(data: bytes, *path: int) -> bytes:
    """The bytes of the first field along a path of numbers; empty when there is none."""
    for number in path:
        data = next((field.data for field in fields(data) if field.number == number and field.data is not None), b"")
    return data


def reference(data: bytes) -> int:
    """The object that a reference points to."""
    return next((field.value for field in fields(data) if field.number == 1 and field.data is None), 0)


def references(data: bytes, depth: int = 0) -> Iterator[int]:
    """Every number that may be a reference, in order."""
    for field in fields(data):
        if field.data is None:
            if field.number == 1:
                yield field.value
        elif depth < _DEEPEST:
            yield from references(field.data, depth + 1)


def strings(data: bytes, depth: int = 0) -> Iterator[str]:
    """Every field that reads as words: Chinese, or more than one word."""
    for field in fields(data):
        if field.data is None or len(field.data) < 2:
            continue
        text = _text(field.data)
        if text and (" " in text.strip() or not text.isascii()):
            yield text
        elif not text and depth < _DEEPEST:
            yield from strings(field.data, depth + 1)


def _text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if all(char >= " " or char in "\n\t\r" for char in text) else ""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number is cut off")


def _unpack(packed: bytes, reading: Reading, name: str) -> tuple[bytes, ValueError | None]:
    """All blocks in one, or those before the damage and what it is."""
    found = bytearray()
    at = 0
    while at + _BLOCK_HEAD <= len(packed):
        length = int.from_bytes(packed[at + 1 : at + _BLOCK_HEAD], "little")
        try:
            block = _snappy(packed[at + _BLOCK_HEAD : at + _BLOCK_HEAD + length] if not packed[at] else b"")
        except ValueError as problem:
            return bytes(found), problem
        reading.unpack(len(block), name)
        found += block
        if len(found) > reading.limits.max_part:
            raise NotReadError(Reason.TOO_LARGE, name)
        at += _BLOCK_HEAD + length
    return bytes(found), None


def _snappy(data: bytes) -> bytes:
    """One block: literals, and copies of what came before (format_description.txt, 2)."""
    size, at = _varint(data, 0)
    if size > _LARGEST:
        raise ValueError("a block larger than any")
    found = bytearray()
    while at < len(data):
        tag = data[at]
        kind = tag & 3
        at += 1
        if kind == 0:
            length = (tag >> 2) + 1
            if length > 60:
                more = length - 60
                length = int.from_bytes(data[at : at + more], "little") + 1
                at += more
            found += data[at : at + length]
            at += length
        else:
            width = (1, 2, 4)[kind - 1]
            offset = int.from_bytes(data[at : at + width], "little")
            length = (tag >> 2) + 1
            if kind == 1:
                length, offset = (tag >> 2 & 7) + 4, offset | (tag & 0xE0) << 3
            at += width
            if not 0 < offset <= len(found):
                raise ValueError("a copy from before the start")
            start = len(found) - offset
            piece = found[start : start + length]
            found += (piece * (length // len(piece) + 1))[:length]
        if len(found) > size:
            raise ValueError("a block longer than it says")
    return bytes(found)
