"""Marks of Hong Kong in Chinese, and both languages with the kind of matter: 限閱文件, CONFIDENTIAL (STAFF).

Source: Security Regulations of the Government of the HKSAR (Top Secret 絕對機密, Secret 高度機密, Confidential 機密,
Restricted 限閱文件). Plain English words and a plain 機密 are read with those of other countries.
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

NAME = "hk"
ANCHORS = (
    Pattern("限[阅閱]|高度机密", 16),
    Pattern("机密[(（](?:人事|[职職][员員]|投[标標]|招[标標]|合[约約]|行政|商[业業])[)）]", 24),
    Pattern(r"(?:RESTRICTED|CONFIDENTIAL)\s{0,2}\([A-Z]{5,14}\)", 40),
)
_ENGLISH = r"\s{0,2}\((?P<tail>TENDER|STAFF|CONTRACTS?|ADMIN(?:ISTRATION)?|COMMERCIAL|MEDICAL|POLICY|APPOINTMENTS)\)"
_MATTER = r"[(（](?P<tail>人事|[职職][员員]|投[标標]|招[标標]|合[约約]|行政|商[业業])[)）]"
BANNERS = (
    Banner(re.compile("高度机密"), Level.SECRET, "高度機密", 0.85, prominent=True),
    Banner(re.compile(rf"机密{_MATTER}"), Level.CONFIDENTIAL, "機密", 0.9, prominent=True),
    Banner(re.compile(rf"限[阅閱](?:文件|档|檔)?(?:{_MATTER})?"), Level.INTERNAL, "限閱文件", 0.9, prominent=True),
    Banner(re.compile(rf"\bCONFIDENTIAL{_ENGLISH}"), Level.CONFIDENTIAL, "CONFIDENTIAL", 0.9, prominent=True),
    Banner(re.compile(rf"\bRESTRICTED{_ENGLISH}"), Level.INTERNAL, "RESTRICTED", 0.9, prominent=True),
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners that no other regime writes this way."""
    return read(block, windows, BANNERS, NAME, Text("Hong Kong", "香港"))


HONG_KONG = Regime(NAME, ANCHORS, find, frozenset({NAME}))
