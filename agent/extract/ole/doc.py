"""Documents of Word 2 to 2003: all stories of the text, and what stands beside it ([MS-DOC] 2.3, 2.4.1)."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

import olefile

from agent.extract.ole import embedded, officeart
from agent.extract.ole.compound import opened
from agent.extract.ole.properties import properties
from agent.extract.ole.wordfile import SECOND_TABLE, Fib, Text
from agent.extract.ole.wordformat import DELETED, Paragraph, Paragraphs, flowing, marked, symbol
from agent.extract.ole.wordlists import Numbering
from agent.extract.ole.wordstory import Story, plain, without_codes
from agent.extract.ooxml.properties import labelled
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_STORIES: tuple[tuple[str, Zone | None], ...] = (  # in the order of the document
    ("", Zone.BODY),
    ("footnote", Zone.NOTE),
    ("header", Zone.HEADER),
    ("", None),  # macros, long gone
    ("comment", Zone.NOTE),
    ("endnote", Zone.NOTE),
    ("text box", Zone.TEXTBOX),
    ("text box", Zone.TEXTBOX),
)
_NOTES, _HEADER, _FOOTER = ("footnote", Zone.NOTE), ("header", Zone.HEADER), ("footer", Zone.FOOTER)
_SEPARATORS = 6  # between text and notes, before the headers of the first section
_PRINTED = (_HEADER, _HEADER, _FOOTER, _FOOTER, _HEADER, _FOOTER)  # even, odd, even, odd, first, first
_HEADERS, _DRAWINGS, _VARIABLES = 11, 50, 60


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Properties, the body by pages where the writer set breaks, then notes, headers and footers, comments, text boxes.

    Raises:
        NotReadError: sealed, or of a version without a reader.
        OSError, struct.error, ValueError: damaged.
    """
    if file.read(len(olefile.MAGIC)) != olefile.MAGIC:
        file.seek(0)
        main = reading.hold(file)
        yield from _document(Fib(main), b"", reading)
        return
    with opened(file, reading) as storage:
        main = storage.openstream("WordDocument").read()
        fib = Fib(main)
        yield from properties(storage, reading)
        if fib.encrypted:
            raise NotReadError(Reason.ENCRYPTED)
        data = _stream(storage, "Data", reading)
        if fib.is_97:
            fib.table = _stream(storage, "1Table" if fib.flags & SECOND_TABLE else "0Table", reading)
        try:
            yield from _document(fib, data, reading)
        except (struct.error, ValueError, IndexError) as problem:  # the rest of the file stands
            reading.fail(problem, "text")
        yield from officeart.pictures(data, reading, "picture")
        yield from officeart.pictures(main, reading, "drawing")
        yield from embedded.objects(storage, reading)


def _stream(storage: olefile.OleFileIO, name: str, reading: Reading) -> bytes:
    try:
        found: bytes = storage.openstream(name).read() if storage.exists(name) else b""
    except (OSError, ValueError, IndexError) as problem:
        reading.fail(problem, name)
        return b""
    return found


def _document(fib: Fib, data: bytes, reading: Reading) -> Iterator[Segment]:
    if fib.encrypted:
        raise NotReadError(Reason.ENCRYPTED)
    yield from _Document(fib, data, reading).segments()
    if not fib.is_97:
        return
    yield from officeart.drawn(fib.block(_DRAWINGS))
    yield from _variables(fib.block(_VARIABLES))
    if fib.glossary_at:
        glossary = Fib(fib.main, fib.glossary_at)
        glossary.table = fib.table
        for segment in _Document(glossary, data, reading).segments():
            yield Segment(segment.text, "glossary", Zone.MASTER, lines=segment.lines)


