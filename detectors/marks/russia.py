"""Marks of Russia: the three degrees of state secrecy, and «Для служебного пользования» below them.

Sources: Law 5485-1 of 21 July 1993 on state secrets, art. 8 and 12; Resolution 1233 of 3 November 1994 for official
use. A mark begins with a capital letter or is all in capitals; the abbreviation ДСП is chipboard too, and counts only
after the name of its field. Belarus and Kazakhstan print the same words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from detectors.marks.banners import Banner, read
from detectors.marks.regime import Facts, Regime
from detectors.normal import Normal
from detectors.offsets import Window
from detectors.prefilter import BLANK, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

NAME = "ru"
_GAP = f"[{BLANK}]{{1,3}}"


def _plain(text: str) -> str:
    """Words as they stand in plain text: letters that look Latin are Latin, and a breve set apart is gone."""
    return Normal(text).text.replace(" ", _GAP).replace("й", "[йи]").replace("Й", "[ЙИ]")


def _written(words: str) -> str:
    return f"(?:{_plain(words.upper())}|{_plain(words.capitalize())})"


_FIELD = rf"(?:{_written('гриф секретности')}|{_written('гриф')}|{_written('пометка')})\s?[:：]\s?"
_COPY = rf"(?:[\s.,;(]{{0,4}}(?:{_plain('ДСП')}\)?[\s.,;]{{0,4}})?(?:{_written('экз')}\.?\s?(?:№|N)?\s?\d{{0,5}}))?"
_DEGREES = (
    ("особой важности", Level.TOP_SECRET, 0.85),
    ("совершенно секретно", Level.SECRET, 0.9),
    ("сов. секретно", Level.SECRET, 0.9),
    ("секретно", Level.CONFIDENTIAL, 0.85),
    ("для служебного пользования", Level.INTERNAL, 0.9),
    ("строго конфиденциально", Level.CONFIDENTIAL, 0.75),
    ("конфиденциально", Level.CONFIDENTIAL, 0.7),
    ("коммерческая тайна", Level.CONFIDENTIAL, 0.7),  # law 98-ФЗ of 2004 on trade secrets, art. 10
)
ANCHORS = (*(Pattern(_written(words), 40) for words, _, _ in _DEGREES), Pattern(_FIELD, 40))
BANNERS = (
    *(
        Banner(
            re.compile(rf"{_FIELD}(?:{_written(words)}|{_plain(words)})(?!\w){_COPY}"),
            level,
            words.upper(),
            0.95,
        )
        for words, level, _ in _DEGREES
    ),
    Banner(re.compile(rf"{_FIELD}{_plain('ДСП')}(?!\w){_COPY}"), Level.INTERNAL, "ДСП", 0.9),
    *(
        Banner(
            re.compile(rf"(?<!\w){_written(words)}(?!\w){_COPY}"),
            level,
            words.upper(),
            sure,
            prominent=True,
        )
        for words, level, sure in _DEGREES
    ),
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners of the four grades."""
    return read(block, windows, BANNERS, NAME, Text("Russian", "俄罗斯"))


RUSSIA = Regime(NAME, ANCHORS, find, frozenset({NAME}))
