"""What a stretch of text holds at all: asked once, before anything is looked for in it.

Everything that costs something waits for its trait: signs that must be made plain, runs that may be coded, numbers that
may be split. One pass answers for all of them, at a gigabyte a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors import codings, normal, split
from detectors.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

LEAST = 16  # signs of a coded run: 机密★10年 in UTF-16 has as many; shorter ones are seen by their padding
PADDED = 12
SIGN = r"[A-Za-z0-9+/_\-]"
_RUN = f"{SIGN}{{{LEAST}}}|{SIGN}{{{PADDED}}}="
# one that begins with a digit is in all but a few: looking for any would stop at every "be", "ad" and "de"
_PAIRS = r"[0-9][0-9A-Fa-f][ \t,:;\-]{1,2}[0-9A-Fa-f]{2}[ \t,:;\-]{1,2}[0-9A-Fa-f]{2}[ \t,:;\-]|0x[0-9A-Fa-f]{2}[ \t,;]"

_PATTERNS = (*normal.GATES, _RUN, _PAIRS, *split.GATES, *codings.GATES)
RUNS, PAIRS, SPLIT, SPACED, FIRST_ESCAPE = range(len(normal.GATES), len(normal.GATES) + 5)
"""Numbers of the traits, behind those of :mod:`detectors.normal`; those of :mod:`detectors.codings` come last."""
CODED = frozenset({RUNS, PAIRS, SPLIT, SPACED})

_GATE = Gate(_PATTERNS)


def traits(text: str, data: bytes) -> AbstractSet[int]:
    """The numbers of all that a text holds; ``data`` is the text in UTF-8."""
    return _GATE(text, data)
