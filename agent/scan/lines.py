"""Verdicts and texts as JSON lines: the shapes that other programs read."""

from __future__ import annotations

import json
from typing import Any

from config.verdict import Coverage, Finding, Mark, Segment, Verdict


def encode(line: dict[str, Any]) -> bytes:
    """One line of JSON; names that are not UTF-8 keep their bytes."""
    return json.dumps(line, ensure_ascii=False, separators=(", ", ": ")).encode("utf-8", "surrogateescape") + b"\n"


def verdict_line(verdict: Verdict) -> dict[str, Any]:
    """One file of `shoumi scan`."""
    line = {
        "path": verdict.path,
        "status": verdict.status,
        "level": verdict.level.id,
        "media_type": verdict.media_type,
        "size": verdict.size,
        "sha256": verdict.sha256,
        "marks": [mark_line(mark) for mark in verdict.marks],
        "mentions": [mark_line(mark) for mark in verdict.mentions],
        "findings": [finding_line(finding) for finding in verdict.findings],
        "notes": [{"en": note.en, "zh": note.zh} for note in verdict.notes],
        "coverage": coverage_line(verdict.coverage),
        "ms": round(verdict.ms, 1),
    }
    return line | ({"error": verdict.error} if verdict.error else {})


def mark_line(mark: Mark) -> dict[str, Any]:
    """A mark, or a mention of one."""
    return {
        "regime": mark.regime,
        "level": mark.level.id,
        "original": mark.original,
        "term": mark.term,
        "condition": mark.condition,
        "dated": mark.dated,
        "expires": mark.expires,
        "caveats": list(mark.caveats),
        "outcome": str(mark.outcome),
        "text": mark.text,
        "where": mark.where,
        "confidence": round(mark.confidence, 2),
        "reason": {"en": mark.reason.en, "zh": mark.reason.zh},
    }


def finding_line(finding: Finding) -> dict[str, Any]:
    """The hits of one rule."""
    line = {
        "rule": finding.rule,
        "name": {"en": finding.name.en, "zh": finding.name.zh},
        "level": finding.level.id,
        "count": finding.count,
        "about": finding.about,
        "confidence": round(finding.confidence, 2),
        "where": finding.where,
        "excerpt": finding.excerpt,
        "digest": finding.digest,
        "reason": {"en": finding.reason.en, "zh": finding.reason.zh},
    }
    return line | ({"corrected": finding.corrected} if finding.corrected else {})


def coverage_line(coverage: Coverage) -> dict[str, Any]:
    """How much was read."""
    return {"inspected": coverage.inspected, "partly": coverage.partly, "reasons": list(coverage.reasons)}


def text_line(path: str, media_type: str, segments: tuple[Segment, ...], coverage: Coverage) -> dict[str, Any]:
    """One file of `shoumi extract`."""
    parts = [{"where": segment.where, "text": segment.text} for segment in segments]
    return {"path": path, "media_type": media_type, "parts": parts, "coverage": coverage_line(coverage)}


def hit_line(
    name: Any, findings: tuple[Finding, ...], marks: tuple[Mark, ...], mentions: tuple[Mark, ...]
) -> dict[str, Any]:
    """One text of `shoumi detect`; offsets are characters."""
    return {
        "id": name,
        "findings": [finding_line(hit) | {"start": hit.start, "end": hit.end} for hit in findings],
        "marks": [mark_line(mark) | {"start": mark.start, "end": mark.end} for mark in marks],
        "mentions": [mark_line(mark) | {"start": mark.start, "end": mark.end} for mark in mentions],
    }
