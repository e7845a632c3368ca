"""Hangul documents in zip: HWPX (KS X 6101, OWPML), sections of XML beside their pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, local, parse, words
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.package import Package
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_SECTION = re.compile(r"contents/section(\d+)\.xml")
_PLACES = {
    "header": ("header", Zone.HEADER),
    "footer": ("footer", Zone.FOOTER),
    "footNote": ("footnote", Zone.NOTE),
    "endNote": ("endnote", Zone.NOTE),
    "hiddenComment": ("comment", Zone.NOTE),
    "fieldBegin": ("comment", Zone.NOTE),  # of a memo; other fields hold no paragraphs
    "memo": ("comment", Zone.NOTE),
    "drawText": ("text box", Zone.TEXTBOX),
    "shapeComment": ("description", Zone.NOTE),
    "subText": ("annotation", Zone.NOTE),  # small beside the words it explains
}
_SHOWN = {"tab": "\t", "lineBreak": "\n", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}
_SPOKEN = {"t", "script", "mainText"}  # elements whose own text is seen
_WORDLESS = ("mimetype", "version.xml", "settings.xml", "contents/header.xml", "preview/prvtext.txt")
_DEPTH = 200  # elements in elements; more is no document


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Body by pages where the writer set breaks, what hangs on it, properties, embedded files."""
    package = Package(file, reading)
    if b"encryption-data" in package.part("meta-inf/manifest.xml"):
        reading.miss(Reason.ENCRYPTED)
        yield from _preview(package)
        return
    page, known = 1, False
    found = [(int(match[1]), name) for name in package.names if (match := _SECTION.fullmatch(name))]
    for _, name in sorted(found):
        for data in package.parts(name):
            root = parse(data, reading, name)
            if root is not None:
                section = _Section(page, reading)
                for segment in section.segments(root):
                    known = True
                    yield segment
                page = section.page
    if not known:
        yield from _preview(package)
    for data in package.parts("contents/content.hpf"):
        root = parse(data, reading, "contents/content.hpf")
        for item in () if root is None else root.iter("{*}title", "{*}meta"):
            if text := (item.text or "").strip():
                yield Segment(text, f"property:{item.get('name') or local(item)}", Zone.PROPERTY, lines=False)
    package.used.update(_WORDLESS)
    package.used.update(name for name in package.names if name.startswith(("meta-inf/", "preview/prvimage")))
    yield from leftovers(package, reading, "contents/")


def _preview(package: Package) -> Iterator[Segment]:
    if text := package.part("preview/prvtext.txt").decode("utf-8", "replace").replace("\r\n", "\n").strip():
        yield Segment(text, "body")


class _Section:
    """One section; what stands in headers, notes and boxes is kept apart from the lines around it."""

    def __init__(self, page: int, reading: Reading) -> None:
        self.page = page
        self._reading = reading
        self._asides: list[Segment] = []

    def segments(self, root: Element) -> Iterator[Segment]:
        lines: list[str] = []
        began = False
        for paragraph in root:
            if began and local(paragraph) == "p" and paragraph.get("pageBreak") == "1":
                yield from self._turn(lines)
                lines = []
            began = True
            lines += self._lines(paragraph, 0)
        yield from self._turn(lines)

    def _turn(self, lines: list[str]) -> Iterator[Segment]:
        if said := [line for line in lines if line.strip()]:
            yield Segment("\n".join(said), f"page {self.page}", page=self.page)
        yield from self._asides
        self._asides = []
        self.page += 1

    def _lines(self, element: Element, depth: int) -> list[str]:
        """The lines below a paragraph or a list of them: its own words, then the tables that hang on it."""
        self._reading.tick()
        own: list[str] = []
        hung: list[str] = []
        self._walk(element, own, hung, depth)
        return [*"".join(own).split("\n"), *hung] if own else hung

    def _walk(self, element: Element, own: list[str], hung: list[str], depth: int) -> None:
        if depth > _DEPTH:
            self._reading.miss(Reason.TOO_DEEP)
            return
        for child in element:
            name = local(child)
            if name in _PLACES:
                where, zone = _PLACES[name]
                said = list(words(child)) if name in ("shapeComment", "subText") else self._lines(child, depth + 1)
                if said := [line for line in said if line.strip()]:
                    self._asides.append(Segment("\n".join(said), where, zone))
            elif name == "tr":
                cells = [" ".join(self._lines(cell, depth + 1)).strip() for cell in child]
                hung.append("\t".join(cells))
            elif name in ("tbl", "p"):
                hung += self._lines(child, depth + 1)
            elif name in _SPOKEN:
                self._speak(child, own)
            elif name in ("textart", "compose"):
                own.append(child.get("text") or child.get("composeText") or "")
                self._walk(child, own, hung, depth + 1)
            else:
                self._walk(child, own, hung, depth + 1)

    def _speak(self, element: Element, own: list[str]) -> None:
        """Text in a run, with its tabs, line breaks and changes that are marked in it."""
        own.append(element.text or "")
        for child in element.iterdescendants():
            own += [_SHOWN.get(local(child), ""), child.text or "", child.tail or ""]
