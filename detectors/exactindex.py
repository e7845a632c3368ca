"""A table of people or accounts as keyed digests, so that its rows are recognised where the table itself must not be.

Payload of a signed register of kind ``exact``: the length of the head (4 bytes, little-endian like all numbers here),
the head in JSON filled up with spaces to a multiple of 8, then the *anchors*, sorted, 8 bytes each: digest (32 bits),
row (28), column (4); then for every other column 4 bytes a row: digest (24 bits) and length of the value (8), 0 where
nothing is indexed. Of any ``need`` columns at least one is an anchor, so a text is asked only for values of those.

What this protects, and what not. An agent must hold the key (BLAKE2b, keyed anew with every registration) to
recognise anything, so whoever owns its disk can try values. Digests are short on purpose: among 10^10 telephone numbers
some two wrong ones fit every right one, among identity numbers some twenty, so no single column can be read back. The
columns of a row together are longer: whoever already knows most of a person's values can find out that the person is
registered, and with much work which values belong together. It is a register for machines one would let open the
table, and no way to publish it. Rows are shuffled; values themselves are never stored, only which first signs and
lengths names and texts have.
"""

from __future__ import annotations

import hashlib
import mmap
import random
import secrets
from array import array
from bisect import bisect_left
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config.errors import ConfigurationError
from config.levels import Level
from config.text import Text
from detectors.cells import Kind, is_number, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_COLUMNS = 16
MOST_ROWS = 2**28
FEW = 3  # rows that may share a value however short the table is
COMMON = 1_000  # else a value in more than one row of so many is not indexed
_LEAD = 4


