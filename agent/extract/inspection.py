"""Detection inside the worker, so that text never leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from config.levels import Level
from config.verdict import Finding, Mark, Segment

_AT_ONCE = 16 * 2**20  # characters; more are judged piece by piece, so that memory stays bounded


_Item = TypeVar("_Item", Mark, Finding)


class Found(Protocol):
    """What an engine says of some segments."""

    level: Level
    marks: tuple[Mark, ...]
    mentions: tuple[Mark, ...]
    findings: tuple[Finding, ...]


class Engine(Protocol):
    """Rules made ready."""

    def inspect(self, segments: list[Segment], today: date) -> Found:
        """Judge the segments of one document."""


class Judgement(msgspec.Struct, frozen=True):
    """What is known of one file's text."""

    level: Level = Level.PUBLIC
    marks: tuple[Mark, ...] = ()
    mentions: tuple[Mark, ...] = ()
    findings: tuple[Finding, ...] = ()


class Inspector:
    """An engine for files of any length."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def inspect(self, segments: Iterable[Segment], today: date) -> Judgement:
        """Judge one file. Text beyond ``_AT_ONCE`` characters is judged in pieces and the judgements are joined."""
        whole = Judgement()
        base = 0
        for piece in _pieces(segments):
            found = self._engine.inspect(piece, today)
            whole = Judgement(
                max(whole.level, found.level),
                whole.marks + tuple(_shift(mark, base) for mark in found.marks),
                whole.mentions + tuple(_shift(mark, base) for mark in found.mentions),
                _join(whole.findings, tuple(_shift(finding, base) for finding in found.findings)),
            )
            base += len(piece)
        return whole


def load(rules: tuple[str, ...] | None, key: bytes, exam_level: Level) -> Inspector:
    """The engine with these rule files, or with the shipped ones; used once, so that it opens no file later.

    Raises:
        RuleError: a rule file is wrong.
    """
    from detectors.engine import Engine as RuleEngine
    from detectors.ruleset import load_rules

    loaded = load_rules(None if rules is None else [Path(rule) for rule in rules], verify=False)
    inspector = Inspector(RuleEngine(loaded, key, exam_level=exam_level))
    inspector.inspect([Segment(_WARM, "")], date(2026, 1, 1))
    return inspector


# One of everything whose validator may load tables when first asked.
_WARM = """机密★10年 身份证号：11010519491231002X 统一社会信用代码：91350100M000100Y43 银行卡号：6222021234567890128
手机：13800138000 电话：010-62345678 车牌号：京A12345 护照号：E12345678 IBAN: GB82WEST12345698765432 SSN: 078-05-1120
E-mail: a@example.com IP: 192.168.0.1 TOP SECRET//SI//NOFORN OFFICIAL-SENSITIVE NATO SECRET EU RESTRICTED
工资 8,000.00 元 password = "correct horse battery staple" AKIAIOSFODNN7EXAMPLE 商业秘密 内部资料 考试试卷 绝密★启用前"""


def _pieces(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    piece: list[Segment] = []
    held = 0
    for segment in segments:
        piece.append(segment)
        held += len(segment.text)
        if held > _AT_ONCE:
            yield piece
            piece, held = [], 0
    if piece:
        yield piece


def _shift(item: _Item, base: int) -> _Item:
    return msgspec.structs.replace(item, segment=item.segment + base) if base else item


def _join(earlier: tuple[Finding, ...], later: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """One finding a rule: the first place stays, counts add up, the best confidence holds."""
    if not earlier:
        return later
    joined = {finding.rule: finding for finding in earlier}
    for finding in later:
        first = joined.get(finding.rule)
        joined[finding.rule] = (
            finding
            if first is None
            else msgspec.structs.replace(
                first,
                count=first.count + finding.count,
                level=max(first.level, finding.level),
                confidence=max(first.confidence, finding.confidence),
            )
        )
    return tuple(joined.values())
