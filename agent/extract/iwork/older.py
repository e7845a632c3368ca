"""The XML of Pages, Numbers and Keynote from 2005 to 2009 (Apple, "iWork Programming Guide", 2007)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from agent.extract.markup import Element, parse
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

_PLACES = {  # element to word of the place and zone; slides are numbered
    "header": ("header", Zone.HEADER),
    "footer": ("footer", Zone.FOOTER),
    "footnote": ("footnote", Zone.NOTE),
    "annotation": ("comment", Zone.NOTE),
    "sticky-note": ("comment", Zone.NOTE),
    "notes": ("notes", Zone.NOTE),
    "master-slide": ("master", Zone.MASTER),
    "theme-list": ("master", Zone.MASTER),
    "tabular-model": ("table", Zone.TABLE),
    "drawable-shape": ("text box", Zone.TEXTBOX),
    "metadata": ("property:metadata", Zone.PROPERTY),
}
_QUIET = ("stylesheet", "stylesheets", "anon-styles", "styles", "version-history")
_NAMED = {"tabular-model": "name", "workspace": "ws-name"}  # what shows its name
_SAID = {"ct": "s", "n": "v", "so": "v", "r": "v"}  # element to the attribute that holds its words
_BREAKS = ("br", "lnbr", "crbr", "pgbr", "intratopicbr")


class _Place:
    def __init__(self, element: Element | None, where: str, zone: Zone, page: int | None) -> None:
        self.element, self.where, self.zone, self.page = element, where, zone, page
        self.lines: list[str] = []
        self.line: list[str] = []

    def end_line(self) -> None:
        self.lines += [line for line in "".join(self.line).split("\n") if line.strip()]
        self.line.clear()

    def segments(self) -> Iterator[Segment]:
        self.end_line()
        if self.lines:
            plain = self.zone is not Zone.PROPERTY
            yield Segment("\n".join(self.lines), self.where, self.zone, self.page, lines=plain)


def segments(data: bytes, reading: Reading, name: str) -> Iterator[Segment]:
    """Paragraphs and cells where they stand: slides, notes, headers, tables, comments."""
    root = parse(data, reading, name)
    if root is None:
        return
    walk = _Walk()
    for count, (event, element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        if not count % 4096:
            reading.tick()
        if event == "start":
            walk.start(element)
        else:
            yield from walk.end(element)
    for place in walk.places:
        yield from place.segments()


class _Walk:
    """Where in the document the walk is."""

    def __init__(self) -> None:
        self.places = [_Place(None, "body", Zone.BODY, None)]
        self._quiet: Element | None = None
        self._paragraphs = self._slide = 0

    def start(self, element: Element) -> None:
        """An element begins: perhaps a place, perhaps a paragraph."""
        kind = str(element.tag).rpartition("}")[2]
        if self._quiet is None and kind in _QUIET:
            self._quiet = element
        if self._quiet is not None:
            return
        self._slide += kind == "slide"
        if kind in _PLACES or kind == "slide":
            self.places.append(_place(element, kind, self.places[-1], self._slide))
        self._paragraphs += kind == "p"
        _say(element, kind, self.places[-1], inside=self._paragraphs > 0)

    def end(self, element: Element) -> Iterator[Segment]:
        """It ends, and with it its place or line."""
        if self._quiet is None:
            if str(element.tag).endswith("}p"):
                self._paragraphs -= 1
                self.places[-1].end_line()
            if self.places[-1].element is element:
                yield from self.places.pop().segments()
        elif self._quiet is element:
            self._quiet = None
        if self._quiet is None and self._paragraphs:
            self.places[-1].line.append(element.tail or "")


def _place(element: Element, kind: str, outer: _Place, slide: int) -> _Place:
    if kind == "slide":
        return _Place(element, f"slide {slide}", Zone.BODY, slide)
    where, zone = _PLACES[kind]
    if outer.zone is Zone.MASTER:
        return _Place(element, "master", Zone.MASTER, None)
    if outer.page and kind == "drawable-shape":
        where, zone = outer.where, outer.zone
    elif outer.page:
        where = f"slide {outer.page} {where}"
    return _Place(element, where, zone, outer.page)


def _say(element: Element, kind: str, place: _Place, *, inside: bool) -> None:
    if kind == "p":
        place.end_line()
    if kind in _BREAKS:
        place.line.append("\n")
    elif kind == "tab":
        place.line.append("\t")
    if inside:
        place.line.append(element.text or "")
        return
    key = _NAMED.get(kind) or _SAID.get(kind, "")
    key = "string" if kind == "string" and place.zone is Zone.PROPERTY else key
    text = next((str(value) for name, value in element.attrib.items() if str(name).endswith("}" + key)), "")
    if key and text.strip():
        place.lines.append(text)
