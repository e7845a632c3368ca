"""Words that turn the mark beside them into one for training: 机密★10年（培训样张）, SECRET (FOR TRAINING USE ONLY).

Source: ISOO Marking Booklet Rev 4 (2018), whose sample pages carry such lines; training material in use.
They count only as part of the mark: in brackets, after a dash, or next to it. A document may say elsewhere that it is a
sample and still be marked.
"""

from __future__ import annotations

import re

_OPEN, _CLOSE = r"[(（\[【<《]", r"[)）\]】>》]"
_HAN = (
    r"(?:仅供|仅用于|供|用于)?(?:保密)?(?:培训|教学|训练|测试|演示|演练|示范|练习|模拟|样例|示例|范例|样张|样本|样式)"
    r"(?:专用|使用|用|之用|样张|样例|样本|材料|教材|示例|标志|数据)?"
)
_LATIN = (
    r"(?:(?:CLASSIFIED |MARKED )?FOR )?(?:TRAINING|INSTRUCTIONAL|DEMONSTRATION|SAMPLE|EXAMPLE|TEST)"
    r"(?: (?:AND|OR) [A-Z]{4,16})?(?: (?:PURPOSES?|USE|AID|SAMPLE|MATERIAL|MARKING|ONLY)){0,3}"
    r"|(?:FOR )?EXERCISE(?: (?:PURPOSES|USE))? ONLY"
)
_SIDE = re.compile(
    rf"\s{{0,2}}(?:{_OPEN}\s?(?:{_HAN}|{_LATIN})\s?{_CLOSE}|(?:[-—–·:：]{{1,2}}\s?)?(?:{_HAN}|{_LATIN}))[\s:：\-–—]*",
    re.IGNORECASE,
)
_WORDS = re.compile(rf"[\s(\[-]*(?:{_LATIN})[\s)\]-]*", re.IGNORECASE)
LONGEST = 60


def is_drill(text: str) -> bool:
    """Whether all that stands on one side of a mark says that it is for training."""
    return len(text) <= LONGEST and bool(text.strip()) and _SIDE.fullmatch(text) is not None


def is_word(caveat: str) -> bool:
    """Whether a caveat is none, but says that the mark is for training."""
    return len(caveat) <= LONGEST and _WORDS.fullmatch(caveat) is not None


def without(before: str, after: str) -> tuple[str, str, bool]:
    """Both sides of a mark, emptied where they only say that it is for training; and whether one did."""
    left, right = is_drill(before), is_drill(after)
    return "" if left else before, "" if right else after, left or right
