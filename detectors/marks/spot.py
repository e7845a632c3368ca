"""A place where a mark may stand, with what an officer would look at: line, cell, neighbours, position."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from config.text import Text
from config.verdict import Mark, Outcome, Zone
from detectors import mask
from detectors.marks import drill
from detectors.marks.once import once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.levels import Level
    from detectors.block import Block, Piece
    from detectors.offsets import Window

SIGHT = 120  # characters of a line looked at on either side
HEAD_LINES = 15  # a mark stands above the title: file number, mark, urgency, issuer, title
HEAD_CHARACTERS = 1_500
HEAD_ROWS = 4
PLACES = frozenset({Zone.HEADER, Zone.FOOTER, Zone.TEXTBOX, Zone.WATERMARK, Zone.MASTER})
NAMED = frozenset({Zone.PROPERTY, Zone.LABEL, Zone.NAME})
_ROW = re.compile(r"![A-Z]{1,3}(\d+)")
_QUOTES = frozenset(["''", '""', "``", "“”", "‘’", "「」", "『』", "«»", "„“"])
_FIELD_LEFT = re.compile(r"(?:^|[,;|])\"$")
_FIELD_RIGHT = re.compile(r"\"(?:[,;|](?![\s)\]])|$)")
_SPACE = re.compile(r"\s+")
_SHOWN = mask.AROUND + mask.WHOLE  # characters on either side that an excerpt depends on


class Spot:
    """A stretch of a block's plain text, with its surroundings."""

    def __init__(self, block: Block, start: int, end: int) -> None:
        self.block, self.start, self.end = block, start, end
        text = block.text
        self._low = text.rfind("\n", max(start - SIGHT * 4, 0), start) + 1 or max(start - SIGHT * 4, 0)
        found = text.find("\n", end, end + SIGHT * 4)
        self._high = found if found >= 0 else min(end + SIGHT * 4, len(text))

    @once
    def piece(self) -> Piece:
        return self.block.piece(self.start)

    @once
    def zone(self) -> Zone:
        return self.piece.segment.zone

    @once
    def where(self) -> str:
        """Its place in the file, in the grammar of :mod:`config.places`."""
        return self.block.where(self.start)

    @once
    def text(self) -> str:
        return self.block.text[self.start : self.end]

    @once
    def before(self) -> str:
        """What stands before it on its line."""
        return self.block.text[max(self._low, self.start - SIGHT) : self.start]

    @once
    def after(self) -> str:
        """What stands after it on its line."""
        return self.block.text[self.end : min(self._high, self.end + SIGHT)]

    @once
    def cell_before(self) -> str:
        """What stands before it in its cell."""
        return self.before.rpartition("\t")[2]

    @once
    def cell_after(self) -> str:
        """What stands after it in its cell."""
        return self.after.partition("\t")[0]

    @once
    def line(self) -> str:
        """The whole line, as far as it is looked at."""
        return self.before + self.text + self.after

    @once
    def previous(self) -> str:
        """The cell to the left, or the last line above that is not blank (in tables: the cell before)."""
        left = self.before.rpartition("\t")[0].rpartition("\t")[2].strip()
        if left:
            return left
        above = self.block.text[max(self._low - 200, 0) : max(self._low - 1, 0)].rstrip()
        return above[above.rfind("\n") + 1 :].strip()[-SIGHT:]

    @once
    def above(self) -> list[str]:
        """The four lines above: where the heads of a table stand when its grid is lost."""
        return self.block.text[max(self._low - 300, 0) : max(self._low - 1, 0)].split("\n")[-4:]

    @once
    def following(self) -> str:
        """The next line that is not blank."""
        below = self.block.text[self._high + 1 : self._high + 200].lstrip()
        return below.partition("\n")[0].rstrip()[:SIGHT]

    @once
    def head(self) -> bool:
        """Near the top of the document, where a mark belongs (GB/T 9704-2012 7.2.2)."""
        piece, low, _ = self.block.locate(self.start, self.end)
        segment = piece.segment
        if segment.zone is Zone.CELL:
            row = _ROW.search(segment.where)
            return row is None or int(row[1]) <= HEAD_ROWS
        if segment.page not in (None, 1):
            return False
        return piece.before + low <= HEAD_CHARACTERS and self.block.line(self.start) <= HEAD_LINES

    @once
    def edge(self) -> bool:
        """First or last lines of a page or slide: where headers and footers end up when a file has no such parts."""
        piece, low, high = self.block.locate(self.start, self.end)
        text = piece.segment.text
        if piece.segment.page is None or len(text) > HEAD_CHARACTERS * 20:
            return False
        return text.count("\n", 0, low) <= 1 or text.rstrip().count("\n", high) <= 1

    @once
    def prominent(self) -> bool:
        """A place made for marks."""
        return self.zone in PLACES or self.zone in NAMED or self.head or self.edge

    @once
    def recorded(self) -> bool:
        """A quoted field of a record, as spreadsheets write them (RFC 4180): no space after the comma."""
        return (
            self.before.endswith('"')
            and _FIELD_LEFT.search(self.before) is not None
            and _FIELD_RIGHT.match(self.after) is not None
        )

    @once
    def quoted(self) -> bool:
        """In quotation marks, or in the back quotes of a program's papers: it is spoken of."""
        pair = self.before[-1:] + self.after[:1]
        return len(pair) == 2 and pair in _QUOTES and not self.recorded

    @once
    def drilled(self) -> bool:
        """What stands beside it says that it is for training."""
        return drill.is_drill(self.cell_before) or drill.is_drill(self.cell_after)

    def mark(  # noqa: PLR0913 - the parts of a mark
        self,
        regime: str,
        level: Level,
        outcome: Outcome,
        reason: Text,
        *,
        original: str = "",
        confidence: float = 0.9,
        term: str | None = None,
        condition: str | None = None,
        expires: str | None = None,
        caveats: Sequence[str] = (),
    ) -> Mark:
        """The mark that stands here."""
        piece, low, high = self.block.locate(self.start, self.end)
        raw = piece.segment.text
        if outcome.is_mark and self.quoted:
            outcome, confidence = Outcome.EXAMPLE, 0.5
            reason = Text(f"{reason.en}; it stands in quotation marks", f"{reason.zh}；位于引号之内")
        if outcome.is_mark and (self.drilled or any(drill.is_word(caveat) for caveat in caveats)):
            outcome, confidence = Outcome.TRAINING, 0.5
            reason = Text(f"{reason.en}; it says that it is for training", f"{reason.zh}；注明仅供培训、示例或测试")
        return Mark(
            regime=regime,
            level=level,
            outcome=outcome,
            text=_SPACE.sub(" ", raw[low:high]).strip(),
            original=original or _SPACE.sub("", raw[low:high]),
            where=self.where,
            zone=piece.segment.zone,
            term=term,
            condition=condition,
            expires=expires,
            caveats=tuple(caveats),
            confidence=confidence,
            reason=reason,
            excerpt=_excerpt(raw, low, high),
            segment=piece.index,
            start=low,
            end=high,
        )


