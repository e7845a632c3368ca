"""Values that are what the head of their column says: the ``columns:`` of rules, in tables of any length.

A pattern sees a head and the row below it; six hundred rows further down an amount is only an amount. Of each row one
value counts, the first column of the rule that fits: whoever is paid a base and a bonus is one person. Rows of totals
do not count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

import regex

from config.text import Text
from detectors.columns import Region, paragraph
from detectors.filters import FILTERS
from detectors.gate import Gate
from detectors.grid import SEPARATORS, Lines, separator
from detectors.heads import LONGEST as HEAD
from detectors.hits import Hit
from detectors.normal import Normal
from detectors.numbers import validator
from detectors.prefilter import necessary
from detectors.score import MOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from config.rules import Column, Rule
    from detectors.block import Block, Piece
    from detectors.heads import Table

LONGEST = 60  # characters of a value
LABELS = 3  # cells of a row, from its left, in which a row of totals says so
_EDGES = ' \n"\u3000'
_HEADED = Text("its column is headed “{word}”", "所在列的表头有“{word}”一词")
_TOTAL = regex.compile(
    r"\s*(?:(?:本[页月年季]|部门|全部|工资)?(?:合\s*计|小\s*计|总\s*计|累\s*计)|平均值?"
    r"|(?:(?:sub|grand )?total|sum|average)s?)[:：]?\s*",
    regex.IGNORECASE,
)
Span = tuple[int, int]


def headed_detectors(rules: Iterable[Rule], *, native: bool = True) -> tuple[Headed, ...]:
    """One detector for the columns of all rules, none when there are none."""
    wanted = [rule for rule in rules if rule.columns]
    return (Headed(wanted, native=native),) if wanted else ()


class Headed:
    """The columns of all rules, compiled."""

    def __init__(self, rules: Iterable[Rule], *, native: bool = True) -> None:
        self.rules = [_Columned(rule) for rule in rules]
        columns = [column for each in self.rules for column in each.columns]
        self.gate = Gate([trigger(column.heads.pattern) for column in columns], native=native, every=True)

    @property
    def native(self) -> bool:
        """Whether Vectorscan looks for the heads."""
        return self.gate.native

    def open(self, today: date) -> HeadedSearch:
        """Begin a file."""
        return HeadedSearch(self, today)


def trigger(heads: str) -> str:
    """What a text cannot do without to have such a head, in what both engines of a gate read; borders cost most."""
    source = necessary(f"(?:{heads})").replace(r"\b", "(?:)")
    try:
        re.compile(source)
    except re.error:  # what only ``regex`` knows
        return "."
    return source


class _Columned:
    """One rule."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.columns = [_Compiled(column) for column in rule.columns]
        self._filters = [FILTERS[name] for name in rule.filters]
        self._check = validator(rule.validator) if rule.validator else None

    def choose(self, heads: Mapping[int, str]) -> list[tuple[int, Text, _Compiled]]:
        """The columns of a table that this rule reads, in the order in which they count."""
        return [(number, reason, column) for column in self.columns for number, reason in column.among(heads)]

    def hit(self, block: Block, start: int, end: int, reason: Text, today: date) -> Hit | None:
        """What a cell gives that has the form of the column's values."""
        text, rule = block.text, self.rule
        if any(drop(text, start, end) for drop in self._filters):
            return None
        check = self._check(text[start:end], today) if self._check else None
        if self._check and check is None:
            return None
        score = rule.confidence.base + (check.by if check else 0)
        if rule.context.raises.words:
            score += rule.context.raises.by  # its head is such a word
        score = round(min(score, MOST), 3)
        if score < rule.confidence.threshold:
            return None
        reasons = (reason, *((check.reason,) if check else ()))
        return Hit(rule, block, start, end, score, check.plain if check else text[start:end], reasons)


class _Compiled:
    """One column of one rule."""

    def __init__(self, column: Column) -> None:
        self.heads = compiled(column.heads)
        self.values = compiled(column.values)
        self._unless = compiled(column.unless) if column.unless else None
        self._beside = compiled(column.beside) if column.beside else None

    def among(self, heads: Mapping[int, str]) -> list[tuple[int, Text]]:
        """The columns of a table that fit, with the reason."""
        found = []
        for number, head in heads.items():
            word = self.heads.search(head)
            if word is None or (self._unless and self._unless.search(head)):
                continue
            others = (other for place, other in heads.items() if place != number)
            if self._beside is None or any(map(self._beside.search, others)):
                found.append((number, _HEADED.fill(word=word[0])))
        return sorted(found, key=itemgetter(0))


def compiled(source: str) -> regex.Pattern[str]:
    """An expression of a column; classes are ASCII, as in patterns."""
    return regex.compile(source, regex.ASCII)


_Choice = list[tuple[_Columned, list[tuple[int, Text, _Compiled]]]]
"""What to read in a table: for each rule its columns, with the reasons."""


