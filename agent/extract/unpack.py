"""The content of a member of a zip, unpacked as far as it can be, whatever sizes are stated (PKWARE APPNOTE 6.3)."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from agent.extract.members import BLOCK, BZIP2, DEFLATED, LZMA, STORED, DamagedError, Member, content_at, next_head

_STEP = 64  # bytes fed at once when what stands before a damaged place is to be saved


class UnknownMethodError(NotImplementedError):
    """A compression that is not read here."""


class _Unpacker(Protocol):
    """What the decompressors of the libraries share."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


def unpacked(file: BinaryIO, member: Member, start: int) -> Iterator[tuple[bytes, int]]:
    """The content of a member from ``start`` in blocks, each with how many packed bytes were taken so far.

    A stream that ends by itself ends the member, whatever size is stated. What stands before damage is given first.

    Raises:
        DamagedError: it ends too early, or is not what was packed.
        UnknownMethodError: the compression.
    """
    crc = total = 0
    try:
        for block, taken in _stream(file, member, start):
            crc = zlib.crc32(block, crc)
            total += len(block)
            yield block, taken
    except (zlib.error, OSError, ValueError, EOFError, lzma.LZMAError) as problem:
        yield from _saved(file, member, start, total)
        raise DamagedError(str(problem)) from problem
    if crc != member.crc and (member.crc or not member.flag_bits & 8) and not member.sealed:
        raise DamagedError("wrong checksum")


def first(file: BinaryIO, member: Member, count: int) -> bytes:
    """The first bytes of a stored or deflated member, unchecked; nothing of any other.

    Raises:
        DamagedError: its head is not there.
    """
    if member.sealed or member.compress_type not in (STORED, DEFLATED):
        return b""
    file.seek(content_at(file, member))
    packed = file.read(count)
    try:
        return packed if member.compress_type == STORED else zlib.decompressobj(-15).decompress(packed, count)
    except zlib.error:
        return b""


def _stream(file: BinaryIO, member: Member, start: int) -> Iterator[tuple[bytes, int]]:
    if member.compress_type == STORED:
        left = max(member.compress_size, member.file_size)
        size = file.seek(0, 2)
        if start + left > size:  # a lie, or the file is cut: up to where the next member begins
            left = next_head(file, start, size)[1] - start
        taken = 0
        while left > 0:
            file.seek(start + taken)
            block = file.read(min(left, BLOCK))
            if not block:
                raise EOFError("the file ends within it")
            left -= len(block)
            taken += len(block)
            yield block, taken
        return
    unpacker, start = _unpacker(file, member, start)
    taken = 0
    while not unpacker.eof:
        file.seek(start + taken)
        packed = file.read(min(BLOCK, member.compress_size - taken) if taken < member.compress_size else BLOCK)
        if not packed:
            raise EOFError("the file ends within it")
        taken += len(packed)
        block = unpacker.decompress(packed, BLOCK)
        yield block, taken  # an empty one too: whoever asks looks at the clock
        while block and not unpacker.eof:
            rest = getattr(unpacker, "unconsumed_tail", b"")
            if not rest and len(block) < BLOCK:
                break
            block = unpacker.decompress(rest, BLOCK)
            yield block, taken


def _unpacker(file: BinaryIO, member: Member, start: int) -> tuple[_Unpacker, int]:
    """A decompressor, and where its stream begins."""
    method = member.compress_type
    if method == DEFLATED:
        return zlib.decompressobj(-15), start
    if method == BZIP2:
        return bz2.BZ2Decompressor(), start
    if method == LZMA:  # 5.8.8: version, length of the properties, properties
        file.seek(start)
        length = int.from_bytes(file.read(4)[2:4], "little")
        options = lzma._decode_filter_properties(lzma.FILTER_LZMA1, file.read(length))  # type: ignore[attr-defined] # noqa: SLF001
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options]), start + 4 + length
    raise UnknownMethodError(f"compression {method}")


def _saved(file: BinaryIO, member: Member, start: int, known: int) -> Iterator[tuple[bytes, int]]:
    """What a deflated member gives before its damage beyond the ``known`` bytes: a library drops the last block."""
    if member.compress_type != DEFLATED:
        return
    unpacker = zlib.decompressobj(-15)
    total = taken = 0
    while not unpacker.eof:
        file.seek(start + taken)
        packed = file.read(_STEP)
        if not packed:
            return
        taken += len(packed)
        try:
            piece = unpacker.decompress(packed)
        except zlib.error:
            return
        total += len(piece)
        if total > known:
            yield piece[known - total :], taken
            known = total
