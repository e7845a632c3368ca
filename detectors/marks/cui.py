"""Controlled unclassified information of the United States, and the older FOR OFFICIAL USE ONLY.

Sources: 32 CFR 2002; CUI Marking Handbook v1.1 (banner, categories, limited dissemination); DoDM 5200.01 vol. 4 (FOUO).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome, Zone
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import Spot, lines
from detectors.prefilter import Pattern, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

NAME = "cui"
ANCHORS = (
    Pattern(r"UNCLASSIFIED\s{0,2}/|FOR OFFICIAL USE ONLY|\bFOUO\b|LIMITED OFFICIAL USE|SENSITIVE BUT UNCLASSIFIED", 40),
    Pattern(r"^[^\na-z]{0,12}(?:CUI|CONTROLLED)\b", 40),
    Pattern(r"\((?:U//FOUO|CUI(?://[A-Z][A-Z /-]{0,40})?)\)", 64),
)
LONGEST = 240  # characters of a banner with all its categories, or of the start of a paragraph that is looked at
_CUI = re.compile(
    r"[\W_]{0,6}(?P<mark>(?:CUI|CONTROLLED)(?P<tail>(?://?[A-Z][A-Z0-9-]*(?: [A-Z]{2,5})?(?:, ?[A-Z]{3,4})*)*))"
    r"[\W_]*(?:page|Page|PAGE)?[\W\d_]*"
)
_UNCLASSIFIED = re.compile(
    r"[\W_]{0,6}(?P<mark>(?:UNCLASSIFIED|U)\s{0,2}/{1,2}\s{0,2}(?:FOUO|FOR OFFICIAL USE ONLY|LES|SBU|SSI|NOFORN)"
    r"|FOUO|FOR OFFICIAL USE ONLY|LIMITED OFFICIAL USE|SENSITIVE BUT UNCLASSIFIED|SBU)[\W\d_]*"
)
_PORTION = re.compile(
    r"^\W*(?:\d{1,3}(?:\.\d{1,2}){0,3}|[a-z])?[.)]?\s{0,4}\((?P<mark>U//FOUO|CUI(?://[A-Z /-]+)?)\)\s+\S"
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners that have a line or cell to themselves, and portion marks at the start of a paragraph."""
    for start, end in lines(block, windows):
        low = start
        for cell in block.text[start:end].split("\t"):
            if mark := _cell(block, low, cell[:LONGEST]):
                yield mark
            low += len(cell) + 1


def _cell(block: Block, low: int, cell: str) -> Mark | None:
    if cell.rstrip().endswith(","):  # a word of a list
        return None
    if match := _UNCLASSIFIED.fullmatch(cell):
        fouo = "FOUO" in match["mark"] or "OFFICIAL USE ONLY" in match["mark"]
        return _mark(block, low, match, "FOUO" if fouo else match["mark"], 0.9)
    if match := _CUI.fullmatch(cell):
        spot = Spot(block, low + match.start("mark"), low + match.end("mark"))
        if match["mark"] == "CONTROLLED" and (not spot.prominent or spot.zone is Zone.CELL):
            return None  # an ordinary word outside the places of marks
        return _mark(block, low, match, "CUI", 0.95 if match["tail"] else 0.8)
    if match := _PORTION.match(cell):
        return _mark(block, low, match, "CUI" if match["mark"].startswith("CUI") else "FOUO", 0.8)
    return None


def _mark(block: Block, low: int, match: re.Match[str], original: str, confidence: float) -> Mark:
    spot = Spot(block, low + match.start("mark"), low + match.end("mark"))
    where = block.where(spot.start)
    reason = Text(
        f"controlled unclassified information “{spot.text}” at {where}",
        f"美国受控非密信息标志“{spot.text}”，位于{place(where, 'zh')}",
    )
    caveats = [part for part in spot.text.split("/")[1:] if part]
    return spot.mark(
        NAME, Level.INTERNAL, Outcome.FOREIGN, reason, original=original, caveats=caveats, confidence=confidence
    )


CUI = Regime(NAME, ANCHORS, find, frozenset({NAME}))
