"""Marks of NATO: COSMIC TOP SECRET to NATO RESTRICTED, in both languages, with ATOMAL, BOHEMIA and BALK.

Sources: C-M(2002)49-REV1 and AC/35-D/2002-REV4 (markings; declassified papers keep the old mark under a new line).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks.banners import Banner, cancelled, read
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import Spot, lines
from detectors.offsets import Window
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

NAME = "nato"
ANCHORS = (
    Pattern(
        r"(?:NATO|OTAN|COSMIC|[IKS]FOR|ISAF|/[A-Z]{2,6}|/PfP)\s{1,2}(?:TOP |TR[EÈ]S )?"
        r"(?:SECRET|CONFIDENTIAL|CONFIDENTIEL|RESTRICTED|DIFFUSION)"
        r"|(?:SECRET|CONFIDENTIEL|RESTREINTE)\s{1,2}OTAN",
        60,
    ),
    Pattern(r"\((?:CTS|NS|NC|NR)(?:-A)?(?://[A-Z]{2,10})?\)", 20),
    Pattern(r"DECLASSIFI(?:ED|E|É)", 16),
)
_WITH = r"(?:/(?:[A-Z]{2,6}|PfP)){0,2}"  # partners: NATO/EAPC RESTRICTED
_MISSION = r"\b(?:[IKS]FOR|ISAF)"  # the forces that NATO leads mark so
_TAIL = r"(?P<tail>(?:(?://?| |-| - )(?:ATOMAL|BOHEMIA|BALK|RELEASABLE TO [A-Z, ]+|REL [A-Z, ]+|[A-Z]{3,10}(?= ?$)))*)"
BANNERS = (
    Banner(
        re.compile(rf"(?://)?COSMIC (?:TOP|TR[EÈ]S) SECRET(?![A-Z]){_TAIL}"),
        Level.TOP_SECRET,
        "COSMIC TOP SECRET",
        0.97,
        anywhere=True,
    ),
    Banner(
        re.compile(rf"(?://)?(?:(?:NATO{_WITH}|{_MISSION})\s{{1,3}}SECRET|OTAN SECRET|SECRET OTAN)(?![A-Z]){_TAIL}"),
        Level.SECRET,
        "NATO SECRET",
        0.97,
        anywhere=True,
    ),
    Banner(
        re.compile(
            rf"(?://)?(?:(?:NATO{_WITH}|{_MISSION})\s{{1,3}}CONFIDENTI(?:AL|EL)|CONFIDENTIEL OTAN|OTAN CONFIDENTIEL)"
            rf"(?![A-Z]){_TAIL}"
        ),
        Level.CONFIDENTIAL,
        "NATO CONFIDENTIAL",
        0.97,
        anywhere=True,
    ),
    Banner(
        re.compile(
            rf"(?://)?(?:(?:NATO{_WITH}|{_MISSION})\s{{1,3}}RESTRICTED"
            rf"|(?:OTAN|NATO) DIFFUSION RESTREINTE|DIFFUSION RESTREINTE OTAN){_TAIL}"
        ),
        Level.INTERNAL,
        "NATO RESTRICTED",
        0.97,
        anywhere=True,
    ),
)
PORTIONS = {"CTS": Level.TOP_SECRET, "NS": Level.SECRET, "NC": Level.CONFIDENTIAL, "NR": Level.INTERNAL}
_PORTION = re.compile(
    r"^\W*(?:\d{1,3}[.)]\s*|[a-z][.)]\s*)?\((?P<level>CTS|NS|NC|NR)(?P<tail>(?:-A)?(?://[A-Z]{2,10})?)\)\s+\S.{15,}"
)
_PUBLIC = re.compile(r"^\W*DECLASSIFI(?:ED|E|É)\b.*(?:DECLASSIFI|PUBLIC|LECTURE)")


def find(block: Block, windows: Sequence[Window], facts: Facts) -> Iterator[Mark]:
    """Banners and portion marks; the line that makes a paper public is noted."""
    yield from read(block, windows, BANNERS, NAME, Text("NATO", "北约"))
    for start, end in lines(block, windows):
        line = block.text[start:end]
        if _PUBLIC.match(line) and Spot(block, start, end).prominent:
            facts.document(block.where(start)).stamps |= {NAME, "us"}
        if match := _PORTION.match(line):
            if match["level"] == "NR" and not match["tail"]:
                continue  # also a key in indexes; met too often
            spot = Spot(block, start + match.start("level") - 1, start + match.end("tail") + 1)
            where = block.where(start)
            reason = Text(f"NATO portion mark {spot.text} at {where}", f"北约段落密级标记 {spot.text}")
            yield spot.mark(
                NAME, PORTIONS[match["level"]], Outcome.FOREIGN, reason, original=match["level"], confidence=0.7
            )


def settle(marks: list[Mark], facts: Facts) -> list[Mark]:
    """Declassified papers keep their old marks."""
    return cancelled(marks, facts, NAME)


NATO = Regime(NAME, ANCHORS, find, frozenset({NAME}), settle)
