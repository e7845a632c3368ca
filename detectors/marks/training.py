"""Notices that the marks of a document are for training: they turn all of its marks into samples.

Source: ISOO Marking Booklet Rev 4 (2018), which prints such a line at the top and bottom of its sample pages.
A notice counts where marks stand, and only when it speaks of marks: a document may well be a sample and be marked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks.expiry import join
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import Spot, lines
from detectors.offsets import Window
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

_FOR = (
    r"for (?:training|exercise|instructional|demonstration|test|illustration)(?: (?:and|or) [a-z]{4,16})?"
    r"(?: purposes?| use| aids?)?(?: only)?"
)
_SPEAKS = r"(?:密级|标志|标识|标注)[^\n。；]{0,20}(?:培训|教学|训练|演示|演练|测试|样例|示例|虚构|模拟|样张)"
ANCHORS = (Pattern(_FOR, 80, caseless=True), Pattern(_SPEAKS, 40))
LONGEST = 160  # characters of a notice
_LATIN = re.compile(
    rf"(?:classified|unclassified|classification markings?|markings?|marked|banners?)\b.{{0,60}}?\b{_FOR}",
    re.IGNORECASE,
)
_HAN = re.compile(
    r"(?:本|此|文中|文内|所有|全部|页眉|以上|上述)?[^。；]{0,12}(?:密级标志|密级标识|密级标注|国家秘密标志|保密标志|保密标识|密级)[^。；]{0,6}"
    r"(?:仅供|仅为|均为|只供|系|用于|仅用于|是)[^。；]{0,8}(?:培训|教学|训练|演示|演练|测试|样例|示例|虚构|模拟|样张)[^。；]{0,16}[。；!！]?"
)


def find(block: Block, windows: Sequence[Window], facts: Facts) -> Iterator[Mark]:
    """Note such a line; it is no mark itself."""
    for start, end in lines(block, windows):
        if end - start > LONGEST:
            continue
        line = block.text[start:end]
        if (_LATIN.search(line) or _HAN.fullmatch(line)) and Spot(block, start, end).prominent:
            facts.document(block.where(start)).training = line
    return iter(())


def settle(marks: list[Mark], facts: Facts) -> list[Mark]:
    """Once the document is read, its marks are samples."""
    return [_settled(mark, facts.document(mark.where).training) for mark in marks]


def _settled(mark: Mark, notice: str) -> Mark:
    if not notice or not mark.outcome.is_mark:
        return mark
    note = Text(f"; the document says of its marks: “{notice}”", f"；文件说明其标志用途：“{notice}”")
    return msgspec.structs.replace(mark, outcome=Outcome.TRAINING, reason=join(mark.reason, note), confidence=0.5)


TRAINING = Regime("training", ANCHORS, find, settle=settle)
