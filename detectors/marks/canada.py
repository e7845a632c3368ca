"""Marks of Canada that no other country prints: PROTECTED A, B and C, in either language.

Source: Directive on Security Management, appendix J: Standard on Security Categorization. The words SECRET and TOP
SECRET are read with those of the United States.
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

NAME = "ca"
ANCHORS = (Pattern(r"P(?:ROT(?:ECTED|EGE|ÉGÉ)|rot(?:ected|ege|égé))[\s-]{1,3}[\"“«]?[ABC]\b", 40),)
# forms that become so once they are filled in carry the mark from the start
_COMPLETED = r"(?:\s{0,2}\(?(?i:when completed|once completed|une fois rempli)\)?)?"


def _banner(letter: str, level: Level) -> Banner:
    one = rf"P(?:ROT(?:ECTED|EGE|ÉGÉ)|rot(?:ected|ege|égé))[\s-]{{1,3}}[\"“«]?{letter}\b[\"”»]?{_COMPLETED}"
    return Banner(re.compile(rf"{one}(?:\s?[/|-]\s?{one})?"), level, f"PROTECTED {letter}", 0.9)


BANNERS = (_banner("C", Level.CONFIDENTIAL), _banner("B", Level.CONFIDENTIAL), _banner("A", Level.INTERNAL))


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners of the three grades."""
    return read(block, windows, BANNERS, NAME, Text("Canadian", "加拿大"))


CANADA = Regime(NAME, ANCHORS, find, frozenset({NAME}))
