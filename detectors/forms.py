"""The forms in which Chinese terms stand in texts, and what a text must hold for each of them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from detectors import traditional
from detectors.joined import BREAK, JOINT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AS_LISTED, TRADITIONAL, CUT = "as listed", "in traditional characters", "cut by the end of a line"
FEW = 100  # pairs of characters in the terms, each looked for by itself


def gates(terms: Iterable[str], wanted: Sequence[str]) -> dict[str, str]:
    """A pattern a form, of what a text must hold for a term to stand in it so; without ``wanted``, any text may."""
    pairs = sorted({pair for term in terms for pair in pairwise(term) if min(pair) >= "\u3400"})
    few = len(pairs) <= FEW
    lone = (term for term in terms if len(term) == 1)
    signs = "".join(map(traditional.of, {letter for term in terms for letter in term}))
    changed = [*map(_old, pairs), *map(_class, map(traditional.of, lone))] if few else [_class(signs)]
    parted = [_any(left) + BREAK + _any(right) for left, right in pairs] if few else [JOINT]
    patterns = {
        AS_LISTED: "|".join(map(re.escape, wanted)),
        TRADITIONAL: "|".join(filter(None, changed)),
        CUT: "|".join(parted) if pairs else "",
    }
    return {form: pattern for form, pattern in patterns.items() if pattern}


def _old(pair: tuple[str, str]) -> str:
    """A pattern for two characters of which one at least is traditional; none where neither has such a form."""
    left, right = pair
    found = [_class(traditional.of(left)) + _any(right)] if traditional.of(left) else []
    found += [left + _class(traditional.of(right))] if traditional.of(right) else []
    return "|".join(found)


def _any(letter: str) -> str:
    return _class(letter + traditional.of(letter))


def _class(letters: str) -> str:
    return f"[{letters}]" if letters else ""
