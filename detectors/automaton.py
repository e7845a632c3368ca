"""Many terms found in one pass, at a cost that hardly depends on how many there are.

The automaton is that of Aho and Corasick (Communications of the ACM 18, 1975) in ahocorasick_rs. Where that has no
wheel, the first two characters of every place are looked up, and then the terms that begin so, to the same end.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ahocorasick_rs: Any
try:
    import ahocorasick_rs
except ImportError:  # no wheel for this machine
    ahocorasick_rs = None

MANY = 1_000  # terms; with fewer the library knows better tables than the compact one
_LONE = re.compile("[\ud800-\udfff]")
Match = tuple[int, int, int]
"""The number of a term, and the characters it spans: start, end."""


class Automaton:
    """Terms, compiled; they must differ, and none may be empty."""

    def __init__(self, terms: Sequence[str], *, native: bool = True) -> None:
        self.native = ahocorasick_rs is not None and native
        self._find = self._compiled(terms) if self.native else _Heads(terms).find

    def find(self, text: str) -> Sequence[Match]:
        """Every place of every term, those within longer ones too; ordered by nothing."""
        try:
            found: Sequence[Match] = self._find(text)
        except UnicodeEncodeError:  # half a surrogate pair, which no term holds
            found = self._find(_LONE.sub("\ufffd", text))
        return found

    @staticmethod
    def _compiled(terms: Sequence[str]) -> Any:
        build = ahocorasick_rs.AhoCorasick(
            terms,
            store_patterns=False,
            implementation=ahocorasick_rs.Implementation.ContiguousNFA if len(terms) > MANY else None,
        )
        return lambda text: build.find_matches_as_indexes(text, overlapping=True)


class _Heads:
    def __init__(self, terms: Sequence[str]) -> None:
        self._numbers = {term: number for number, term in enumerate(terms)}
        self._singles = {term for term in terms if len(term) == 1}
        heads: dict[str, set[int]] = {}
        for term in terms:
            if len(term) > 1:
                heads.setdefault(term[:2], set()).add(len(term))
        self._heads = {head: tuple(sorted(lengths)) for head, lengths in heads.items()}

    def find(self, text: str) -> list[Match]:
        return list(self._walk(text))

    def _walk(self, text: str) -> Iterator[Match]:
        numbers, heads, singles = self._numbers, self._heads, self._singles
        if singles:
            for start, char in enumerate(text):
                if char in singles:
                    yield numbers[char], start, start + 1
        for start, (one, two) in enumerate(pairwise(text)):
            if lengths := heads.get(one + two):
                for length in lengths:
                    end = start + length
                    number = numbers.get(text[start:end])
                    if number is not None and end <= len(text):
                        yield number, start, end
