"""Where a coded run is read from, and where it ends: with the lines that go on with it, beyond its block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from detectors.traits import SIGN

if TYPE_CHECKING:
    from detectors.block import Block

RUN = re.compile(rf"{SIGN}+")
_BREAK = re.compile(r"\r?\n[ \t>]{0,8}")
_ENDED = re.compile(r"={0,6}[ \t]*(?:[\r\n]|\Z)")
_WIDEST = 1_000  # signs of a line


class Source:
    """The text that a run at a place of a block is read from: the whole segment, where nothing in it was made plain."""

    def __init__(self, block: Block, at: int) -> None:
        self._block = block
        self.piece = block.piece(at)
        self.whole = block.text is block.raw
        self._shift = self.piece.offset - self.piece.start if self.whole else 0
        self.text = self.piece.segment.text if self.whole else block.text
        self.at = at + self._shift

    def block(self, position: int) -> int:
        """The position in the block."""
        return position - self._shift

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the segment."""
        return (start, end) if self.whole else self._block.locate(start, end)[1:]

    def run(self, stop: int) -> tuple[int, int, int, int, int]:
        """A run that ends at ``stop`` in the block: its start, the width of its first line, and where it may end.

        That is with lines of that width and a shorter one, without the shorter one, and after the first.
        """
        start, end = self.at, stop + self._shift
        if (
            stop == len(self._block.text)
            and self.whole
            and end < len(self.text)
            and (more := RUN.match(self.text, end))
        ):
            end = more.end()
        width = end - start
        if self.text[end : end + 1] in ("\n", "\r") and width <= _WIDEST:
            return start, width, *_lines(self.text, end, width), end
        return start, width, end, end, end


def _lines(text: str, end: int, width: int) -> tuple[int, int]:
    """Where lines of one width end that go on at ``end``, with and without a shorter one."""
    while (line := _BREAK.match(text, end)) and (run := RUN.match(text, line.end(), line.end() + width + 1)):
        if run.end() - line.end() != width:
            shorter = run.end() - line.end() < width and _ENDED.match(text, run.end())
            return (run.end() if shorter else end), end
        end = run.end()
    return end, end
