"""The traffic light protocol, under which incident teams share what they know: TLP:RED to TLP:GREEN.

Source: FIRST, Traffic Light Protocol 2.0 (2022), which asks for capitals in the header and footer of each page; version
1 had WHITE where 2.0 has CLEAR, and no AMBER+STRICT. CLEAR and WHITE are for everyone and no mark here.
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

NAME = "tlp"
ANCHORS = (Pattern(r"TLP\s?[:：]\s?(?:RED|AMBER|GREEN)\b", 24),)
BANNERS = tuple(
    Banner(re.compile(rf"\bTLP\s?:\s?{colour}(?![\w+])"), level, f"TLP:{word}", 0.9)
    for colour, word, level in (
        ("RED", "RED", Level.CONFIDENTIAL),
        (r"AMBER\+STRICT", "AMBER+STRICT", Level.INTERNAL),
        ("AMBER", "AMBER", Level.INTERNAL),
        ("GREEN", "GREEN", Level.INTERNAL),
    )
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """The label where it has a line or a cell to itself."""
    return read(block, windows, BANNERS, NAME, Text("traffic light protocol", "交通灯协议(TLP)"))


TLP = Regime(NAME, ANCHORS, find, frozenset({NAME}))
