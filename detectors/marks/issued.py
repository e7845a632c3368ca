"""The date a document was issued (成文日期): a date that has a line to itself, or the 印发 line at its foot.

Source: GB/T 9704-2012 7.3.5.4 (date of issue) and 7.4.2 (imprint). Terms count from it (实施条例 2024 art. 19).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from detectors.marks import terms
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import collapse, lines
from detectors.prefilter import Pattern, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

_NUMERAL = "0-9〇零○一二三四五六七八九"
ANCHORS = (
    Pattern(
        rf"[{_NUMERAL}]{{4}}\s?年[ {_NUMERAL}十]{{1,6}}月[ {_NUMERAL}十]{{1,6}}日",
        40,
    ),
)
_ALONE = re.compile(rf"[(（]?{terms.DATE.pattern}(?:印发|印制)?[)）]?")
_IMPRINT = re.compile(rf".{{2,40}}{terms.DATE.pattern}印发")


def find(block: Block, windows: Sequence[Window], facts: Facts) -> Iterator[Mark]:
    """Note the latest such date that is not in the future: a later one ends a term later, which is the safe side."""
    for start, end in lines(block, windows):
        if end - start > 80:
            continue
        plain = collapse(block.text[start:end])[0]
        if _ALONE.fullmatch(plain) or _IMPRINT.fullmatch(plain):
            found = terms.read_date(plain)
            document = facts.document(block.where(start))
            if found and found <= facts.today and (document.issued is None or found > document.issued):
                document.issued = found
    return iter(())


ISSUED = Regime("issued", ANCHORS, find)
