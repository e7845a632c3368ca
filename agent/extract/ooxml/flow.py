"""WordprocessingML as it flows: paragraphs into lines, lines into pages, tables into rows (ECMA-376 Part 1, 17)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from agent.extract.markup import Element
from agent.extract.pages.sides import Place, placed
from config.verdict import Segment, Side, Zone

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_V = "{urn:schemas-microsoft-com:vml}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_P, _TBL, _TR, _TC = W + "p", W + "tbl", W + "tr", W + "tc"
_T, _TAB, _BR, _CR, _PTAB = W + "t", W + "tab", W + "br", W + "cr", W + "ptab"
_HYPHEN, _SYMBOL, _DRAWN = W + "noBreakHyphen", W + "sym", W + "lastRenderedPageBreak"
_DELETED, _BOX, _ART = W + "delText", W + "txbxContent", _V + "textpath"
_SECTION, _SECTION_TYPE, _BREAK_BEFORE, _TABS = W + "sectPr", W + "type", W + "pageBreakBefore", W + "tabs"
_MOVED, _READING, _VANISH = W + "moveFrom", W + "rt", (W + "vanish", W + "specVanish")
_RUN, _RUN_LOOK, _LOOK, _FONTS = W + "r", W + "rPr", W + "pPr", W + "rFonts"
_HIDDEN, _RUBY = W + "hidden-text", W + "ruby-text"  # not tags of the format: see _set_apart
_JUSTIFIED, _INDENT, _STOP = f"{W}pPr/{W}jc", f"{W}pPr/{W}ind", W + "pos"
_SIDES = {"right": Side.RIGHT, "end": Side.RIGHT, "center": Side.CENTRE}
_MARGIN = 4  # tabs before the words of a paragraph, or an indent as wide: they stand in the right half
_HALF = 2_880  # twips
_CHOICE, _ENTRY, _CHOSEN, _DEFAULT = W + "ddList", W + "listEntry", W + "result", W + "default"
_ASIDES = {_DELETED: ("deleted", Zone.NOTE), _HIDDEN: ("hidden", Zone.BODY), _RUBY: ("reading", Zone.NOTE)}
_WORDS = (_T, _A + "t", _M + "t")
_BREAKS = (_TAB, _PTAB, _BR, _CR, _DRAWN)
_LEAVES = (
    _P,
    _TR,
    _TC,
    _T,
    _TAB,
    _BR,
    _CR,
    _PTAB,
    _HYPHEN,
    _SYMBOL,
    _DRAWN,
    _ART,
    _CHOICE,
    *_ASIDES,
    _A + "t",
    _M + "t",
)


class Flow:
    """One part of a document, taken apart.

    Args:
        root: the root of the part; text boxes are taken out of it.
        where: the place, empty for the body, whose places are pages.
        zone: of the running text.
    """

    def __init__(self, root: Element, where: str, zone: Zone) -> None:
        _drop_fallbacks(root)
        _set_apart(root)
        self._root, self._where, self._zone = root, where, zone
        self._paged = zone is Zone.BODY
        self._drawn = self._paged and next(root.iter(_DRAWN), None) is not None
        self._page = 1
        self._boxes: dict[Element, Element] = {}
        for box in list(root.iter(_BOX)):
            parent = box.getparent()
            if parent is not None and box is not root and not _boxed(box, root):
                self._boxes[parent] = box
        for parent, box in self._boxes.items():
            parent.remove(box)
        sections = [] if self._drawn or not self._paged else list(root.iter(_SECTION))
        self._sections = [section.find(_SECTION_TYPE) for section in sections if section.getparent() is not None]
        self._section = 0
        self._tags = (*_LEAVES, *{parent.tag for parent in self._boxes})
        self._line: list[str] = []
        self._lines: list[str] = []
        self._sides: dict[Place, Side] = {}  # of this page
        self._first = 1
        self._table: list[str] = []
        self._table_sides: dict[Place, Side] = {}
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
        look = paragraph.find(_LOOK) if self._paged and not self._drawn else None
        if look is not None and (before := look.find(_BREAK_BEFORE)) is not None and not _off(before):
            self._next_page()
        began = len(self._lines)
        self._runs(paragraph)
        self._end_line(self._lines)
        if self._first_page and len(self._lines) > began and (side := _side(paragraph)):
            self._sides[began, 0] = side
        if look is not None and look.find(_SECTION) is not None:
            self._section += 1  # how the next one begins is written at its own end
            kind = self._sections[self._section] if self._section < len(self._sections) else None
            if kind is None or kind.get(W + "val", "nextPage") not in ("continuous", "nextColumn"):
                self._next_page()

    def _rows(self, table: Element) -> None:
        """The rows of a table; a cell with several paragraphs is one cell, unless it is alone in its row."""
        cells: list[list[str]] = []
        looks: list[Element | None] = []  # the first paragraph with words of each cell
        paragraph: Element | None = None
        for element in chain(table.iter(*self._tags), (None,)):
            tag = _TR if element is None else element.tag
            if element is not None and tag not in (_TR, _TC, _P):
                self._leaf(element)
                continue
            if cells:
                empty = not cells[-1]
                self._end_line(cells[-1])
                looks[-1] = paragraph if empty and cells[-1] else looks[-1]
            if tag == _TR:
                self._end_row(cells, looks)
                cells, looks = [], []
            elif tag == _TC:
                cells.append([])
                looks.append(None)
            paragraph = element if tag == _P else None
        self._end_table()

    def _end_row(self, cells: list[list[str]], looks: list[Element | None]) -> None:
        filled = [number for number, cell in enumerate(cells) if cell]
        if len(filled) == 1:
            look, right = looks[filled[0]], 0 < len(cells) <= 2 * filled[0]
            side = (_side(look) if look is not None else None) or (Side.RIGHT if right else None)
            if side and self._first_page:
                self._table_sides[len(self._table), 0] = side
            self._table.extend(cells[filled[0]])
        elif filled:
            self._table.append("\t".join(" ".join(cell) for cell in cells))

    def _end_table(self) -> None:
        if self._table:
            place, sides = f"{self._place()} table".strip(), placed(self._table, self._table_sides)
            text = "\n".join(self._table)
            self._done.append(Segment(text, place, self._inner_zone(), self._number(), sides=sides))
            self._table = []
        self._table_sides = {}

    def _inner_zone(self) -> Zone:
        return Zone.TABLE if self._zone is Zone.BODY else self._zone

    def _runs(self, element: Element) -> None:
        for leaf in element.iter(*self._tags):
            self._leaf(leaf)

    def _leaf(self, leaf: Element) -> None:
        tag = leaf.tag
        if tag in _WORDS:
            text = leaf.text or ""
            self._line.append(_starred(leaf, text) if "\uf0ab" in text else text)
        elif tag in _BREAKS:
            self._break(leaf)
        elif tag == _HYPHEN:
            self._line.append("-")
        elif tag == _SYMBOL:
            self._line.append(_symbol(leaf))
        elif tag in _ASIDES:
            self._aside(leaf.text or "", *_ASIDES[tag], join=True)
        elif tag == _CHOICE:
            self._line.append(_chosen(leaf))
        elif tag == _ART:
            self._aside(str(leaf.get("string", "")), "watermark", Zone.WATERMARK)
        if leaf in self._boxes:
            for segment in Flow(self._boxes[leaf], "text box", Zone.TEXTBOX).segments():
                self._aside(segment.text, segment.where.replace("text box text box", "text box"), segment.zone)

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
        if self._asides and self._asides[-1][1] in ("deleted", "hidden", "reading"):
            self._asides[-1] = (self._asides[-1][0].rstrip("\n") + "\n", *self._asides[-1][1:])
        lines.extend(line for line in text.split("\n") if line.strip())

    def _end_lines(self) -> None:
        if self._lines:
            text = "\n".join(self._lines)
            sides = placed(self._lines, self._sides)
            self._done.append(Segment(text, self._place(), self._zone, self._number(), first=self._first, sides=sides))
            self._first += len(self._lines)
            self._lines = []
        self._sides = {}

    def _end_page(self) -> None:
        self._end_line(self._lines)
        self._end_lines()
        for text, word, zone in self._asides:
            self._done.append(Segment(text.rstrip("\n"), f"{self._place()} {word}".strip(), zone, self._number()))
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

    @property
    def _first_page(self) -> bool:
        return self._paged and self._page == 1

    def _number(self) -> int | None:
        return self._page if self._paged else None


def _side(paragraph: Element) -> Side | None:
    """Where a paragraph stands, by what is set for itself: its justification, its indent, or tabs before its words."""
    justified = paragraph.find(_JUSTIFIED)
    if justified is not None and (side := _SIDES.get(str(justified.get(W + "val")))):
        return side
    indent = paragraph.find(_INDENT)
    twips = str(indent.get(W + "left") or indent.get(W + "start") or "0") if indent is not None else "0"
    tabs = 0
    for item in paragraph.iter(_T, _TAB):
        if (item.text or "").strip():
            break
        tabs += item.tag == _TAB and item.get(_STOP) is None  # others are the stops of the ruler
    wide = tabs >= _MARGIN or (twips.isascii() and twips.isdigit() and int(twips[:9]) >= _HALF)
    return Side.RIGHT if wide else None


def _boxed(box: Element, root: Element) -> bool:
    """Whether a text box stands within another."""
    return any(outer is not root for outer in box.iterancestors(_BOX))


def _chosen(choice: Element) -> str:
    """What a drop-down field shows: it has no text of its own (ECMA-376 Part 1, 17.16.9)."""
    entries = [str(entry.get(W + "val", "")) for entry in choice.iter(_ENTRY)]
    for tag in (_CHOSEN, _DEFAULT):
        number = choice.find(tag)
        if number is not None and (index := str(number.get(W + "val", ""))).isdecimal() and int(index) < len(entries):
            return entries[int(index)]
    return entries[0] if entries else ""


def _starred(leaf: Element, text: str) -> str:
    """The star of a symbol font, which stands in the private area."""
    run = leaf.getparent()
    fonts = None if run is None else run.find(f"{_RUN_LOOK}/{_FONTS}")
    names = () if fonts is None else map(str, fonts.attrib.values())
    return text.replace("\uf0ab", "★") if any("wingdings" in name.lower() for name in names) else text


def _symbol(leaf: Element) -> str:
    """A character given by number; those of symbol fonts stand 0xF000 above their code."""
    try:
        code = int(str(leaf.get(W + "char", "")), 16)
    except ValueError:
        return ""
    if 0xF000 <= code <= 0xF0FF:
        return "★" if code in (0xF0AB, 0xF0B6) and "wingdings" in str(leaf.get(W + "font", "")).lower() else ""
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else ""


def _set_apart(root: Element) -> None:
    """Words that stand between others in the file but not on the page get a tag of their own.

    What was moved away, hidden text, and the reading above a word (ECMA-376 Part 1, 17.13.5.22, 17.3.2.41, 17.3.3.24).
    """
    for element in list(root.iter(_MOVED, _READING, *_VANISH)):
        outer: Element | None = element
        tag = _DELETED if element.tag == _MOVED else _RUBY
        if element.tag in _VANISH:
            outer, tag = element.getparent(), _HIDDEN
            outer = outer.getparent() if outer is not None and outer.tag == _RUN_LOOK and not _off(element) else None
            if outer is not None and outer.tag != _RUN:  # the look of a paragraph's end
                outer = None
        for text in () if outer is None else list(outer.iter(_T)):
            text.tag = tag


def _off(element: Element) -> bool:
    """Whether a switch is written down as being off."""
    return element.get(W + "val", "1") in ("0", "false", "off")


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
