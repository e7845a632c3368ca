"""Lines that print several levels to choose from: ``□绝密 ■机密 □秘密``, ``SECRET / CONFIDENTIAL (delete one)``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY = frozenset("□○☐◇◻▢⬜〇")
TICKED = frozenset("■☑☒✓✔√▣◼⬛◉✅☻✗✘×●")
_BRACKETED = ("[x]", "[X]", "(x)", "(X)", "[√]", "(√)", "（√）", "【√】", "[✓]", "(✓)", "[*]", "<x>", "|x|", "|X|")
_BLANK = ("[]", "()", "（）", "【】", "||")
_IS_TICKED = re.compile("|".join(map(re.escape, (*sorted(TICKED), *_BRACKETED))))
_IS_EMPTY = re.compile("|".join(map(re.escape, (*sorted(EMPTY), *_BLANK))))


@lru_cache(maxsize=256)  # each of the options asks
def ticked(line: str, spans: tuple[tuple[int, int], ...]) -> frozenset[int] | None:
    """Which of the options (their spans in ``line``) carry a tick; None where the line has no boxes at all.

    Boxes stand before their option or after it; the first box of the line tells which.
    """
    signs = [_sign(line[low:high]) for low, high in _gaps(line, spans)]
    if not any(signs):
        return None
    leading = bool(signs[0])
    boxes = signs[:-1] if leading else signs[1:]
    return frozenset(index for index, sign in enumerate(boxes) if sign == "ticked")


def _gaps(line: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    edges = [0, *(edge for span in spans for edge in span), len(line)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _sign(gap: str) -> str:
    plain = "".join(gap.split())
    if _IS_TICKED.search(plain):
        return "ticked"
    return "empty" if _IS_EMPTY.search(plain) else ""
