"""Marks of South Korea: Ⅰ급비밀, Ⅱ급비밀, Ⅲ급비밀, the same of the armed forces (군사Ⅱ급비밀), and 대외비 below them.

Sources: 보안업무규정 (Presidential Decree) art. 4, its 시행규칙 for 대외비; 군사기밀 보호법 시행령 art. 3.
The numeral is printed as one sign, in Latin letters or as a digit. Marks in English, as SECRET, are left to the
regimes that print them. Papers about secrecy name the grades one beside or below the other: then none is a mark.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from config.levels import Level
from config.text import Text
from detectors.marks import options
from detectors.marks.banners import Banner, read
from detectors.marks.regime import Facts, Regime
from detectors.marks.spot import Spot, lines
from detectors.prefilter import BLANK, Pattern, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.verdict import Mark
    from detectors.block import Block

NAME = "kr"
_G = f"[{BLANK}]{{0,4}}"


def _spaced(word: str) -> str:
    """A word with gaps between its syllables, each whole or in its parts, as macOS writes file names."""
    return _G.join(f"(?:{sign}|{unicodedata.normalize('NFD', sign)})" for sign in word)


_ARMED = f"(?:{_spaced('군사')}{_G})?"
_GRADES = (
    ("Ⅲ급비밀", "(?:Ⅲ|ⅲ|[IⅠ]{3}|3)", Level.CONFIDENTIAL),
    ("Ⅱ급비밀", "(?:Ⅱ|ⅱ|[IⅠ]{2}|2)", Level.SECRET),
    ("Ⅰ급비밀", "[ⅠⅰI1]", Level.TOP_SECRET),
)
_RESTRICTED = "대외비"
_WORDS = (
    *((name, f"{numeral}{_G}{_spaced('급비밀')}", level) for name, numeral, level in _GRADES),
    (_RESTRICTED, _spaced(_RESTRICTED), Level.INTERNAL),
)
_KIND = "|".join(_spaced(word) for word in ("등급", "구분", "분류"))
_FIELD = rf"(?:{_spaced('비밀')}|{_spaced('보안')}){_G}(?:{_KIND}){_G}[:：]{_G}"
_ENGLISH = r"(?:\s?[(/]?\s?(?:(?:TOP )?SECRET|CONFIDENTIAL)(?!\w)\s?\)?)?"  # as the stamp of the armed forces has it
_NUMBER = rf"(?:{_spaced('사본')}|{_spaced('관리')}){_G}{_spaced('번호')}"
_COPY = rf"{_ENGLISH}(?:\s{{0,8}}{_NUMBER}\s?[:：]?[\s\d/-]{{1,20}})?"
_OPEN, _CLOSE = r"[\[(<【〔]", r"[\])>】〕]"
_SENTENCE = r".*[다요]\s?[.!?]"  # in round brackets the word may be part of a sentence

ANCHORS = (
    Pattern(_spaced("급비밀"), 40),
    Pattern(_spaced(_RESTRICTED), 40),
    Pattern(rf"{_FIELD}[ⅠⅡⅢⅰⅱⅲI123]{{1,3}}{_G}{_spaced('급')}", 80),
)
BANNERS = (
    *(
        Banner(re.compile(rf"{_FIELD}{_ARMED}{numeral}{_G}{_spaced('급')}(?!\w){_COPY}"), level, name, 0.95)
        for name, numeral, level in _GRADES
    ),
    *(Banner(re.compile(rf"{_FIELD}{_ARMED}{word}(?!\w){_COPY}"), level, name, 0.95) for name, word, level in _WORDS),
    *(
        Banner(
            re.compile(rf"^{_OPEN}{_G}{_ARMED}{word}{_G}{_CLOSE}(?=\s?\w)(?!(?<=\)){_SENTENCE})"),
            level,
            name,
            0.8,
            anywhere=True,
        )
        for name, word, level in _WORDS
    ),
    *(
        Banner(re.compile(rf"(?<!\w){_ARMED}{word}(?!\w){_COPY}"), level, name, 0.85, prominent=True)
        for name, word, level in _WORDS
    ),
)
_GRADE = re.compile("|".join(f"(?P<g{number}>{word})" for number, (_, word, _) in enumerate(_WORDS)))
_ITEM = re.compile(rf"[\W\d_]*(?:[가나다라마바사아자차카타파하][.)]\s?)?{_ARMED}(?:{_GRADE.pattern})")
_TITLE = re.compile(rf"{_OPEN}[^\])>】〕]{{3,24}}{_CLOSE}\s?\w")
_BOX = re.compile("[" + "".join(options.EMPTY) + "]")


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners of the four grades on lines that name one grade alone."""
    kept = [(low, high) for low, high in lines(block, windows) if _stands(Spot(block, low, high))]
    return read(block, kept, BANNERS, NAME, Text("Korean", "韩国"))


def _stands(line: Spot) -> bool:
    """Whether a mark may stand on a line: the brackets before a title are one only where titles stand."""
    return not _listed(line) and (line.prominent or not _TITLE.match(line.text))


def _listed(line: Spot) -> bool:
    """Whether a line is a choice or a list of grades, or one line of such a list."""
    named = {match.lastgroup for match in _GRADE.finditer(line.text)}
    beside = {match.lastgroup for each in (line.previous, line.following) if (match := _ITEM.match(each))}
    return len(named | beside) > 1 or _BOX.search(line.text) is not None


KOREA = Regime(NAME, ANCHORS, find, frozenset({NAME}))
