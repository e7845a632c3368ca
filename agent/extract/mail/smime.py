"""Signed and sealed content (CMS, RFC 5652; PKCS #7, RFC 2315; S/MIME, RFC 8551), in DER, BER or PEM (RFC 7468).

Only the way to the content is walked; signatures are not checked, for what is written counts, whoever signed it.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract import transfer
from agent.extract.mail import message
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_PEM = re.compile(rb"-----BEGIN (?:PKCS ?#?7|CMS|PKCS7)[^\n]{0,40}\r?\n(.*?)(?:-----END|\Z)", re.DOTALL)
_PKCS7 = bytes.fromhex("2a864886f70d0107")
_SIGNED, _DIGESTED = _PKCS7 + b"\x02", _PKCS7 + b"\x05"
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_SEALED = {_PKCS7 + b"\x03", _PKCS7 + b"\x04", _PKCS7 + b"\x06", bytes.fromhex("2a864886f70d0109100117")}
_DATA = _PKCS7 + b"\x01"
_SEQUENCE, _OID, _OCTETS, _OCTETS_MADE, _CONTENT, _END = 0x30, 0x06, 0x04, 0x24, 0xA0, 0x00
_DEPTH = 32
_ENTITY = re.compile(rb"(?:[A-Za-z-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The content, as mail where it is a part of mail, else as a document called ``content``.

    Raises:
        NotReadError: sealed, larger than may be held, or of a kind without words.
    """
    data = reading.hold(file, reading.limits.max_part * 2)
    if pem := _PEM.search(data):
        data = transfer.from_base64(pem.group(1))
    content = _Walk(data, reading).content()
    reading.unpack(len(content), "content")
    if b"content-type:" in content[:4096].lower() and _ENTITY.match(content[:65_536]):
        yield from message.entity(content, reading)
    elif content:
        yield from reading.inner("content", io.BytesIO(content))


class _Walk:
    """Steps forward through tags and lengths (X.690 8.1); a length of zero with the high bit means: until an end."""

    def __init__(self, data: bytes, reading: Reading) -> None:
        self._data, self._reading = data, reading
        self._at = 0

    def content(self) -> bytes:
        """The octets that were signed, digested or compressed; none for a signature that stands apart."""
        self._enter(_SEQUENCE)
        kind = self._octets(_OID)
        if kind in _SEALED:
            raise NotReadError(Reason.ENCRYPTED)
        self._enter(_CONTENT)
        if kind == _DATA:
            return self._string()
        if kind not in (_SIGNED, _DIGESTED, _COMPRESSED):
            raise NotReadError(Reason.UNSUPPORTED)
        self._enter(_SEQUENCE)
        self._skip()  # the version
        self._skip()  # the algorithms
        self._enter(_SEQUENCE)
        self._octets(_OID)
        if self._data[self._at : self._at + 1] in (b"", bytes([_CONTENT])):
            self._enter(_CONTENT)
        else:
            return b""
        content = self._string()
        return self._inflated(content) if kind == _COMPRESSED else content

    def _head(self) -> tuple[int, int | None]:
        """Tag and length of what comes next; no length where an end tells."""
        head = self._data[self._at : self._at + 2]
        if len(head) < 2 or head[0] & 31 == 31:
            raise NotReadError(Reason.CORRUPT)
        self._at += 2
        if head[1] < 0x80:
            return head[0], head[1]
        count = head[1] & 0x7F
        if not count:
            return head[0], None
        if count > 8:
            raise NotReadError(Reason.CORRUPT)
        length = int.from_bytes(self._data[self._at : self._at + count], "big")
        self._at += count
        return head[0], length

    def _enter(self, tag: int) -> None:
        if self._head()[0] != tag:
            raise NotReadError(Reason.CORRUPT)

    def _octets(self, tag: int) -> bytes:
        found, length = self._head()
        if found != tag or length is None:
            raise NotReadError(Reason.CORRUPT)
        self._at += length
        return self._data[self._at - length : self._at]

    def _skip(self) -> None:
        """Past one value and all in it, in one pass."""
        depth = 0
        while True:
            tag, length = self._head()
            if length is None:
                depth += 1
            elif tag == _END and length == 0:
                depth -= 1
            else:
                self._at += length
            if depth <= 0:
                return

    def _string(self) -> bytes:
        """An octet string, whole or in pieces (X.690 8.7); what is cut off is noted, and what is there is given."""
        pieces: list[bytes] = []
        ends: list[int | None] = []  # of the strings that are being put together
        while True:
            while ends and (end := ends[-1]) is not None and self._at >= end:
                ends.pop()
                if not ends:
                    return b"".join(pieces)
            try:
                tag, length = self._head()
            except NotReadError:
                self._reading.miss(Reason.CORRUPT, "content")
                return b"".join(pieces)
            if tag == _END and ends:
                ends.pop()
            elif tag == _OCTETS_MADE and len(ends) < _DEPTH:
                ends.append(None if length is None else self._at + length)
            elif tag == _OCTETS and length is not None:
                pieces.append(self._data[self._at : self._at + length])
                if self._at + length > len(self._data):
                    self._reading.miss(Reason.CORRUPT, "content")
                self._at += length
            else:
                raise NotReadError(Reason.UNSUPPORTED if not pieces else Reason.CORRUPT)
            if not ends:
                return b"".join(pieces)

    def _inflated(self, content: bytes) -> bytes:
        """RFC 3274; bounded by what the whole file may unpack to."""
        most = self._reading.limits.max_part
        unpacked = zlib.decompressobj().decompress(content, most + 1)
        if len(unpacked) > most:
            raise NotReadError(Reason.TOO_LARGE, "content")
        return unpacked
