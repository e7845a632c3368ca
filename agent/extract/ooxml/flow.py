"""WordprocessingML as it flows: paragraphs into lines, lines into pages, tables into rows (ECMA-376 Part 1, 17)."""

from __future__ import annotations

from collections.abc import Iterator

from agent.extract.markup import Element
from config.verdict import Segment, Zone

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_V = "{urn:schemas-microsoft-com:vml}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_P, _TBL, _TR, _TC = W + "p", W + "tbl", W + "tr", W + "tc"
_T, _TAB, _BR, _CR, _PTAB = W + "t", W + "tab", W + "br", W + "cr", W + "ptab"
_HYPHEN, _SYMBOL, _DRAWN = W + "noBreakHyphen", W + "sym", W + "lastRenderedPageBreak"
_DELETED, _BOX, _ART = W + "delText", W + "txbxContent", _V + "textpath"
_SECTION, _SECTION_TYPE, _BREAK_BEFORE, _TABS = W + "sectPr", W + "type", W + "pageBreakBefore", W + "tabs"
_WORDS = (_T, _A + "t", _M + "t")
_BREAKS = (_TAB, _PTAB, _BR, _CR, _DRAWN)
_LEAVES = (_P, _TR, _TC, _T, _TAB, _BR, _CR, _PTAB, _HYPHEN, _SYMBOL, _DRAWN, _DELETED, _ART, _A + "t", _M + "t")


class Flow:
    """One part of a document, taken apart.

    Args:
        root: the root of the part; text boxes are taken out of it.
        where: the place, empty for the body, whose places are pages.
        zone: of the running text.
    """

    def __init__(self, root: Element, where: str, zone: Zone) -> None:
        _to_transitional(root)
        _drop_fallbacks(root)
        self._root, self._where, self._zone = root, where, zone
        self._paged = zone is Zone.BODY
        self._drawn = self._paged and next(root.iter(_DRAWN), None) is not None
        self._page = 1
        self._boxes: dict[Element, Element] = {}
        for box in list(root.iter(_BOX)):
            parent = box.getparent()
            if parent is not None:
                parent.remove(box)
                self._boxes[parent] = box
        self._tags = (*_LEAVES, *{parent.tag for parent in self._boxes})
        self._line: list[str] = []
        self._lines: list[str] = []
        self._first = 1
        self._table: list[str] = []
        self._asides: list[tuple[str, str, Zone]] = []  # text, word of the place, zone
        self._done: list[Segment] = []

    def segments(self) -> Iterator[Segment]:
        """The running text by pages, with tables, text boxes, watermarks and deletions beside it."""
        for block in self._root:
            yield from self._block(block)
        self._end_page()
        yield from self._take()

    def _block(self, element: Element) -> Iterator[Segment]:
        tag = element.tag
        if tag == _P:
            self._paragraph(element)
        elif tag == _TBL:
            self._end_lines()
            self._rows(element)
        elif isinstance(tag, str) and tag not in (_SECTION, _BOX):
            for child in element:  # body, sdt, sdtContent, customXml, ins, comment, footnote ...
                yield from self._block(child)
        if self._done:
            yield from self._take()

    def _take(self) -> Iterator[Segment]:
        done, self._done = self._done, []
        yield from done

    def _paragraph(self, paragraph: Element) -> None:
        if self._paged and not self._drawn and next(paragraph.iter(_BREAK_BEFORE), None) is not None:
            self._next_page()
        self._runs(paragraph)
        self._end_line(self._lines)
        if self._paged and not self._drawn:
            for section in paragraph.iter(_SECTION):
                kind = section.find(_SECTION_TYPE)
                if kind is None or kind.get(W + "val", "nextPage") not in ("continuous", "nextColumn"):
                    self._next_page()

    def _rows(self, table: Element) -> None:
        """The rows of a table; a cell with several paragraphs is one cell, unless it is alone in its row."""
        cells: list[list[str]] = []
        for element in table.iter(*self._tags):
            tag = element.tag
            if tag not in (_TR, _TC, _P):
                self._leaf(element)
                continue
            if cells:
                self._end_line(cells[-1])
            if tag == _TR:
                self._end_row(cells)
                cells = []
            elif tag == _TC:
                cells.append([])
        if cells:
            self._end_line(cells[-1])
        self._end_row(cells)
        self._end_table()

    def _end_row(self, cells: list[list[str]]) -> None:
        filled = [cell for cell in cells if cell]
        if len(filled) == 1:
            self._table.extend(filled[0])
        elif filled:
            self._table.append("\t".join(" ".join(cell) for cell in cells))

    def _end_table(self) -> None:
        if self._table:
            place = f"{self._place()} table".strip()
            self._done.append(Segment("\n".join(self._table), place, self._inner_zone(), self._number()))
            self._table = []

    def _inner_zone(self) -> Zone:
        return Zone.TABLE if self._zone is Zone.BODY else self._zone

    def _runs(self, element: Element) -> None:
        for leaf in element.iter(*self._tags):
            self._leaf(leaf)

    def _leaf(self, leaf: Element) -> None:
        tag = leaf.tag
        if tag in _WORDS:
            self._line.append(leaf.text or "")
        elif tag in _BREAKS:
            self._break(leaf)
        elif tag == _HYPHEN:
            self._line.append("-")
        elif tag == _SYMBOL:
            self._line.append(_symbol(leaf))
        elif tag == _DELETED:
            self._aside(leaf.text or "", "deleted", Zone.NOTE, join=True)
        elif tag == _ART:
            self._aside(str(leaf.get("string", "")), "watermark", Zone.WATERMARK)
        if leaf in self._boxes:
            for segment in Flow(self._boxes[leaf], "text box", Zone.TEXTBOX).segments():
                self._aside(segment.text, segment.where, segment.zone)

    def _break(self, leaf: Element) -> None:
        """Tabs, line breaks and page breaks; a page is counted by what was drawn, or else by what the writer set."""
        if leaf.tag in (_TAB, _PTAB):
            parent = leaf.getparent()
            if parent is None or parent.tag != _TABS:  # else it is a tab stop
                self._line.append("\t")
        elif leaf.tag == _DRAWN:
            self._next_page()
        elif leaf.get(W + "type") != "page":
            self._line.append("\n")
        elif not self._drawn:
            self._next_page()

    def _aside(self, text: str, word: str, zone: Zone, *, join: bool = False) -> None:
        if join and self._asides and self._asides[-1][1:] == (word, zone):
            self._asides[-1] = (self._asides[-1][0] + text, word, zone)
        elif text.strip() and (text, word, zone) not in self._asides[-4:]:  # both ways of drawing a box say the same
            self._asides.append((text, word, zone))

    def _end_line(self, lines: list[str]) -> None:
        text = "".join(self._line)
        self._line.clear()
        lines.extend(line for line in text.split("\n") if line.strip())

    def _end_lines(self) -> None:
        if self._lines:
            text = "\n".join(self._lines)
            self._done.append(Segment(text, self._place(), self._zone, self._number(), first=self._first))
            self._first += len(self._lines)
            self._lines = []

    def _end_page(self) -> None:
        self._end_line(self._lines)
        self._end_lines()
        for text, word, zone in self._asides:
            self._done.append(Segment(text, f"{self._place()} {word}".strip(), zone, self._number()))
        self._asides.clear()

    def _next_page(self) -> None:
        if not self._paged:
            return
        self._end_table()  # a break within a table: its rows so far belong to the page before
        self._end_page()
        self._page += 1
        self._first = 1

    def _place(self) -> str:
        return f"page {self._page}" if self._paged else self._where

    def _number(self) -> int | None:
        return self._page if self._paged else None


