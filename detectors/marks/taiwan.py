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
ANCHORS = (
    Pattern(f"[绝极][{BLANK}]{{0,3}}[对机][{BLANK}]{{0,3}}[机密]", 24),
    Pattern("一般公务机密|本件[属屬为為]国家机密", 16),
    Pattern(f"密等[^\n:：]{{0,16}}[:：][{BLANK}]{{0,4}}密|^[{BLANK}]{{0,40}}密[{BLANK}]{{0,4}}$", 64),
)
BANNERS = (
    Banner(re.compile(_G.join("绝对机密")), Level.TOP_SECRET, "絕對機密", 0.9, prominent=True),
    Banner(re.compile("本件[属屬为為]国家机密"), Level.SECRET, "國家機密", 0.85, prominent=True),
    Banner(re.compile("本件[属屬为為]一般公务机密"), Level.INTERNAL, "一般公務機密", 0.85, prominent=True),
    Banner(
        re.compile(r"密等(?:及[^:：\n]{0,14})?[:：]\s{0,4}密(?:[(（][^)）\n]{0,40}[)）])?(?!\w)"),
        Level.INTERNAL,
        "密",
        0.9,
        prominent=True,
    ),
    Banner(re.compile(_G.join("极机密")), Level.SECRET, "極機密", 0.9, prominent=True),
)
LONE = (Banner(re.compile(r"^\s*密\s*$"), Level.INTERNAL, "密", 0.75, prominent=True),)
REACH = 400  # characters within which the parts of an official letter stand
_LETTER = re.compile(r"受文者|主旨")


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """The two higher levels, and the level below them, which no other regime writes this way."""
    title = Text("Taiwan", "台湾")
    yield from read(block, windows, BANNERS, NAME, title)
    official = [(low, high) for low, high in windows if _LETTER.search(block.text, max(low - REACH, 0), high + REACH)]
    yield from read(block, official, LONE, NAME, title)


TAIWAN = Regime(NAME, ANCHORS, find, frozenset({NAME}))
