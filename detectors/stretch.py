"""The text of a block behind the end of the one before, for what is judged by two things that stand near each other.

Pieces of one large segment overlap, so nothing is missed there; small segments laid out in two blocks are joined here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.block import Block


class Stretch:
    """A block's plain text, with the last characters of the block before it where the two follow each other."""

    def __init__(self, block: Block, before: Block | None, reach: int) -> None:
        self._block, self._before = block, before
        follows = before is not None and block.pieces[0].low == 0 and before.pieces[-1].high == len(before.raw)
        tail = before.text[-reach:] if before is not None and follows else ""
        self._base = len(before.text) - len(tail) if before is not None else 0
        self.begin = len(tail) + 1 if tail else 0  # where the block's own text begins
        self.text = f"{tail}\n{block.text}" if tail else block.text

    def place(self, start: int, end: int) -> tuple[Block, int, int] | None:
        """The block a span lies in, and its span there; none when it lies in both, or is not that block's to report."""
        if start >= self.begin:
            block, start, end = self._block, start - self.begin, end - self.begin
        elif self._before is not None and end < self.begin:
            block, start, end = self._before, start + self._base, end + self._base
        else:
            return None
        return (block, start, end) if block.owns(start, end) else None
