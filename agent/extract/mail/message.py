"""Messages (RFC 5322, MIME): headers, bodies, and every attachment as a document of its own.

The parts are found by a walk of our own: one that gives everything a place, also what stands before the first part,
after the last one, or where no part should be.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from agent.extract import transfer
from agent.extract.encoding import decide, decode
from agent.extract.mail import headers
from agent.extract.mail.headers import Headers
from agent.extract.reading import NotReadError, Reading
from agent.extract.text import card, disguise, plain, web
from config.verdict import Reason, Segment, Zone

_DEPTH = 24  # multiparts within multiparts and messages within messages; people reach six
_GUESSED = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\nContent-", re.MULTILINE | re.IGNORECASE)
# How a block of another form begins, how it ends, and what undoes it.
_BLOCKS = (
    (b"begin ", re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE), b"\nend", transfer.from_uu),
    (b"=ybegin ", re.compile(rb"^=ybegin ([^\r\n]{1,500})\r?\n", re.MULTILINE), b"\n=yend ", transfer.from_yenc),
)
_USUAL = b"This is a multi-part message in MIME format"
_CARDS = ("text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/x-vcalendar")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Headers as ``property:Subject`` and so on, text bodies as lines, the rest under the names of the attachments.

    A message larger than may be held is read as the text it is, and its attachments are said to be left out.
    """
    if file.seek(0, 2) > reading.limits.max_part * 2:
        file.seek(0)
        yield from plain.read(file, reading)
        reading.miss(Reason.TOO_LARGE, "attachment")
        return
    file.seek(0)
    yield from entity(file.read(), reading)


def entity(data: bytes, reading: Reading) -> Iterator[Segment]:
    """The segments of one message, or of one part with its headers (RFC 2045)."""
    yield from _Walk(reading).entity(data, 0, "text/plain", outermost=True)


