"""XML of any kind: the text of the file, and beside it what its tags part but a reader sees in one piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from agent.extract.markup import Element, local
from agent.extract.reading import Reading
from agent.extract.text import plain
from config.verdict import Reason, Segment, Zone

_PARAGRAPHS = frozenset(
    [
        "p",
        "h",
        "para",
        "paragraph",
        "title",
        "subtitle",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "td",
        "th",
        "tc",
        "cell",
        "li",
        "line",
        "text",
        "si",
        "string",
        "note",
        "caption",
        "heading",
        "v",
        "comment",
        "data",
    ]
)
_SHORT = 8  # characters of a piece; what is cut finer than words was never meant to be read apart
_MOST = 64  # pieces
_REFERENCES = (b"&#", "&#".encode("utf-16-le"))


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The lines of the file as they stand, then the ``body`` that only shows once tags and references are resolved."""
    data = file.read(reading.limits.max_part + 1)
    small = len(data) <= reading.limits.max_part
    file.seek(0)
    yield from plain.read(file, reading)
    if small:
        yield from joined(data, reading)
    else:
        reading.miss(Reason.TOO_LARGE, "text between tags")


def joined(data: bytes, reading: Reading) -> Iterator[Segment]:
    """Lines of more than one piece; damage is passed over, for the text as it stands is read as well."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True)
    try:
        root: Element | None = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return
    if root is None:
        return
    walk = _Walk(references=any(mark in data for mark in _REFERENCES))
    for count, (event, element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        if not count % 4096:
            reading.tick()
        if event == "start":
            walk.start(element)
        else:
            walk.end(element)
    if walk.lines:
        yield Segment("\n".join(walk.lines), "body")
    if walk.values:
        yield Segment("\n".join(walk.values), "property:hidden", Zone.PROPERTY, lines=False)


class _Open:
    """An element that has not ended: the pieces of text below it, and whether they belong together."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.said = 0  # pieces that are no white space
        self.own = False  # text of its own beside that of its children
        self.below = False
        self.tags: set[object] = set()
        self.full = False

    def add(self, text: str | None) -> bool:
        """Take a piece; layout between elements is none. Whether it says something."""
        if not text or (text.isspace() and "\n" in text):
            return False
        self.pieces.append(text)
        self.said += not text.isspace()
        return not text.isspace()


class _Walk:
    """Puts pieces together where they are parts of a paragraph, of mixed content, or cut finer than words."""

    def __init__(self, *, references: bool) -> None:
        self.lines: list[str] = []
        self.values: list[str] = []
        self._references = references
        self._open = [_Open()]

    def start(self, element: Element) -> None:
        """An element begins with its text."""
        self._open[-1].tags.add(element.tag)
        opened = _Open()
        opened.own = opened.add(element.text)
        self._open.append(opened)
        if self._references:
            self.values += [text for value in element.attrib.values() if not (text := str(value)).isascii()]

    def end(self, element: Element) -> None:
        """It ends: a line of its own, or pieces of what is around it."""
        done = self._open.pop()
        outer = self._open[-1]
        mixed = done.own and done.below
        if local(element).lower() in _PARAGRAPHS or mixed or _cut(done):
            self._line(done)
        elif len(done.pieces) <= _MOST and not done.full:
            outer.pieces += done.pieces
            outer.said += done.said
            outer.below = outer.below or done.said > 0
            if self._references and done.said == 1 and not done.tags:
                self._line(done)
        else:
            outer.full = True
        outer.own = outer.add(element.tail) or outer.own

    def _line(self, done: _Open) -> None:
        if done.said > 1 or (done.said and self._references):
            text = re.sub(r"\s+", " ", "".join(done.pieces)).strip()
            self.lines.append(text)


def _cut(done: _Open) -> bool:
    """Pieces of a few Chinese characters under one name, such as the runs of a line."""
    if done.said < 2 or len(done.tags) != 1 or done.full or done.own:
        return False
    return all(len(piece) <= _SHORT for piece in done.pieces) and any(
        "\u4e00" <= char <= "\u9fff" for piece in done.pieces for char in piece
    )
