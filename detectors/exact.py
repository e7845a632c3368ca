"""Rows of a registered table in a text: several values of one row that stand near each other.

Values of anchor columns are looked for by their form (numbers, mailboxes, texts between punctuation; names only where
nothing else is there); the other columns only beside an anchor that was found. A row counts when ``need`` different
columns of it meet within so many characters, or in one row of a table.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import regex

from config.rules import Rule
from config.text import Text
from detectors.block import Block
from detectors.cells import Kind, is_number
from detectors.exactindex import Index, open_index
from detectors.hits import Hit
from detectors.spelling import fold
from detectors.stretch import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROW = 2_000  # characters of a table's row in which columns still belong together
PART = 256  # characters looked at together
MARGIN = 100  # longest value and what parts it
_GROUPS = regex.compile(r"[0-9]{3,}(?:[ .\-][0-9]+){0,12}(?:[Xx](?![0-9A-Za-z]))?")
_DIGITS = re.compile(r"[0-9]+(?:[Xx](?![0-9A-Za-z]))?")
_APART = '\t\n\r,，;；:：。、|()（）"“”<>《》'
_BOX = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-")
COUNTRY = 4  # digits of 0086
_CODE = 12  # letters and digits a number may go on with beyond its digits
Span = tuple[int, int]


class Seen(msgspec.Struct, frozen=True):
    """A value of a registered row in a text."""

    start: int
    end: int
    column: int


class Exact:
    """One registered table."""

    def __init__(self, index: Index, name: str) -> None:
        head = index.head
        self.index, self.head = index, head
        self.rule = Rule(
            id=f"exact.{name}",
            name=Text(f"registered records: {name}", f"登记数据：{name}"),
            level=head.level,
            raises_from=head.raises_from,
            hits=(),
            misses=(),
        )
        numbers = [column for column in head.columns if column.anchor and is_number(column.kind)]
        self.lengths = frozenset(length for column in numbers for length in column.lengths)
        self.longest = max(self.lengths, default=0)
        self.codes = any(column.letters for column in numbers)
        self.boxes = any(column.anchor and column.kind is Kind.EMAIL for column in head.columns)
        self.others = {
            at: _Weak(column.kind, column.lengths, column.firsts)
            for at, column in enumerate(head.columns)
            if not column.anchor
        }
        self.weak = [
            _Weak(column.kind, column.lengths, column.firsts)
            for column in head.columns
            if column.anchor and not column.kind.telling
        ]

    def open(self, today: date) -> ExactSearch:  # noqa: ARG002 - a record has no date
        """Begin a file."""
        return ExactSearch(self)


class _Weak:
    """How values of a column of names or texts may begin, and how long they are."""

    def __init__(self, kind: Kind, lengths: Iterable[int], firsts: str) -> None:
        self.kind = kind
        self._lengths = tuple(lengths)
        signs = "".join(map(re.escape, firsts)) or "\0"
        if kind is Kind.TEXT:
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


class ExactSearch:
    """One file while it is read."""

    def __init__(self, exact: Exact) -> None:
        self._exact = exact
        self._before: Block | None = None
        self._rows: set[int] = set()  # reported

    def read(self, block: Block) -> Iterator[Hit]:
        """One hit for every registered row that was not met before in this file."""
        exact = self._exact
        stretch = Stretch(block, self._before, exact.head.within + MARGIN)
        self._before = block
        met: dict[int, list[Seen]] = {}
        for start, end, value in _anchors(exact, stretch.text):
            for row, column in exact.index.find(value):
                if row not in self._rows:
                    met.setdefault(row, []).append(Seen(start, end, column))
        if not met:
            return
        sight = _Sight(exact, stretch.text)
        for row, seen in met.items():
            together = sight.together(row, seen)
            if together and (place := _place(stretch, together)):
                self._rows.add(row)
                yield self._hit(row, together, place)

    def close(self) -> Iterator[Hit]:
        """Nothing is left for the end."""
        return iter(())

    def _hit(self, row: int, together: list[Seen], place: tuple[Block, int, int]) -> Hit:
        count, of = len({each.column for each in together}), len(self._exact.head.columns)
        apart = max(each.end for each in together) - min(each.start for each in together)
        reason = Text(
            "{k} of {n} columns of a registered record stand within {m} characters",
            "登记记录的 {n} 列中有 {k} 列出现在 {m} 个字符内",
        ).fill(k=count, n=of, m=apart)
        return Hit(self._exact.rule, *place, min(0.85 + 0.05 * count, 0.99), str(row), (reason,))


def _anchors(exact: Exact, text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and normal form of everything in a text that may be in an anchor column."""
    if exact.lengths:
        yield from _numbers(exact, text)
    if exact.boxes and "@" in text:
        yield from _boxes(text)
    if exact.weak:
        small = fold(text)
        for weak in exact.weak:
            yield from weak.candidates(small, 0, len(small))


