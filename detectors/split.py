r"""Numbers and marks that are split: over the cells of a row or a column, by the end of a line, sign by sign.

Only what proves itself is looked for here: numbers with a check digit (``1101|0119|9003|0701|34``, one box a digit,
``1101\n01199003070134``) and a mark with one sign a cell down a column. Rows are read whole, of columns the first
``ROWS`` cells of ``COLUMNS`` columns in each stretch of text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

CHECKED = frozenset({"resident-id", "bank-card"})
"""Validators whose numbers carry a check digit and a form of their own."""

ROWS, COLUMNS = 40, 20
_KINDS = bytes(100 if chr(byte).isdigit() and byte < 128 else byte if byte == 9 else 46 for byte in range(256))
_FROM, _TO = r"(?<![^\t\n])", r"(?![^\t\n\r])"  # a cell begins, and ends
_RESIDENT = (
    r"[1-9](?:\t?[0-9]){5}\t?(?:1\t?[89]|2\t?0)(?:\t?[0-9]){2}\t?(?:0\t?[1-9]|1\t?[0-2])\t?"
    r"(?:0\t?[1-9]|[12]\t?[0-9]|3\t?[01])(?:\t?[0-9]){3}\t?[0-9Xx]"
)
_FORMS = tuple(
    re.compile(_FROM + pattern + _TO)
    for pattern in (
        # a resident identity number (GB 11643), parted anywhere
        _RESIDENT,
        # a card number in fours, or one digit a cell
        r"(?:62[0-9]{2}|4[0-9]{3}|5[1-5][0-9]{2}|3[47][0-9]{2})(?:\t[0-9]{4}){3}(?:\t[0-9]{1,3})?",
        r"[3456]\t[0-9](?:\t[0-9]){14,17}",
    )
)
_MARK = re.compile(_FROM + r"[绝机秘]\t?密\t?[★☆*](?:\t?[0-9]){1,2}\t?(?:年|个?\t?月)" + _TO)
_CELL = re.compile(r"[^\t]+")
_PERSON = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]")
_CARD = re.compile(r"(?:62|4|5[1-5]|3[47])[0-9]{13,17}")
_PARTED = bytes(
    100 if chr(byte).isdigit() and byte < 128 else 95 if chr(byte) in " .-_,;:/|*?" else 46 for byte in range(256)
)
_SPACED_GATE = b"d_" * 17
_SPACED = re.compile(r"(?<![0-9A-Za-z])[1-9]([^0-9A-Za-z\n\t])[0-9](?:\1[0-9]){15}\1[0-9Xx](?!\1?[0-9A-Za-z])")
_BREAK = re.compile(r"\n[ \t]{0,8}[0-9Xx]")
_TAIL = re.compile(r"[0-9]{1,17}")
_HEAD = re.compile(r"[0-9]{0,17}[0-9Xx](?![0-9A-Za-z])")
_LONGEST = 18

_Span = tuple[int, int]


class Split(msgspec.Struct, frozen=True):
    """What the pieces give when they are put together; a part maps ``low`` to ``high`` of it to ``start``, ``end``."""

    text: str
    parts: tuple[tuple[int, int, int, int], ...]


GATES = (r"\t|\n[ \t]{0,8}[0-9Xx]", r"(?:[0-9][^0-9A-Za-z\n\t]){8}")
"""Without the first nothing is split over cells and lines; without the second, nothing sign by sign."""


def splits(text: str, data: bytes) -> Iterator[Split]:
    """What is split over cells and lines in a stretch of text; ``data`` is the text in ASCII, one byte a character."""
    tabs, below = "\t" in text, _BREAK.search(text) is not None
    if tabs and b"d\td" in data.translate(_KINDS):
        for form in _FORMS:
            for match in form.finditer(text):
                if "\t" in match[0]:
                    cells = [each.span() for each in _CELL.finditer(text, *match.span())]
                    yield _together(text, cells)
    if tabs or below:
        for column in _columns(text):
            yield from _column(text, column, (*_FORMS, _MARK) if tabs else _FORMS)
    if below:
        yield from _lines(text)


def spaced(text: str, data: bytes) -> Iterator[Split]:
    """Numbers with the same sign between all their digits."""
    kinds = data.translate(_PARTED)
    at = kinds.find(_SPACED_GATE)
    while at >= 0:
        match = _SPACED.match(text, at)
        longer = match and at > 1 and text[at - 1] == match[1] and text[at - 2].isdigit()
        if match and not longer and _PERSON.fullmatch(text[at : match.end() : 2]):
            yield _together(text, [(place, place + 1) for place in range(at, match.end(), 2)])
        at = kinds.find(_SPACED_GATE, match.end() if match else at + 1)


def _columns(text: str) -> list[list[_Span]]:
    """The cells below each other at the beginning of a text; a line without tabs is a row of one cell."""
    columns: list[list[_Span]] = []
    low = 0
    for _ in range(ROWS):
        end = text.find("\n", low)
        end = len(text) if end < 0 else end
        for number, cell in enumerate(text[low : min(end, low + _WIDE)].split("\t", COLUMNS)[:COLUMNS]):
            if number == len(columns):
                columns.append([])
            columns[number].append((low, low + len(cell)))
            low += len(cell) + 1
        low = end + 1
        if low > len(text):
            break
    return columns


_WIDE = 4_000  # characters of a row that are looked at
_SHORT = 9  # characters of a cell that may be a piece


def _column(text: str, cells: Sequence[_Span], forms: Sequence[re.Pattern[str]]) -> Iterator[Split]:
    joined, starts = "", []
    for low, high in cells:
        starts.append(len(joined))
        joined += (text[low:high].strip() if high - low <= _SHORT else ".") + "\t"
    for form in forms:
        for match in form.finditer(joined):
            if "\t" in match[0]:
                first, last = bisect_right(starts, match.start()) - 1, bisect_right(starts, match.end() - 1)
                yield _together(text, cells[first:last])


def _lines(text: str) -> Iterator[Split]:
    """Numbers that the end of a line parts; card numbers where something else stands before them on theirs."""
    for gap in _BREAK.finditer(text):
        end = gap.start() - (text[gap.start() - 1 : gap.start()] == "\r")
        head = _TAIL.match(text[max(end - _LONGEST, 0) : end][::-1])
        tail = _HEAD.match(text, gap.end() - 1)
        if not head or not tail:
            continue
        start = end - head.end()
        before = text[start - 1] if start else "\n"
        if before in ".,-/_" or (before.isascii() and before.isalnum()):
            continue
        number = text[start:end] + tail[0]
        if _PERSON.fullmatch(number) or (before not in "\t\n" and _CARD.fullmatch(number)):
            yield _together(text, ((start, end), tail.span()))


def _together(text: str, cells: Sequence[_Span]) -> Split:
    joined, parts = "", []
    for start, end in cells:
        parts.append((len(joined), len(joined) + end - start, start, end))
        joined += text[start:end]
    return Split(joined, tuple(parts))
