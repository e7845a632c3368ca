"""Marks of the United Kingdom, and the Australian e-mail form that grew out of them.

Sources: Government Security Classifications Policy (gov.uk, August 2024); legacy scheme before April 2014; Australian
Email Protective Marking Standard 2018 (``[SEC=...]``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from detectors.marks.banners import Banner, read
from detectors.marks.regime import Facts, Regime
from detectors.prefilter import Pattern, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

NAME = "uk"
ANCHORS = (
    Pattern(r"O(?:FFICIAL|fficial)\s?[-:/]?\s?S(?:ENSITIVE|ensitive)", 40),
    Pattern(r"UK (?:TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED|OFFICIAL)|UK EYES ONLY", 40),
    Pattern(r"^[^\na-z]{0,12}(?:RESTRICTED|PROTECT)\b", 40),
    Pattern(r"SEC=[A-Za-z]", 40),
)
_TAIL = r"(?P<tail>(?:\s*(?:\[[A-Z ]+\]|UK EYES ONLY|//? ?[A-Z][A-Z -]+|- ?(?:COMMERCIAL|PERSONAL|LOCSEN)))*)"
BANNERS = (
    Banner(
        re.compile(r"\[?SEC=TOP[ -]?SECRET[^\]\n]{0,60}\]", re.IGNORECASE),
        Level.TOP_SECRET,
        "TOP SECRET",
        0.95,
        anywhere=True,
        certain=True,
    ),
    Banner(
        re.compile(r"\[?SEC=SECRET[^\]\n]{0,60}\]", re.IGNORECASE),
        Level.SECRET,
        "SECRET",
        0.95,
        anywhere=True,
        certain=True,
    ),
    Banner(
        re.compile(r"\[?SEC=PROTECTED[^\]\n]{0,60}\]", re.IGNORECASE),
        Level.CONFIDENTIAL,
        "PROTECTED",
        0.95,
        anywhere=True,
        certain=True,
    ),
    Banner(
        re.compile(r"\[?SEC=OFFICIAL:\s?Sensitive[^\]\n]{0,60}\]", re.IGNORECASE),
        Level.INTERNAL,
        "OFFICIAL:Sensitive",
        0.95,
        anywhere=True,
        certain=True,
    ),
    Banner(re.compile(rf"UK TOP SECRET{_TAIL}"), Level.TOP_SECRET, "TOP SECRET", 0.95, anywhere=True),
    Banner(re.compile(rf"(?:UK SECRET{_TAIL})"), Level.SECRET, "SECRET", 0.95, anywhere=True),
    Banner(
        re.compile(r"TOP SECRET\s*[-/ ]{1,3}\s*(?P<tail>UK EYES ONLY)"),
        Level.TOP_SECRET,
        "TOP SECRET",
        0.95,
        anywhere=True,
    ),
    Banner(re.compile(r"SECRET\s*[-/ ]{1,3}\s*(?P<tail>UK EYES ONLY)"), Level.SECRET, "SECRET", 0.95, anywhere=True),
    Banner(re.compile(rf"UK CONFIDENTIAL{_TAIL}"), Level.CONFIDENTIAL, "CONFIDENTIAL", 0.95, anywhere=True),
    Banner(re.compile(rf"UK RESTRICTED{_TAIL}"), Level.INTERNAL, "RESTRICTED", 0.95, anywhere=True),
    Banner(
        re.compile(rf"(?:UK )?OFFICIAL\s?[-:/]?\s?SENSITIVE{_TAIL}"),
        Level.INTERNAL,
        "OFFICIAL-SENSITIVE",
        0.95,
        anywhere=True,
    ),
    Banner(re.compile(r"Official\s?[-:]\s?Sensitive"), Level.INTERNAL, "OFFICIAL-SENSITIVE", 0.85),
    Banner(
        re.compile(r"\b(?:RESTRICTED|PROTECT)(?P<tail>(?: - [A-Z]+)?)(?!\w)"),
        Level.INTERNAL,
        "RESTRICTED",
        0.6,
        prominent=True,
    ),
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners of the current and the legacy scheme."""
    return read(block, windows, BANNERS, NAME, Text("UK", "英国"))


UK = Regime(NAME, ANCHORS, find, frozenset({NAME}))
