"""The words of one OpenDocument part, in one pass: where each stands is told by the elements around it (ODF 1.3).

Elements are known by the last word of their namespace and their name (``text:p``), which the flat form and the
documents of OpenOffice.org 1 share with packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from agent.extract.embedded import encoded
from agent.extract.markup import Element
from agent.extract.ooxml import cells
from agent.extract.reading import Reading
from config.verdict import Segment, Zone, column_name

_FAMILY = re.compile(r"\{(?:.*[:/])?([a-z-]+?)(?:-compatible)?(?::\d[\d.]*|/elements/1\.1/)?\}")
_SILENT = frozenset(  # parts without words for a reader; automatic styles keep the texts of number formats
    [
        "office:settings",
        "office:font-face-decls",
        "office:styles",
        "office:automatic-styles",
        "office:meta",
        "office:change-info",
        "text:note-citation",
        "text:footnote-citation",
        "text:endnote-citation",
    ]
)
_IN_NOTES = frozenset(("dc:creator", "dc:date", "meta:creator-initials", "loext:sender-initials", "meta:date-string"))
_SHAPES = frozenset(
    "draw:" + name
    for name in [
        "frame",
        "custom-shape",
        "rect",
        "ellipse",
        "circle",
        "line",
        "polyline",
        "polygon",
        "path",
        "connector",
        "caption",
        "measure",
        "regular-polygon",
        "text-box",
        "control",
        "g",
        "image",
        "object",
    ]
)
_SPACES = {"text:tab": "\t", "text:tab-stop": "\t", "text:line-break": "\n"}
_ASIDES = {  # element to word of the place and zone
    "office:annotation": ("comment", Zone.NOTE),
    "text:note-body": ("footnote", Zone.NOTE),
    "text:footnote-body": ("footnote", Zone.NOTE),
    "text:endnote-body": ("endnote", Zone.NOTE),
    "text:deletion": ("deleted", Zone.NOTE),
    "table:tracked-changes": ("deleted", Zone.NOTE),
    "style:master-page": ("master", Zone.MASTER),
    "style:handout-master": ("master", Zone.MASTER),
    "style:header": ("header", Zone.HEADER),
    "style:header-left": ("header", Zone.HEADER),
    "style:header-first": ("header", Zone.HEADER),
    "style:footer": ("footer", Zone.FOOTER),
    "style:footer-left": ("footer", Zone.FOOTER),
    "style:footer-first": ("footer", Zone.FOOTER),
    "presentation:footer-decl": ("footer", Zone.FOOTER),
    "presentation:header-decl": ("header", Zone.HEADER),
    "office:chart": ("chart", Zone.TEXTBOX),
    "office:forms": ("form field", Zone.TEXTBOX),
    "table:content-validations": ("comment", Zone.NOTE),
    "math:math": ("text box", Zone.TEXTBOX),
    "svg:title": ("property:description", Zone.PROPERTY),
    "svg:desc": ("property:description", Zone.PROPERTY),
    "table:title": ("property:description", Zone.PROPERTY),
    "table:desc": ("property:description", Zone.PROPERTY),
    "office:scripts": ("property:script", Zone.PROPERTY),
    "script:module": ("property:script", Zone.PROPERTY),
}
_RUNNING = frozenset(["text:p", "text:h", "text:span", "text:a", "text:meta", "text:ruby-base"])
_SPACE = re.compile(r"[ \t\r\n]+")  # is one space (6.1.2); more are elements
_LINES = frozenset(("text:p", "text:h", "form:option", "form:item", "math:annotation", "office:source-code"))
# Attributes that a reader may see, or that fields and forms show under some condition.
_SAID = frozenset(
    [
        "string-value",
        "string-value-if-true",
        "string-value-if-false",
        "label",
        "current-value",
        "title",
        "prompt",
        "help-message",
        "comment",
        "description",
    ]
)
_ANY_VALUE = frozenset(("form:text", "form:textarea", "form:hidden", "form:button", "text:label"))
_LONGEST = 300  # characters of an honest name with its namespace
_NUMBERS = ("float", "currency", "percentage")
_VALUES = ("string-value", "date-value", "time-value", "boolean-value")
_METAFILE = "VkNMTVRG"  # VCLMTF in base64
_DRAWN = ("table:table", "draw:object", "draw:object-ole")
_WIDEST = 16_384  # columns of a sheet
_MOST_SPACES = 100


class _Sink:
    """Lines being put together for one place; cells of a row are joined by tabs."""

    def __init__(self, where: str, zone: Zone, page: int | None = None) -> None:
        self.where, self.zone, self.page = where, zone, page
        self.lines: list[str] = []
        self.line: list[str] = []
        self.rows: list[list[list[str]]] = []  # open rows, outermost first; each a list of cells of lines

    def end_line(self) -> None:
        """What stands so far is a line."""
        text = "".join(self.line)
        self.line.clear()
        found = [line for line in text.split("\n") if line.strip()]
        if found and self.rows and self.rows[-1]:
            self.rows[-1][-1] += found
        else:
            self.lines += found

    def end_row(self) -> None:
        """The row is a line, or lines when only one of its cells says something."""
        self.end_line()
        filled = [cell for cell in self.rows.pop() if cell] if self.rows else []
        found = filled[0] if len(filled) == 1 else ["\t".join(" ".join(cell) for cell in filled)] if filled else []
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += found
        else:
            self.lines += found

    def segments(self) -> Iterator[Segment]:
        """What was said, if anything."""
        while self.rows:
            self.end_row()
        self.end_line()
        if self.lines:
            plain = not self.where.startswith("property:") and "!" not in self.where
            yield Segment("\n".join(self.lines), self.where, self.zone, self.page, lines=plain)


class Walk:
    """One part being read."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._keys: dict[str, str] = {}
        self._open: list[tuple[Element, _Sink]] = []
        self._hidden: dict[str, None] = {}
        self._slide = 0
        self._silent: Element | None = None
        self._sheet: _Sheet | None = None
        self._endnotes = False
        self._spread = False

    def segments(self, root: Element) -> Iterator[Segment]:
        """Headers and the running text where they end, what hangs on them behind."""
        body = _Sink("body", Zone.BODY)
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
            space = _FAMILY.match(tag) if len(tag) < _LONGEST else None
            family = space.group(1) if space else ""
            family = "draw" if family == "drawing" else family
            self._keys[tag] = f"{'math' if 'MathML' in tag else family}:{tag.rpartition('}')[2]}"
        return self._keys[tag]

    def _start(self, element: Element, key: str) -> Iterator[Segment]:
        if self._silent is not None:
            return
        if key in _SILENT or (key in _IN_NOTES and self._sink.where.endswith("comment")):
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
        if key in _LINES:
            sink.end_line()
        elif key in _SPACES:
            sink.line.append(_SPACES[key])
        elif key == "text:s":
            count = str(_get(element, "c") or "1")
            sink.line.append(" " * min(_MOST_SPACES, int(count) if count.isdigit() and len(count) < 6 else 1))
        self._attributes(element, key)
        if element.text:
            self._say(element, element.text)

    def _end(self, element: Element, key: str) -> Iterator[Segment]:
        if self._silent is element:
            self._silent = None
        elif self._silent is None:
            sink = self._sink
            if key in _LINES:
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
    def _sink(self) -> _Sink:
        return self._open[-1][1]

    def _say(self, around: Element | None, text: str) -> None:
        """Text within a line counts as it stands; the white space between other elements is only layout."""
        if not text.isspace() or (around is not None and self._key(around) in _RUNNING):
            self._sink.line.append(_SPACE.sub(" ", text) if "property:" not in self._sink.where else text)

    def _preview(self, element: Element) -> bool:
        """Whether this is LibreOffice's own drawing of a table or an object that stands beside it."""
        frame = next(element.iterancestors("{*}frame"), None)
        drawn = (element.text or "").lstrip().startswith(_METAFILE)
        return drawn and frame is not None and any(self._key(child) in _DRAWN for child in frame)

    def _open_place(self, element: Element, key: str) -> None:
        """Begin a place of its own: a note, a header, a slide, a text box."""
        outer = self._sink
        if key == "text:note":
            self._endnotes = _get(element, "note-class") == "endnote"
        elif key == "office:spreadsheet":
            self._spread = True
        elif key == "draw:page":
            self._slide += 1
            self._open.append((element, _Sink(f"slide {self._slide}", Zone.BODY, self._slide)))
        elif key == "presentation:notes":
            place = f"slide {self._slide} notes" if outer.page else "master"
            zone = Zone.NOTE if outer.page else Zone.MASTER
            self._open.append((element, _Sink(place, zone, outer.page)))
        elif key in _SHAPES and (mark := "watermark" in str(_get(element, "name") or "").lower()):
            self._open.append((element, _Sink("watermark", Zone.WATERMARK, outer.page)))
        elif key in _SHAPES and outer.zone in (Zone.BODY, Zone.HEADER, Zone.FOOTER) and not outer.page and not mark:
            place = "text box" if outer.zone is Zone.BODY else f"{outer.where} text box"
            self._open.append((element, _Sink(place, Zone.TEXTBOX)))
        elif key in _ASIDES:
            self._open.append((element, self._aside(key, outer)))

    def _aside(self, key: str, outer: _Sink) -> _Sink:
        word, zone = _ASIDES[key]
        if key == "text:note-body" and self._endnotes:
            word = "endnote"
        if key == "office:annotation" and self._sheet is not None:
            return _Sink(self._sheet.cell, zone)
        if outer.page and not word.startswith("property:"):
            word = f"slide {outer.page} {word}"
        return _Sink(word, zone, outer.page)

    def _attributes(self, element: Element, key: str) -> None:
        for name, value in element.attrib.items():
            local = str(name).rpartition("}")[2]
            text = str(value).strip()
            if local in _SAID or (local == "value" and key in _ANY_VALUE):
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
            self._sheet = _Sheet(element)
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


