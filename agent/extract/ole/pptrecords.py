"""The records of a presentation: which of them the last save counts, and the text in each ([MS-PPT] 2.1.2, 2.3)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from agent.extract.ole import officeart
from agent.extract.reading import Reading
from config.verdict import Reason, Zone

_DOCUMENT, _SLIDE, _NOTES, _MASTER, _HANDOUT, _LIST = 1000, 1006, 1008, 1016, 4041, 4080
_EDIT, _DIRECTORY, _SEAL, _PERSIST, _ABOUT_NOTES = 4085, 6002, 12052, 1011, 1009
_WIDE, _BYTES, _STRING = 4000, 4008, 4026
_PRINTED, _COMMENT, _LINK, _TAG, _TAG_DATA = 4057, 12000, 4055, 5001, 5003
_OBJECT, _NAMED = 4113, (4044, 4046, 4078, 4107)  # the second: kinds of embedded objects, named for menus
_PRINTS = {1: ("header", Zone.HEADER), 2: ("footer", Zone.FOOTER), 0: ("footer", Zone.FOOTER)}
# Instances of the list of slides: [MS-PPT] 2.4.14.
PERSIST_LISTS = ((0, "slide", Zone.BODY), (2, "notes", Zone.NOTE), (1, "master", Zone.MASTER))
_DEPTH = 64
_MOST_EDITS = 10_000
_MOST_WALKED = 4
_NUMBER = "*"  # stands for the number of the slide, or its date
_PROGRAM = "___PPT"  # names of PowerPoint's own tags


class _Place(NamedTuple):
    where: str
    zone: Zone
    page: int | None


class Live:
    """The directory of objects that the last save and the saves before it wrote ([MS-PPT] 2.3.3 to 2.3.6)."""

    def __init__(self, data: bytes, user: bytes) -> None:
        self.places: dict[int, int] = {}  # persistent number to offset
        self.document: int | None = None
        self.sealed = False
        at = int.from_bytes(user[16:20], "little")
        seen: set[int] = set()
        number = 0
        while at not in seen and len(seen) < _MOST_EDITS and _kind(data, at) == _EDIT and at + 36 <= len(data):
            seen.add(at)
            before, directory, document = struct.unpack_from("<III", data, at + 16)
            number = number or document
            self.sealed = self.sealed or _kind(data, self._read(data, directory, at)) == _SEAL
            at = before
        self.document = self.places.get(number)
        if self.document is not None and _kind(data, self.document) != _DOCUMENT:
            self.document = None

    def _read(self, data: bytes, at: int, edit: int) -> int:
        """Add a directory; the offset of the seal that its save names, or -1."""
        if _kind(data, at) != _DIRECTORY:
            return -1
        end = min(at + 8 + struct.unpack_from("<I", data, at + 4)[0], len(data))
        at += 8
        while at + 4 <= end:
            packed = struct.unpack_from("<I", data, at)[0]
            first, count = packed & 0xFFFFF, min(packed >> 20, (end - at - 4) // 4)
            for index, place in enumerate(struct.unpack_from(f"<{count}I", data, at + 4)):
                self.places.setdefault(first + index, place)
            at += 4 + 4 * (packed >> 20)
        if struct.unpack_from("<I", data, edit + 4)[0] < 32 or edit + 40 > len(data):
            return -1
        return self.places.get(struct.unpack_from("<I", data, edit + 36)[0], -1)


def _kind(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 2 : at + 4], "little") if 0 <= at <= len(data) - 8 else -1


class Walk:
    """Text of records, containers within containers; each record at the top is read once."""

    def __init__(self, data: bytes, reading: Reading) -> None:
        self.found: list[tuple[str, Zone, int | None, list[str]]] = []
        self.lists: dict[int, list[tuple[int, int]]] = {}  # persistent number and name of slides, by list
        self.objects: list[tuple[str, bool, bytes]] = []  # name, whether packed, content
        self.seen: set[tuple[str, str]] = set()
        self.lines: set[str] = set()
        self._data, self._reading = data, reading
        self._done: set[int] = set()
        self._slide = self._count = 0
        self._list = -1
        self._objects = 0
        self._names: dict[int, int] | None = None  # numbers of slides
        self._left = _MOST_WALKED * len(data)
        self._place = _Place("text box", Zone.TEXTBOX, None)

    def at(self, place: int, where: str, zone: Zone, page: int | None) -> None:
        """Read the record at an offset, once; its text is at a place."""
        if place in self._done or not 0 <= place <= len(self._data) - 8:
            return
        self._left -= struct.unpack_from("<I", self._data, place + 4)[0]
        if self._left < 0:  # objects of an honest file stand beside each other
            self._reading.miss(Reason.CORRUPT, "objects within objects")
            return
        self._place = _Place(where or "text box", zone if where else Zone.TEXTBOX, page)
        self._record(place, len(self._data), 0, placed=True)

    def former(self) -> None:
        """All records at the top that were not read: what former saves held."""
        self._top(_Place("deleted", Zone.NOTE, None), placed=True)

    def everything(self) -> None:
        """All records not read yet in the order of the file, at the places that their kinds tell."""
        self._top(_Place("text box", Zone.TEXTBOX, None), placed=False)

    def is_master(self, place: int) -> bool:
        return _kind(self._data, place) in (_MASTER, _HANDOUT, _NOTES)

    def slide_of(self, place: int) -> int:
        """The number of the slide that a page of notes belongs to, or 0."""
        if _kind(self._data, place + 8) != _ABOUT_NOTES:
            return 0
        name = int.from_bytes(self._data[place + 16 : place + 20], "little")
        if self._names is None:
            self._names = {name: number for number, (_, name) in enumerate(self.lists.get(0, ()), 1)}
        return self._names.get(name, 0)

    def _top(self, place: _Place, *, placed: bool) -> None:
        at = 0
        while at + 8 <= len(self._data):
            self._place = place
            size: int = struct.unpack_from("<I", self._data, at + 4)[0]
            if at not in self._done:
                self._record(at, len(self._data), 0, placed=placed)
            at += 8 + size

    def _run(self, at: int, end: int, depth: int, *, placed: bool) -> None:
        while at + 8 <= end:
            at = self._record(at, end, depth, placed=placed)

    def _record(self, at: int, end: int, depth: int, *, placed: bool) -> int:
        """Read one record; where it ends."""
        head, kind = struct.unpack_from("<HH", self._data, at)
        size = int.from_bytes(self._data[at + 4 : at + 8], "little")
        start, stop = at + 8, min(at + 8 + size, end)
        if not depth:
            self._done.add(at)
            self._reading.tick()
        before = self._place
        if kind == _PERSIST:
            self._next_slide(start, stop, placed=placed)
            return start + size
        if kind in (_WIDE, _BYTES, _STRING):
            self._text(kind, head >> 4, self._data[start:stop])
        elif kind in officeart.PROPERTIES:
            self._say("\n".join(text for _, text in officeart.table(self._data[start:stop], head >> 4)))
        elif kind == _OBJECT:
            self._objects += 1
            self.objects.append((f"object {self._objects}", bool(head >> 4), self._data[start:stop]))
        elif (head & 0xF == 0xF or kind == _TAG_DATA) and depth < _DEPTH:
            self._enter(kind, head >> 4, placed=placed)
            self._run(start, stop, depth + 1, placed=placed)
        self._place = before
        return start + size

    def _enter(self, kind: int, instance: int, *, placed: bool) -> None:
        where, zone, page = self._place
        slide = where if where.startswith("slide") else ""
        if kind == _LIST:
            self._list, self._count = instance, 0
            word = {0: "slide", 2: "notes"}.get(instance, "master")
            self._place = _Place(
                word, Zone.BODY if instance == 0 else Zone.NOTE if instance == 2 else Zone.MASTER, None
            )
        elif kind == _COMMENT:
            self._place = _Place(f"{slide} comment".strip(), Zone.NOTE, page)
        elif kind in (_LINK, _TAG):
            self._place = _Place("property:link" if kind == _LINK else "property:tag", Zone.PROPERTY, page)
        elif kind in _NAMED:
            self._place = _Place("property:object", Zone.PROPERTY, page)
        elif kind == _PRINTED:
            self._place = _Place(f"{slide} printed".strip(), zone, page)
        elif placed:
            return
        elif kind == _SLIDE:
            self._slide += 1
            self._place = _Place(f"slide {self._slide}", Zone.BODY, self._slide)
        elif kind == _NOTES:
            self._place = _Place("notes", Zone.NOTE, None)
        elif kind == _MASTER:
            self._place = _Place("master", Zone.MASTER, None)

    def _next_slide(self, start: int, stop: int, *, placed: bool) -> None:
        """The next slide of a list begins; the outline keeps its text here."""
        where = self._place.where
        if not where.startswith(("slide", "notes", "master")) or stop - start < 16:
            return
        self._count += 1
        if placed:
            persist, name = struct.unpack_from("<I8xI", self._data, start)
            self.lists.setdefault(self._list, []).append((persist, name))
        if where.startswith("slide"):
            self._place = _Place(f"slide {self._count}", self._place.zone, self._count)

    def _text(self, kind: int, instance: int, raw: bytes) -> None:
        before = self._place
        if kind == _STRING and before.where.endswith("printed"):
            word, zone = _PRINTS.get(instance, _PRINTS[0])
            self._place = _Place(before.where[: -len("printed")] + word, zone, before.page)
        self._say(raw.decode("latin-1") if kind == _BYTES else raw.decode("utf-16-le", "replace"))
        self._place = before

    def _say(self, text: str) -> None:
        lines = [line.strip() for line in text.replace("\x0b", "\n").replace("\r", "\n").replace("\0", "").split("\n")]
        lines = [line for line in lines if line and line != _NUMBER and not line.startswith(_PROGRAM)]
        if lines:
            self.found.append((*self._place, lines))
