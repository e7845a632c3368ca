"""The members of a zip: from its directory, or from their own heads where that is damaged (PKWARE APPNOTE 6.3).

A zip library gives a file up whose directory is cut off, and trusts the sizes it states. Both would hide text here.
"""

from __future__ import annotations

import re
import struct
from typing import BinaryIO

import msgspec

from agent.extract.encoding import decide, decode

BLOCK = 2**20
_TAIL = 65_557  # the end of the directory lies within this many bytes of the end of the file (4.3.16)
_LARGEST = 64 * 2**20  # bytes of a directory; a million members
_ENTRY = struct.Struct("<4s2x2xHH4xIIIHHH8xI")  # 4.3.12
_HEAD = struct.Struct("<4sHHH4xIIIHH")  # 4.3.7
_END = struct.Struct("<4s6xHIIH")  # 4.3.16
_END_64 = struct.Struct("<4s28xQQQ")  # 4.3.14
_MARKS = re.compile(rb"PK(?:\x03\x04|\x07\x08|\x01\x02|\x05\x06)")
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
_KNOWN = {STORED, 1, 2, 3, 4, 5, 6, DEFLATED, 9, 10, BZIP2, LZMA, 93, 95, 96, 97, 98, 99}
_FULL = 0xFFFFFFFF


class Member(msgspec.Struct):
    """One member as it is described; none of the numbers can be trusted."""

    filename: str
    flag_bits: int
    compress_type: int
    crc: int
    compress_size: int
    file_size: int
    header_offset: int

    @property
    def sealed(self) -> bool:
        """Whether a password is needed."""
        return bool(self.flag_bits & 1)


class Members(msgspec.Struct):
    """All members of a zip."""

    found: list[Member]
    comment: bytes = b""
    damaged: bool = False  # members may be missing
    count: int = 0  # of members, also of those beyond the most that were wanted


class DamagedError(Exception):
    """A member cannot be read to its end."""


def members(file: BinaryIO, most: int) -> Members:
    """The members in the order of the directory; where it is damaged, those that it does not name follow."""
    size = file.seek(0, 2)
    result = _directory(file, size, most)
    if result is None:
        result = Members([], damaged=True)
    if result.damaged:
        known = {member.header_offset for member in result.found}
        result.found += [member for member in scan(file, most) if member.header_offset not in known]
        result.count = max(result.count, len(result.found))
    return result


def _directory(file: BinaryIO, size: int, most: int) -> Members | None:
    begin = max(0, size - _TAIL)
    file.seek(begin)
    tail = file.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        return None
    _, count, length, offset, comment = _END.unpack_from(tail, at)
    end = begin + at
    if _FULL in (length, offset) or count == 0xFFFF:
        count, length, offset, end = _large(file, size, end) or (count, length, offset, end)
    for start in (end - length, offset):  # a zip behind something else is found by the first
        if not 0 <= start <= size:
            continue
        file.seek(start)
        data = file.read(min(_LARGEST, max(0, end - start)))
        if data.startswith(b"PK\x01\x02") or not count:
            result = _entries(data, start - offset, most)
            result.comment = tail[at + _END.size :][:comment]
            result.damaged |= result.count != count and result.count & 0xFFFF != count
            return result
    return None


def _large(file: BinaryIO, size: int, end: int) -> tuple[int, int, int, int] | None:
    """Count, length and offset from the directory end of a zip of more than 4 GiB or 65,535 members."""
    start = max(0, end - 4096)
    file.seek(start)
    near = file.read(end - start)
    for at in (near.rfind(b"PK\x06\x06"), -1):
        if at >= 0 and at + _END_64.size <= len(near):
            _, count, length, offset = _END_64.unpack_from(near, at)
            if length <= size and offset <= size:
                return count, length, offset, start + at
    return None


def _entries(data: bytes, shift: int, most: int) -> Members:
    result = Members([])
    at = 0
    while at + _ENTRY.size <= len(data):
        mark, flags, method, crc, packed, size, name_size, extra_size, comment_size, offset = _ENTRY.unpack_from(
            data, at
        )
        if mark != b"PK\x01\x02":
            result.damaged = mark not in (b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x05\x05")
            return result
        at += _ENTRY.size
        result.count += 1
        if result.count <= most + 1:
            raw = data[at : at + name_size]
            if _FULL in (packed, size, offset):
                extra = data[at + name_size : at + name_size + extra_size]
                size, packed, offset = _wide(extra, size, packed, offset)
            name = name_of(raw, flags)
            result.found.append(Member(name, flags, method, crc, packed, size, offset + shift))
        at += name_size + extra_size + comment_size
    result.damaged = at != len(data)
    return result


def _wide(extra: bytes, *numbers: int) -> tuple[int, ...]:
    """The numbers that did not fit 32 bits, in their order, from the extra field 1 (4.5.3)."""
    at = 0
    values: list[int] = []
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            values = [int.from_bytes(field[start : start + 8], "little") for start in range(0, len(field) - 7, 8)]
            break
        at += 4 + length
    return tuple(values.pop(0) if number == _FULL and values else number for number in numbers)


def name_of(raw: bytes, flags: int) -> str:
    """The name of a member; without the UTF-8 flag it is in whatever code page the packer used (4.4.4)."""
    if raw.isascii():
        return raw.decode("ascii").partition("\0")[0]
    if flags & 0x800:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            pass
    return decode(raw, decide(raw)[0])


def scan(file: BinaryIO, most: int) -> list[Member]:
    """Members by their own heads, from the beginning of the file to its end."""
    size = file.seek(0, 2)
    found: list[Member] = []
    at = 0
    while len(found) <= most:
        mark, at = next_head(file, at, size)
        if not mark:
            break
        member, data = _head(file, at, size) if mark == b"PK\x03\x04" else (None, 0)
        if member is None:
            at += 4
            continue
        found.append(member)
        at = data + member.compress_size
    return found


def _head(file: BinaryIO, at: int, size: int) -> tuple[Member | None, int]:
    """The member whose head stands at an offset, and where its content begins."""
    file.seek(at)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None, 0
    _, version, flags, method, crc, packed, length, name_size, extra_size = _HEAD.unpack(head)
    raw = file.read(name_size)
    data = at + _HEAD.size + name_size + extra_size
    if version & 0xFF > 99 or method not in _KNOWN or not 0 < len(raw) == name_size or b"\0" in raw or data > size:
        return None, 0
    if _FULL in (packed, length):
        length, packed = _wide(file.read(extra_size), length, packed)
    if flags & 8 or data + packed > size:  # sizes come after the content, or lie
        packed, length = next_head(file, data, size)[1] - data, 0
    return Member(name_of(raw, flags), flags, method, crc, packed, length, at), data


def next_head(file: BinaryIO, at: int, size: int) -> tuple[bytes, int]:
    """The next mark and its offset; nothing and the end of the file when there is none."""
    while at < size:
        file.seek(at)
        block = file.read(BLOCK)
        if match := _MARKS.search(block):
            return match.group(), at + match.start()
        if len(block) < 4:
            break
        at += len(block) - 3
        if len(block) < BLOCK:
            break
    return b"", size


def content_at(file: BinaryIO, member: Member) -> int:
    """Where the content of a member begins.

    Raises:
        DamagedError: its head is not there.
    """
    if member.header_offset < 0:
        raise DamagedError("an offset before the file")
    file.seek(member.header_offset)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(b"PK\x03\x04"):
        raise DamagedError("no head of a member where the directory says")
    return (
        member.header_offset
        + _HEAD.size
        + int.from_bytes(head[26:28], "little")
        + int.from_bytes(head[28:30], "little")
    )