class _Sheet:
    """One sheet, of which only the cells that say something are kept."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.name = str(_get(element, "name") or "")
        self.rows: list[tuple[int, list[tuple[int, str]]]] = []
        self._row = self._column = 0
        self._before = 0

    @property
    def cell(self) -> str:
        """The place of the cell being read."""
        return f"{self.name}!{column_name(min(self._column, _WIDEST))}{self._row + 1}"

    def start(self, key: str, sink: _Sink) -> None:
        """A row or a cell begins."""
        if key == "table:table-row":
            self._column = 0
            self.rows.append((self._row, []))
        elif key.endswith("table-cell"):
            sink.end_line()
            self._before = len(sink.lines)

    def end(self, element: Element, key: str, sink: _Sink) -> None:
        """A row or a cell ends: what the sink got since its start is the cell's."""
        if key == "table:table-row":
            self._row += _repeated(element, "number-rows-repeated")
            if self.rows and not self.rows[-1][1]:
                self.rows.pop()
        elif key.endswith("table-cell"):
            sink.end_line()
            shown = " ".join(sink.lines[self._before :])
            del sink.lines[self._before :]
            value = str(_get(element, "value") or "") if _get(element, "value-type") in _NUMBERS else ""
            text = value or shown or next(filter(None, (_get(element, key) for key in _VALUES)), "")
            if text and self.rows and self._column < _WIDEST:
                self.rows[-1][1].append((self._column, text))
            self._column += _repeated(element, "number-columns-repeated")


def _repeated(element: Element, name: str) -> int:
    count = str(_get(element, name) or "1")
    return max(1, int(count)) if count.isdigit() and len(count) < 8 else 1


def _get(element: Element, name: str) -> str | None:
    """An attribute by its name alone; documents of different ages put it in different namespaces."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), None)
