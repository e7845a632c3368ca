"""Hangul documents of version 5: an OLE file of compressed record streams ([HWP 5.0] 3)."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.ole.hwpstream import decipher, inflate, records
from agent.extract.ole.hwptext import Section
from agent.extract.ole.properties import properties
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_FLAGS = 36  # in FileHeader
_COMPRESSED, _PASSWORD, _DISTRIBUTED, _RIGHTS, _CERTIFICATE, _CERTIFIED_RIGHTS = 1, 2, 4, 1 << 4, 1 << 8, 1 << 10
_SEALED = _PASSWORD | _RIGHTS | _CERTIFICATE | _CERTIFIED_RIGHTS
_WORDLESS = {"FileHeader", "DocInfo", "PrvText", "PrvImage", "DocOptions", "BodyText", "ViewText", "BinData", "Scripts"}
_NUMBER = re.compile(r"\d+")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The sections in order, embedded files, the script, properties. A sealed document gives its preview.

    Raises:
        OSError: damaged.
    """
    with olefile.OleFileIO(file) as storage:
        head = storage.openstream("FileHeader").read() if storage.exists("FileHeader") else b""
        if len(head) < _FLAGS + 4:
            reading.miss(Reason.CORRUPT, "FileHeader")
        flags = struct.unpack_from("<I", head, _FLAGS)[0] if len(head) >= _FLAGS + 4 else _COMPRESSED
        yield from properties(storage, reading)
        if flags & _SEALED:
            reading.miss(Reason.ENCRYPTED)
            yield from _preview(storage)
            return
        opened = _Streams(storage, reading, flags)
        known = False
        for segment in opened.sections():
            known = True
            yield segment
        if not known:
            yield from _preview(storage)
        yield from opened.others()


def _preview(storage: olefile.OleFileIO) -> Iterator[Segment]:
    """The first words, which are stored once more for file managers."""
    if storage.exists("PrvText"):
        text = storage.openstream("PrvText").read().decode("utf-16-le", "replace").replace("\r\n", "\n").strip("\0\n")
        if text.strip():
            yield Segment(text, "body")


class _Streams:
    def __init__(self, storage: olefile.OleFileIO, reading: Reading, flags: int) -> None:
        self._storage, self._reading, self._flags = storage, reading, flags
        self._entries = storage.listdir()

    def sections(self) -> Iterator[Segment]:
        folder = "ViewText" if self._flags & _DISTRIBUTED else "BodyText"
        page = 1
        for entry in sorted((entry for entry in self._entries if entry[0] == folder), key=_order):
            name = "/".join(entry)
            section = Section(page)
            try:
                data = self._open(entry, name)
                yield from section.segments(records(data, self._reading))
            except NotReadError as problem:
                if problem.reason is Reason.TIMEOUT or not problem.part:
                    raise
                self._reading.miss(problem.reason, problem.part)
            except (OSError, ValueError, struct.error) as problem:
                self._reading.fail(problem, name)
            page = section.page

    def others(self) -> Iterator[Segment]:
        """Embedded files, the script, and a note of what is left out."""
        for entry in self._entries:
            name = "/".join(entry)
            try:
                if entry[0] == "BinData":
                    yield from self._reading.inner(name, io.BytesIO(_embedded(self._open(entry, name, embedded=True))))
                elif entry == ["Scripts", "DefaultJScript"]:
                    if text := _script(self._open(entry, name)):
                        yield Segment(text, "script")
                elif entry[0] not in _WORDLESS and not entry[0].startswith("\x05"):
                    self._reading.miss(Reason.UNSUPPORTED, name)
            except NotReadError as problem:
                if problem.reason is Reason.TIMEOUT:
                    raise
                self._reading.miss(problem.reason, problem.part)
            except (OSError, ValueError, struct.error) as problem:
                self._reading.fail(problem, name)

    def _open(self, entry: list[str], name: str, *, embedded: bool = False) -> bytes:
        data: bytes = self._storage.openstream(entry).read()
        if self._flags & _DISTRIBUTED and not embedded:
            data = decipher(data)
        if not self._flags & _COMPRESSED:
            return data
        if embedded and data.startswith((olefile.MAGIC, b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM")):
            return data  # each file may be exempt from compression
        return inflate(data, self._reading, name)


def _order(entry: list[str]) -> int:
    """``Section10`` comes after ``Section9``."""
    number = _NUMBER.search(entry[-1])
    return int(number.group()) if number else 0


def _embedded(data: bytes) -> bytes:
    """An OLE object has its length before it."""
    return data[4:] if data.startswith(olefile.MAGIC, 4) else data


def _script(data: bytes) -> str:
    """Up to four counted texts ([HWP 5.0] 3.2.9)."""
    at, parts = 0, []
    for _ in range(4):
        if at + 4 > len(data):
            break
        size = 2 * struct.unpack_from("<I", data, at)[0]
        parts.append(data[at + 4 : at + 4 + size].decode("utf-16-le", "replace"))
        at += 4 + size
    return "\n".join(part.replace("\r\n", "\n").strip() for part in parts if part.strip())
