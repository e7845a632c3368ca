"""Marks of Australia: e-mail and document forms, and the older dissemination limiting markers.

Sources: Email Protective Marking Standard 2018 (``[SEC=...]`` in the subject, ``X-Protective-Marking`` in the header);
Protective Security Policy Framework, policy 8 (OFFICIAL: Sensitive, PROTECTED, SECRET, TOP SECRET; ``//`` before
caveats).
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks.banners import Banner, read
from detectors.marks.expiry import join
from detectors.marks.regime import Facts, Regime
from detectors.offsets import Window
from detectors.prefilter import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

NAME = "au"
_CAVEATS = r"AUSTEO|AGAO|CABINET|NATIONAL CABINET|RELIDO|REL [A-Z, /]{3,40}|DELICATE SOURCE|ORCON|EYES ONLY"
ANCHORS = (
    Pattern(r"SEC=[A-Za-z]", 40),
    Pattern(r"DLM[=:]\s?[A-Za-z]", 40),
    Pattern(r"OFFICIAL:\s?S(?:ensitive|ENSITIVE)", 40),
    Pattern(r"S(?:ensitive|ENSITIVE):\s?(?:Cabinet|Legal|Personal|CABINET|LEGAL|PERSONAL)", 24),
    Pattern(r"(?:SECRET|PROTECTED)\s?//\s?[A-Z]", 40),
    Pattern(r"^[^\na-z]{0,12}PROTECTED\b", 40),
)
_REST = r"(?P<tail>(?:,\s?(?:CAVEAT|ACCESS|EXPIRES|DOWNTO|NOTE|ORIGIN)=[^\]\n,]{0,60}){0,9})\s?\]?"
_TAIL = rf"(?P<tail>(?:\s?//?\s?(?:{_CAVEATS}|[A-Z][A-Za-z-]{{1,20}}(?: [a-z]{{4,12}})?)){{0,5}})"


def _sent(word: str, level: Level, original: str) -> Banner:
    return Banner(
        re.compile(rf"(?:\[|\b)SEC={word}(?=[\],\s]|$){_REST}", re.IGNORECASE),
        level,
        original,
        0.95,
        anywhere=True,
        certain=True,
    )


BANNERS = (
    _sent(r"TOP[ -]?SECRET", Level.TOP_SECRET, "TOP SECRET"),
    _sent(r"SECRET", Level.SECRET, "SECRET"),
    _sent(r"(?:PROTECTED|CONFIDENTIAL)", Level.CONFIDENTIAL, "PROTECTED"),
    _sent(r"(?:OFFICIAL:\s?Sensitive|RESTRICTED)", Level.INTERNAL, "OFFICIAL:Sensitive"),
    Banner(
        re.compile(r"\[?\bDLM[=:]\s?(?:For-Official-Use-Only|Sensitive)[^\]\n]{0,40}\]", re.IGNORECASE),
        Level.INTERNAL,
        "OFFICIAL:Sensitive",
        0.9,
        anywhere=True,
        certain=True,
    ),
    Banner(
        re.compile(r"TOP SECRET\s?//\s?(?P<tail>(?:[A-Z]+//?){0,4}(?:AUSTEO|AGAO)\b.{0,40})"),
        Level.TOP_SECRET,
        "TOP SECRET",
        0.97,
        anywhere=True,
    ),
    Banner(
        re.compile(r"SECRET\s?//\s?(?P<tail>(?:[A-Z]+//?){0,4}(?:AUSTEO|AGAO)\b.{0,40})"),
        Level.SECRET,
        "SECRET",
        0.97,
        anywhere=True,
    ),
    Banner(re.compile(rf"(?<![A-Z-])PROTECTED(?=\s?//){_TAIL}"), Level.CONFIDENTIAL, "PROTECTED", 0.95, anywhere=True),
    Banner(
        re.compile(rf"OFFICIAL:\s?(?:Sensitive|SENSITIVE)\b(?!\s?-){_TAIL}"),
        Level.INTERNAL,
        "OFFICIAL:Sensitive",
        0.95,
        anywhere=True,
    ),
    Banner(  # dissemination limiting markers of 2011 to 2018
        re.compile(r"(?<![\w:] )(?<![\w:-])S(?:ensitive|ENSITIVE):\s?(?P<tail>(?i:cabinet|legal|personal))\b"),
        Level.INTERNAL,
        "Sensitive",
        0.8,
        prominent=True,
    ),
    Banner(re.compile(r"(?<![A-Z-])PROTECTED(?![\w-]|\s[ABC]\b)"), Level.CONFIDENTIAL, "PROTECTED", 0.6, placed=True),
)


def find(block: Block, windows: Sequence[Window], _facts: Facts) -> Iterator[Mark]:
    """Banners, and the machine-made forms of mail."""
    return read(block, windows, BANNERS, NAME, Text("Australian", "澳大利亚"))


def settle(marks: list[Mark], facts: Facts) -> list[Mark]:
    """``EXPIRES=`` of the e-mail form ends a mark by itself."""
    return [_settled(mark, facts) if mark.regime == NAME and mark.outcome.is_mark else mark for mark in marks]


def _settled(mark: Mark, facts: Facts) -> Mark:
    said = next((caveat.partition("=")[2] for caveat in mark.caveats if caveat.startswith("EXPIRES=")), "")
    try:
        ends = date.fromisoformat(said[:10])
    except ValueError:  # none, or an event
        return mark
    over = ends < facts.today
    note = Text(f", {'expired' if over else 'expires'} {ends}", f"，{ends}{'已到期' if over else '到期'}")
    outcome = Outcome.EXPIRED if over else mark.outcome
    return msgspec.structs.replace(mark, expires=str(ends), outcome=outcome, reason=join(mark.reason, note))


AUSTRALIA = Regime(NAME, ANCHORS, find, frozenset({NAME}), settle)
