"""Marks of the United Kingdom: the three tiers with their caveats, -SENSITIVE, and the scheme before April 2014.

Source: Government Security Classifications Policy and its guidance on descriptors and handling (gov.uk, August 2024).
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

NAME = "uk"
ANCHORS = (
    Pattern(r"O(?:FFICIAL|fficial)\s?[-:/]?\s?S(?:ENSITIVE|ensitive)", 40),
    Pattern(r"UK (?:TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED|OFFICIAL)|UK EYES ONLY", 40),
    Pattern(r"^[^\na-z]{0,12}(?:RESTRICTED|PROTECT)\b", 40),
    Pattern(r"(?:SECRET|CONFIDENTIAL)[ /:-]{1,4}[A-Z/]{2,20} EYES ONLY", 60),
    Pattern(r"SECRET[ /:-]{1,4}STRAP", 24),
)
# descriptors, national caveats, handling instructions, code words
_TAIL = (
    r"(?P<tail>(?:\s{0,3}(?:\[[A-Z][A-Z ,&-]{0,40}\]|(?:[-:/]|//)?\s?UK EYES ONLY|(?:[-:/]|//)\s?"
    r"(?:COMMERCIAL|PERSONAL(?: DATA)?|LOCSEN|MARKET SENSITIVE|LEGAL(?:LY)?(?: PRIVILEGED?)?|HR|STAFF|INVESTIGATION"
    r"|RECIPIENTS? ONLY|ORGANISATIONAL USE ONLY|NO CIRCULATION|HMG USE ONLY|EMBARGOED|DISSEMINATION(?: LIMITED)?"
    r"|FOR PUBLIC RELEASE|[A-Z]{2,4}(?:/[A-Z]{2,4}){0,4} EYES ONLY))){0,4})"
)
_EYES = r"\s?(?:[-:/]|//)?\s?(?P<tail>(?:UK|[A-Z]{2,4}(?:/[A-Z]{2,4}){1,4}) EYES ONLY)"


def _tier(word: str, level: Level) -> tuple[Banner, Banner]:
    """A tier with the national prefix, and without it but with a national caveat; alone it is read as another's."""
    return (
        Banner(re.compile(rf"\bUK {word}\b{_TAIL}"), level, word, 0.95, anywhere=True),
        Banner(re.compile(rf"(?<![A-Z] )(?<![A-Z]){word}{_EYES}"), level, word, 0.95, anywhere=True),
    )


BANNERS = (
    Banner(
        re.compile(r"\bTOP SECRET[ /:-]{1,4}(?P<tail>STRAP\s?[123](?:[ /:-]{1,4}UK EYES ONLY)?)"),
        Level.TOP_SECRET,
        "TOP SECRET",
        0.95,
        anywhere=True,
    ),
    Banner(
        re.compile(r"(?<!TOP )\bSECRET[ /:-]{1,4}(?P<tail>STRAP\s?[123](?:[ /:-]{1,4}UK EYES ONLY)?)"),
        Level.SECRET,
        "SECRET",
        0.95,
        anywhere=True,
    ),
    *_tier("TOP SECRET", Level.TOP_SECRET),
    *_tier("SECRET", Level.SECRET),
    *_tier("CONFIDENTIAL", Level.CONFIDENTIAL),
    Banner(re.compile(rf"\bUK RESTRICTED\b{_TAIL}(?! ?[A-Z]{{3}})"), Level.INTERNAL, "RESTRICTED", 0.95, anywhere=True),
    Banner(
        re.compile(rf"(?:UK )?OFFICIAL\s?[-:/]?\s?SENSITIVE\b{_TAIL}"),
        Level.INTERNAL,
        "OFFICIAL-SENSITIVE",
        0.95,
        anywhere=True,
    ),
    Banner(
        re.compile(r"\bOfficial\s?[-: ]\s?Sensitive\b(?P<tail>(?:\s?[-:\[]\s?[A-Z][a-z]{2,12}\]?)?)"),
        Level.INTERNAL,
        "OFFICIAL-SENSITIVE",
        0.85,
    ),
    Banner(
        re.compile(
            r"\b(?P<word>RESTRICTED|PROTECT)(?P<tail>(?:\s?-\s?(?:(?:PERSONAL|PRIVATE) DATA|[A-Z]{3,16})"
            r"(?: AND [A-Z]{3,16})?)?)(?!\w|-)"
        ),
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
