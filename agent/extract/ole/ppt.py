"""PowerPoint 97 to 2003: the text atoms of its record tree ([MS-PPT] 2.3, 2.9)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.ole import officeart
from agent.extract.ole.properties import properties
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_SLIDE, _NOTES, _MASTER, _LIST, _ENCRYPTED = 1006, 1008, 1016, 4080, 12052
_WIDE, _BYTES, _STRING = 4000, 4008, 4026
_PERSIST = 1011  # begins the text of the next slide in the list of slides
_SLIDES, _NOTE_LIST = 0, 2  # instances of the list
_STREAM = "PowerPoint Document"


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``slide N`` from the outline and the slides' own text boxes, notes, masters.

    Raises:
        NotReadError: sealed.
        OSError: damaged.
    """
    with olefile.OleFileIO(file) as storage:
        data = storage.openstream(
            next(name for name in storage.listdir() if name[-1].lower() == _STREAM.lower())
        ).read()
        walk = _Walk(data)
        walk.run(0, len(data), 0)
        if walk.sealed or storage.exists("EncryptedSummary"):
            raise NotReadError(Reason.ENCRYPTED)
        seen: set[tuple[str, str]] = set()
        for where, zone, page, lines in walk.found:
            fresh = [line for line in lines if (where, line) not in seen]  # every save adds the changed slides anew
            seen.update((where, line) for line in fresh)
            if fresh:
                yield Segment("\n".join(fresh), where, zone, page)
        yield from properties(storage)
        if storage.exists("Pictures") and storage.get_size("Pictures") > 100_000:
            reading.miss(Reason.OCR_OFF, "Pictures")


class _Walk:
    """One pass over all records, containers within containers."""

    def __init__(self, data: bytes) -> None:
        self.found: list[tuple[str, Zone, int | None, list[str]]] = []
        self.sealed = False
        self._data = data
        self._slide = self._outline = 0
        self._place: tuple[str, Zone, int | None] = ("text box", Zone.TEXTBOX, None)

    def run(self, at: int, end: int, depth: int) -> None:
        while at + 8 <= end:
            head, kind, size = struct.unpack_from("<HHI", self._data, at)
            start, stop = at + 8, min(at + 8 + size, end)
            if kind == _ENCRYPTED:
                self.sealed = True
            elif kind == _PERSIST and self._place[0].startswith(("slide", "notes")):
                self._outline += 1
                word, zone, _ = self._place
                self._place = (
                    (f"slide {self._outline}", zone, self._outline) if word.startswith("slide") else self._place
                )
            elif kind in (_WIDE, _STRING):
                self._say(self._data[start:stop].decode("utf-16-le", "replace"))
            elif kind == _BYTES:
                self._say(self._data[start:stop].decode("latin-1"))
            elif kind in officeart.PROPERTIES:
                self._say("\n".join(officeart.table(self._data[start:stop], head >> 4)))
            elif head & 0xF == 0xF and depth < 64:
                before = self._place
                self._enter(kind, head >> 4)
                self.run(start, stop, depth + 1)
                self._place = before
            at = start + size

    def _enter(self, kind: int, instance: int) -> None:
        if kind == _LIST and instance in (_SLIDES, _NOTE_LIST):
            self._outline = 0
            self._place = ("slide", Zone.BODY, None) if instance == _SLIDES else ("notes", Zone.NOTE, None)
        elif kind == _SLIDE:
            self._slide += 1
            self._place = (f"slide {self._slide}", Zone.BODY, self._slide)
        elif kind == _NOTES:
            self._place = ("notes", Zone.NOTE, None)
        elif kind == _MASTER:
            self._place = ("master", Zone.MASTER, None)

    def _say(self, text: str) -> None:
        lines = [line.strip() for line in text.replace("\x0b", "\n").replace("\r", "\n").replace("\0", "").split("\n")]
        if any(lines):
            self.found.append((*self._place, [line for line in lines if line]))