def _excerpt(raw: str, low: int, high: int) -> str:
    first = max(low - _SHOWN, 0)
    return _surroundings(raw[first : high + _SHOWN], low - first, high - first)


# where marks stand close together, their surroundings repeat, and to hide the values in them is half of the work
_surroundings = lru_cache(maxsize=256)(mask.surroundings)


def lines(block: Block, windows: Sequence[Window]) -> Iterator[tuple[int, int]]:
    """The lines that touch the windows, each once, without outer white space; very long ones are cut."""
    text, done = block.text, -1
    for low, high in windows:
        start = max(text.rfind("\n", max(low - SIGHT, 0), low) + 1, low - SIGHT, done, 0)
        while start < high:
            end = text.find("\n", start, start + SIGHT * 8)
            stop = end if end >= 0 else min(start + SIGHT * 8, len(text))
            left, right = start, stop
            while left < right and text[left].isspace():
                left += 1
            while right > left and text[right - 1].isspace():
                right -= 1
            if left < right:
                yield left, right
            start = stop + 1
            done = start


def squeeze(text: str) -> str:
    """Text without white space."""
    return "".join(text.split())


def reach(text: str, count: int) -> int:
    """How far so many of its characters reach, white space not counted."""
    if not count:
        return 0
    for at, sign in enumerate(text, 1):
        count -= not sign.isspace()
        if not count:
            return at
    return len(text)


def collapse(text: str) -> tuple[str, Sequence[int]]:
    """Text without white space, and where each of its characters stood."""
    plain = squeeze(text)
    if len(plain) == len(text):
        return text, range(len(text))
    kept = [index for index, sign in enumerate(text) if not sign.isspace()]
    return plain, kept
