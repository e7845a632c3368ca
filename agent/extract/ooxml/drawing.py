"""DrawingML, shared by the three office formats: shapes, tables, charts, diagrams (ECMA-376 Part 1, 20-21)."""

from __future__ import annotations

import re

from agent.extract.markup import Element

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_P, _T, _BR, _TC, _TR = _A + "p", _A + "t", _A + "br", _A + "tc", _A + "tr"
_CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
_V = "{urn:schemas-microsoft-com:vml}"
_VALUES = (_C + "v", _CX + "pt", _CX + "v")
_TEXTBOX, _TEXTPATH = _V + "textbox", _V + "textpath"
DESCRIBED = (_V + "shape", _A + "hlinkClick", _A + "hlinkHover")
_SPACES = ("presentationml/2006/main", "drawingml/2006/picture", "drawingml/2006/spreadsheetDrawing")
PROPERTIES = (
    "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr",
    *(f"{{http://schemas.openxmlformats.org/{space}}}cNvPr" for space in _SPACES),
    "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}cNvPr",
    "{http://schemas.microsoft.com/office/word/2010/wordprocessingGroup}cNvPr",
    "{http://schemas.microsoft.com/office/drawing/2008/diagram}cNvPr",
)
_NUMBERED = re.compile(
    r"[A-Za-z][A-Za-z -]*[:;]?\d*|[^\d.]{1,24} \d+(;\D*\d+)?|[一-鿿]{1,6}\d+|officeArt object|_.*|OLE_LINK.*|\d*"
)


def lines(root: Element) -> list[str]:
    """The paragraphs below an element in document order, cells of a table row joined by tabs; empty ones left out."""
    text = _Lines()
    for element in root.iter(_P, _T, _BR, _TC, _TR):
        text.take(element)
    text.end_row()
    return text.found


class _Lines:
    """Lines being put together from elements in document order."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._line: list[str] = []
        self._row: list[list[str]] | None = None
        self._row_element: Element | None = None

    def take(self, element: Element) -> None:
        tag = element.tag
        if tag == _T:
            self._line.append(element.text or "")
        elif tag == _BR:
            self._line.append("\n")
        elif tag == _TR:
            self.end_row()
            self._row, self._row_element = [], element
        elif tag == _TC:
            self._end_line()
            self._row = [*(self._row or []), []]
        else:
            self._end_line()
            if self._row_element is not None and not _within(element, self._row_element):
                self.end_row()

    def end_row(self) -> None:
        self._end_line()
        if self._row and any(self._row):
            self.found.append("\t".join(" ".join(cell) for cell in self._row))
        self._row = self._row_element = None

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line.clear()
        if not line.strip():
            return
        if self._row:
            self._row[-1].append(line.replace("\n", " "))
        else:
            self.found.extend(part for part in line.split("\n") if part.strip())


def chart(root: Element) -> list[str]:
    """Titles and labels of a chart, and the cached names of its series and categories."""
    found = lines(root)
    known = set(found)
    for value in root.iter(*_VALUES):
        text = (value.text or "").strip()
        if text and text not in known and not _is_number(text):
            known.add(text)
            found.append(text)
    return found


def everything(root: Element) -> list[str]:
    """The paragraphs below an element, and after them whatever else is text there."""
    found = lines(root)
    rest = [text for element in root.iter() if element.tag != _T and (text := _own(element))]
    return [*found, *rest]


def vml(root: Element) -> list[str]:
    """What the shapes of a VML drawing say: their text boxes and their WordArt (ECMA-376 Part 4, 19)."""
    found = []
    for element in root.iter(_TEXTBOX, _TEXTPATH):
        if next(element.iterancestors(_TEXTBOX), None) is not None:
            continue  # said with the box around it
        text = element.get("string", "") if element.tag == _TEXTPATH else "".join(map(str, element.itertext()))
        found += [line for part in str(text).split("\n") if (line := part.strip())]
    return found


def descriptions(root: Element) -> list[str]:
    """Names given to pictures and shapes for readers who cannot see them, unless a program made them up."""
    found: dict[str, None] = {}
    for element in root.iter(*PROPERTIES, *DESCRIBED):
        for key in ("descr", "alt", "title", "tooltip", "name"):
            text = str(element.get(key) or "").strip()
            if text and not (key == "name" and made_up(text)):
                found[text] = None
    return list(found)


def made_up(name: str) -> bool:
    """Whether a shape or a bookmark has the name that a program gives it, such as ``TextBox 7``."""
    return _NUMBERED.fullmatch(name) is not None


def _own(element: Element) -> str:
    """The text of an element before and after its children, trimmed."""
    if not isinstance(element.tag, str):
        return ""
    parts = [element.text or "", *(child.tail or "" for child in element)]
    return "".join(part for part in parts if part.strip()).strip()


def _within(element: Element, outer: Element) -> bool:
    return any(ancestor is outer for ancestor in element.iterancestors(_TR))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
