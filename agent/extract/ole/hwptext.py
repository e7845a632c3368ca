"""The text of one section of a Hangul document: paragraphs, and what hangs on them ([HWP 5.0] 4.3).

A record belongs to the nearest one before it of a lower level. Tables, headers, notes and drawings hang on the
paragraph that holds their control character, and have paragraphs of their own.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator

import msgspec

from config.verdict import Segment, Zone

_PARAGRAPH, _TEXT, _CONTROL, _LIST, _EQUATION, _ART, _MEMO = 66, 67, 71, 72, 88, 90, 93
_WIDE_CONTROLS = frozenset((*range(1, 10), 11, 12, *range(14, 24)))  # take eight characters, themselves included
_INLINE = frozenset((4, 5, 6, 7, 8, 9, 19, 20))  # of these the ones on which nothing hangs
_SHOWN = {9: "\t", 10: "\n", 24: "-", 30: " ", 31: " "}
_PLACES = {  # controls by their four letters
    b"head": ("header", Zone.HEADER),
    b"foot": ("footer", Zone.FOOTER),
    b"fn  ": ("footnote", Zone.NOTE),
    b"en  ": ("endnote", Zone.NOTE),
    b"gso ": ("text box", Zone.TEXTBOX),
    b"tcmt": ("comment", Zone.NOTE),
}
_TABLE, _RUBY, _OVERLAID = b"tbl ", b"tdut", b"tcps"
_DESCRIBED = {_TABLE, b"gso ", b"eqed"}
_DESCRIPTION = 44  # where a drawn object's description stands, after its place and size
_BREAK, _NEW_PAGE = 11, 0b101  # in a paragraph's head: a new section or a new page begins
_DEPTH = 64  # of tables in tables; what is deeper stands in the last one
_ROW = 10  # where the list that begins a cell says its row
_ART_TEXT, _EQUATION_TEXT = 32, 4
_CODES = re.compile("[\0-\x1f]")


class _Frame(msgspec.Struct):
    """Something that paragraphs stand in; ``level`` is that of the record which opened it."""

    level: int
    where: str
    zone: Zone
    table: bool = False
    lines: list[list[str]] = []  # a line is pieces; those of odd index are where a control stands
    rows: dict[int, list[list[list[str]]]] = {}  # of a table: row to cells, a cell being its lines
    into: list[list[str]] | None = None  # the lines of the cell begun last
    hole: int = 1  # index in the last line of the next control


class Section:
    """Segments of one section. Pages are counted where the writer set a break, from ``page`` on."""

    def __init__(self, page: int = 1) -> None:
        self.page = page
        self._frames = [_Frame(-1, "", Zone.BODY)]
        self._began = False

    def segments(self, records: Iterable[tuple[int, int, bytes]]) -> Iterator[Segment]:
        """Body by pages; headers, footers, notes, comments and text boxes where they hang."""
        for kind, level, data in records:
            while len(self._frames) > 1 and (level <= self._frames[-1].level or kind == _MEMO):
                yield from self._close()
            if kind == _PARAGRAPH and len(self._frames) == 1:
                if self._began and len(data) > _BREAK and data[_BREAK] & _NEW_PAGE:
                    yield from self._turn()
                self._began = True
            elif kind == _CONTROL:
                yield from self._control(level, data)
            elif kind == _MEMO:
                self._frames.append(_Frame(level - 1, "comment", Zone.NOTE))
            else:
                self._take(kind, data)
        while len(self._frames) > 1:
            yield from self._close()
        yield from self._turn()

    def _take(self, kind: int, data: bytes) -> None:
        """A line of text, or the head of a list of paragraphs, which in a table is a cell."""
        frame = self._frames[-1]
        if kind == _TEXT:
            frame.hole = 1
            self._say(_pieces(data))
        elif kind in (_EQUATION, _ART):
            self._say([_counted(data, _EQUATION_TEXT if kind == _EQUATION else _ART_TEXT)])
        elif kind == _LIST and frame.table and len(data) >= _ROW + 2:
            frame.into = []
            frame.rows.setdefault(struct.unpack_from("<H", data, _ROW)[0], []).append(frame.into)

    def _control(self, level: int, data: bytes) -> Iterator[Segment]:
        name, frame = data[3::-1], self._frames[-1]
        lines = frame.lines if frame.into is None else frame.into
        if name in (_RUBY, _OVERLAID):
            said = _counted(data, 4)
            if lines and frame.hole < len(lines[-1]):
                lines[-1][frame.hole] = said
            else:
                self._say([said])
            if name == _RUBY:
                yield Segment(_counted(data, 6 + 2 * len(said)), "annotation", Zone.NOTE)
        frame.hole += 2
        if (name in _PLACES or name == _TABLE) and len(self._frames) < _DEPTH:
            where, zone = _PLACES.get(name, (frame.where, frame.zone))
            self._frames.append(_Frame(level, where, zone, table=name == _TABLE))
        if name in _DESCRIBED and (said := _counted(data, _DESCRIPTION).replace("\r", "").strip()):
            yield Segment(said, "description", Zone.NOTE)

    def _say(self, line: list[str]) -> None:
        frame = self._frames[-1]
        (frame.lines if frame.into is None else frame.into).append(line)

    def _close(self) -> Iterator[Segment]:
        """A table becomes lines of what it stands in; anything else a segment of its own."""
        frame = self._frames.pop()
        if frame.table:  # a caption comes before its cells
            for line in frame.lines:
                self._say(line)
            for _, row in sorted(frame.rows.items()):
                self._say(["\t".join(" ".join("".join(line) for line in cell).strip() for cell in row)])
        elif text := _joined(frame.lines):
            yield Segment(text, frame.where, frame.zone)

    def _turn(self) -> Iterator[Segment]:
        lines, self._frames[0].lines = self._frames[0].lines, []
        if text := _joined(lines):
            yield Segment(text, f"page {self.page}", page=self.page)
        self.page += 1


def _joined(lines: list[list[str]]) -> str:
    text = "\n".join("".join(line) for line in lines)
    return text.strip("\n") if text.strip() else ""


def _pieces(data: bytes) -> list[str]:
    """The text of a paragraph ([HWP 5.0] 4.3.1, table 6), in pieces with a gap for everything that hangs on it."""
    text = data[: len(data) // 2 * 2].decode("utf-16-le", "surrogatepass")  # offsets count halves of pairs
    pieces, piece, at = [], [], 0
    for match in _CODES.finditer(text):
        if match.start() < at:
            continue  # within a control
        code = ord(match.group())
        piece += [text[at : match.start()], _SHOWN.get(code, "")]
        at = match.start() + (8 if code in _WIDE_CONTROLS else 1)
        if code in _WIDE_CONTROLS and code not in _INLINE:
            pieces += [_whole("".join(piece)), ""]
            piece = []
    return [*pieces, _whole("".join([*piece, text[at:]]))]


def _whole(text: str) -> str:
    """Pairs of halves as the characters they make."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _counted(data: bytes, at: int) -> str:
    """UTF-16 text behind a 16-bit count of its characters."""
    if len(data) < at + 2:
        return ""
    size = 2 * struct.unpack_from("<H", data, at)[0]
    return data[at + 2 : at + 2 + size].decode("utf-16-le", "replace").replace("\0", "")
