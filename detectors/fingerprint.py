"""Copies of registered documents, whole and in part.

A document stands in a file when some of its shingles follow each other there in the document's own order, and cover
what makes a passage; or, for a short document, most of it. One finding a register, counting the documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec

from config.levels import Level
from config.rules import Rule
from config.text import Text
from config.verdict import Segment
from detectors.block import Block, Piece
from detectors.hits import Hit
from detectors.prints import REPEATED, Index
from detectors.shingles import Strand, passages, strands

LEAST = 2  # shingles in a row
SHORTEST = 0.45  # passages that they must cover: what is proven of a passage ends short of both its ends
_REACH = 600  # characters from one shingle of a passage to the next: an edited sentence may lie between
_SKIP = 8  # shingles of the document that may be missing there
_MOST_OF_IT = 0.8  # of a short document
_SHORT = 12  # shingles; a document that has no more is short


class Match(msgspec.Struct):
    """One registered document in one file."""

    document: int  # its number in the index
    numbers: set[int]  # of its shingles that stand here
    block: Block  # which holds no more than the first passage
    longest: float = 0.0  # passages that the longest run covers


class _Seen(msgspec.Struct, frozen=True):
    """One shingle of a document where it was met."""

    at: int  # characters, through the whole file
    order: int  # of all shingles of its strand
    number: int
    block: Block
    start: int  # characters of the block
    end: int


class Fingerprints:
    """The documents of one register."""

    def __init__(self, index: Index, name: str) -> None:
        self.index, self.name = index, name

    def open(self, today: date) -> FingerprintSearch:  # noqa: ARG002 - a copy is a copy on any day
        """Begin a file."""
        return FingerprintSearch(self)


class FingerprintSearch:
    """One file while it is read."""

    def __init__(self, prints: Fingerprints) -> None:
        self._index, self._name = prints.index, prints.name
        self._before = 0  # characters of the file before this block
        self._order = 0
        self._open: dict[int, list[_Seen]] = {}
        self._matches: dict[int, Match] = {}

    def read(self, block: Block) -> Iterable[Hit]:
        """Note what is known; the hits come at the end."""
        for strand in strands(block.text):
            if known := self._index.known(strand.shingles):
                self._note(block, strand, set(known))
            self._order += len(strand.shingles) + 1
        self._before += len(block.text)
        return ()

    def matches(self) -> list[Match]:
        """The registered documents that stand in the file, the most sensitive first, of equals the longest passage."""
        for document in list(self._open):
            self._settle(document, self._before + _REACH)
        index = self._index
        found = [match for match in self._matches.values() if self._counts(match)]
        return sorted(found, key=lambda match: (-index.level(match.document).rank, -match.longest, match.document))

    def share(self, match: Match) -> float:
        """How much of the document stands here, 0 to 1, of what counts in it."""
        counting: int = self._index.counting[match.document]
        return len(match.numbers) / max(1, counting)

    def close(self) -> Iterator[Hit]:
        """One hit a document."""
        found = self.matches()
        if not found:
            return
        rule = _rule(self._name, self._index.level(found[0].document))
        names = self._index.names()
        for match in found:
            score = round(min(0.99, 0.85 + 0.05 * min(match.longest, found[0].longest)), 2)  # the first is told of
            name, label = names[match.document]
            reason = _reason(self.share(match), f"{label} ({name})" if label else name)
            yield Hit(rule, match.block, 0, len(match.block.text), score, name, (reason,), "")

    def _counts(self, match: Match) -> bool:
        whole = self._index.counting[match.document]
        short = LEAST <= whole <= _SHORT and len(match.numbers) >= max(LEAST, _MOST_OF_IT * whole)
        return match.longest >= SHORTEST or (short and match.longest > 0)

    def _note(self, block: Block, strand: Strand, known: set[bytes]) -> None:
        numbers = {shingle: found for shingle in known if (found := self._index.numbers(shingle))}
        if not numbers:
            return
        orders = [order for order, shingle in enumerate(strand.shingles) if shingle in numbers]
        documents = {number: self._index.document(number) for found in numbers.values() for number in found}
        times = Counter(documents[number] for order in orders for number in numbers[strand.shingles[order]])
        wanted = {document for document, count in times.items() if count >= LEAST or document in self._open}
        if not wanted:  # a turn of phrase here and there: by far the most common case
            return
        places, starts = strand.places(), strand.starts()
        taken: Counter[int] = Counter()
        for order in orders:
            start = places[starts[order]]
            end = places[starts[order] + strand.length - 1] + 1
            for number in reversed(numbers[strand.shingles[order]]):
                taken[number] += 1
                if documents[number] in wanted and taken[number] <= REPEATED:
                    seen = _Seen(self._before + start, self._order + order, number, block, start, end)
                    self._open.setdefault(documents[number], []).append(seen)
        for document in list(self._open):
            self._settle(document, self._before + len(block.text))

    def _settle(self, document: int, now: int) -> None:
        """Judge the runs of a document that no later text can lengthen; keep the rest."""
        kept: list[_Seen] = []
        for run in _runs(self._open.pop(document)):
            if now - run[-1].at < _REACH:
                kept += run
            elif len(run) >= LEAST:
                self._judge(document, run)
        if kept:
            self._open[document] = sorted(kept, key=lambda seen: (seen.at, -seen.number))

    def _judge(self, document: int, run: list[_Seen]) -> None:
        covered = _covered(run)
        match = self._matches.get(document)
        if match is None:
            match = self._matches[document] = Match(document, set(), _cut_out(run))
        match.numbers.update(seen.number for seen in run)
        match.longest = max(match.longest, covered)


def load(path: Path, begin: int, name: str) -> Fingerprints:
    """The detector of a signed register whose payload begins at ``begin``.

    Raises:
        SignatureError: the payload is no index of fingerprints.
        OSError: it cannot be read.
    """
    return Fingerprints(Index.open(path, begin), name)


def _runs(seen: list[_Seen]) -> list[list[_Seen]]:
    """Shingles that follow each other here as they do in the document."""
    runs: list[list[_Seen]] = []
    ends: dict[int, list[_Seen]] = {}  # by the number of its last shingle, the latest run
    for one in seen:
        for number in range(one.number - 1, one.number - _SKIP - 1, -1):
            run = ends.get(number)
            if run and 0 < one.at - run[-1].at <= _REACH:
                del ends[number]
                run.append(one)
                break
        else:
            run = [one]
            runs.append(run)
        ends[one.number] = run
    return runs


def _cut_out(run: list[_Seen]) -> Block:
    """The first passage by itself, with its place in words: the block around it need not be kept."""
    first = run[0]
    last = next(seen for seen in reversed(run) if seen.block is first.block)
    piece, offset, _ = first.block.locate(first.start, first.end)
    low, high = first.block.normal.span(first.start, max(last.end, first.start + 1))
    text = first.block.raw[low:high]
    segment = Segment(text, first.block.where(first.start), piece.segment.zone, piece.segment.page, lines=False)
    return Block(text, [Piece(segment, piece.index, 0, offset, 0, len(text), 1, piece.before + offset)])


def _covered(run: list[_Seen]) -> float:
    """Passages that a run proves: between neighbours here that are neighbours there everything, else the shingles."""
    total = spans = run[-1].end - run[-1].start
    for one, following in pairwise(run):
        step = following.at - one.at
        neighbours = following.number - one.number == following.order - one.order == 1
        total += step if neighbours else min(step, one.end - one.start)
        spans += step
    text = ""
    for block in dict.fromkeys(seen.block for seen in run):
        inside = [seen for seen in run if seen.block is block]
        text += block.text[inside[0].start : inside[-1].end]
    return total / spans * passages(text)


def _rule(name: str, level: Level) -> Rule:
    words = Text("copy of a registered document", "登记文件的内容")
    return Rule(id=f"fingerprint.{name}", name=words, level=level, hits=("-",), misses=("-",))


def _reason(share: float, name: str) -> Text:
    if share >= 0.995:
        return Text(f"all of the registered document {name} stands here", f"此处含有登记文件“{name}”的全部内容")
    percent = max(1, round(100 * share))
    return Text(
        f"{percent} % of the registered document {name} stands here", f"此处含有登记文件“{name}”约 {percent}% 的内容"
    )
