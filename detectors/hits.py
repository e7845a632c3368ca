"""From a place where a rule may match to a hit: the exact pattern, filters, the validator, the score."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec

from config.text import Text
from detectors.filters import FILTERS
from detectors.normal import Normal
from detectors.numbers import validator
from detectors.prefilter import LIMIT, Pattern
from detectors.score import Surroundings, together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import regex

    from config.rules import Rule
    from detectors.block import Block
    from detectors.offsets import Window

LOOK = 64  # characters a look-ahead may need beyond a window


class Hit(msgspec.Struct, frozen=True):
    """One place where a rule holds; the span is in the block's plain text."""

    rule: Rule
    block: Block
    start: int
    end: int
    score: float
    plain: str  # the value in the form in which equal values are equal
    reasons: tuple[Text, ...]
    excerpt: str | None = None  # what may be shown of it; none: the value with its middle hidden

    @property
    def reason(self) -> Text:
        """All reasons in one sentence."""
        return together(self.reasons)


class Searcher:
    """One rule, compiled."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.anchors = tuple(
            Pattern(source, rule.longest, rule.caseless, anchor)
            for source, anchor in zip_longest(rule.patterns, rule.anchors, fillvalue="")
        )
        self._compiled: dict[Pattern, regex.Pattern[str]] = {}  # when first needed: most never are, and it takes time
        self._filters = [FILTERS[name] for name in rule.filters]
        self._check = validator(rule.validator) if rule.validator else None
        self._surroundings = Surroundings(rule.context)

    def find(
        self, block: Block, pattern: Pattern, windows: Sequence[Window], today: date, seen: set[Window]
    ) -> Iterator[Hit]:
        """The hits of one pattern within its windows.

        A pattern may name a group ``hit``; then only that part is the hit. What another pattern of the rule has
        ``seen`` in this block is not judged again.

        Raises:
            TimeoutError: the pattern took longer than ``prefilter.LIMIT``.
        """
        exact, text = self._compiled.get(pattern), block.text
        if exact is None:
            exact = self._compiled[pattern] = pattern.compile()
        group: str | int = "hit" if "hit" in exact.groupindex else 0
        for low, high in windows:
            for match in exact.finditer(text, low, min(high + LOOK, len(text)), timeout=LIMIT):
                if match.start() >= high:
                    break
                start, end = match.span(group)
                if end > start and (start, end) not in seen and block.owns(start, end):
                    seen.add((start, end))
                    yield from self._hit(block, start, end, today)

    def _hit(self, block: Block, start: int, end: int, today: date) -> Iterator[Hit]:
        text, rule = block.text, self.rule
        value = text[start:end]
        check = self._check(value, today) if self._check else None
        if self._check and check is None:  # asked first, for it drops most
            return
        if any(drop(text, start, end) for drop in self._filters):
            return
        scored = self._surroundings.score(rule.confidence.base, check, text, start, end, lambda: _head(block, start))
        if scored.score >= rule.confidence.threshold:
            yield Hit(rule, block, start, end, scored.score, check.plain if check else value, scored.reasons)


def _head(block: Block, start: int) -> str:
    """The head of the column in which a hit stands, as it is read."""
    piece, offset, _ = block.locate(start, start + 1)
    head = block.columns.head(piece.segment, offset)
    return Normal(head).text if head else ""


def strongest(hits: Sequence[Hit]) -> list[Hit]:
    """Of hits that overlap, the surest; of equals, the longer, then the rule that stands first."""
    kept: list[Hit] = []
    ranked = sorted(enumerate(hits), key=lambda pair: (-pair[1].score, pair[1].start - pair[1].end, pair[0]))
    taken = bytearray()
    for _, hit in ranked:
        if len(taken) < hit.end:
            taken.extend(bytes(hit.end - len(taken)))
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
            kept.append(hit)
    kept.sort(key=lambda hit: hit.start)
    return kept
