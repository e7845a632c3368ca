"""Messages saved by Outlook ([MS-OXMSG] 2): subject, people, body, attachments, messages within messages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.encoding import decide, decode
from agent.extract.reading import NotReadError, Reading
from agent.extract.text import web
from config.verdict import Reason, Segment, Zone

# Property tags ([MS-OXPROPS] 2), without their types.
_SHOWN = {"0037": "Subject", "0C1A": "From", "0E04": "To", "0E03": "Cc", "007D": "Headers", "8000": "Keywords"}
_BODY, _HTML, _RTF = "1000", "1013", "1009"
_DATA, _LONG_NAME, _SHORT_NAME = "3701", "3707", "3704"
_PREFIX = "__substg1.0_"
_ATTACHMENT = "__attach_version1.0_"
_DEPTH = 8


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Like mail: properties, ``body``, and every attachment under its name.

    Raises:
        OSError: damaged.
    """
    with olefile.OleFileIO(file) as storage:
        yield from _Message(storage, reading).segments([], 0)


class _Message:
    def __init__(self, storage: olefile.OleFileIO, reading: Reading) -> None:
        self._storage, self._reading = storage, reading
        self._entries = storage.listdir(streams=True, storages=True)

    def segments(self, root: list[str], depth: int) -> Iterator[Segment]:
        if depth > _DEPTH:
            raise NotReadError(Reason.TOO_DEEP)
        for tag, name in _SHOWN.items():
            if text := self._text(root, tag):
                yield Segment(text, f"property:{name}", Zone.PROPERTY, lines=False)
        if body := self._text(root, _BODY):
            yield Segment(body.replace("\r\n", "\n"), "body")
        html = self._bytes(root, _HTML + "0102").rstrip(b"\0") or self._text(root, _HTML).encode()
        if html:
            yield from web.page(decode(html, decide(html)[0]))
        elif not body and self._bytes(root, _RTF + "0102"):
            self._reading.miss(Reason.UNSUPPORTED, "rich text body")
        for entry in self._entries:
            if len(entry) == len(root) + 1 and entry[:-1] == root and entry[-1].lower().startswith(_ATTACHMENT):
                yield from self._attachment(entry, depth)

    def _attachment(self, place: list[str], depth: int) -> Iterator[Segment]:
        name = self._text(place, _LONG_NAME) or self._text(place, _SHORT_NAME) or "attachment"
        inner = [*place, f"{_PREFIX}{_DATA}000D"]
        if inner in self._entries:
            yield from self.segments(inner, depth + 1)
        elif data := self._bytes(place, _DATA + "0102"):
            self._reading.unpack(len(data), name)
            yield from self._reading.inner(name, io.BytesIO(data))

    def _bytes(self, root: list[str], tag: str) -> bytes:
        entry = [*root, _PREFIX + tag]
        if not self._storage.exists("/".join(entry)):
            return b""
        data: bytes = self._storage.openstream(entry).read()
        return data

    def _text(self, root: list[str], tag: str) -> str:
        if wide := self._bytes(root, tag + "001F"):
            return wide.decode("utf-16-le", "replace").strip("\0")
        narrow = self._bytes(root, tag + "001E").strip(b"\0")
        return decode(narrow, decide(narrow)[0]) if narrow else ""
