"""The streams of a Hangul document as bytes: compressed, and in documents for distribution enciphered too.

[HWP 5.0] is Hancom's "Hangul document file format 5.0", revision 1.3, 3.2 and 4.1; a document for distribution carries
its key in its first record, so that any viewer shows it, and is no secret.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_KEY_RECORD, _KEY_SIZE = 28, 256  # HWPTAG_DISTRIBUTE_DOC_DATA and its length
_BLOCK = 2**20
_OFTEN = 10_000  # records between two looks at the clock


def inflate(data: bytes, reading: Reading, part: str) -> bytes:
    """A raw deflate stream; damage keeps what came before it.

    Raises:
        NotReadError: longer than one part or the whole file may be.
    """
    unpacker = zlib.decompressobj(-15)
    found = bytearray()
    rest = data
    try:
        while rest and not unpacker.eof:
            block = unpacker.decompress(rest, _BLOCK)
            reading.unpack(len(block), part)
            found += block
            if len(found) > reading.limits.max_part:
                raise NotReadError(Reason.TOO_LARGE, part)
            rest = unpacker.unconsumed_tail
    except zlib.error as problem:
        reading.fail(problem, part)
    return bytes(found)


def decipher(data: bytes) -> bytes:
    """What stands behind the key record of a stream in ``ViewText``.

    Raises:
        ValueError, struct.error: there is no such record.
    """
    head = struct.unpack_from("<I", data, 0)[0]
    if head & 0x3FF != _KEY_RECORD or head >> 20 != _KEY_SIZE or len(data) < 4 + _KEY_SIZE:
        raise ValueError("no key record")
    record = bytearray(data[4 : 4 + _KEY_SIZE])
    chance = _chance(struct.unpack_from("<I", record, 0)[0])
    mask = left = 0
    for at in range(_KEY_SIZE):
        if not left:
            mask, left = next(chance) & 0xFF, (next(chance) & 0xF) + 1
        left -= 1
        if at >= 4:
            record[at] ^= mask
    start = 4 + (record[0] & 0xF)
    key = bytes(record[start : start + 16])
    body = data[4 + _KEY_SIZE :]
    plain = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305 - the format's own cipher
    return plain.update(body[: len(body) // 16 * 16])


def _chance(seed: int) -> Iterator[int]:
    """The numbers that ``rand`` of Microsoft's C library gives after ``srand(seed)``."""
    while True:
        seed = (seed * 214013 + 2531011) & 0xFFFFFFFF
        yield seed >> 16 & 0x7FFF


def records(data: bytes, reading: Reading) -> Iterator[tuple[int, int, bytes]]:
    """Kind, level and content of each record ([HWP 5.0] 4.1); one that goes beyond the end is given as far as it is."""
    at = number = 0
    while at + 4 <= len(data):
        if not number % _OFTEN:
            reading.tick()
        head = struct.unpack_from("<I", data, at)[0]
        at, size, number = at + 4, head >> 20, number + 1
        if size == 0xFFF:
            if at + 4 > len(data):
                return
            size = struct.unpack_from("<I", data, at)[0]
            at += 4
        yield head & 0x3FF, head >> 10 & 0x3FF, data[at : at + size]
        at += size