class _Document:
    """The text of one block, story by story."""

    def __init__(self, fib: Fib, data: bytes, reading: Reading) -> None:
        self._fib, self._reading = fib, reading
        self._text = fib.text()
        self._deleted: list[tuple[int, int]] = []
        self._characters = self._text.characters
        self._paragraphs: Paragraphs | None = None
        self._numbering: Numbering | None = None
        self._flowing: set[int] = set()
        if fib.is_97:
            self._characters = self._marked(self._text)
            self._paragraphs = Paragraphs(fib, data, reading.tick) or None
            self._numbering = Numbering(fib) or None
            self._flowing = flowing(fib)

    def segments(self) -> Iterator[Segment]:
        at = 0
        codes: list[str] = []
        for index, ((where, zone), count) in enumerate(zip(_STORIES, self._fib.counts, strict=True)):
            story, hidden = without_codes(self._characters[at : at + max(0, count)])
            codes += [hidden] if '"' in hidden else []
            if zone is not None:
                for low, high, place, kind in self._parts(index, len(story)) or ((0, len(story), where, zone),):
                    yield from self._story(story[low:high], at + low, place, kind)
            at += len(story)
            self._reading.tick()
        if text := plain("\n".join(codes)).strip():
            yield Segment(text, "property:field codes", Zone.PROPERTY, lines=False)

    def _story(self, text: str, start: int, where: str, zone: Zone) -> Iterator[Segment]:
        first, last = (bisect_left(self._deleted, (place, 0)) for place in (start, start + len(text)))
        asides = [(low, self._text.characters[low:high]) for low, high in self._deleted[first:last]]
        story = Story(where, zone, self._at if self._paragraphs else None, self._label)
        yield from story.segments(text, start, self._flowing if not where else set(), asides)

    def _at(self, position: int) -> Paragraph:
        return self._paragraphs.at(self._text.offset(position)) if self._paragraphs else Paragraph()

    def _label(self, paragraph: Paragraph) -> str:
        return self._numbering.label(paragraph) if self._numbering else ""

    def _parts(self, index: int, length: int) -> list[tuple[int, int, str, Zone]]:
        """The headers and footers of all sections, each a part of one story (2.3.3)."""
        plc = self._fib.block(_HEADERS)
        if index != _STORIES.index(_HEADER) or not self._fib.is_97 or len(plc) < 4 * (_SEPARATORS + 2):
            return []
        bounds = [min(bound, length) for bound in struct.unpack_from(f"<{len(plc) // 4}I", plc)]
        found: list[tuple[int, int, str, Zone]] = []
        for number, (low, high) in enumerate(pairwise(bounds)):
            where, zone = _NOTES if number < _SEPARATORS else _PRINTED[(number - _SEPARATORS) % len(_PRINTED)]
            if low < high and (not found or low >= found[-1][1]):
                found.append((low, high, where, zone))
        rest = found[-1][1] if found else 0
        return [*found, (rest, length, *_HEADER)] if rest < length else found

    def _marked(self, text: Text) -> str:
        """The characters, deleted ones as NUL and symbols as what they show."""
        parts: list[str] = []
        last = 0
        for low, high, value in text.ranges(marked(self._fib, self._reading.tick)):
            if low < last:
                continue
            parts.append(text.characters[last:low])
            if value == DELETED:
                if self._deleted and self._deleted[-1][1] == low:
                    low = self._deleted.pop()[0]  # noqa: PLW2901 - goes on
                    parts.append("\0" * (high - last))
                else:
                    parts.append("\0" * (high - low))
                self._deleted.append((low, high))
            else:
                parts.append(symbol(value) * (high - low))
            last = high
        return "".join(parts) + text.characters[last:]


def _variables(block: bytes) -> Iterator[Segment]:
    """Document variables: all names, then all values (2.9.281)."""
    if len(block) < 6 or block[:2] != b"\xff\xff":
        return
    count, extra = struct.unpack_from("<HH", block, 2)
    at, names = 6, []
    for _ in range(count):
        name, at = _counted(block, at)
        at += extra
        names.append(name)
    for name in names:
        value, at = _counted(block, at)
        at += 2
        if value.strip():
            yield labelled(name, value)


def _counted(block: bytes, at: int) -> tuple[str, int]:
    count = int.from_bytes(block[at : at + 2], "little")
    return block[at + 2 : at + 2 + 2 * count].decode("utf-16-le", "replace"), at + 2 + 2 * count
