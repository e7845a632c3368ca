"""Hits gathered into findings: one a rule for a file, or one a hit for a text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.rules import level_for
from config.text import Text
from config.verdict import Finding
from detectors import mask
from detectors.score import together

if TYPE_CHECKING:
    from config.rules import Rule
    from detectors.corrections import Correction
    from detectors.hits import Hit

ENOUGH = 500  # different values of a rule that are looked at one by one; the rest of a large list is estimated
VALUES = 10_000  # different values of a rule that are told apart, where its level needs so many
MOST = 100_000  # findings kept when each hit is one


class _Count(msgspec.Struct):
    """One rule in one file."""

    rule: Rule
    hits: int = 0
    values: set[str] = msgspec.field(default_factory=set)
    score: float = 0.0  # of the surest hit
    reasons: tuple[Text, ...] = ()  # and its reasons
    beyond: int = 0  # reports of the first pass after there were enough

    @property
    def full(self) -> bool:
        """Whether further hits can change nothing but the number."""
        return len(self.values) >= max(ENOUGH, self.rule.raises_from, *self.rule.levels)


class Tally:
    """Findings as they come in."""

    def __init__(self, key: bytes, *, grouped: bool = True) -> None:
        self._key = key
        self.grouped = grouped
        self._findings: list[tuple[str, Finding]] = []
        self._counts: dict[str, _Count] = {}
        self._reports: Counter[str] = Counter()

    def full(self, rule: Rule) -> bool:
        """Whether this rule need not be asked any more: a list so long that a longer one says the same."""
        count = self._counts.get(rule.id)
        return self.grouped and count is not None and count.full

    def reported(self, rule: Rule, reports: int) -> None:
        """The first pass met a rule so often in a stretch of text; said before the hits of that stretch."""
        if self.full(rule):
            self._counts[rule.id].beyond += reports
        else:
            self._reports[rule.id] += reports

    def add(self, hit: Hit, correction: Correction | None = None) -> None:
        """Count a hit; the first of a rule is the one that is shown. Corrected ones are counted by themselves."""
        key = f"{hit.rule.id}\0{correction.id}" if correction else hit.rule.id
        count = self._counts.get(key)
        if count is None or (not self.grouped and len(self._findings) < MOST):
            finding = _finding(hit, self._key)
            self._findings.append((key, _corrected(finding, correction) if correction else finding))
        if count is None:
            count = self._counts[key] = _Count(hit.rule)
        count.hits += 1
        if len(count.values) < VALUES:
            count.values.add(hit.plain)
        if hit.score > count.score:
            count.score, count.reasons = hit.score, hit.reasons

    def findings(self) -> tuple[Finding, ...]:
        """All findings, each with the level it gives."""
        return tuple(self._weigh(finding, self._counts[key]) for key, finding in self._findings)

    def _weigh(self, finding: Finding, count: _Count) -> Finding:
        if self.grouped:
            true = min(1.0, count.hits / max(self._reports[finding.rule], 1))  # share of the reports that are hits
            finding = msgspec.structs.replace(
                finding, count=count.hits + round(count.beyond * true), about=count.beyond > 0, confidence=count.score
            )
            if not finding.corrected:
                finding = msgspec.structs.replace(finding, reason=together(count.reasons))
        if finding.corrected:
            return finding
        level = level_for(count.rule, len(count.values))
        note = _step_note(count.rule, level)
        reason = Text(finding.reason.en + note.en, finding.reason.zh + note.zh)
        return msgspec.structs.replace(finding, level=level, reason=reason)


def _step_note(rule: Rule, level: Level) -> Text:
    """Why the number of different values gives another level than the rule's own."""
    if level is rule.level:
        return Text("", "")
    if level < rule.level:
        least = rule.raises_from
        return Text(
            f"; fewer than {least} different ones, so the level is not raised", f"；不足{least}个不同值，不提高密级"
        )
    most = min(count for count, step in rule.levels.items() if step is level)
    return Text(
        f"; {most} different ones or more make it {level.text.en}", f"；不同值达到{most}个，密级为{level.text.zh}"
    )


def _corrected(finding: Finding, correction: Correction) -> Finding:
    note = correction.note()
    reason = Text(f"{finding.reason.en}; {note.en}", f"{finding.reason.zh}；{note.zh}")
    return msgspec.structs.replace(finding, level=Level.PUBLIC, reason=reason, corrected=correction.id)


def _finding(hit: Hit, key: bytes) -> Finding:
    piece, start, end = hit.block.locate(hit.start, hit.end)
    return Finding(
        rule=hit.rule.id,
        name=hit.rule.name,
        level=hit.rule.level,
        confidence=hit.score,
        where=hit.block.where(hit.start),
        excerpt=mask.excerpt(piece.segment.text, start, end) if hit.excerpt is None else hit.excerpt,
        digest=mask.digest(key, hit.rule.id, hit.plain),
        reason=hit.reason,
        segment=piece.index,
        start=start,
        end=end,
    )
