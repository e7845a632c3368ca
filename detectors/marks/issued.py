"""The date a document was issued (成文日期): a date that has a line to itself, or the 印发 line at its foot.

Source: GB/T 9704-2012 7.3.5.4 (date of issue) and 7.4.2 (imprint). Terms count from it (实施条例 2024 art. 19).
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from detectors.marks import terms
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import lines, squeeze
from detectors.offsets import Window
from detectors.prefilter import BLANK, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

_NUMERAL = "0-9〇零○一二三四五六七八九"
_G = f"[{BLANK}]{{0,3}}"
ANCHORS = (
    Pattern(rf"(?:[{_NUMERAL}]{_G}){{4}}年[{BLANK}{_NUMERAL}十]{{1,12}}月[{BLANK}{_NUMERAL}十]{{1,12}}日", 60),
    Pattern(r"(?:日期|时间)\s{0,3}[:：\t]?\s{0,3}\d{4}[-./]\d{1,2}[-./]\d{1,2}", 40),
    Pattern(rf"^[{BLANK}]{{0,40}}\d{{4}}[-./]\d{{1,2}}[-./]\d{{1,2}}[{BLANK}]{{0,8}}$", 60),
)
_LABEL = r"(?:(?:成文|印发|签发|制发|发文|编制|发布|起草)?(?:日期|时间)[:：]?)?"
_PLAIN = re.compile(rf"{_LABEL}(?P<year>(?:19|20)\d\d)[-./](?P<month>\d{{1,2}})[-./](?P<day>\d{{1,2}})")
_ALONE = re.compile(rf"{_LABEL}[(（]?{terms.DATE.pattern}(?:印发|印制)?[)）]?")
_IMPRINT = re.compile(rf".{{2,40}}{terms.DATE.pattern}印发")
LONGEST = 80  # characters of a line that can hold no more than the date and who printed it


def find(block: Block, windows: Sequence[Window], facts: Facts) -> Iterator[Mark]:
    """Note the latest such date that is not in the future: a later one ends a term later, which is the safe side."""
    for start, end in lines(block, windows):
        found = _date(squeeze(block.text[start:end])) if end - start <= LONGEST else None
        if found and found <= facts.today:
            document = facts.document(block.where(start))
            document.issued = max(found, document.issued or found)
    return iter(())


def _date(plain: str) -> date | None:
    """The date of a line without white space that holds nothing else."""
    if match := _PLAIN.fullmatch(plain):
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            return None
    return terms.read_date(plain) if _ALONE.fullmatch(plain) or _IMPRINT.fullmatch(plain) else None


ISSUED = Regime("issued", ANCHORS, find)
