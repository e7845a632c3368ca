"""What Word says of characters and paragraphs beside their text: deleted, a symbol, in a table, in a list.

Formatting stands in pages of 512 bytes, each a table of runs of the file ([MS-DOC] 2.4.6, 2.9.33, 2.9.175); a property
is changed by a number that names it and an operand ([MS-DOC] 2.6).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator

import msgspec

from agent.extract.ole.wordfile import Fib

DELETED, SYMBOL = 1, 2
_PAGE = 512
_CHARACTERS, _PARAGRAPHS, _SECTIONS, _STYLES = 12, 13, 6, 1
_DELETED, _SYMBOL = 0x0800, 0x6A09
_IN_TABLE, _ROW_END, _BREAK_BEFORE, _LEVEL, _LIST = 0x2416, 0x2417, 0x2407, 0x260A, 0x460B
_HUGE = (0x6645, 0x6646)  # the rest of a long list of changes stands in the data stream
_SECTION_BREAK, _CONTINUOUS, _COLUMN = 0x3009, 0, 1
_TABLE_SHAPE = (0xD606, 0xD608)
_TABS = 0xC615
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
_STARS = (0xF0AB, 0xF0B6)  # in Wingdings
_MOST_HUGE = 4
_MOST_SECTIONS = 10_000
_ANCESTORS = 12  # styles are based on styles


class Paragraph(msgspec.Struct, frozen=True):
    """What is known of a paragraph."""

    in_table: bool = False
    row_end: bool = False
    break_before: bool = False
    style: int = 0
    list: int | None = None  # counted from one; 0 says that it is in none
    level: int | None = None


def changes(grpprl: bytes) -> Iterator[tuple[int, bytes]]:
    """The properties changed and their operands (2.6.1)."""
    at = 0
    while at + 2 <= len(grpprl):
        name = grpprl[at] | grpprl[at + 1] << 8
        at += 2
        size = _SIZES[name >> 13]
        if not size:
            if at >= len(grpprl):
                return
            size = 1 + grpprl[at]
            if name in _TABLE_SHAPE:
                size = 1 + int.from_bytes(grpprl[at : at + 2], "little")
            elif name == _TABS and grpprl[at] == 255:
                return
        yield name, grpprl[at : at + size]
        at += size


def _pages(fib: Fib, index: int) -> Iterator[bytes]:
    plc = fib.block(index)
    count = (len(plc) - 4) // 8
    seen: set[int] = set()
    for number in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1)) if count > 0 else ():
        number &= 0x3FFFFF  # noqa: PLW2901 - the upper bits mean nothing
        page = fib.main[number * _PAGE : number * _PAGE + _PAGE]
        if number not in seen and len(page) == _PAGE:
            seen.add(number)
            yield page


def marked(fib: Fib, tick: Callable[[], None]) -> list[tuple[int, int, int]]:
    """Runs of the file whose characters are deleted, or stand for a symbol: begin, end, and which (a symbol's code)."""
    found = []
    for page in _pages(fib, _CHARACTERS):
        tick()
        if b"\x00\x08" not in page and b"\x09\x6a" not in page:
            continue
        count = min(page[511], 101)
        bounds = struct.unpack_from(f"<{count + 1}I", page)
        for index in range(count):
            at = 2 * page[4 * (count + 1) + index]
            if not at:
                continue
            for name, operand in changes(page[at + 1 : at + 1 + page[at]]):
                if name == _DELETED and operand == b"\x01":
                    found.append((bounds[index], bounds[index + 1], DELETED))
                elif name == _SYMBOL and len(operand) == 4:
                    found.append((bounds[index], bounds[index + 1], operand[2] | operand[3] << 8))
    return _apart(found)


def _apart(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for run in sorted(runs):
        if run[0] < run[1] and (not found or run[0] >= found[-1][1]):
            found.append(run)
    return found


def symbol(code: int) -> str:
    """A character given by number; those of symbol fonts stand 0xF000 above their code."""
    if 0xF000 <= code <= 0xF0FF:
        return "★" if code in _STARS else "\0"
    return chr(code) if 0x20 <= code < 0xD800 or code >= 0xE000 else "\0"


class Paragraphs:
    """The properties of all paragraphs, by where their marks stand in the file."""

    def __init__(self, fib: Fib, data: bytes, tick: Callable[[], None]) -> None:
        self._data = data
        self._left = _MOST_HUGE * len(data)
        self._known: dict[bytes, Paragraph] = {}
        runs: list[tuple[int, Paragraph]] = []
        for page in _pages(fib, _PARAGRAPHS):
            tick()
            count = min(page[511], 29)
            bounds = struct.unpack_from(f"<{count + 1}I", page)
            for index in range(count):
                at = 2 * page[4 * (count + 1) + 13 * index]
                runs.append((bounds[index], self._paragraph(_listed(page, at) if at else b"")))
        runs.sort(key=lambda run: run[0])
        self._starts = [start for start, _ in runs]
        self._found = [found for _, found in runs]

    def __bool__(self) -> bool:
        return bool(self._starts)

    def at(self, offset: int) -> Paragraph:
        index = bisect_right(self._starts, offset) - 1
        return self._found[index] if index >= 0 else Paragraph()

    def _paragraph(self, raw: bytes) -> Paragraph:
        known = self._known.get(raw)
        if known is None:
            known = self._known[raw] = paragraph(int.from_bytes(raw[:2], "little"), self._whole(raw[2:]))
        return known

    def _whole(self, grpprl: bytes) -> bytes:
        for name, operand in changes(grpprl):
            if name in _HUGE:
                at = int.from_bytes(operand, "little")
                size = int.from_bytes(self._data[at : at + 2], "little")
                self._left -= size
                if self._left < 0:  # lists of an honest file stand beside each other
                    break
                return grpprl + self._data[at + 2 : at + 2 + size]
        return grpprl


def _listed(page: bytes, at: int) -> bytes:
    """A style and changes to it, behind their length in words."""
    if page[at]:
        return page[at + 1 : at + 2 * page[at]]
    return page[at + 2 : at + 2 + 2 * page[at + 1]] if at + 1 < len(page) else b""


def paragraph(style: int, grpprl: bytes) -> Paragraph:
    """What a list of changes says of a paragraph."""
    found = dict(changes(grpprl))

    def on(name: int) -> bool:
        return found.get(name, b"\0")[:1] not in (b"\0", b"")

    return Paragraph(
        in_table=on(_IN_TABLE),
        row_end=on(_ROW_END),
        break_before=on(_BREAK_BEFORE),
        style=style,
        list=int.from_bytes(found[_LIST], "little") if _LIST in found else None,
        level=found[_LEVEL][0] if found.get(_LEVEL) else None,
    )


def flowing(fib: Fib) -> set[int]:
    """The section breaks that do not begin a page: positions of their marks (2.8.26, 2.9.242)."""
    plc = fib.block(_SECTIONS)
    count = (len(plc) - 4) // 16
    found: set[int] = set()
    for index in range(1, min(count, _MOST_SECTIONS)):
        at = struct.unpack_from("<I", plc, 4 * (count + 1) + 12 * index + 2)[0]
        if at + 2 > len(fib.main):
            continue
        size = int.from_bytes(fib.main[at : at + 2], "little")
        kind = dict(changes(fib.main[at + 2 : at + 2 + min(size, _PAGE)])).get(_SECTION_BREAK, b"\x02")[:1]
        if kind and kind[0] in (_CONTINUOUS, _COLUMN):
            found.add(struct.unpack_from("<I", plc, 4 * index)[0] - 1)
    return found


def styles(fib: Fib) -> list[Paragraph]:
    """What the styles say of the paragraphs in them, what they are based on included (2.9.271)."""
    sheet = fib.block(_STYLES)
    if len(sheet) < 6:
        return []
    size = int.from_bytes(sheet[:2], "little")
    count, base = struct.unpack_from("<HH", sheet, 2)
    at = 2 + size
    raw: list[tuple[int, Paragraph]] = []
    while len(raw) < count and at + 2 <= len(sheet):
        length = int.from_bytes(sheet[at : at + 2], "little")
        raw.append(_style(sheet[at + 2 : at + 2 + length], base))
        at += 2 + length + (length & 1)
    found = []
    for parent, own in raw:
        for _ in range(_ANCESTORS):
            if (own.list is not None and own.level is not None) or parent >= len(raw):
                break
            parent, above = raw[parent]  # noqa: PLW2901 - up the line
            own = msgspec.structs.replace(  # noqa: PLW2901
                own,
                list=above.list if own.list is None else own.list,
                level=above.level if own.level is None else own.level,
            )
        found.append(own)
    return found


def _style(std: bytes, base: int) -> tuple[int, Paragraph]:
    if len(std) < base + 2 or base < 8:
        return 0xFFF, Paragraph()
    kind, parent = std[2] & 15, (std[2] | std[3] << 8) >> 4
    at = base + 2 + 2 * int.from_bytes(std[base : base + 2], "little") + 2
    at += at & 1
    size = int.from_bytes(std[at : at + 2], "little")
    return parent, paragraph(0, std[at + 4 : at + 2 + size]) if kind == 1 else Paragraph()