def _numbers(exact: Exact, text: str) -> Iterator[tuple[int, int, str]]:
    for match in _GROUPS.finditer(text):
        start, end = match.span()
        if exact.codes:
            yield from _code(exact, text, start, end)
        if match[0].isdigit():  # most are one group
            if end - start <= exact.longest + COUNTRY:
                for value in _with_and_without_country(exact, match[0]):
                    yield start, end, value
            continue
        groups = [group.span() for group in _DIGITS.finditer(text, start, end)]
        for first, (begin, _) in enumerate(groups):
            joined = ""
            for low, high in groups[first:]:
                joined += text[low:high].upper()
                if len(joined) > exact.longest + COUNTRY:
                    break
                for value in _with_and_without_country(exact, joined):
                    yield begin, high, value


def _with_and_without_country(exact: Exact, value: str) -> Iterator[str]:
    if len(value) in exact.lengths:
        yield value
    if value.startswith(("86", "0086")) and len(value) - 4 * (value[0] == "0") - 2 * (value[0] == "8") in exact.lengths:
        yield value.removeprefix("00").removeprefix("86")


def _code(exact: Exact, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """A number with letters, such as a passport's: the letters and digits before and behind the digits."""
    low, high = start, end
    while low > max(start - _CODE, 0) and _goes_on(text, low - 1, -1):
        low -= 1
    while high < min(end + _CODE, len(text)) and _goes_on(text, high, 1):
        high += 1
    if (low, high) != (start, end):
        value = "".join(sign for sign in text[low:high] if sign.isalnum()).upper()
        if len(value) in exact.lengths:
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


class _Sight:
    """What stands around anchors in one text; looked at once for each place."""

    def __init__(self, exact: Exact, text: str) -> None:
        self._exact, self._text = exact, text
        self._small = ""
        self._around: dict[tuple[int, int], dict[int, list[Span]]] = {}
        self._digests: dict[str, int] = {}

    def together(self, row: int, seen: list[Seen]) -> list[Seen]:
        """The most different columns of a row that meet, in order; empty when they are too few."""
        need = self._exact.head.need
        best = self._meet(sorted(seen, key=lambda each: each.start))
        if len(best) < need and self._exact.others:
            more = {other for each in seen for other in self._beside(row, each)}
            best = self._meet(sorted({*seen, *more}, key=lambda each: each.start)) if more else []
        return best if len(best) >= need else []

    def _meet(self, seen: list[Seen]) -> list[Seen]:
        best: list[Seen] = []
        for first, each in enumerate(seen):
            columns, kept, end = {each.column}, [each], each.end
            for other in seen[first + 1 :]:
                if not self._near(each.start, other.end):
                    break
                if other.column not in columns and other.start >= end:
                    columns.add(other.column)
                    kept.append(other)
                    end = other.end
            if len(kept) > len(best):
                best = kept
        return best

    def _near(self, start: int, end: int) -> bool:
        if end - start <= self._exact.head.within:
            return True
        text = self._text
        return end - start <= ROW and text.find("\t", start, end) >= 0 and text.find("\n", start, end) < 0

    def _beside(self, row: int, seen: Seen) -> Iterator[Seen]:
        low, high = self._bounds(seen)
        for column, weak in self._exact.others.items():
            wanted = self._exact.index.beside(row, column)
            if not wanted:
                continue
            for part in range(low // PART, (high - 1) // PART + 1):
                for start, end in self._values(column, weak, part).get(wanted, ()):
                    if low <= start and end <= high and (end <= seen.start or start >= seen.end):
                        yield Seen(start, end, column)

    def _bounds(self, seen: Seen) -> tuple[int, int]:
        text, within = self._text, self._exact.head.within
        low, high = max(seen.end - within, 0), min(seen.start + within, len(text))
        left, right = text.rfind("\n", 0, seen.start) + 1, text.find("\n", seen.end)
        right = len(text) if right < 0 else right
        if seen.start - left <= ROW and text.find("\t", left, seen.start) >= 0:
            low = min(low, left)
        if right - seen.end <= ROW and text.find("\t", seen.end, right) >= 0:
            high = max(high, right)
        return low, high

    def _values(self, column: int, weak: _Weak, part: int) -> dict[int, list[Span]]:
        """What begins in one part of the text, by what would stand beside its row."""
        if (known := self._around.get((column, part))) is not None:
            return known
        self._small = self._small or fold(self._text)
        found: dict[int, list[Span]] = {}
        for start, end, value in weak.candidates(self._small, part * PART, (part + 1) * PART):
            digest = self._digests.get(value)
            if digest is None:
                digest = self._digests[value] = self._exact.index.digest(value)
            found.setdefault(digest, []).append((start, end))
        self._around[column, part] = found
        return found


def _place(stretch: Stretch, together: list[Seen]) -> tuple[Block, int, int] | None:
    """Where a hit is shown: the longest value of it that is this block's to report."""
    for each in sorted(together, key=lambda seen: seen.start - seen.end):
        if place := stretch.place(each.start, each.end):
            return place
    return None


def load(path: Path, begin: int, name: str) -> Exact:
    """Map a register's payload.

    Raises:
        ConfigurationError: it is none.
    """
    return Exact(open_index(path, begin), name)
