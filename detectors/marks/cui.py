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
from detectors.marks.spot import PLACES, Spot, lines
from detectors.offsets import Window
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

NAME = "cui"
ANCHORS = (
    Pattern(r"UNCLASSIFIED\s{0,2}/|OFFICIAL USE ONLY|\bFOUO\b|LIMITED OFFICIAL USE|SENSITIVE BUT UNCLASSIFIED", 40),
    Pattern(r"LAW ENFORCEMENT SENSITIVE|SENSITIVE SECURITY INFORMATION|^[^\na-z]{0,12}(?:SBU|LES|SSI)\b", 60),
    Pattern(r"CUI C(?:ategory|ATEGORY)(?:\(ies\)|/ies)?\s{0,2}:", 40),
    Pattern(r"(?:DISTRIBUTION STATEMENT|Distribution Statement)\s{1,2}[B-F]\b", 60),
    Pattern(r"^[^\na-z]{0,12}(?:CUI|CONTROLLED)\b", 48),
    Pattern(r"\((?:U//(?:FOUO|LES|SBU|SSI)|CUI(?://[A-Z][A-Z /-]{0,40})?)\)", 64),
)
LONGEST = 240  # characters of a banner with all its categories, or of the start of a paragraph that is looked at
_ENTRY = r"[A-Z][A-Z0-9-]{0,20}(?: [A-Z0-9]{1,13}){0,3}(?:, ?[A-Z]{3,4}){0,20}"
_CUI = re.compile(
    rf"[\W_]{{0,6}}(?P<mark>(?:CUI|CONTROLLED(?: UNCLASSIFIED INFORMATION)?)(?P<tail>(?://?{_ENTRY}){{0,20}}))"
    r"[\W_]*(?:when (?:filled in|completed))?[\W_]*(?:page|Page|PAGE)?[\W\d_]*(?:of[\W\d_]*)?"
)
_TITLED = re.compile(
    r"(?:\W{0,3}(?:Subject|SUBJECT|RE|Re|FW|Fwd):\s{0,2})?"
    r"\[(?P<mark>CUI(?P<tail>(?://?[A-Z][A-Z0-9 /-]{1,40})?))\]\s+\S"
)
_ONLY = r"(?:FOUO|FOR OFFICIAL USE ONLY|LES|LAW ENFORCEMENT SENSITIVE|SBU|SSI|NOFORN|CUI|LIMDIS|REL TO [A-Z, ]{3,60})"
_UNCLASSIFIED = re.compile(
    r"[\W_]{0,6}(?P<mark>(?:UNCLASSIFIED|U)\s{0,2}/{1,2}\s{0,2}"
    rf"{_ONLY}(?:\s?/{{1,2}}\s?{_ONLY}){{0,3}}"
    r"|FOUO|(?:FOR )?OFFICIAL USE ONLY|LIMITED OFFICIAL USE|SENSITIVE BUT UNCLASSIFIED|LAW ENFORCEMENT SENSITIVE"
    r"|SENSITIVE SECURITY INFORMATION|(?P<short>SBU|LES|SSI))[\W\d_]*"
)
_CATEGORY = re.compile(r"^\W{0,4}(?P<mark>CUI C(?:ategory|ATEGORY)(?:\(ies\)|/ies)?\s{0,2}:\s{0,2}[^\s_\[].{0,60})")
# A is public; the others limit who may have it (DoDI 5230.24)
_STATEMENT = re.compile(
    r"^\W{0,4}(?P<mark>(?:DISTRIBUTION STATEMENT|Distribution Statement)\s{1,2}(?P<letter>[B-F]))"
    r"(?=[.:]\s{1,3}(?:DISTRIBUTION|Distribution|FURTHER|Further)|\W{0,4}$)"
)
_LEAD = r"^\W*(?:\d{1,3}(?:\.\d{1,2}){0,3}|[a-z])?[.)]?\s{0,4}"
_CUI_PORTION = re.compile(rf"{_LEAD}\((?P<mark>CUI(?://[A-Z /-]+)?)\)\s+\S")
_FOUO_PORTION = re.compile(rf"{_LEAD}\((?P<mark>U//(?:FOUO|LES|SBU|SSI))\)\s+\S")


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
    for pattern, name, confidence in _READINGS:
        if match := pattern(cell):
            spot = Spot(block, low + match.start("mark"), low + match.end("mark"))
            word, tail = match["mark"], match.groupdict().get("tail")
            short = match.groupdict().get("short")
            ordinary = (word.startswith("CONTROLLED") and not tail) or short
            if short and short != "SBU" and spot.zone not in PLACES and not spot.edge:
                return None  # also articles, names and offices
            if ordinary and (not spot.prominent or spot.zone is Zone.CELL):
                return None  # words and letters that stand for much else, outside the places of marks
            named = name == "CUI" or "FOUO" in word or "OFFICIAL USE ONLY" in word
            return _mark(spot, name if named else word, 0.95 if tail else confidence)
    return None


# how a cell is read, what the mark is called where it has no name of its own, how sure one may be
_READINGS = (
    (_STATEMENT.match, "", 0.85),
    (_CATEGORY.match, "CUI", 0.9),
    (_UNCLASSIFIED.fullmatch, "FOUO", 0.9),
    (_CUI.fullmatch, "CUI", 0.8),
    (_TITLED.match, "CUI", 0.85),
    (_CUI_PORTION.match, "CUI", 0.8),
    (_FOUO_PORTION.match, "FOUO", 0.8),
)


def _mark(spot: Spot, original: str, confidence: float) -> Mark:
    where = spot.where
    reason = Text(
        f"controlled unclassified information “{spot.text}” at {where}",
        f"美国受控非密信息标志“{spot.text}”，位于{place(where, 'zh')}",
    )
    caveats = [part for part in spot.text.split("/")[1:] if part]
    return spot.mark(
        NAME, Level.INTERNAL, Outcome.FOREIGN, reason, original=original, caveats=caveats, confidence=confidence
    )


CUI = Regime(NAME, ANCHORS, find, frozenset({NAME}))
