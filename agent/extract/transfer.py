"""What mail wraps bytes in so that they survive old gateways, undone as far as it goes; damage loses only itself."""

from __future__ import annotations

import base64
import binascii
import re

_PADDING = re.compile(rb"=+")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_LINE64 = re.compile(rb"[A-Za-z0-9+/=_-]+")
_LONG = 40  # characters
_NOT64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_WHOLE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\r\n"
_LINE_MARK = b"=y"
_SHIFT = bytes((byte - 42) % 256 for byte in range(256))
_SHIFT_ESCAPED = re.compile(rb"=(.)", re.DOTALL)


def from_base64(data: bytes) -> bytes:
    """RFC 4648, with foreign characters left out and padding supplied; blocks that were padded alone are joined."""
    pieces = []
    for piece in _PADDING.split(data.translate(_URL_SAFE)):
        clean = piece.translate(None, _NOT64)
        clean = clean[:-1] if len(clean) % 4 == 1 else clean  # six bits are no byte
        pieces.append(base64.b64decode(clean + b"=" * (-len(clean) % 4)))
    return b"".join(pieces)


def base64_body(data: bytes) -> tuple[bytes, bytes]:
    """The content of a body said to be base64, and the lines in it that are not: footers, or all when it is not so."""
    if not data.translate(None, _WHOLE):
        return from_base64(data), b""
    good: list[bytes] = []
    other: list[bytes] = []
    for line in data.split(b"\n"):
        bare = line.strip()
        # A damaged line is long and without spaces; a short one after words is a word.
        fits = len(bare) >= _LONG and b" " not in bare if other or not _LINE64.fullmatch(bare) else True
        if bare:
            (good if fits else other).append(line)
    if len(other) > len(good):
        return b"", data
    return from_base64(b"\n".join(good)), b"\n".join(other)


def from_quoted(data: bytes) -> bytes:
    """RFC 2045 6.7; a sign that begins nothing stands for itself."""
    return binascii.a2b_qp(data)


def from_uu(data: bytes) -> bytes:
    """The lines between ``begin`` and ``end`` (POSIX uuencode); a line that is none is left out."""
    out = []
    for line in data.splitlines():
        if not line or line.startswith((b"begin ", b"end")):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            count = (((line[0] - 32) & 63) * 4 + 5) // 3  # encoders that fill the last group with anything
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    return b"".join(out)


def from_yenc(data: bytes) -> bytes:
    """The lines of a yEnc block without its ``=y`` lines (yenc.org, draft 1.3)."""
    raw = b"".join(line for line in data.splitlines() if not line.startswith(_LINE_MARK))
    return _SHIFT_ESCAPED.sub(lambda match: bytes([(match.group(1)[0] - 64) % 256]), raw).translate(_SHIFT)