class Column(msgspec.Struct, frozen=True):
    """A column as it is registered; ``firsts`` and ``lengths`` are those of its values' normal form."""

    title: str
    kind: Kind
    anchor: bool = False
    lengths: tuple[int, ...] = ()
    firsts: str = ""  # of names and texts
    letters: bool = False  # whether some of its numbers hold letters


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered and when it counts."""

    format: int = 1
    key: bytes
    columns: tuple[Column, ...]
    need: int  # columns of one row that must meet
    within: int  # characters
    level: Level
    raises_from: int = 1  # different rows from which the level counts
    rows: int
    anchors: int  # entries


class Summary(msgspec.Struct):
    """What was indexed, and what was left out and why: cells a column, and rows."""

    rows: int = 0
    indexed: dict[str, int] = {}
    blank: dict[str, int] = {}
    unfit: dict[str, int] = {}  # too short, or not of the column's kind
    common: dict[str, int] = {}
    repeated: int = 0  # rows equal to an earlier one
    weak: int = 0  # rows with fewer values than must meet


class Digests:
    """Keyed digests of normal forms."""

    def __init__(self, key: bytes) -> None:
        self._blank = hashlib.blake2b(key=key, digest_size=4)

    def anchor(self, value: str) -> int:
        """32 bits, never 0."""
        made = self._blank.copy()
        made.update(value.encode("utf-8", "surrogatepass"))
        return int.from_bytes(made.digest(), "little") or 1

    def beside(self, value: str) -> int:
        """24 bits and the length of the value, as they stand beside a row; never 0."""
        return shortened(self.anchor(value), len(value))


def shortened(digest: int, length: int) -> int:
    """The form of a digest that stands beside a row."""
    return (digest >> 8) << 8 | min(length, 255)


def choose_anchors(kinds: Sequence[Kind], need: int) -> tuple[bool, ...]:
    """All but the ``need - 1`` columns that are dearest to look for: names first, then texts."""
    spared = [at for kind in (Kind.NAME, Kind.TEXT) for at, each in enumerate(kinds) if each is kind][: need - 1]
    return tuple(at not in spared for at in range(len(kinds)))


class Builder:
    """Takes rows, gives a payload. Memory: some 4 bytes a cell, and 100 bytes a row while it is finished."""

    def __init__(self, columns: Sequence[tuple[str, Kind]], *, need: int, within: int, level: Level) -> None:
        self.columns = tuple(columns)
        self.need, self.within, self.level = need, within, level
        self.key = secrets.token_bytes(32)
        self.summary = Summary(
            indexed=dict.fromkeys((title for title, _ in columns), 0),
            blank=dict.fromkeys((title for title, _ in columns), 0),
            unfit=dict.fromkeys((title for title, _ in columns), 0),
            common=dict.fromkeys((title for title, _ in columns), 0),
        )
        self._anchors = choose_anchors([kind for _, kind in columns], need)
        self._digests = Digests(self.key)
        self._held = [array("I") for _ in columns]
        self._lengths: list[set[int]] = [set() for _ in columns]
        self._firsts: list[set[str]] = [set() for _ in columns]
        self._letters = [False] * len(columns)
        self._seen: set[int] = set()

    def add(self, cells: Sequence[str]) -> None:
        """One row, a cell for every column."""
        self.summary.rows += 1
        values: list[str] = []
        for (title, kind), cell in zip(self.columns, cells, strict=True):
            value = normal(kind, cell)
            if not value:
                kept = self.summary.unfit if cell.strip() else self.summary.blank
                kept[title] += 1
            values.append("" if value in values else value)
        digests = tuple(self._digest(at, value) if value else 0 for at, value in enumerate(values))
        if hash(digests) in self._seen:
            self.summary.repeated += 1
            return
        self._seen.add(hash(digests))
        for at, (value, digest) in enumerate(zip(values, digests, strict=True)):
            self._held[at].append(digest)
            if value:
                self._lengths[at].add(len(value))
                self._firsts[at].add(value[0])
                self._letters[at] |= not value.removesuffix("X").isdigit()  # X is a digit of some numbers

    def _digest(self, at: int, value: str) -> int:
        return self._digests.anchor(value) if self._anchors[at] else self._digests.beside(value)

    def finish(self, raises_from: int = 1) -> bytes:
        """The payload."""
        self._drop_common()
        rows = len(self._held[0])
        for at, (title, _) in enumerate(self.columns):
            self.summary.indexed[title] = rows - self._held[at].count(0)
        filled = zip(*self._held, strict=True)
        self.summary.weak = sum(len(row) - row.count(0) < self.need for row in filled)
        order = array("I", range(rows))
        random.Random(secrets.token_bytes(32)).shuffle(order)  # noqa: S311 - seeded with secret bytes
        anchors: list[int] = []
        beside = b""
        for at, held in enumerate(self._held):
            if self._anchors[at]:
                anchors += [digest << 32 | order[row] << 4 | at for row, digest in enumerate(held) if digest]
            else:
                shuffled = array("I", bytes(4 * rows))
                for row, digest in enumerate(held):
                    shuffled[order[row]] = digest
                beside += shuffled.tobytes()
        anchors.sort()
        head = Head(
            key=self.key,
            columns=tuple(self._column(at) for at in range(len(self.columns))),
            need=self.need,
            within=self.within,
            level=self.level,
            raises_from=raises_from,
            rows=rows,
            anchors=len(anchors),
        )
        told = msgspec.json.encode(head)
        told += b" " * (-(len(told) + _LEAD) % 8)
        return len(told).to_bytes(_LEAD, "little") + told + array("Q", anchors).tobytes() + beside

    def _column(self, at: int) -> Column:
        title, kind = self.columns[at]
        firsts = "" if kind.telling else "".join(sorted(self._firsts[at]))
        return Column(title, kind, self._anchors[at], tuple(sorted(self._lengths[at])), firsts, self._letters[at])

    def _drop_common(self) -> None:
        most = max(FEW, len(self._held[0]) // COMMON)
        for at, (title, _) in enumerate(self.columns):
            held = self._held[at]
            common = {digest for digest, count in Counter(held).items() if count > most and digest}
            if common:
                self._held[at] = array("I", [0 if digest in common else digest for digest in held])
                self.summary.common[title] = self._held[at].count(0) - held.count(0)


class Index:
    """A payload, mapped: what is not asked for is not read."""

    def __init__(self, data: bytes | mmap.mmap, begin: int = 0) -> None:
        """Open a payload that begins at ``begin`` (bytes).

        Raises:
            ValueError: it is none.
        """
        view = memoryview(data)[begin:]
        first = _LEAD + int.from_bytes(view[:_LEAD], "little")
        try:
            self.head = msgspec.json.decode(view[_LEAD:first], type=Head)
        except msgspec.DecodeError as problem:
            raise ValueError(str(problem)) from None
        if self.head.format != 1:
            raise ValueError(f"format {self.head.format}")
        last = first + 8 * self.head.anchors
        others = [at for at, column in enumerate(self.head.columns) if not column.anchor]
        if len(view) != last + 4 * self.head.rows * len(others):
            raise ValueError("is cut off, or has something behind its end")
        self._anchors = view[first:last].cast("Q")
        self._beside = {
            at: view[last + 4 * self.head.rows * number :][: 4 * self.head.rows].cast("I")
            for number, at in enumerate(others)
        }
        self._digests = Digests(self.head.key)

    def find(self, value: str) -> list[tuple[int, int]]:
        """Row and column of every cell that holds a value (in its normal form) in an anchor."""
        low = self._digests.anchor(value) << 32
        anchors, found = self._anchors, []
        at = bisect_left(anchors, low)
        while at < len(anchors) and (entry := anchors[at]) - low < 1 << 32:
            found.append((entry >> 4 & MOST_ROWS - 1, entry & 15))
            at += 1
        return found

    def beside(self, row: int, column: int) -> int:
        """What stands beside a row for a column that is no anchor; 0 for nothing."""
        return self._beside[column][row]

    def digest(self, value: str) -> int:
        """What would stand beside a row that holds a value."""
        return self._digests.beside(value)


def open_index(path: Path, begin: int) -> Index:
    """Map a register's payload.

    Raises:
        ConfigurationError: it is none.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        return Index(data, begin)
    except (ValueError, TypeError) as problem:
        text = Text(f"holds no registered records: {problem}", f"不含登记数据：{problem}")
        hint = Text("register the table again with `shoumi exact add`", "请用 `shoumi exact add` 重新登记")
        raise ConfigurationError(path.name, 0, "", text, hint) from None


def unfit(columns: Iterable[tuple[str, Kind]], need: int) -> Text | None:
    """Why rows of such columns could never be recognised well; none when they can."""
    kept = [kind for _, kind in columns if kind is not Kind.OTHER]
    if len(kept) < need:
        return Text(
            f"only {len(kept)} of the columns can be indexed, but {need} must meet",
            f"只有 {len(kept)} 列可建索引，但要求 {need} 列同时出现",
        )
    if not any(is_number(kind) or kind in (Kind.EMAIL, Kind.TEXT) for kind in kept):
        return Text("names alone tell nobody apart", "仅有姓名无法区分个人")
    return None
