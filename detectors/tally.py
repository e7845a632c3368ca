"""Hits gathered into findings: one a rule for a file, or one a hit for a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.text import Text
from config.verdict import Finding
from detectors import mask

if TYPE_CHECKING:
    from detectors.corrections import Correction
    from detectors.hits import Hit

VALUES = 10_000  # different values of a rule that are told apart; beyond that only hits are counted
MOST = 100_000  # findings kept when each hit is one


class Tally:
    """Findings as they come in."""

    def __init__(self, key: bytes, *, grouped: bool = True) -> None:
        self._key = key
        self._grouped = grouped
        self._findings: list[Finding] = []
        self._at: dict[str, int] = {}
        self._values: dict[str, set[str]] = {}
        self._limits: dict[str, tuple[Level, int]] = {}

    def add(self, hit: Hit, correction: Correction | None = None) -> None:
        """Count a hit; the first of a rule is the one that is shown. Corrected ones are counted by themselves."""
        rule = hit.rule
        key = f"{rule.id}\0{correction.id}" if correction else rule.id
        self._limits[rule.id] = (rule.level, rule.raises_from)
        values = self._values.setdefault(key, set())
        if len(values) < VALUES:
            values.add(hit.plain)
        at = self._at.get(key)
        if at is not None and self._grouped:
            old = self._findings[at]
            better = hit.score > old.confidence
            self._findings[at] = msgspec.structs.replace(
                old,
                count=old.count + 1,
                confidence=max(hit.score, old.confidence),
                reason=hit.reason if better and correction is None else old.reason,
            )
            return
        if len(self._findings) < MOST:
            self._at[key] = len(self._findings)
            finding = _finding(hit, self._key)
            self._findings.append(_corrected(finding, correction) if correction else finding)

    def findings(self) -> tuple[Finding, ...]:
        """All findings, each with the level it gives."""
        return tuple(self._weigh(finding) for finding in self._findings)

    def _weigh(self, finding: Finding) -> Finding:
        if finding.corrected:
            return finding
        level, least = self._limits[finding.rule]
        if len(self._values[finding.rule]) >= least:
            return msgspec.structs.replace(finding, level=level)
        note = Text(
            f"; fewer than {least} different ones, so the level is not raised", f"；不足{least}个不同值，不提高密级"
        )
        reason = Text(finding.reason.en + note.en, finding.reason.zh + note.zh)
        return msgspec.structs.replace(finding, level=Level.PUBLIC, reason=reason)


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
        excerpt=mask.excerpt(piece.segment.text, start, end),
        digest=mask.digest(key, hit.rule.id, hit.plain),
        reason=hit.reason,
        segment=piece.index,
        start=start,
        end=end,
    )
