"""Lines of an OpenDocument part being put together for one place."""

from __future__ import annotations

from collections.abc import Iterator

from config.verdict import Segment, Zone


class Sink:
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
