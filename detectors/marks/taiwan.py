"""Marks of Taiwan: 絕對機密, 極機密, and 密 for general official matters. A plain 機密 is left to :mod:`china`.

Source: 國家機密保護法 art. 4 and its 施行細則 art. 14-16 (rootlaw).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from detectors.marks.banners import Banner, read
from detectors.marks.regime import Facts, Regime
from detectors.offsets import Window
from detectors.prefilter import BLANK, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

NAME = "tw"
_G = r"[^\S\n]{0,3}"
ANCHORS = (Pattern(f"[绝极][{BLANK}]{{0,3}}[对机][{BLANK}]{{0,3}}[机密]", 24),)
BANNERS = (
    Banner(re.compile(_G.join("绝对机密")), Level.TOP_SECRET, "絕對機密", 0.9, prominent=True),
    Banner(re.compile(_G.join("极机密")), Level.SECRET, "極機密", 0.9, prominent=True),
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """The two higher levels, which no other regime writes this way."""
    return read(block, windows, BANNERS, NAME, Text("Taiwan", "台湾"))


TAIWAN = Regime(NAME, ANCHORS, find, frozenset({NAME}))
