"""The words of one OpenDocument part, in one pass: where each stands is told by the elements around it (ODF 1.3).

Elements are known by the last word of their namespace and their name (``text:p``), which the flat form and the
documents of OpenOffice.org 1 share with packages.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from agent.extract.embedded import encoded
from agent.extract.markup import Element
from agent.extract.ooxml import cells
from agent.extract.opendocument.names import (
    ANY_VALUE,
    ASIDES,
    DRAWN,
    FAMILY,
    IN_NOTES,
    LINES,
    LONGEST,
    METAFILE,
    MOST_SPACES,
    RUNNING,
    SAID,
    SHAPES,
    SILENT,
    SPACE,
    SPACES,
)
from agent.extract.opendocument.sheet import Sheet, attribute
from agent.extract.opendocument.sink import Sink
from agent.extract.reading import Reading
from config.verdict import Segment, Zone


class Walk:
    """One part being read."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._keys: dict[str, str] = {}
        self._open: list[tuple[Element, Sink]] = []
        self._hidden: dict[str, None] = {}
        self._slide = 0
        self._silent: Element | None = None
        self._sheet: Sheet | None = None
        self._endnotes = False
        self._spread = False

    def segments(self, root: Element) -> Iterator[Segment]:
        """Headers and the running text where they end, what hangs on them behind."""
        body = Sink("body", Zone.BODY)
        self._open = [(root, body)]
        for count, (event, element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
            if not count % 4096:
                self._reading.tick()
            key = self._key(element)
            if event == "start":
                yield from self._start(element, key)
            else:
                yield from self._end(element, key)
        yield from body.segments()
        if self._hidden:
            yield Segment("\n".join(self._hidden), "property:hidden", Zone.PROPERTY, lines=False)

    def _key(self, element: Element) -> str:
        tag = element.tag
        if not isinstance(tag, str):
            return ""
        if tag not in self._keys:
            space = FAMILY.match(tag) if len(tag) < LONGEST else None
            family = space.group(1) if space else ""
            family = "draw" if family == "drawing" else family
            self._keys[tag] = f"{'math' if 'MathML' in tag else family}:{tag.rpartition('}')[2]}"
        return self._keys[tag]

    def _start(self, element: Element, key: str) -> Iterator[Segment]:
        if self._silent is not None:
            return
        if key in SILENT or (key in IN_NOTES and self._sink.where.endswith("comment")):
            self._silent = element
            self._attributes(element, key)
            return
        if key == "office:binary-data":
            self._silent = element
            if not self._preview(element):
                yield from encoded(element.text or "", "attachment", self._reading)
            return
        self._open_place(element, key)
        if key.startswith("table:"):
            self._start_table(element, key)
        sink = self._sink
        if key in LINES:
            sink.end_line()
        elif key in SPACES:
            sink.line.append(SPACES[key])
        elif key == "text:s":
            count = str(attribute(element, "c") or "1")
            sink.line.append(" " * min(MOST_SPACES, int(count) if count.isdigit() and len(count) < 6 else 1))
        self._attributes(element, key)
        if element.text:
            self._say(element, element.text)

    def _end(self, element: Element, key: str) -> Iterator[Segment]:
        if self._silent is element:
            self._silent = None
        elif self._silent is None:
            sink = self._sink
            if key in LINES:
                sink.end_line()
            if key.startswith("table:"):
                yield from self._end_table(element, key)
            self._spread = self._spread and key != "office:spreadsheet"
            if len(self._open) > 1 and self._open[-1][0] is element:
                self._open.pop()
                yield from sink.segments()
        if self._silent is None and element.tail:
            self._say(element.getparent(), element.tail)

    @property
    def _sink(self) -> Sink:
        return self._open[-1][1]

    def _say(self, around: Element | None, text: str) -> None:
        """Text within a line counts as it stands; the white space between other elements is only layout."""
        if not text.isspace() or (around is not None and self._key(around) in RUNNING):
            self._sink.line.append(SPACE.sub(" ", text) if "property:" not in self._sink.where else text)

    def _preview(self, element: Element) -> bool:
        """Whether this is LibreOffice's own drawing of a table or an object that stands beside it."""
        frame = next(element.iterancestors("{*}frame"), None)
        drawn = (element.text or "").lstrip().startswith(METAFILE)
        return drawn and frame is not None and any(self._key(child) in DRAWN for child in frame)

    def _open_place(self, element: Element, key: str) -> None:
        """Begin a place of its own: a note, a header, a slide, a text box."""
        outer = self._sink
        if key == "text:note":
            self._endnotes = attribute(element, "note-class") == "endnote"
        elif key == "office:spreadsheet":
            self._spread = True
        elif key == "draw:page":
            self._slide += 1
            self._open.append((element, Sink(f"slide {self._slide}", Zone.BODY, self._slide)))
        elif key == "presentation:notes":
            place = f"slide {self._slide} notes" if outer.page else "master"
            zone = Zone.NOTE if outer.page else Zone.MASTER
            self._open.append((element, Sink(place, zone, outer.page)))
        elif key in SHAPES and (mark := "watermark" in str(attribute(element, "name") or "").lower()):
            self._open.append((element, Sink("watermark", Zone.WATERMARK, outer.page)))
        elif key in SHAPES and outer.zone in (Zone.BODY, Zone.HEADER, Zone.FOOTER) and not outer.page and not mark:
            place = "text box" if outer.zone is Zone.BODY else f"{outer.where} text box"
            self._open.append((element, Sink(place, Zone.TEXTBOX)))
        elif key in ASIDES:
            self._open.append((element, self._aside(key, outer)))

    def _aside(self, key: str, outer: Sink) -> Sink:
        word, zone = ASIDES[key]
        if key == "text:note-body" and self._endnotes:
            word = "endnote"
        if key == "office:annotation" and self._sheet is not None:
            return Sink(self._sheet.cell, zone)
        if outer.page and not word.startswith("property:"):
            word = f"slide {outer.page} {word}"
        return Sink(word, zone, outer.page)

    def _attributes(self, element: Element, key: str) -> None:
        for name, value in element.attrib.items():
            local = str(name).rpartition("}")[2]
            text = str(value).strip()
            if local in SAID or (local == "value" and key in ANY_VALUE):
                if key == "table:table-cell" or len(text) < 2:
                    continue
                if self._sink.where.endswith("form field"):
                    self._sink.lines.append(text)
                else:
                    self._hidden[text] = None
            elif local in ("formula", "expression", "condition") and '"' in text:
                self._hidden[text] = None

    def _start_table(self, element: Element, key: str) -> None:
        if self._spread and key == "table:table" and self._sheet is None and self._sink.zone is Zone.BODY:
            self._sheet = Sheet(element)
        elif self._sheet is not None and self._sink.zone is Zone.BODY:
            self._sheet.start(key, self._sink)
        elif key == "table:table-row":
            self._sink.end_line()
            self._sink.rows.append([])
        elif key == "table:table-cell" and self._sink.rows:
            self._sink.end_line()
            self._sink.rows[-1].append([])

    def _end_table(self, element: Element, key: str) -> Iterator[Segment]:
        if self._sheet is not None and self._sheet.element is element:
            sheet, self._sheet = self._sheet, None
            self._sink.end_line()
            yield Segment(sheet.name, "sheet name", Zone.NAME, lines=False)
            yield from cells.sparse(sheet.name, sheet.rows, self._reading)
        elif self._sheet is not None and self._sink.zone is Zone.BODY:
            self._sheet.end(element, key, self._sink)
        elif key == "table:table-row" and self._sink.rows:
            self._sink.end_row()
        elif key in ("table:table-cell", "table:error-message", "table:help-message"):
            self._sink.end_line()
