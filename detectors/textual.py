"""Whether decoded bytes are text, and what packed bytes hold.

Random bytes must not pass: a digest, a key or a picture in base64 gives no text here. Encodings tried are UTF-8,
UTF-16, GB18030 and Big5, by the shares of signs that occur in writing.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Callable

import zstandard

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_UNWRITTEN = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd-\uffff]")
# Two bytes of GB 2312: punctuation, letters and Han of level one, then those of level two; of Big5: common Han.
_COMMON = {
    "gb18030": re.compile(rb"[\xa1-\xa3][\xa1-\xfe]|[\xb0-\xd7][\xa1-\xfe]"),
    "big5": re.compile(rb"\xa1[\x40-\x7e\xa1-\xfe]|[\xa4-\xc6][\x40-\x7e\xa1-\xfe]"),
}
_HIGH = re.compile(rb"[\x81-\xfe][\x30-\xfe]")
_WIDE = re.compile("[\t\n\r -~\u2010-\u2027\u2605\u2606\u3000-\u303f\u4e00-\u9fa5\uff01-\uff5e]")
_HIGHS = bytes((0, 0x20, 0x26, 0x30, 0xFE, 0xFF, *range(0x4E, 0xA0)))  # first bytes of what _WIDE allows
_SHORTEST = 6  # bytes: two Han
_WINDOW = 2**23  # bytes a zstd frame may ask for
_LAYERS = 3  # archives of archives


def text(data: bytes) -> str | None:
    """The text of bytes that are one, else nothing. The last character may be cut."""
    if len(data) < _SHORTEST:
        return None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _wide(data[2:], "utf-16-le" if data[0] == 0xFF else "utf-16-be")
    if not _CONTROL.search(data):
        found = _utf8(data)
        return found if found is not None else _chinese(data)
    if len(data) >= 2 * _SHORTEST - 2 and not len(data) % 2:
        return _wide(data, "utf-16-le") or _wide(data, "utf-16-be")
    return None


def promising(head: bytes) -> bool:
    """Whether what begins so may be text, or packed."""
    return _plausible(head) or head.startswith(_MAGIC)


def _plausible(head: bytes) -> bool:
    if not _CONTROL.search(head):
        return len(head) >= _SHORTEST and text(head) is not None
    few = len(head) // 16
    return len(head[::2].translate(None, _HIGHS)) <= few or len(head[1::2].translate(None, _HIGHS)) <= few


def _utf8(data: bytes) -> str | None:
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        if problem.reason != "unexpected end of data" or problem.start < _SHORTEST:
            return None
        found = data[: problem.start].decode("utf-8")
    return None if not found.isascii() and _UNWRITTEN.search(found) else found


def _chinese(data: bytes) -> str | None:
    pairs = _HIGH.findall(data)
    if not pairs:
        return None
    for name, common in _COMMON.items():
        if len(common.findall(data)) < 0.85 * len(pairs):
            continue
        try:
            found = data.decode(name)
        except UnicodeDecodeError as problem:
            if problem.start < len(data) - 1:
                continue
            found = data[: problem.start].decode(name)
        if not _UNWRITTEN.search(found):
            return found
    return None


def _wide(data: bytes, name: str) -> str | None:
    """UTF-16: nearly all of it ASCII and Chinese, for any two bytes are some character."""
    head = data[:512].decode(name, "replace")
    if len(_WIDE.findall(head)) < 0.95 * len(head):
        return None
    found = data.decode(name, "replace")
    return None if len(found) - len(_WIDE.findall(found)) > 0.1 * len(found) else found


def unpack(data: bytes, most: int) -> tuple[bytes, bool] | None:
    """What gzip, zlib, bzip2, xz or zstd bytes hold, up to ``most`` bytes, and whether more was left.

    Nothing for bytes that are none of these. What is damaged is given as far as it can be read.
    """
    whole = True
    packed = False
    for _ in range(_LAYERS):
        found = _once(data, most)
        if found is None:
            break
        data, complete = found
        whole, packed = whole and complete, True
    return (data, not whole) if packed else None


def _once(data: bytes, most: int) -> tuple[bytes, bool] | None:
    opener = next((opener for magic, opener in _PACKED if data.startswith(magic)), None)
    try:
        return opener(data, most) if opener else None
    except (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError):
        return None


def _zstd(data: bytes, most: int) -> tuple[bytes, bool]:
    with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(io.BytesIO(data)) as reader:
        out = reader.read(most + 1)
    return out[:most], len(out) <= most


def _pull(
    machine: zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor, data: bytes, most: int
) -> tuple[bytes, bool]:
    out = machine.decompress(data, most)
    return out, machine.eof or len(out) < most


_PACKED: tuple[tuple[bytes, Callable[[bytes, int], tuple[bytes, bool]]], ...] = (
    (b"\x1f\x8b\x08", lambda data, most: _pull(zlib.decompressobj(31), data, most)),
    *(
        (head, lambda data, most: _pull(zlib.decompressobj(15), data, most))
        for head in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
    ),
    (b"\x28\xb5\x2f\xfd", _zstd),
    (b"BZh", lambda data, most: _pull(bz2.BZ2Decompressor(), data, most)),
    (b"\xfd7zXZ\0", lambda data, most: _pull(lzma.LZMADecompressor(lzma.FORMAT_XZ, 4 * _WINDOW), data, most)),
)
"""How packed bytes begin, and what unpacks them."""
_MAGIC = tuple(magic for magic, _ in _PACKED)
