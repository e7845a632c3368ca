"""A text whose Chinese lines are put together, as its reader does: a term that a line break cuts is one term.

Only what a program wrapped is joined: a line as long as one, that ends within a sentence. Lists keep their lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right

WRAPPED = 15  # characters of a line; shorter ones are headings, labels and items
LETTERS = "\u3400-\u9fff"
BREAK = "[ \t]{0,8}\r?\n[ \t\u3000]{0,8}"
JOINT = f"[{LETTERS}]{BREAK}[{LETTERS}]"
"""A pattern that is met in every text of which something is joined."""
_NEXT = re.compile(f"\n[ \t\u3000]{{0,8}}(?=[{LETTERS}])")


class Joined:
    """The joined ``text``, and the way back: a span of it to the span in the text it was made of."""

    def __init__(self, raw: str) -> None:
        self._places: list[int] = []  # in the joined text, of the first character behind each break
        self._cut: list[int] = []  # characters left out up to there
        parts: list[str] = []
        done = left_out = 0
        for found in _NEXT.finditer(raw):
            end = len(raw[max(found.start() - 9, 0) : found.start()].rstrip(" \t\r")) + max(found.start() - 9, 0)
            if not _within(raw, end):
                continue
            parts.append(raw[done:end])
            left_out += found.end() - end
            self._places.append(found.end() - left_out)
            self._cut.append(left_out)
            done = found.end()
        self.text = "".join([*parts, raw[done:]]) if parts else raw

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span that is not empty stood."""
        return self._original(start), self._original(end - 1) + 1

    def _original(self, position: int) -> int:
        after = bisect_right(self._places, position)
        return position + self._cut[after - 1] if after else position


def _within(text: str, end: int) -> bool:
    """Whether a line that ends here goes on in the next."""
    last = text[end - 1 : end]
    return "\u3400" <= last <= "\u9fff" and end - (text.rfind("\n", 0, end) + 1) >= WRAPPED
