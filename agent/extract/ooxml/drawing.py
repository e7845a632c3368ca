"""DrawingML, shared by the three office formats: shapes, tables, charts, diagrams (ECMA-376 Part 1, 20-21)."""

from __future__ import annotations

from agent.extract.markup import Element

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_P, _T, _BR, _TC, _TR = _A + "p", _A + "t", _A + "br", _A + "tc", _A + "tr"
_VALUE, _SERIES = _C + "v", _C + "ser"


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
    for value in root.iter(_VALUE):
        text = (value.text or "").strip()
        if text and text not in known and not _is_number(text):
            known.add(text)
            found.append(text)
    return found


def descriptions(root: Element) -> list[str]:
    """Names given to pictures and shapes for readers who cannot see them (``descr``, ``title``)."""
    found = []
    for element in root.iter("{*}docPr", "{*}cNvPr"):
        found += [text for key in ("descr", "title") if (text := (element.get(key) or "").strip())]
    return found


def _within(element: Element, outer: Element) -> bool:
    return any(ancestor is outer for ancestor in element.iterancestors(_TR))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
