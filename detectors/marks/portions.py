"""Portion marks of the United States, which stand before a paragraph: ``(TS//SI)``, ``(S)``.

Source: 32 CFR 2001.21(c); ISOO Marking Booklet Rev 4 (2018).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks.spot import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.block import Block

NAME = "us"
LETTERS = {"TS": Level.TOP_SECRET, "S": Level.SECRET, "C": Level.CONFIDENTIAL}
LETTER = 0.45  # how sure one (C) is: it may be a list letter, and the rest of the document decides
_CONTROLS = r"(?://[A-Z][A-Z0-9 ,/-]{0,40}|/(?:NF|NOFORN|REL|OC|SI|TK|FGI|F?RD|WN|PR|NC)\b[A-Z0-9 ,/-]{0,40})?"
_PORTION = re.compile(rf"(?:^|(?<=[\s.):•*-]))\((?P<level>TS|S|C)(?P<tail>{_CONTROLS})\)(?=\s+\S|$)")
_UNCLASSIFIED = re.compile(
    r"^[^\S\n]{0,8}(?:\d{1,3}|[a-z])?[.)]?[^\S\n]{0,3}\(U(?:/{1,2}[A-Z]{2,5})?\)\s", re.MULTILINE
)
REACH = 4_000  # characters within which an unclassified portion vouches for a letter
_PORTION_HEAD = re.compile(r"^\W*(?:\d{1,3}(?:\.\d{1,2}){0,3}|[A-Za-z]|[ivx]{1,4})?[.):]?\s{0,4}$|[.:]\s{1,3}$")


def read(block: Block, start: int, line: str) -> Iterator[Mark]:
    """The portion marks of a line that starts at ``start`` of the block."""
    for match in _PORTION.finditer(line):
        yield from _mark(Spot(block, start + match.start(), start + match.end()), match)


def _mark(spot: Spot, match: re.Match[str]) -> Iterator[Mark]:
    if not _PORTION_HEAD.search(spot.before):
        return
    tail = match["tail"]
    word = match["level"]
    if not tail and re.match(r"\s*(?:\d{4}|Copyright|\[|[a-z])", spot.after):
        return
    vouched = _UNCLASSIFIED.search(spot.block.text, max(spot.start - REACH, 0), spot.end + REACH) is not None
    caveats = [part.strip() for part in tail.split("/") if part.strip()]
    yield spot.mark(
        NAME,
        LETTERS[word],
        Outcome.FOREIGN,
        reason(spot, spot.text, _PARAGRAPH),
        original=word,
        caveats=caveats,
        confidence=0.9 if tail else 0.7 if vouched else LETTER,
    )


_PARAGRAPH = Text("; a portion mark before a paragraph", "；段落密级标记")


def reason(spot: Spot, word: str, note: Text | None = None) -> Text:
    where = spot.where
    extra = note or Text("", "")
    return Text(f"US mark “{word}” at {where}{extra.en}", f"美国密级“{word}”，位于{place(where, 'zh')}{extra.zh}")
