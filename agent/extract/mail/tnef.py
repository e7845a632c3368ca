"""winmail.dat, the envelope of Outlook for mail to others ([MS-OXTNEF]): properties, body, attachments."""

from __future__ import annotations

import io
import struct
import uuid
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.mail import mapi, richtext
from agent.extract.mail.mapi import Properties
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

SIGNATURE = 0x223E9F78
# Attributes ([MS-OXTNEF] 2.1.3.3), by their low half.
_SUBJECT, _BODY, _FROM, _PAGE, _MAPI, _PEOPLE = 0x8004, 0x800C, 0x8000, 0x9007, 0x9003, 0x9004
_BEGIN, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
_FIXED = {2: 4, 3: 4, 4: 4, 0xA: 4, 0xB: 4, 1: 4, 5: 8, 6: 8, 7: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_MESSAGE = uuid.UUID("00020307-0000-0000-C000-000000000046").bytes_le  # IID_IMessage: what follows is TNEF again


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Like mail: properties, ``body``, and every attachment under its name. What comes before damage is given.

    Raises:
        NotReadError: larger than may be held.
    """
    data = reading.hold(file, reading.limits.max_part * 2)
    yield from _Envelope(data, reading).segments()


class _Envelope:
    """The attributes of one stream."""

    def __init__(self, data: bytes, reading: Reading) -> None:
        self._data, self._reading = data, reading
        self._message = Properties()
        self._attachments: list[Properties] = []
        self._people: list[str] = []
        self._named: dict[str, int] = {}

    def segments(self) -> Iterator[Segment]:
        for kind, content in self._attributes():
            try:
                self._take(kind, content)
            except (struct.error, ValueError) as problem:  # the attributes after a damaged one are whole
                self._reading.fail(problem, f"attribute {kind:04X}")
        message = self._message
        message.settle()
        yield from mapi.segments(message, self._reading)
        if self._people:
            yield Segment("\n".join(self._people), "property:To", Zone.PROPERTY, lines=False)
        for number, attachment in enumerate(self._attachments, 1):
            attachment.settle(message.page)
            name = attachment.name(f"attachment {number}")
            content = attachment.data(mapi.DATA)
            self._reading.unpack(len(content), name)
            if content:
                yield from self._reading.inner(name, io.BytesIO(content))
            else:
                yield Segment(name, f"{name} > file name", Zone.NAME, lines=False)

    def _attributes(self) -> Iterator[tuple[int, bytes]]:
        at = 6
        while at + 9 <= len(self._data):
            self._reading.tick()
            kind, size = struct.unpack_from("<II", self._data, at + 1)
            content = self._data[at + 9 : at + 9 + size]
            yield kind & 0xFFFF, content
            if len(content) < size:
                self._reading.miss(Reason.CORRUPT, f"attribute {kind & 0xFFFF:04X}")
                return
            at += 9 + size + 2  # a checksum follows
        if at < len(self._data):
            self._reading.miss(Reason.CORRUPT, "attribute")

    def _take(self, kind: int, content: bytes) -> None:  # noqa: C901 - one branch a kind
        message = self._message
        if kind == _SUBJECT:
            message.strings.setdefault(0x0037, [content])
        elif kind == _BODY:
            message.strings.setdefault(mapi.BODY, [content])
        elif kind == _FROM and len(content) > 8:  # TRP: four numbers, then the name and the address
            message.strings.setdefault(0x0C1A, [content[8:].replace(b"\0", b" ")])
        elif kind == _PAGE and len(content) >= 4:
            message.page = richtext.codec(struct.unpack_from("<I", content)[0])
        elif kind == _MAPI:
            self._properties(_Cursor(content), message)
        elif kind == _PEOPLE:
            self._recipients(_Cursor(content))
        elif kind == _BEGIN:
            self._attach()
        elif kind in (_TITLE, _DATA, _ATTACHMENT):
            attachment = self._attachments[-1] if self._attachments else self._attach()
            if kind == _TITLE:
                attachment.strings.setdefault(mapi.SHORT_NAME, [content])
            elif kind == _DATA:
                attachment.blobs[mapi.DATA] = content
            else:
                self._properties(_Cursor(content), attachment)

    def _attach(self) -> Properties:
        self._reading.ledger.members += 1
        if self._reading.ledger.members > self._reading.limits.max_members:
            raise NotReadError(Reason.TOO_LARGE, "attachments")
        self._attachments.append(Properties())
        return self._attachments[-1]

    def _recipients(self, cursor: _Cursor) -> None:
        for _ in range(min(cursor.number(), self._reading.limits.max_members)):
            person = Properties()
            self._properties(cursor, person)
            person.settle(self._message.page)
            self._people.append(person.person)

    def _properties(self, cursor: _Cursor, into: Properties) -> None:
        """[MS-OXTNEF] 2.1.3.4. What came before damage stays.

        Raises:
            struct.error: the list ends before it says.
        """
        for _ in range(cursor.number()):
            kind, tag = cursor.pair()
            if tag >= mapi.NAMED:
                name = cursor.name()
                tag = self._named.setdefault(name, 0x10000 + len(self._named))  # some number them all alike
                into.names[tag] = name
            bare = kind & ~mapi.MANY
            several = kind & mapi.MANY or bare in (mapi.STRING, mapi.WIDE, mapi.BINARY, mapi.OBJECT)
            for _ in range(cursor.number() if several else 1):
                self._value(cursor, bare, tag, into)

    def _value(self, cursor: _Cursor, kind: int, tag: int, into: Properties) -> None:
        if kind in _FIXED:
            raw = cursor.take(_FIXED[kind])
            if kind in (2, 3):
                into.numbers[tag] = int.from_bytes(raw[: 2 if kind == 2 else 4], "little")
            return
        raw = cursor.sized()
        if kind == mapi.WIDE:
            into.strings.setdefault(tag, []).append(raw.decode("utf-16-le", "replace").rstrip("\0"))
        elif kind == mapi.STRING:
            into.strings.setdefault(tag, []).append(raw)
        elif kind in (mapi.BINARY, mapi.OBJECT):
            into.blobs[tag] = raw[16:] if kind == mapi.OBJECT else raw  # an object begins with its interface
        else:
            raise ValueError(f"a property of kind {kind:04X}")


class _Cursor:
    """Little-endian values one after another, padded to four bytes."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise struct.error("cut off")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def pair(self) -> tuple[int, int]:
        return struct.unpack("<HH", self.take(4))

    def sized(self) -> bytes:
        count = self.number()
        data = self.take(count)
        self._at += -count % 4
        return data

    def name(self) -> str:
        """The name of a named property: a word, or a number in its set."""
        self.take(16)
        if self.number():
            return self.sized().decode("utf-16-le", "replace").rstrip("\0")
        return f"#{self.number():04X}"