class _Walk:
    """One message; numbers its bodies and parts."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._bodies = self._parts = self._messages = 0

    def entity(self, data: bytes, depth: int, kind: str, *, outermost: bool = False) -> Iterator[Segment]:
        head, body = headers.split(data)
        if not head.fields and not outermost:
            body = data.lstrip(b"\r\n")
        if outermost:
            yield from head.segments()
        elif described := head.text("content-description"):
            yield Segment(described, "property:description", Zone.PROPERTY, lines=False)
        yield from self._content(head, body, depth, kind)

    def _content(self, head: Headers, body: bytes, depth: int, kind: str) -> Iterator[Segment]:
        self._parts += 1
        number = self._parts
        self._reading.tick()
        self._reading.ledger.members += 1
        if self._reading.ledger.members > self._reading.limits.max_members:
            raise NotReadError(Reason.TOO_LARGE, f"{number} parts")
        raw = head.raw("content-type")
        named = raw.partition(b";")[0].strip().lower().decode("ascii", "replace")
        kind = named if "/" in named else kind
        typed, placed = headers.parameters(raw), headers.parameters(head.raw("content-disposition"))
        name = (placed.get("filename") or typed.get("name") or "").strip()
        if kind.startswith("multipart/"):
            boundary = typed.get("boundary", "").encode("latin-1", "replace")
            yield from self._multipart(body, boundary, depth, kind)
            return
        content, rest = _undone(head.raw("content-transfer-encoding"), body)
        if not content and not rest:
            return
        self._reading.unpack(len(content), name or f"part {number}")
        if kind in ("message/rfc822", "message/global", "message/news"):
            yield from self._message(content, depth)
        elif kind in ("message/external-body", "message/partial"):
            yield from self._text(content, typed.get("charset", ""), "text/plain")
            self._reading.miss(Reason.UNSUPPORTED, name or kind)
        elif (kind.startswith(("text/", "message/")) and not name) or (not raw and not name):
            yield from self._text(content, typed.get("charset", ""), kind)
        elif content:
            yield from self._reading.inner(name or f"attachment {number}", io.BytesIO(content))
        if rest.strip():
            yield from self._text(rest, "", "text/plain")

    def _multipart(self, body: bytes, boundary: bytes, depth: int, kind: str) -> Iterator[Segment]:
        if depth >= _DEPTH:
            self._reading.miss(Reason.TOO_DEEP, "part")
            yield from self._text(body, "", "text/plain")
            return
        pieces, closing = _pieces(body, boundary)
        if len(pieces) < 2 and (guess := _GUESSED.search(body)):
            pieces, closing = _pieces(body, guess.group(1))
        around = [pieces[0], closing]
        for piece in pieces[1:]:
            inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
            yield from self.entity(piece, depth + 1, inner)
        for text in around:
            if text.strip() and not (text.strip().startswith(_USUAL) and len(text) < 120):
                yield from self._text(text, "", "text/plain")

    def _message(self, content: bytes, depth: int) -> Iterator[Segment]:
        self._messages += 1
        if depth >= _DEPTH:
            self._reading.miss(Reason.TOO_DEEP, f"message {self._messages}")
            yield from self._text(content, "", "text/plain")
            return
        place = f"message {self._messages}"
        head, body = headers.split(content.lstrip(b"\r\n"))
        for segment in head.segments():
            yield msgspec.structs.replace(segment, where=f"{place} > {segment.where}")
        yield from self._content(head, body, depth + 1, "text/plain")

    def _text(self, content: bytes, label: str, kind: str) -> Iterator[Segment]:
        self._bodies += 1
        place = "body" if self._bodies == 1 else f"body {self._bodies}"
        if b"-----BEGIN PGP MESSAGE" in content:
            self._reading.miss(Reason.ENCRYPTED, place)
        for name, data in _blocks(content):
            self._reading.unpack(len(data), name)
            yield from self._reading.inner(name, io.BytesIO(data))
        if kind in _CARDS:
            content = card.unfolded(content)
        names = decide(content, label)
        for again, encoding in enumerate(names[:2]):
            text = decode(content, encoding)
            if again:
                text = plain.beyond_ascii(text)
            if kind in _CARDS:
                yield from card.segments(text, self._reading)
            elif kind == "text/html":
                yield from _page(text, place)
            elif text.strip():
                yield Segment(plain.broken(text), place)
                if not again:
                    yield from disguise.found(text, place, self._reading)


def _blocks(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of what stands in a body as uuencode or yEnc; without an end a block takes the rest."""
    for sign, begin, end, undo in _BLOCKS:
        at = content.find(sign)
        while at >= 0 and (match := begin.search(content, at)):
            at = content.find(end, match.end() - 1)
            at = len(content) if at < 0 else at
            name = headers.words(match.group(1).rpartition(b"name=")[2])
            yield name or "attachment", undo(content[match.end() : at])


def _page(text: str, place: str) -> Iterator[Segment]:
    try:
        pages = list(web.page(text))
    except Exception:  # noqa: BLE001 - lxml refuses some pages; their words are words all the same
        pages = [Segment(plain.broken(text), place)]
    yield from pages


def _undone(raw: bytes, body: bytes) -> tuple[bytes, bytes]:
    """The content of a part, and what stands beside it."""
    way = headers.words(raw).lower().strip("\"' ;")
    if way == "base64":
        return transfer.base64_body(body)
    if way == "quoted-printable":
        return transfer.from_quoted(body), b""
    if way in ("uuencode", "x-uuencode", "x-uue", "uue"):
        return transfer.from_uu(body), b""
    return body, b""


def _pieces(body: bytes, boundary: bytes) -> tuple[list[bytes], bytes]:
    """What stands before the first boundary, every part, and what comes after the closing boundary."""
    if not boundary:
        return [body], b""
    pieces, start = [], 0
    for match in re.finditer(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)", body, re.MULTILINE):
        pieces.append(body[start : match.start()].removesuffix(b"\n").removesuffix(b"\r"))
        start = match.end()
        if match.group(1):
            return pieces, body[start:]
    return [*pieces, body[start:]], b""
