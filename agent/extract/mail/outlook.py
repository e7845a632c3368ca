"""Messages saved by Outlook ([MS-OXMSG] 2): properties, people, body, attachments, messages within messages."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.mail import mapi
from agent.extract.mail.mapi import Properties
from agent.extract.ole.box import Native, native
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_PREFIX = "__substg1.0_"
_FIXED = "__properties_version1.0"
_NAMES = "__nameid_version1.0"
_ATTACHMENT, _PERSON = "__attach_version1.0_", "__recip_version1.0_"
_OBJECT = f"{_PREFIX}{mapi.DATA:04X}000D"
_DEPTH = 8
_MANY = 10_000  # values of one property


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Like mail: properties, ``body``, and every attachment under its name.

    Raises:
        OSError: damaged.
    """
    with olefile.OleFileIO(file) as storage:
        yield from _Message(storage, reading).segments((), 0)


class _Message:
    def __init__(self, storage: olefile.OleFileIO, reading: Reading) -> None:
        self._storage, self._reading = storage, reading
        self._inside: dict[tuple[str, ...], list[str]] = {}  # storage to what it holds
        for entry in storage.listdir(streams=True, storages=True):
            self._inside.setdefault(tuple(entry[:-1]), []).append(entry[-1])
        self._names = self._named()

    def segments(self, root: tuple[str, ...], depth: int, page: str = "") -> Iterator[Segment]:
        if depth > _DEPTH:
            raise NotReadError(Reason.TOO_DEEP)
        message = self._properties(root)
        message.settle(page)
        yield from mapi.segments(message, self._reading)
        inside = self._inside.get(root, [])
        people = [
            self._settled((*root, entry), message.page).person for entry in inside if entry.lower().startswith(_PERSON)
        ]
        if any(people):
            yield Segment("\n".join(people), "property:To", Zone.PROPERTY, lines=False)
        for entry in inside:
            if entry.lower().startswith(_ATTACHMENT):
                self._reading.tick()
                yield from self._attachment((*root, entry), depth, message.page)

    def _attachment(self, place: tuple[str, ...], depth: int, page: str) -> Iterator[Segment]:
        attachment = self._settled(place, page)
        name = attachment.name("attachment")
        whole = (*place, _OBJECT)
        if whole in self._inside:
            yield from self._object(whole, name, depth, page)
        elif data := attachment.data(mapi.DATA):
            self._reading.unpack(len(data), name)
            yield from self._reading.inner(name, io.BytesIO(data))
        else:  # only referred to
            yield Segment(name, "property:attachment", Zone.NAME, lines=False)

    def _object(self, place: tuple[str, ...], name: str, depth: int, page: str) -> Iterator[Segment]:
        """A message within the message, or an object of another program ([MS-OXCMSG] 2.2.2.9)."""
        inside = self._inside[place]
        if _FIXED in inside:
            yield from self.segments(place, depth + 1, page)
            return
        found = False
        for entry in inside:
            if entry not in ("\x01Ole10Native", "Package", "CONTENTS", "EmbeddedOdf"):
                continue
            found = True
            data = self._stream((*place, entry))
            self._reading.unpack(len(data), name)
            packed = native(data) if entry == "\x01Ole10Native" else Native(name, (), data)
            yield from self._reading.inner(packed.name, io.BytesIO(packed.content))
        if not found:
            self._reading.miss(Reason.UNSUPPORTED, name)

    def _settled(self, place: tuple[str, ...], page: str) -> Properties:
        found = self._properties(place)
        found.page = page
        found.settle()
        return found

    def _properties(self, root: tuple[str, ...]) -> Properties:
        """Strings and bytes have a stream each; numbers stand together in one ([MS-OXMSG] 2.4)."""
        found = Properties()
        found.names = self._names
        for entry in sorted(self._inside.get(root, [])):
            if not entry.lower().startswith(_PREFIX):
                continue
            try:
                tag, kind = int(entry[12:16], 16), int(entry[16:20], 16)
            except ValueError:
                continue
            if kind == mapi.BINARY:
                found.blobs[tag] = self._stream((*root, entry))
            elif kind in (mapi.STRING, mapi.WIDE) or (kind - mapi.MANY in (mapi.STRING, mapi.WIDE) and len(entry) > 20):
                raw = self._stream((*root, entry))
                values = found.strings.setdefault(tag, [])
                if len(values) < _MANY:
                    wide = kind & ~mapi.MANY == mapi.WIDE
                    values.append(raw.decode("utf-16-le", "replace").rstrip("\0") if wide else raw)
        if _FIXED in self._inside.get(root, []):
            data = self._stream((*root, _FIXED))
            for at in range(len(data) % 16, len(data) - 15, 16):
                kind, tag = struct.unpack_from("<HH", data, at)
                if kind in (2, 3):
                    found.numbers[tag] = int.from_bytes(data[at + 8 : at + (10 if kind == 2 else 12)], "little")
        return found

    def _named(self) -> dict[int, str]:
        """The names of properties from 8000 on ([MS-OXMSG] 2.2.3)."""
        entries = self._stream((_NAMES, f"{_PREFIX}00030102"))
        strings = self._stream((_NAMES, f"{_PREFIX}00040102"))
        names: dict[int, str] = {}
        for at in range(0, min(len(entries) - 7, 8 * 0x7FFF), 8):
            number, kind, index = struct.unpack_from("<IHH", entries, at)
            if kind & 1:
                size = int.from_bytes(strings[number : number + 4], "little")
                name = strings[number + 4 : number + 4 + min(size, 512)].decode("utf-16-le", "replace")
            else:
                name = f"#{number:04X}"
            names.setdefault(mapi.NAMED + index, name)
        return names

    def _stream(self, place: tuple[str, ...]) -> bytes:
        """What a stream holds; one that is damaged is noted, and the others are read."""
        if place[-1] not in self._inside.get(place[:-1], []):
            return b""
        try:
            data: bytes = self._storage.openstream(list(place)).read()
        except Exception as problem:  # noqa: BLE001 - olefile fails in many ways on damage
            self._reading.fail(problem, place[-1])
            return b""
        return data
