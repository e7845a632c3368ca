"""Single compressed streams: gzip (RFC 1952), bzip2, xz and lzma, zstd (RFC 8878), and what is inside them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Iterator
from typing import BinaryIO

import zstandard

from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_BLOCK = 2**20
_SIP = 2**11  # bytes of zstd at once, which may unpack to 64 MiB
_JUDGED_ABOVE = 16 * 2**20


def _blocks(stream: BinaryIO | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    """Frame after frame; the library's own reader does not say that the last one is cut off."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    while chunk := file.read(_SIP):
        while chunk:
            yield frame.decompress(chunk)
            chunk = frame.unused_data
            if frame.eof:
                frame = zstandard.ZstdDecompressor().decompressobj()
                if not chunk and not (chunk := file.read(_SIP)):
                    return
    raise EOFError("the last frame is cut off")


_OPENERS: tuple[tuple[bytes, Callable[[BinaryIO], Iterator[bytes]]], ...] = (
    (b"\x1f\x8b", lambda file: _blocks(gzip.GzipFile(fileobj=file))),
    (b"BZh", lambda file: _blocks(bz2.BZ2File(file))),
    (b"\xfd7zXZ\x00", lambda file: _blocks(lzma.LZMAFile(file))),  # noqa: SIM115 - what is open stays the caller's
    (b"\x28\xb5\x2f\xfd", _zstd),
)


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The document inside, under the place ``content``.

    Raises:
        NotReadError: packed like a bomb, or larger than allowed.
        OSError, EOFError, lzma.LZMAError, zstandard.ZstdError: damaged; what came before is read all the same.
    """
    head = file.read(8)
    packed = max(1, file.seek(0, 2))
    file.seek(0)
    opener = next(opener for magic, opener in _OPENERS if head.startswith(magic))
    content = io.BytesIO()
    damage: Exception | None = None
    try:
        for block in opener(file):
            content.write(block)
            reading.unpack(len(block), "content")
            _bound(content.tell(), packed, reading)
    except NotReadError:
        raise
    except Exception as problem:  # noqa: BLE001 - each library has its own word for damage; what came before is read
        damage = problem
    content.seek(0)
    if content.getbuffer().nbytes:
        yield from reading.inner("content", content)
    if damage is not None:
        reading.fail(damage)


def _bound(unpacked: int, packed: int, reading: Reading) -> None:
    if unpacked > max(_JUDGED_ABOVE, reading.limits.max_ratio * packed):
        raise NotReadError(Reason.RATIO)
    if unpacked > reading.limits.max_bytes:
        raise NotReadError(Reason.TOO_LARGE)
