"""Text in, findings and marks out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.text import Text
from config.verdict import Finding, Mark, Outcome, Segment
from detectors import aggregation, labels
from detectors.block import Block, blocks
from detectors.detector import Detector, Search
from detectors.hits import Hit, Searcher, strongest
from detectors.marks import REGIMES
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import NAMED
from detectors.prefilter import Prefilter, merge
from detectors.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from config.rules import Rule
    from detectors.prefilter import Window
    from detectors.ruleset import RuleSet

MOST_MARKS = 2_000  # of one file; a bound on memory, far beyond what an officer reads
MOST_NAMES = 10_000  # properties and names of one file kept until its end


class Detection(msgspec.Struct, frozen=True):
    """What a text holds. ``mentions`` look like marks and are none; ``level`` is the highest that anything gives.

    ``unfinished`` names the rules whose search took too long on some stretch: that stretch was not inspected for them.
    ``notes`` say in words what many marks or findings may mean together.
    """

    level: Level
    marks: tuple[Mark, ...] = ()
    mentions: tuple[Mark, ...] = ()
    findings: tuple[Finding, ...] = ()
    unfinished: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()


class _Reading:
    """One file while it is read."""

    def __init__(self, today: date, tally: Tally, searches: Sequence[Search]) -> None:
        self.facts = Facts(today)
        self.tally = tally
        self.searches = searches
        self.named: list[tuple[int, Segment]] = []
        self.unfinished: dict[str, None] = {}
        self.marks: list[Mark] = []
        self._near: dict[int, list[Mark]] = {}

    def watch(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """Pass segments on, and keep the few that name or label the file."""
        for index, segment in enumerate(segments):
            if segment.zone in NAMED and len(self.named) < MOST_NAMES:
                self.named.append((index, segment))
            yield segment

    def add(self, mark: Mark) -> None:
        """Keep a mark, unless an earlier regime has read the same place as one."""
        near = self._near.setdefault(mark.segment, [])
        for other in reversed(near[-50:]):
            if other.start < mark.end and mark.start < other.end:
                if other.outcome.is_mark or not mark.outcome.is_mark:
                    return
                self.marks.remove(other)  # a name read part by part may turn a mention into a mark
                near.remove(other)
        if len(self.marks) < MOST_MARKS:
            near.append(mark)
            self.marks.append(mark)


class Engine:
    """All rules, compiled. Not safe for use by two threads at once: give each its own."""

    def __init__(
        self,
        rules: RuleSet,
        key: bytes,
        *,
        exam_level: Level = Level.INTERNAL,
        cache: Path | None = None,
        native: bool = True,
        detectors: Sequence[Detector] = (),
    ) -> None:
        """Compile the rules.

        Args:
            rules: what to look for.
            key: for the digests of values; the same key makes equal values comparable.
            exam_level: the most an exam paper's mark gives to its file.
            cache: a file with the compiled patterns, written by :meth:`save`; ignored when it does not fit.
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
        self._prefilter = Prefilter(self.patterns, cache=cache, native=native)
        self._detectors = tuple(detectors)

    @property
    def native(self) -> bool:
        """Whether Vectorscan does the first pass."""
        return self._prefilter.native

    def save(self, path: Path) -> None:
        """Write the compiled patterns for the next start."""
        self._prefilter.dump(path)

    def inspect(self, segments: Iterable[Segment], today: date) -> Detection:
        """Read a whole file: one finding a rule, with its count; every different mark once a kind of place."""
        return self._read(segments, today, Tally(self._key), single=True)

    def every(self, segments: Iterable[Segment], today: date) -> Detection:
        """Read a whole file: every mark in every place, for one who must correct them all."""
        return self._read(segments, today, Tally(self._key), single=False)

    def detect(self, text: str, today: date) -> Detection:
        """Read one text: every hit by itself, with its characters."""
        return self._read([Segment(text, "")], today, Tally(self._key, grouped=False), single=False)

    def fires(self, rule: Rule, example: str, today: date) -> bool:
        """Whether a rule finds something in an example; a marks rule, whether there is a mark of its regime."""
        found = self.detect(example, today)
        if rule.kind == "pattern":
            return any(finding.rule == rule.id for finding in found.findings)
        regime = next(regime for regime in self._regimes if regime.name == rule.regime)
        return any(mark.regime in regime.writes for mark in found.marks)

    def _read(self, segments: Iterable[Segment], today: date, tally: Tally, *, single: bool) -> Detection:
        reading = _Reading(today, tally, [detector.open(today) for detector in self._detectors])
        for block in blocks(reading.watch(segments)):
            self._scan(block, reading)
        for search in reading.searches:
            for hit in search.close():
                tally.add(hit)
        if self._regimes:
            self._names(reading)
        marks = reading.marks
        for regime in self._regimes:
            marks = regime.settle(marks, reading.facts)
        marks = sorted(marks, key=lambda mark: (mark.segment, mark.start))
        findings = tally.findings()
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
        )

    def _raised(self, mark: Mark) -> Level:
        return min(mark.level, self._exam) if mark.outcome is Outcome.EXAM else mark.raises

    def _scan(self, block: Block, reading: _Reading) -> None:
        windows = self._prefilter.windows(block.text)
        hits: list[Hit] = [hit for search in reading.searches for hit in search.read(block)]
        for mark in self._marks(block, windows, reading.facts):
            reading.add(mark)
        for number in sorted(windows):
            role = self._roles[number]
            if isinstance(role, Searcher):
                try:
                    hits += role.find(block, self.patterns[number], windows[number], reading.facts.today)
                except TimeoutError:
                    reading.unfinished[role.rule.id] = None
        for hit in strongest(hits):
            reading.tally.add(hit)

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

    def _names(self, reading: _Reading) -> None:
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


def _distinct(marks: list[Mark]) -> list[Mark]:
    """Equal marks in the same kind of place, such as the header of every page, are shown once."""
    seen: dict[tuple[object, ...], Mark] = {}
    for mark in marks:
        container = mark.where.rpartition(" > ")[0]
        plain = "".join(mark.text.split())
        seen.setdefault((mark.regime, mark.level, mark.outcome, plain, mark.zone, container), mark)
    return list(seen.values())
