"""Text in, findings and marks out."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, TypeVar

import msgspec

from config.levels import Level
from config.text import Text
from config.verdict import Finding, Mark, Outcome, Segment, Zone
from detectors import aggregation, labels
from detectors.block import Block, blocks
from detectors.corrections import Corrections, prove
from detectors.decode import DERIVED
from detectors.detector import Detector
from detectors.headed import headed_detectors
from detectors.hits import Hit, Searcher, strongest
from detectors.inspection import Inspection, sameness
from detectors.keywords import keyword_detectors
from detectors.marks import REGIMES
from detectors.marks.regime import Facts, Regime
from detectors.offsets import merge
from detectors.prefilter import Prefilter
from detectors.split import CHECKED
from detectors.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from config.rules import Rule
    from detectors.corrections import Correction
    from detectors.decode import Decoder
    from detectors.offsets import Window
    from detectors.prefilter import Reports
    from detectors.ruleset import RuleSet

_Found = TypeVar("_Found", Mark, Finding)


class Detection(msgspec.Struct, frozen=True):
    """What a text holds. ``mentions`` look like marks and are none; ``level`` is the highest that anything gives.

    ``unfinished`` names the rules whose search took too long on some stretch: that stretch was not inspected for them.
    ``notes`` say in words what many marks or findings may mean together.
    ``cut`` names the codings of which something was not decoded, because it unpacks to more than a file may.
    """

    level: Level
    marks: tuple[Mark, ...] = ()
    mentions: tuple[Mark, ...] = ()
    findings: tuple[Finding, ...] = ()
    unfinished: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    cut: tuple[str, ...] = ()


class Engine:
    """All rules, compiled. Not safe for use by two threads at once: give each its own."""

    def __init__(
        self,
        rules: RuleSet,
        key: bytes,
        *,
        exam_level: Level = Level.INTERNAL,
        cache: bytes = b"",
        native: bool = True,
        detectors: Sequence[Detector] = (),
    ) -> None:
        """Compile the rules.

        Args:
            rules: what to look for.
            key: for the digests of values; the same key makes equal values comparable.
            exam_level: the most an exam paper's mark gives to its file.
            cache: the compiled patterns, from :meth:`compiled`; ignored when they do not fit.
            native: whether Vectorscan may be used; the hits are the same without.
            detectors: what else to ask, such as registered records and documents.
        """
        self.rules = rules
        self._key = key
        self._exam = exam_level
        wanted = {rule.regime for rule in rules.rules if rule.kind == "marks"}
        self._regimes = [regime for regime in REGIMES if regime.name in wanted or (wanted and not regime.writes)]
        self._searchers = [Searcher(rule) for rule in rules.rules if rule.kind == "pattern"]
        roles: list[Regime | Searcher] = [*self._regimes, *self._searchers]
        self._roles = [role for role in roles for _ in role.anchors]
        self.patterns = [pattern for role in roles for pattern in role.anchors]
        self._of_regimes = frozenset(number for number, role in enumerate(self._roles) if isinstance(role, Regime))
        self._lines = frozenset(
            number for number, role in enumerate(self._roles) if isinstance(role, Regime) and not role.tall
        )
        self._prefilter = Prefilter(self.patterns, cache=cache, native=native)
        headed = headed_detectors(rules.rules, native=native)
        self._detectors: tuple[Detector, ...] = (*keyword_detectors(rules.rules, native=native), *headed, *detectors)
        self.native = self._prefilter.native and all(each.native for each in headed)
        """Whether Vectorscan does the first pass."""
        self._corrections = Corrections()

    def compiled(self) -> bytes:
        """The compiled patterns for the next start's ``cache``; empty where they came from there, or there are none."""
        return b"" if self._prefilter.kept else self._prefilter.dump()

    def inspect(self, segments: Iterable[Segment], today: date) -> Detection:
        """Read a whole file: one finding a rule, with its count; every different mark once a kind of place."""
        return self._read(segments, today, Tally(self._key), single=True)

    def detect(self, text: str, today: date, zone: Zone = Zone.BODY) -> Detection:
        """Read one text: every hit by itself, with its characters."""
        return self.each([Segment(text, "", zone)], today)

    def each(self, segments: Iterable[Segment], today: date) -> Detection:
        """Read a whole file: every hit and mark by itself."""
        return self._read(segments, today, Tally(self._key, grouped=False), single=False)

    def correct(self, entries: Sequence[Correction], today: date) -> tuple[tuple[Correction, Text], ...]:
        """Use corrections from now on; those that are not used, each with the reason."""
        kept: list[Correction] = []
        refused: list[tuple[Correction, Text]] = []
        known = {rule.id for rule in self.rules.rules}
        for entry in entries:
            why: Text | None = Text("its rule is not in use", "其规则未启用")
            if entry.rule in known:
                self._corrections = Corrections((entry,), self.rules.rules)
                why = prove(entry, self, today) if str(today) <= entry.expires else Text("it has expired", "已过期")
            if why is None:
                kept.append(entry)
            else:
                refused.append((entry, why))
        self._corrections = Corrections(kept, self.rules.rules)
        return tuple(refused)

    def fires(self, rule: Rule, example: str, today: date) -> bool:
        """Whether a rule finds something in an example; a marks rule, whether there is a mark of its regime."""
        found = self.detect(example, today)
        if rule.kind != "marks":
            return any(finding.rule == rule.id and not finding.corrected for finding in found.findings)
        regime = next(regime for regime in self._regimes if regime.name == rule.regime)
        return any(mark.regime in regime.writes for mark in found.marks)

    def _read(self, segments: Iterable[Segment], today: date, tally: Tally, *, single: bool) -> Detection:
        reading = Inspection(today, tally, [detector.open(today) for detector in self._detectors])
        for block in blocks(reading.watch(segments)):
            reading.counted.clear()
            self._scan(block, reading)
        for search in reading.searches:
            for hit in search.close():
                tally.add(hit)
        if self._regimes:
            self._names(reading)
        marks = reading.marks
        for regime in self._regimes:
            marks = regime.settle(marks, reading.facts)
        marks = [_placed(mark, reading.decoder) for mark in marks]
        marks = sorted(marks, key=lambda mark: (mark.segment, mark.start))
        findings = tuple(_placed(finding, reading.decoder) for finding in tally.findings())
        notes = aggregation.notes([mark for mark in marks if mark.outcome.is_mark], findings, self.rules.aggregation)
        if single:
            marks = _distinct(marks)
        real = tuple(mark for mark in marks if mark.outcome.is_mark)
        return Detection(
            max([Level.PUBLIC, *(self._raised(mark) for mark in real), *(finding.level for finding in findings)]),
            real,
            tuple(mark for mark in marks if not mark.outcome.is_mark),
            findings,
            tuple(reading.unfinished),
            notes,
            reading.decoder.cut,
        )

    def _raised(self, mark: Mark) -> Level:
        return min(mark.level, self._exam) if mark.outcome is Outcome.EXAM else mark.raises

    def _scan(self, block: Block, reading: Inspection) -> None:
        listed: dict[str, list[Window]] = {}
        for search in reading.searches:  # what is registered counts beside the form it has, so they do not compete
            for hit in search.read(block):
                self._count(hit, reading)
                if hit.rule.columns:  # a pattern may see the row below the heads, too
                    listed.setdefault(hit.rule.id, []).append((hit.start, hit.end))
        for spans in listed.values():
            spans.sort()
        reports = self._prefilter.scan(block.text, block.data)
        full = self._full(reports, reading.tally)
        windows = reports.windows(full, self._known(reading, block), self._lines)
        decoder = reading.decoder
        for mark in self._marks(block, windows, reading.facts):
            proven = mark.term or not decoder.needs_proof(mark.segment)
            if proven and decoder.keep(mark.segment, mark.start, mark.end):
                reading.add(self._corrected(mark, block, reading.facts.today))
        hits = [hit for hit in self._hits(block, windows, reading) if not _overlaps(listed.get(hit.rule.id, ()), hit)]
        counted = {role.rule.id for role in (self._roles[number] for number in full) if isinstance(role, Searcher)}
        for hit in strongest([*hits, *self._rivals(block, hits, reports.met(full) if full and hits else {}, reading)]):
            if hit.rule.id not in counted:  # by the first pass
                self._count(hit, reading)
        first = decoder.number
        for inner in blocks(decoder.read(block), first):
            self._scan(inner, reading)
        decoder.forget(first)

    def _count(self, hit: Hit, reading: Inspection) -> None:
        piece, start, end = hit.block.locate(hit.start, hit.end)
        decoder, checked = reading.decoder, hit.rule.validator in CHECKED
        if decoder.needs_proof(piece.index) and not checked:
            return
        if not decoder.keep(piece.index, start, end):
            return
        if checked and not reading.first(decoder.place(piece.index, start, end)):
            return  # a pattern has seen the number in its pieces already
        today = reading.facts.today
        reading.tally.add(hit, self._corrections.find(hit.rule.id, piece.segment, start, end, today))

    def _corrected(self, mark: Mark, block: Block, today: date) -> Mark:
        if not self._corrections.entries:
            return mark
        piece = next(piece for piece in block.pieces if piece.index == mark.segment)
        return self._corrections.mark(mark, piece.segment, today)

    def _hits(self, block: Block, windows: Mapping[int, Sequence[Window]], reading: Inspection) -> list[Hit]:
        hits: list[Hit] = []
        last, seen = None, set[tuple[int, int]]()  # the patterns of a rule follow each other
        for number in sorted(windows):
            role = self._roles[number]
            if isinstance(role, Searcher):
                if role is not last:
                    last, seen = role, set()
                try:
                    hits += role.find(block, self.patterns[number], windows[number], reading.facts.today, seen)
                except TimeoutError:
                    reading.unfinished[role.rule.id] = None
        return hits

    def _rivals(
        self, block: Block, hits: Sequence[Hit], met: Mapping[int, Sequence[int]], reading: Inspection
    ) -> Iterator[Hit]:
        """What rules with a full list say of the same places: a number of theirs must not become another's."""
        for hit in hits if met else ():
            for number in {*met.get(hit.end, ()), *met.get(hit.end + 1, ())}:
                reach = self.patterns[number].longest
                window = (max(hit.end - reach, 0), hit.end + 1)
                yield from self._hits(block, {number: [window]}, reading)

    def _known(self, reading: Inspection, block: Block) -> Callable[[int, int], bool] | None:
        """What need not be looked at: a mark that was met many times."""
        line = reading.known(block) if reading.tally.grouped else None
        if line is None:
            return None
        return lambda number, at: number in self._of_regimes and line(at)

    def _full(self, reports: Reports, tally: Tally) -> set[int]:
        """The patterns that need not be looked at any more; what the first pass met is counted for all."""
        full = set()
        for number, count in reports.counts.items():
            role = self._roles[number]
            if isinstance(role, Searcher):
                tally.reported(role.rule, count)
                if tally.full(role.rule):
                    full.add(number)
        return full

    def _marks(self, block: Block, windows: dict[int, list[Window]], facts: Facts) -> Iterator[Mark]:
        spans: dict[str, list[Window]] = {}
        for number, found in windows.items():
            role = self._roles[number]
            if isinstance(role, Regime):
                spans.setdefault(role.name, []).extend(found)
        for regime in self._regimes:
            if regime.name in spans:
                for mark in regime.find(block, merge(spans[regime.name]), facts):
                    if mark.end > mark.start:
                        yield mark

    def _names(self, reading: Inspection) -> None:
        """File names, sheet names, properties and labels: parts of a name are marks of their own."""
        for mark in labels.read(reading.named, self.rules.labels):
            reading.add(mark)
        reading.marks = labels.termed(reading.marks, reading.named)
        off = labels.switched_off(reading.named)
        reading.marks = [mark for mark in reading.marks if mark.segment not in off]
        for index, segment in reading.named:
            parts = labels.tokens(segment)
            if parts is None:
                continue
            for block in blocks([parts]):
                for mark in self._marks(block, self._prefilter.windows(block.text), reading.facts):
                    text = " ".join(segment.text[mark.start : mark.end].split())
                    excerpt = " ".join(segment.text.split())
                    reading.add(msgspec.structs.replace(mark, segment=index, text=text, excerpt=excerpt))


def _overlaps(spans: Sequence[Window], hit: Hit) -> bool:
    """Whether a hit touches one of some spans, which are in order and do not touch each other."""
    before = bisect_left(spans, (hit.end, 0))
    return before > 0 and spans[before - 1][1] > hit.start


def _placed(found: _Found, decoder: Decoder) -> _Found:
    """A mark or finding at the characters of the file, when it was found in what they encode."""
    if found.segment < DERIVED:
        return found
    segment, start, end = decoder.place(found.segment, found.start, found.end)
    return msgspec.structs.replace(found, segment=segment, start=start, end=end)


def _distinct(marks: list[Mark]) -> list[Mark]:
    """Equal marks in the same kind of place, such as the header of every page, are shown once."""
    seen: dict[tuple[object, ...], Mark] = {}
    for mark in marks:
        seen.setdefault(sameness(mark), mark)
    return list(seen.values())
