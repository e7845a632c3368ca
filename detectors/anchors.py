"""By what rows of a registered table are looked for in a text: whatever has the form of a value of some column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import regex

from detectors.cells import Kind, is_number
from detectors.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.exactindex import Column

MARGIN = 100  # longest value and what parts it
_GROUPS = regex.compile(r"[0-9]{3,}(?:[ .\-][0-9]+){0,12}(?:[Xx](?![0-9A-Za-z]))?")
_DIGITS = re.compile(r"[0-9]+(?:[Xx](?![0-9A-Za-z]))?")
_APART = '\t\n\r,，;；:：。、|()（）"“”<>《》'
_BOX = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-")
COUNTRY = 4  # digits of 0086
_CODE = 12  # letters and digits a number may go on with beyond its digits


class Weak:
    """How values of a column of names or texts may begin, and how long they are."""

    def __init__(self, column: Column) -> None:
        self.kind = column.kind
        self._lengths = tuple(column.lengths)
        signs = "".join(map(re.escape, column.firsts)) or "\0"
        if column.kind is Kind.TEXT:
            self._begin = regex.compile(f"(?:(?<=[{_APART}])|^) {{0,4}}(?P<hit>[{signs}][^{_APART}]{{3,99}})")
        else:
            self._begin = regex.compile(f"(?P<hit>[{signs}])")

    def candidates(self, text: str, low: int, high: int) -> Iterator[tuple[int, int, str]]:
        """Start, end and normal form of what may be a value; ``text`` is in small letters."""
        for match in self._begin.finditer(text, low, min(high + MARGIN, len(text))):
            start = match.start("hit")
            if start >= high:
                return
            if self.kind is Kind.TEXT:
                value = "".join(match["hit"].split())
                if len(value) in self._lengths:
                    yield start, match.end(), value
            elif text[start] >= "\u2e80" or start == 0 or not text[start - 1].isalnum():
                yield from self._names(text, start)

    def _names(self, text: str, start: int) -> Iterator[tuple[int, int, str]]:
        latin = text[start] < "\u2e80"
        for length in self._lengths:
            end = start + length
            value = text[start:end]
            if latin and (text[end : end + 1].isalnum() or value.endswith(" ")):
                continue
            if not latin and (" " in value or "\u3000" in value):  # a short name is spread to the width of a long one
                spread = text[start : end + 4]
                value = "".join(spread.split())[:length]
                end = start + spread.find(value[-1:], length - 1) + 1
            if len(value) == length:
                yield start, end, value


class Anchors:
    """The anchor columns of one table: by the form of their values, rows are looked for."""

    def __init__(self, columns: Sequence[Column]) -> None:
        numbers = [column for column in columns if is_number(column.kind)]
        self._lengths = frozenset(length for column in numbers for length in column.lengths)
        self._longest = max(self._lengths, default=0)
        self._codes = any(column.letters for column in numbers)
        self._boxes = any(column.kind is Kind.EMAIL for column in columns)
        self._weak = [Weak(column) for column in columns if not column.kind.telling]

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and normal form of everything in a text that may be in an anchor column."""
        if self._lengths:
            yield from self._numbers(text)
        if self._boxes and "@" in text:
            yield from _boxes(text)
        if self._weak:
            small = fold(text)
            for weak in self._weak:
                yield from weak.candidates(small, 0, len(small))

    def _numbers(self, text: str) -> Iterator[tuple[int, int, str]]:
        for match in _GROUPS.finditer(text):
            start, end = match.span()
            if self._codes:
                yield from self._code(text, start, end)
            if match[0].isdigit():  # most are one group
                if end - start <= self._longest + COUNTRY:
                    for value in self._with_and_without_country(match[0]):
                        yield start, end, value
                continue
            groups = [group.span() for group in _DIGITS.finditer(text, start, end)]
            for first, (begin, _) in enumerate(groups):
                joined = ""
                for low, high in groups[first:]:
                    joined += text[low:high].upper()
                    if len(joined) > self._longest + COUNTRY:
                        break
                    for value in self._with_and_without_country(joined):
                        yield begin, high, value

    def _with_and_without_country(self, value: str) -> Iterator[str]:
        if len(value) in self._lengths:
            yield value
        if (
            value.startswith(("86", "0086"))
            and len(value) - 4 * (value[0] == "0") - 2 * (value[0] == "8") in self._lengths
        ):
            yield value.removeprefix("00").removeprefix("86")

    def _code(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """A number with letters, such as a passport's: the letters and digits before and behind the digits."""
        low, high = start, end
        while low > max(start - _CODE, 0) and _goes_on(text, low - 1, -1):
            low -= 1
        while high < min(end + _CODE, len(text)) and _goes_on(text, high, 1):
            high += 1
        if (low, high) != (start, end):
            value = "".join(sign for sign in text[low:high] if sign.isalnum()).upper()
            if len(value) in self._lengths:
                yield low, high, value


def _goes_on(text: str, at: int, step: int) -> bool:
    """Whether a number with letters holds this sign too: a letter, a digit, or a hyphen before one."""
    sign, beyond = text[at], text[max(at + step, 0) : max(at + step, 0) + 1]
    return sign.isascii() and (sign.isalnum() or (sign == "-" and beyond.isascii() and beyond.isalnum()))


def _boxes(text: str) -> Iterator[tuple[int, int, str]]:
    at = text.find("@")
    while at >= 0:
        low, high = at, at + 1
        while low > max(at - 64, 0) and text[low - 1] in _BOX:
            low -= 1
        while high < min(at + 200, len(text)) and text[high] in _BOX:
            high += 1
        while text[high - 1] in ".-_":  # the end of a sentence
            high -= 1
        if low < at < high - 1:
            yield low, high, text[low:high].lower()
        at = text.find("@", at + 1)
