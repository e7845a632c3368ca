"""XPS and OpenXPS: fixed pages of placed glyphs (ECMA-388)."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.markup import Element, local, parse
from agent.extract.ooxml.leftovers import leftovers
from agent.extract.ooxml.properties import properties
from agent.extract.package import Package
from agent.extract.pages.placed import IDENTITY, Matrix, Word, lines, times, width
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_PIECE = re.compile(r"(.+)/\[(\d{1,6})\](?:\.last)?\.piece")
_ROOTS = re.compile(r".*\.fdseq")
_SAID = ("AutomationProperties.Name", "AutomationProperties.HelpText", "FixedPage.NavigateUri")
_PLUMBING = re.compile(r".*(?:/|\.rels)|\[content_types\]\.xml|(?:docprops|metadata)/thumbnail\..*")
_DRAWN = 50  # outlines on a page without text from which it may be text turned into curves
_WORDLESS = (".struct", ".frag", ".odttf", ".ttf", ".otf", ".ttc", ".icc", ".icm", ".piece")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``page N`` with its lines in the order of the documents; pages that no document names come last."""
    package = Package(file, reading)
    parts = _Parts(package, reading)
    pages = list(dict.fromkeys([*_listed(parts), *(name for name in parts.names if name.endswith(".fpage"))]))
    for number, name in enumerate(pages, 1):
        reading.tick()
        yield from _page(parts, name, number, reading)
    yield from properties(package, reading)
    for name in (name for name in parts.names if name.endswith((".psmdcp", "docprops/core.xml"))):
        for root in parts.roots(name) if name not in package.used else ():
            for item in root:
                if text := (item.text or "").strip():
                    yield Segment(text, f"property:{local(item)}", Zone.PROPERTY, lines=False)
    package.used.update(name for name in package.names if name.endswith(_WORDLESS))
    yield from leftovers(package, reading, "", _plumbing)


def _page(parts: _Parts, name: str, number: int, reading: Reading) -> Iterator[Segment]:
    page = _Page(parts)
    found = list(parts.roots(name))
    for root in found:
        page.put(root, IDENTITY)
    if said := lines(page.words):
        yield Segment("\n".join(said), f"page {number}", page=number)
    elif not found or page.outlines >= _DRAWN:
        reading.miss(Reason.OCR_OFF if found else Reason.CORRUPT, f"page {number}")
    if page.blind:
        reading.miss(Reason.OCR_OFF, f"page {number} (glyphs)")
    if page.said:
        text = "\n".join(dict.fromkeys(page.said))
        yield Segment(text, "property:description", Zone.PROPERTY, number, lines=False)


def _plumbing(name: str) -> bool:
    return _PLUMBING.fullmatch(name) is not None


class _Parts:
    """The parts of a package, those written in pieces put together (ISO/IEC 29500-2, 7.2.4)."""

    def __init__(self, package: Package, reading: Reading) -> None:
        self._package, self._reading = package, reading
        self._pieces: dict[str, list[tuple[int, str]]] = {}
        for name in package.names:
            if piece := _PIECE.fullmatch(name):
                self._pieces.setdefault(piece.group(1), []).append((int(piece.group(2)), name))
        self.names = [*package.names, *self._pieces]

    def roots(self, name: str) -> Iterator[Element]:
        """The root of every part of this name."""
        name = name.lower()
        found = self._package.parts(name)
        if name in self._pieces:
            found = iter([b"".join(self._package.part(piece) for _, piece in sorted(self._pieces[name]))])
        for data in found:
            root = parse(data, self._reading, name)
            if root is not None:
                yield root


def _listed(parts: _Parts) -> Iterator[str]:
    """The pages in the order of sequences and documents (10.2)."""
    for sequence in [name for name in parts.names if _ROOTS.fullmatch(name)]:
        for root in parts.roots(sequence):
            for reference in root.iter("{*}DocumentReference"):
                document = _join(sequence, str(reference.get("Source") or ""))
                for inner in parts.roots(document):
                    for page in inner.iter("{*}PageContent"):
                        yield _join(document, str(page.get("Source") or ""))


class _Page:
    """The words of one page, brushes and resources among them (12)."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        self.words: list[Word] = []
        self.said: list[str] = []
        self.blind = False
        self.outlines = 0
        self._dictionaries: set[str] = set()

    def put(self, root: Element, matrix: Matrix) -> None:
        """Add all there is below an element; transforms are those of the elements around it."""
        walk = [(root, matrix)]
        while walk:
            element, outer = walk.pop()
            if not isinstance(element.tag, str):
                continue
            kind = local(element)
            own = times(outer, _transform(element))
            if kind == "Glyphs":
                self._glyphs(element, own)
            elif kind == "Path":
                self.outlines += 1
            elif kind == "ResourceDictionary" and (source := str(element.get("Source") or "")):
                self._dictionary(source)
            self.said += [text for key in _SAID if (text := str(element.get(key) or "").strip())]
            walk.extend((child, own) for child in reversed(element))

    def _dictionary(self, source: str) -> None:
        name = source.lstrip("/").lower()
        found = [part for part in self._parts.names if part.endswith(name.rpartition("../")[2])][:1]
        if found and found[0] not in self._dictionaries:
            self._dictionaries.add(found[0])
            for root in self._parts.roots(found[0]):
                self.put(root, IDENTITY)

    def _glyphs(self, item: Element, matrix: Matrix) -> None:
        text = str(item.get("UnicodeString") or "").removeprefix("{}")
        indices = str(item.get("Indices") or "")
        if not text.strip():
            self.blind = self.blind or (not text and bool(indices.strip("; ")))
            return
        size = _number(item.get("FontRenderingEmSize")) or 1.0
        x, y = _number(item.get("OriginX")), _number(item.get("OriginY"))
        wide = _advance(indices, text, size)
        a, b, c, d, e, f = matrix
        left = x - (wide if str(item.get("BidiLevel") or "0") in ("1", "3") else 0.0)
        height = size * math.hypot(c, d) or size
        slanted = abs(b) > 0.1 * abs(a)
        self.words.append(
            Word(text, a * left + c * y + e, b * left + d * y + f - height, wide * math.hypot(a, b), height, slanted)
        )


def _advance(indices: str, text: str, size: float) -> float:
    """How wide a run is; each glyph may say so in hundredths of the size, after its number (12.1.3)."""
    glyphs = indices.split(";")[: len(text)] if indices else []
    wide = 0.0
    for char, glyph in zip(text, glyphs, strict=False):
        given = glyph.split(",")
        wide += _number(given[1]) * size / 100 if len(given) > 1 and given[1].strip() else width(char, size)
    return wide + width(text[len(glyphs) :], size)


def _transform(element: Element) -> Matrix:
    text = element.get("RenderTransform")
    if text is None:
        inner = next((child for child in element if local(child).endswith(".RenderTransform")), None)
        text = None if inner is None else next((item.get("Matrix") for item in inner.iter("{*}MatrixTransform")), None)
    if text is None:
        return IDENTITY
    values = [_number(part) for part in str(text).split(",", 6)[:6]]
    return (values[0], values[1], values[2], values[3], values[4], values[5]) if len(values) == 6 else IDENTITY


def _number(text: object) -> float:
    try:
        value = float(str(text or "0"))
    except ValueError:
        return 0.0
    return value if abs(value) < 1e9 else 0.0


def _join(base: str, target: str) -> str:
    path = target if target.startswith("/") else posixpath.join("/", posixpath.dirname(base), target)
    return posixpath.normpath(path.replace("\\", "/")).lstrip("/").lower()
