"""Levels that stand below each other in order, one a line: a list of what there is, not the marks of a document.

Law texts, courses and forms print them so; a register of documents does not keep them in order without a gap.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.marks.spot import Spot

RUNGS = 3  # so many neighbouring levels in order make a list
REACH = 240  # characters looked at above and below
_CHINESE = ("绝密", "机密", "秘密", "敏感", "内部", "公开")
_ENGLISH = ("TOP SECRET", "SECRET", "CONFIDENTIAL", "RESTRICTED", "UNCLASSIFIED")
_COMPANY = ("RESTRICTED", "STRICTLY CONFIDENTIAL", "HIGHLY CONFIDENTIAL", "CONFIDENTIAL", "INTERNAL", "PUBLIC")
_ORDERS = (_CHINESE, _ENGLISH, _COMPANY)
_BULLET = r"^[\s\d\W]*"
_LATIN = "|".join(sorted({*_ENGLISH, *_COMPANY}, key=len, reverse=True))
_RUNG = re.compile(
    rf"{_BULLET}(?:(?P<han>[绝机秘]\s?密|敏感|内部|公开)级?|(?P<latin>{_LATIN})(?![A-Z]))", re.IGNORECASE
)


def listed(spot: Spot) -> bool:
    """Whether the line of a level, with its neighbours, lists the levels downwards or upwards."""
    text = spot.block.text
    mine = _rung(spot.line)
    if mine is None:
        return False
    above = text[max(spot.start - len(spot.before) - REACH, 0) : max(spot.start - len(spot.before), 0)]
    below = text[spot.end + len(spot.after) : spot.end + len(spot.after) + REACH]
    run = [*reversed(list(_rungs(above.split("\n")[::-1]))), mine, *_rungs(below.split("\n"))]
    return any(_ordered(run[at : at + RUNGS]) for at in range(len(run) - RUNGS + 1))


def _rungs(lines: Sequence[str]) -> Iterator[str]:
    """The levels that the lines begin with, nearest first, up to the first line without one."""
    for line in lines:
        if not line.strip():
            continue
        rung = _rung(line)
        if rung is None:
            return
        yield rung


def _rung(line: str) -> str | None:
    found = _RUNG.match(line)
    return "".join(found["han"].split()) if found and found["han"] else found["latin"].upper() if found else None


def _ordered(run: Sequence[str]) -> bool:
    """Whether the levels only rise or only fall, in the order of a country or of companies."""
    for order in _ORDERS:
        if set(run) <= set(order):
            steps = [order.index(high) - order.index(low) for low, high in pairwise(run)]
            if all(step > 0 for step in steps) or all(step < 0 for step in steps):
                return True
    return False
