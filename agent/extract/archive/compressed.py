"""Single compressed streams (gzip, bzip2, xz, zstd, lz4, lzip, lzma, compress) and what is inside them."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from typing import BinaryIO

import zstandard

from agent import media
from agent.extract.archive import library
from agent.extract.encoding import decide, decode
from agent.extract.member import document, metered, size_of
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_BLOCK = 2**20
_SIP = 2**11  # bytes of zstd at once, which may unpack to 64 MiB
_NAMED = 0x08  # flag of a gzip header: the name the file had
_FILTERS = {media.LZ4: "lz4", media.LZIP: "lzip", media.LZMA: "lzma", media.COMPRESS: "compress"}


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The document inside, under the place ``content``; damage or a limit ends it, and what came before is read."""
    packed = size_of(file)
    if reading.media_type == media.GZIP:
        yield from _name(file.read(1024))
        file.seek(0)
    blocks = metered(_OPENERS.get(reading.media_type, _filtered(reading.media_type))(file), packed, "", reading)
    yield from document("content", blocks, reading)


def _name(head: bytes) -> Iterator[Segment]:
    """The name the file had before it was packed (RFC 1952, 2.3.1)."""
    if len(head) > 10 and head[3] & _NAMED:
        start = 10 + (2 + int.from_bytes(head[10:12], "little") if head[3] & 0x04 else 0)
        raw = head[start:].partition(b"\0")[0]
        if raw:
            yield Segment(decode(raw, decide(raw)[0]), "file name", Zone.NAME, lines=False)


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


def _filtered(media_type: str) -> Callable[[BinaryIO], Iterator[bytes]]:
    def blocks(file: BinaryIO) -> Iterator[bytes]:
        if library.ffi is None:
            raise NotReadError(Reason.UNSUPPORTED, library.missing)
        with library.opened(file, ("raw",), (_FILTERS[media_type],)) as entries:
            for entry in entries:
                yield from entry.blocks()

    return blocks


_OPENERS: dict[str, Callable[[BinaryIO], Iterator[bytes]]] = {
    media.GZIP: lambda file: _blocks(gzip.GzipFile(fileobj=file)),
    media.BZIP2: lambda file: _blocks(bz2.BZ2File(file)),
    media.XZ: lambda file: _blocks(lzma.LZMAFile(file)),  # noqa: SIM115 - what is open stays the caller's
    media.ZSTD: _zstd,
}