def _symbol(leaf: Element) -> str:
    """A character given by number; those of symbol fonts stand 0xF000 above their code."""
    try:
        code = int(str(leaf.get(W + "char", "")), 16)
    except ValueError:
        return ""
    if 0xF000 <= code <= 0xF0FF:
        return "★" if code in (0xF0AB, 0xF0B6) and "wingdings" in str(leaf.get(W + "font", "")).lower() else ""
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else ""


def _to_transitional(root: Element) -> None:
    """Documents of the strict kind name the same elements in another namespace."""
    if not str(root.tag).startswith(_STRICT):
        return
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.startswith(_STRICT):
            element.tag = W + element.tag[len(_STRICT) :]
            for key, value in list(element.attrib.items()):
                if str(key).startswith(_STRICT):
                    element.set(W + str(key)[len(_STRICT) :], value)


def _drop_fallbacks(root: Element) -> None:
    """Of two ways to draw one thing keep the first, when the second says nothing else (ECMA-376 Part 3, 7.5)."""
    for pair in list(root.iter(_MC + "AlternateContent")):
        choice, fallback = pair.find(_MC + "Choice"), pair.find(_MC + "Fallback")
        if choice is None or fallback is None:
            continue
        said, again = _plain(choice), _plain(fallback)
        if again in said and next(fallback.iter(_ART), None) is None:
            pair.remove(fallback)


def _plain(element: Element) -> str:
    return "".join(leaf.text or "" for leaf in element.iter(_T, _A + "t"))
