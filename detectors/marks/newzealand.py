"""Marks of New Zealand that no other country prints: IN-CONFIDENCE, SENSITIVE, and their endorsements.

Source: New Zealand Government Security Classification System (Protective Security Requirements). RESTRICTED,
CONFIDENTIAL, SECRET and TOP SECRET are read with those of the United Kingdom and the United States.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from detectors.marks.banners import Banner, read
from detectors.marks.regime import Facts, Regime
from detectors.offsets import Window
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

NAME = "nz"
ANCHORS = (
    Pattern(r"^[^\na-z]{0,12}(?:[A-Z]+[ -])?IN[ -]CONFIDENCE\b", 60),
    Pattern(r"^[^\na-z]{0,12}SENSITIVE\b", 40),
    Pattern(r"NZEO\b", 16),
)
_TAIL = r"(?P<tail>(?:\s?(?:[:/-]|//)\s?[A-Z][A-Z &]{2,30}){0,3})"
_GROUND = r"(?:POLICY|STAFF|MEDICAL|BUDGET|LEGAL|COMMITTEE|EVALUATIVE|CABINET|CLIENT|HONOURS)"
BANNERS = (
    Banner(
        re.compile(rf"(?:{_GROUND}[ -])?IN[ -]CONFIDENCE(?![\w-]){_TAIL}"),
        Level.INTERNAL,
        "IN-CONFIDENCE",
        0.75,
        prominent=True,
    ),
    Banner(re.compile(r"RESTRICTED\s?//?\s?(?P<tail>NZEO)\b"), Level.INTERNAL, "RESTRICTED", 0.95, anywhere=True),
    Banner(re.compile(rf"(?<![-A-Z])SENSITIVE(?![\w-]){_TAIL}"), Level.INTERNAL, "SENSITIVE", 0.6, placed=True),
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners of the two lower grades."""
    return read(block, windows, BANNERS, NAME, Text("New Zealand", "新西兰"))


NEW_ZEALAND = Regime(NAME, ANCHORS, find, frozenset({NAME}))
