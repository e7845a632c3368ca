"""Regimes whose marks are fixed words on a line of their own: one table a regime, read the same way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks import drill
from detectors.marks.spot import PLACES, Spot, lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.levels import Level
    from detectors.block import Block
    from detectors.marks.regime import Facts
    from detectors.offsets import Window

_LOWER = re.compile(r"[a-z]{3,}")
_PARTING = re.compile(r"/{1,2}|\s-|[\[\]:]")
_AROUND = re.compile(
    r"(?:[\W\d_]|\b(?:page|of|copy|draft|v(?=\d)|seite|von|subject|fw|re|betreff|objet)\b)*", re.IGNORECASE
)
_LABELLED = re.compile(
    r"\W{0,4}(?:(?:overall|document|security|protective|information) )?"
    r"(?:classification|marking|sensitivity|handling)(?: level)?\s{0,2}[:=]\s{0,3}",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\W{0,3}(?:(?:subject|re|fwd?|betreff|objet):\s{0,2}){1,3}\W{0,3}", re.IGNORECASE)
_GOES_ON = re.compile(r"\s{0,2}[-–—:|\]]")


def _opens(spot: Spot, before: str, after: str) -> bool:
    """The mark opens a subject, or stands in brackets or before a bar at the head of a title."""
    if _SUBJECT.fullmatch(before):
        return _GOES_ON.match(after) is not None
    bracketed = before.strip() == "[" and after[:1] == "]"
    barred = not before.strip() and after.lstrip()[:1] == "|" and "|" not in after.strip()[1:]
    return bracketed or (barred and spot.prominent)


class Banner(msgspec.Struct, frozen=True):
    """One mark: its pattern (with an optional group ``tail`` for caveats), its level, and how sure a lone line is."""

    pattern: re.Pattern[str]
    level: Level
    original: str
    confidence: float = 0.9
    anywhere: bool = False  # unmistakable: other words may stand on the line, as long as it is no sentence
    certain: bool = False  # a machine-made form: even a sentence around it changes nothing
    prominent: bool = False  # ordinary enough to count only where marks stand
    placed: bool = False  # more ordinary still: only in headers, footers, text boxes, and on the edges of pages

    def misplaced(self, spot: Spot) -> bool:
        """Whether words as ordinary as these stand where they need not be a mark."""
        if self.placed:
            return spot.zone not in PLACES and not spot.edge
        return self.prominent and not spot.prominent


def read(
    block: Block, windows: Sequence[Window], banners: Sequence[Banner], regime: str, title: Text
) -> Iterator[Mark]:
    """The banners of one regime on the lines that touch the windows; the first of the table that fits wins."""
    for start, end in lines(block, windows):
        low = start
        for cell in block.text[start:end].split("\t"):
            mark = _first(block, low, cell, banners, regime, title)
            if mark:
                yield mark
            low += len(cell) + 1


def _first(block: Block, low: int, cell: str, banners: Sequence[Banner], regime: str, title: Text) -> Mark | None:
    for banner in banners:
        match = banner.pattern.search(cell)
        if not match:
            continue
        before, after, _ = drill.without(cell[: match.start()], cell[match.end() :])
        spot = Spot(block, low + match.start(), low + match.end())
        labelled = _LABELLED.fullmatch(before) is not None
        if labelled or _opens(spot, before, after):
            before = ""
            after = after if labelled else ""
        alone = _AROUND.fullmatch(before) and _AROUND.fullmatch(after) and len(before) <= 24 and len(after) <= 24
        where = spot.where
        reason = Text(
            f"{title.en} mark “{banner.original}” at {where}",
            f"{title.zh}密级“{banner.original}”，位于{place(where, 'zh')}",
        )
        outcome = Outcome.FOREIGN
        if not alone:
            if not banner.anywhere:
                return None
            if not banner.certain and (_LOWER.search(before + after) or len(before + after) > 80):
                outcome = Outcome.MENTION
        elif not labelled and (banner.misplaced(spot) or (not banner.anywhere and after[:1] == ",")):
            return None  # a word that stands there for itself, or one of a list
        tail = match["tail"] if "tail" in banner.pattern.groupindex else None
        parts = tail.split(",") if tail and "=" in tail else _PARTING.split(tail or "")
        caveats = [part for each in parts if (part := each.strip(" -,]"))]
        original = match["word"] if "word" in banner.pattern.groupindex else banner.original
        sure = banner.confidence if outcome.is_mark else 0.5
        return spot.mark(regime, banner.level, outcome, reason, original=original, caveats=caveats, confidence=sure)
    return None


def cancelled(marks: list[Mark], facts: Facts, regime: str) -> list[Mark]:
    """Marks of a regime after a declassification stamp: they stay visible and raise nothing."""
    return [
        msgspec.structs.replace(
            mark,
            outcome=Outcome.CANCELLED,
            reason=Text(
                mark.reason.en + "; the document carries a declassification stamp", mark.reason.zh + "；文件上有解密章"
            ),
        )
        if mark.regime == regime and mark.outcome.is_mark and regime in facts.document(mark.where).stamps
        else mark
        for mark in marks
    ]
