"""The cells of an OpenDocument sheet (ODF 1.3 Part 3, 9)."""

from __future__ import annotations

from agent.extract.markup import Element
from agent.extract.opendocument.sink import Sink
from config.verdict import column_name

_WIDEST = 16_384  # columns of a sheet
_NUMBERS = ("float", "currency", "percentage")
_VALUES = ("string-value", "date-value", "time-value", "boolean-value")


class Sheet:
    """One sheet, of which only the cells that say something are kept."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.name = str(attribute(element, "name") or "")
        self.rows: list[tuple[int, list[tuple[int, str]]]] = []
        self._row = self._column = 0
        self._before = 0

    @property
    def cell(self) -> str:
        """The place of the cell being read."""
        return f"{self.name}!{column_name(min(self._column, _WIDEST))}{self._row + 1}"

    def start(self, key: str, sink: Sink) -> None:
        """A row or a cell begins."""
        if key == "table:table-row":
            self._column = 0
            self.rows.append((self._row, []))
        elif key.endswith("table-cell"):
            sink.end_line()
            self._before = len(sink.lines)

    def end(self, element: Element, key: str, sink: Sink) -> None:
        """A row or a cell ends: what the sink got since its start is the cell's."""
        if key == "table:table-row":
            self._row += _repeated(element, "number-rows-repeated")
            if self.rows and not self.rows[-1][1]:
                self.rows.pop()
        elif key.endswith("table-cell"):
            sink.end_line()
            shown = " ".join(sink.lines[self._before :])
            del sink.lines[self._before :]
            value = str(attribute(element, "value") or "") if attribute(element, "value-type") in _NUMBERS else ""
            text = value or shown or next(filter(None, (attribute(element, key) for key in _VALUES)), "")
            if text and self.rows and self._column < _WIDEST:
                self.rows[-1][1].append((self._column, text))
            self._column += _repeated(element, "number-columns-repeated")


def _repeated(element: Element, name: str) -> int:
    count = str(attribute(element, name) or "1")
    return max(1, int(count)) if count.isdigit() and len(count) < 8 else 1


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its name alone; documents of different ages put it in different namespaces."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), None)
