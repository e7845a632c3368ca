"""Text within text in other forms, handed to detection as segments of their own, up to three layers deep.

What is found in a decoded text is found at the encoded one: its characters are those of the original, its place says
how it was written (``page 3 line 2 base64``). Cost is bounded: without packing, a layer gives no more text than it
takes; what packed runs may give is limited for the whole file, and what was left out is said.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec
import regex

from config.verdict import Segment
from detectors import codings, split
from detectors.codings import Budget
from detectors.source import RUN, Source
from detectors.traits import CODED, FIRST_ESCAPE, LEAST, PADDED, PAIRS, RUNS, SPACED, SPLIT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from detectors.block import Block

DERIVED = 1 << 32  # segments with this number and above are decoded ones
DEPTH = 3
SPARE = 2**22  # bytes that may be unpacked beyond the characters read so far
_CONTEXT = 40  # characters before a run that are read with it: what a number is called
# Letters, digits and the two signs of base64; those of base64url stand in every other name, and only join what is one.
_CLASSES = bytes(
    65 if (chr(byte).isalnum() and byte < 128) or byte in b"+/" else 45 if byte in b"-_" else 61 if byte == 61 else 32
    for byte in range(256)
)
_EXTENT = re.compile(rb"[A\-]*")
_DIGITS = b"0123456789abcdefABCDEF"
_PAIRED = bytes(104 if byte in _DIGITS else 32 if byte in b" \t,:;-" else 46 for byte in range(256))
_GATE = b"A" * LEAST
_PADDED = b"A" * PADDED + b"="
_NARROW = 60  # signs of a line: base64 and PEM wrap at 64 and 76
_PAIR_GATES = (b"hh hh hh hh hh hh", b"hh  hh  hh  hh  hh  hh")
# not ``re``: before Python 3.11.5 it loses matches of groups that repeat possessively (CPython issue 106052)
_PAIRS = regex.compile(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?:[ \t,:;\-]{1,2}(?:\r?\n[ \t]{0,8})?[0-9A-Fa-f]{2}(?![0-9A-Za-z])){5,}+"
)
_PREFIXED = regex.compile(
    r"0x[0-9A-Fa-f]{2}(?:[ \t,;]{1,2}(?:\r?\n[ \t]{0,8})?0[xX][0-9A-Fa-f]{2}(?![0-9A-Za-z])){5,}+"
)


_Part = tuple[int, int, int, int]


class _Origin(msgspec.Struct):
    """Where a decoded segment came from: parts of it, in order, with their spans in the segment ``index``."""

    index: int
    depth: int
    parts: Sequence[_Part]
    fresh: Sequence[_Part]  # those that are no news of a layer above
    low: int = 0  # what stands before or behind these characters there is another block's to report
    high: int = 1 << 62
    proven: bool = False  # only what carries its own proof counts here

    def at(self, start: int, end: int) -> tuple[int, int] | None:
        """The span in the segment it came from; nothing when it touches no decoded character."""
        first = bisect_left(self.fresh, start, key=lambda part: part[1])
        if first == len(self.fresh) or self.fresh[first][0] > end:
            return None
        begin = self._original(start)
        return (begin, max(self._original(end - 1, last=True), begin + 1)) if self.low <= begin < self.high else None

    def holds(self, start: int, end: int) -> bool:
        """Whether a decoded character is in the span."""
        first = bisect_left(self.fresh, start + 1, key=lambda part: part[1])
        return first < len(self.fresh) and self.fresh[first][0] < end

    def _original(self, position: int, *, last: bool = False) -> int:
        """Where a character stood; in a decoded part, the first or (one beyond) the last of what encodes it."""
        after = bisect_right(self.parts, position, key=lambda part: part[0])
        if not after:
            return self.parts[0][2] - (self.parts[0][0] - position) + last
        low, high, start, end = self.parts[after - 1]
        if low <= position < high:
            return end if last else start
        return end + position - high + last


class Decoder:
    """One file while what is hidden in it is brought to light."""

    def __init__(self) -> None:
        self._budget = Budget(SPARE)
        self._origins: dict[int, _Origin] = {}
        self._found: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        self._done: dict[int, int] = {}  # segment to how far in it runs were read, where they reach beyond a block
        self._next = DERIVED

    @property
    def cut(self) -> tuple[str, ...]:
        """The codings of which something was left out, because it unpacks to more than a file may."""
        return tuple(self._budget.cut)

    def read(self, block: Block) -> list[Segment]:
        """What a block holds in other forms: segments, to be numbered on from the number :meth:`number` says."""
        origin = self._origins.get(block.pieces[0].index)
        depth = origin.depth if origin else 0
        if depth >= DEPTH:
            return []
        if not depth:
            self._budget.left += len(block.raw)
        escapes = {number - FIRST_ESCAPE for number in block.traits if number >= FIRST_ESCAPE}
        found = list(self._escaped(block, depth + 1, escapes)) if escapes else []
        wanted = block.traits & CODED
        if RUNS in wanted and not _coded(block.data):
            wanted -= {RUNS}
        if not wanted:
            return found
        # one byte a character, whatever it is
        data = block.data if block.text.isascii() else block.text.encode("ascii", "replace")
        if RUNS in wanted:
            found += self._runs(block, data, depth + 1)
        if PAIRS in wanted:
            found += self._pairs(block, data, depth + 1)
        if SPLIT in wanted and not depth:
            found += self._split(block, split.splits(block.text, data))
        if SPACED in wanted and not depth:
            found += self._split(block, split.spaced(block.text, data))
        return found

    def keep(self, index: int, start: int, end: int) -> bool:
        """Whether a hit is new: it has a decoded character in it, or stands in no decoded segment at all."""
        if index < DERIVED:
            return True
        at: tuple[int, int, int] = (index, start, end)
        while at[0] >= DERIVED:
            origin = self._origins[at[0]]
            span = origin.at(*at[1:])
            if span is None:
                return False
            at = (origin.index, *span)
        self._found[index, start, end] = at
        return True

    def needs_proof(self, index: int) -> bool:
        """Whether a segment was put together from pieces, so that only what proves itself counts."""
        return index >= DERIVED and self._origins[index].proven

    def place(self, index: int, start: int, end: int) -> tuple[int, int, int]:
        """Segment and span of the encoded text, for a hit that was kept."""
        return self._found.get((index, start, end), (index, start, end))

    def forget(self, first: int) -> None:
        """Drop what leads back from decoded segments, from this number on: they were read."""
        for index in range(first, self._next):
            self._origins.pop(index, None)
            self._done.pop(index, None)

    @property
    def number(self) -> int:
        """Of the next decoded segment."""
        return self._next

    def _segment(self, origin: _Origin, text: str, where: str, segment: Segment, first: int | None = None) -> Segment:
        """A decoded segment; without the number of its first line, it has none."""
        self._origins[self._next] = origin
        self._next += 1
        return Segment(text, where, segment.zone, segment.page, lines=first is not None, first=first or 0)

    def _escaped(self, block: Block, depth: int, kinds: set[int]) -> Iterator[Segment]:
        several = len(block.pieces) > 1
        for found in codings.escapes(block.text, block.piece if several else None, kinds):
            piece = block.piece(found.parts[0][2])
            parts = [(low, high, *block.locate(start, end)[1:]) for low, high, start, end in found.parts]
            fresh = [part for part in parts if self._fresh(piece.index, *part[2:])]
            if not fresh:
                continue
            begin = piece.offset - piece.start
            origin = _Origin(piece.index, depth, parts, fresh, piece.low + begin, piece.high + begin)
            where = f"{block.where(found.parts[0][2])} escaped".strip()
            yield self._segment(origin, found.text, where, piece.segment)

    def _split(self, block: Block, pieces: Iterable[split.Split]) -> Iterator[Segment]:
        for found in pieces:
            start = found.parts[0][2]
            piece = block.piece(start)
            if any(block.piece(part[2]) is not piece for part in found.parts):
                continue  # cells of one sheet or table stand in one piece
            before = block.text[max(start - _CONTEXT, 0) : start]
            low = len(before) + 1
            parts = [(low + part[0], low + part[1], *block.locate(*part[2:])[1:]) for part in found.parts]
            begin = piece.offset - piece.start
            origin = _Origin(piece.index, DEPTH, parts, parts, piece.low + begin, piece.high + begin, proven=True)
            where = f"{block.where(start)} split".strip()
            yield self._segment(origin, f"{before}\n{found.text}", where, piece.segment)

    def _fresh(self, index: int, start: int, end: int) -> bool:
        return index < DERIVED or self._origins[index].holds(start, end)

    def _runs(self, block: Block, data: bytes, depth: int) -> Iterator[Segment]:
        signs = data.translate(_CLASSES)
        at = signs.find(_GATE)
        while at >= 0:
            begin, stop = _extent(signs, at)
            if codings.possible(data[begin:stop]):
                stop = yield from self._run(block, begin, stop, depth)
            at = signs.find(_GATE, stop)
        stop = signs.find(_PADDED)
        while stop >= 0:  # shorter ones, that only their padding gives away
            stop += len(_PADDED) - 1
            begin = _extent(signs, stop - 1)[0]
            if _GATE not in signs[begin:stop] and codings.possible(data[begin:stop]):
                yield from self._run(block, begin, stop, depth)
            stop = signs.find(_PADDED, stop)

    def _run(self, block: Block, at: int, stop: int, depth: int) -> Generator[Segment, None, int]:
        """Read the run that ends at ``stop``, with the lines that go on with it; where to go on."""
        source = Source(block, at)
        if after := self._seen(source):
            return max(after, stop)
        start, width, *ends = source.run(stop)
        end = ends[0]
        for tried in dict.fromkeys(ends):
            found = [*self._decoded(block, source, (start, tried), codings.run, depth)]
            yield from found
            if found:
                break
        if width < _NARROW and not width % 4 and end - start > width:  # a list of short ones, perhaps
            for line in RUN.finditer(source.text, start, end):
                yield from self._decoded(block, source, line.span(), codings.run, depth)
        return max(source.block(end), stop)

    def _pairs(self, block: Block, data: bytes, depth: int) -> Iterator[Segment]:
        marks = data.translate(_PAIRED)
        for gate in _PAIR_GATES:
            at = marks.find(gate)
            while at >= 0:
                at = marks.find(gate, (yield from self._pair(block, at, _PAIRS, depth)))
        match = _PREFIXED.search(block.text)
        while match:
            match = _PREFIXED.search(block.text, (yield from self._pair(block, match.start(), _PREFIXED, depth)))

    def _pair(self, block: Block, at: int, pattern: regex.Pattern[str], depth: int) -> Generator[Segment, None, int]:
        """Read one run of pairs; where to go on."""
        source = Source(block, at)
        if after := self._seen(source):
            return max(after, at + 1)
        match = pattern.match(source.text, source.at)
        if not match:
            return at + 1
        yield from self._decoded(block, source, match.span(), codings.pairs, depth)
        return source.block(match.end())

    def _seen(self, source: Source) -> int:
        """Where to go on in the block when the run was read with an earlier one, else 0."""
        done = self._done.get(source.piece.index, 0)
        return source.block(done) if source.whole and source.at < done else 0

    def _decoded(
        self, block: Block, source: Source, span: tuple[int, int], undo: codings.Decode, depth: int
    ) -> Iterator[Segment]:
        start, end = span
        piece = source.piece
        if source.whole and source.block(end) > len(block.text):
            self._done[piece.index] = end
        if end - start > codings.LONGEST:
            self._budget.cut["run"] = None
            end = start + codings.LONGEST
        signs = source.text[start:end]
        if not self._fresh(piece.index, *source.original(start, end)):
            return
        found = undo(signs, self._budget)
        if found is None:
            return
        coding, text = found
        # what a number is called stands before it; a document speaks for itself
        number = 2 * sum(map(str.isdigit, text[:_CONTEXT])) > len(text)
        before = source.text[max(start - _CONTEXT, 0) : start] if number else ""
        low = len(before) + 1
        parts = [(low, low + len(text), *source.original(start, end))]
        origin = _Origin(piece.index, depth, parts, parts)
        where = f"{block.where(source.block(start))} {coding}".strip()
        first = -before.count("\n") if "\n" in text else None
        yield self._segment(origin, f"{before}\n{text}", where, piece.segment, first)


def _coded(data: bytes) -> bool:
    """Whether any run of a text in UTF-8 may hold text; those of most texts are card and order numbers."""
    signs = data.translate(_CLASSES)
    if b"=" in data and _PADDED in signs:
        return True
    at = signs.find(_GATE)
    while at >= 0:
        begin, stop = _extent(signs, at)
        if codings.possible(data[begin:stop]):
            return True
        at = signs.find(_GATE, stop)
    return False


def _extent(signs: bytes, at: int) -> tuple[int, int]:
    """The run around a place, over the signs that only join."""
    begin = at
    if signs[at - 1 : at] in (b"-", b"A"):
        before = signs[max(at - codings.TOKEN, 0) : at]
        begin = at - _end(before[::-1], 0)
    return begin, _end(signs, at)


def _end(signs: bytes, at: int) -> int:
    match = _EXTENT.match(signs, at)
    return match.end() if match else at