class HeadedSearch:
    """One file while it is read."""

    def __init__(self, headed: Headed, today: date) -> None:
        self._headed, self._today = headed, today
        self._choices: dict[tuple[tuple[int, str], ...], _Choice] = {}
        self._open: tuple[int, Region] | None = None  # segment and paragraph read last, which may reach further

    def read(self, block: Block) -> Iterator[Hit]:
        """The hits of a stretch of text."""
        prose: dict[int, Piece] = {}
        for piece in block.pieces:
            region = block.columns.region(piece.segment)
            if region is not None:
                yield from self._region(block, piece, region)
            if not piece.segment.cells:
                prose[piece.index] = piece
                if self._open and self._open[0] == piece.index:
                    yield from self._region(block, piece, self._open[1])
        if prose:
            yield from self._prose(block, prose)

    def close(self) -> Iterator[Hit]:
        """Nothing is left for the end."""
        return iter(())

    def _prose(self, block: Block, pieces: Mapping[int, Piece]) -> Iterator[Hit]:
        """Tables between other lines: where a head stands, the lines around it may be one."""
        text, passed = block.text, self._passed(block, pieces)
        if not any(sign in text for sign in SEPARATORS):
            return
        # a large file that is one table is in blocks of its own
        whole = _sign(block.columns.region(block.pieces[0].segment)) if len(block.pieces) == 1 else ""
        for place in self._headed.gate.places(text, block.data):
            if place <= passed:  # a head is in the line before its end
                continue
            start, passed = text.rfind("\n", 0, place - 1) + 1, text.find("\n", place - 1) + 1 or len(text)
            line = text[start:passed]
            if (whole and whole in line) or not (_is_row(line) and (sign := separator(text, start))):
                continue
            piece, offset, _ = block.locate(start, start + 1)
            if piece.index not in pieces or _sign(block.columns.region(piece.segment)) == sign:
                continue
            region = paragraph(piece.segment.text, offset, sign)
            self._open = piece.index, region
            passed = max(passed, self._passed(block, pieces))
            yield from self._region(block, piece, region)

    def _passed(self, block: Block, pieces: Mapping[int, Piece]) -> int:
        """Where in a block the paragraph ends that was read last."""
        if self._open is None or self._open[0] not in pieces:
            return 0
        piece = pieces[self._open[0]]
        return _place(block, max(self._open[1].end - piece.offset + piece.start, 0))

    def _region(self, block: Block, piece: Piece, region: Region) -> Iterator[Hit]:
        shift = piece.offset - piece.start
        for table, low, high in region.stretches(piece.low + shift, piece.high + shift):
            choice = self._choice(table)
            for row in region.rows(table, low, high) if choice else ():
                yield from self._row(block, choice, row, shift)

    def _row(self, block: Block, choice: _Choice, row: Mapping[int, Span], shift: int) -> Iterator[Hit]:
        for rule, columns in choice:
            hits = (
                self._value(block, rule, reason, column, _plain(block, row[number], shift))
                for number, reason, column in columns
                if number in row
            )
            if hit := next(filter(None, hits), None):
                labels = (_plain(block, span, shift) for span in islice(row.values(), LABELS))
                if not any(_TOTAL.fullmatch(block.text, *span) for span in labels):
                    yield hit

    def _value(self, block: Block, rule: _Columned, reason: Text, column: _Compiled, span: Span) -> Hit | None:
        start, end = _stripped(block.text, *span)
        if not 0 < end - start <= LONGEST or not column.values.fullmatch(block.text, start, end):
            return None
        return rule.hit(block, start, end, reason, self._today)

    def _choice(self, table: Table) -> _Choice:
        """What to read in a table; equal heads ask for the same."""
        key = tuple(table.heads.items())
        if key not in self._choices:
            heads = {number: Normal(head).text for number, head in key}
            self._choices[key] = [(rule, columns) for rule in self._headed.rules if (columns := rule.choose(heads))]
        return self._choices[key]


def _is_row(line: str) -> bool:
    """Whether a line may be one of heads: a sentence has commas, too, but longer parts."""
    return any(sign in line and max(map(len, line.split(sign))) <= HEAD for sign in SEPARATORS)


def _sign(region: Region | None) -> str:
    """What parts the cells of a segment that was read as a table; nothing where it was not, or is a sheet."""
    return region.grid.sign if region is not None and isinstance(region.grid, Lines) else ""


def _plain(block: Block, span: Span, shift: int) -> Span:
    """The span in the plain text of a block of a span in a segment; there it stands ``shift`` further to the right."""
    low, high = span
    if len(block.text) == len(block.raw):  # nothing was taken out
        return low - shift, min(high - shift, len(block.raw))
    return _place(block, low - shift), _place(block, high - shift)


def _place(block: Block, raw: int) -> int:
    return bisect_left(range(len(block.text)), raw, key=block.normal.original)


def _stripped(text: str, start: int, end: int) -> Span:
    """A cell without the space and quotes around it."""
    value = text[start:end]
    left = len(value) - len(value.lstrip(_EDGES))
    return start + left, start + max(len(value.rstrip(_EDGES)), left)
