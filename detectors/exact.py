"""Rows of a registered table in a text: several values of one row that stand near each other.

Values of anchor columns are looked for by their form (numbers, mailboxes, texts between punctuation; names only where
nothing else is there); the other columns only beside an anchor that was found. A row counts when ``need`` different
columns of it meet within so many characters, or in one row of a table.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config.rules import Rule
from config.text import Text
from detectors.anchors import MARGIN, Anchors, Weak
from detectors.block import Block
from detectors.exactindex import Index, open_index
from detectors.hits import Hit
from detectors.spelling import fold
from detectors.stretch import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.spans import Span

ROW = 2_000  # characters of a table's row in which columns still belong together
PART = 256  # characters looked at together


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
        self.anchors = Anchors([column for column in head.columns if column.anchor])
        self.others = {at: Weak(column) for at, column in enumerate(head.columns) if not column.anchor}

    def open(self, today: date) -> ExactSearch:  # noqa: ARG002 - a record has no date
        """Begin a file."""
        return ExactSearch(self)


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
        for start, end, value in exact.anchors.find(stretch.text):
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

    def _values(self, column: int, weak: Weak, part: int) -> dict[int, list[Span]]:
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
