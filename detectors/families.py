"""Patterns that need a run of digits or of key characters: looked for only where there is such a run.

A pattern without a rare word in it runs at every character of the text, and dozens of them together hold up the first
pass. But six digits in a row, or twenty characters of a key, are rare in most texts: one pattern finds such runs, and
the others of the family are asked only near them (digits), or in a text that has one at all (keys).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from types import MappingProxyType
from typing import Any

_parser: Any
try:
    _parser = import_module("re._parser")
except ImportError:  # another Python: every pattern is then looked for everywhere, which is right and slower
    _parser = None
_DIGITS = frozenset(map(ord, "0123456789"))
_JOINTS = frozenset(map(ord, " .-"))
_KEY = frozenset(map(ord, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/_=.-"))
TRIGGERS = MappingProxyType(
    {
        "digits": r"(?:^|[^0-9])(?:[0-9][ .\-]{0,2}){5}[0-9]",
        "key": r"[A-Za-z0-9+/_=.\-]{20}",
    }
)
"""A pattern of each family that is met wherever one of its members can be."""
_LEAST = {"digits": 6, "key": 20}
NEAR = MappingProxyType({"digits": 100})
"""Characters a member of a family may be long, where it is looked for near the run alone."""


def family(source: str) -> str:
    """The family of a pattern, by what it must hold; empty when it must hold neither, or can be long."""
    try:
        tree = _parser.parse(source) if _parser else None
    except re.error:  # the syntax of the regex module alone
        tree = None
    if tree is None:
        return ""
    width = tree.getwidth()[1]
    for name, letters, joints in (("digits", _DIGITS, _JOINTS), ("key", _KEY, frozenset[int]())):
        if width <= NEAR.get(name, width) and _run(tree, letters, joints) >= _LEAST[name]:
            return name
    return ""


def _run(tree: Iterable[Any], letters: frozenset[int], joints: frozenset[int]) -> int:
    """How many letters stand together at least, with single joints between, in every match."""
    best = now = 0
    for each in _flat(tree):
        count = _count(each, letters, joints)
        if count is None:
            inside = min(_run(branch, letters, joints) for branch in each[1][1]) if str(each[0]) == "BRANCH" else 0
            best, now = max(best, now, inside), 0
        else:
            now += count
    return max(best, now)


def _flat(tree: Iterable[Any]) -> Iterable[Any]:
    for operator, value in tree:
        if str(operator) == "SUBPATTERN":
            yield from _flat(value[3])
        else:
            yield operator, value


def _count(node: Any, letters: frozenset[int], joints: frozenset[int]) -> int | None:
    """The fewest letters a part gives without ending the run, or nothing when it can end it."""
    operator, value = str(node[0]), node[1]
    if operator in {"LITERAL", "IN"}:
        signs = _signs(node)
        if signs is None:
            return None
        return 1 if signs <= letters else 0 if signs <= joints else None
    if operator in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        return _repeated(value, letters, joints)
    if operator == "BRANCH":
        counts = [_sum(branch, letters, joints) for branch in value[1]]
        return None if None in counts else min(count for count in counts if count is not None)
    return 0 if operator in {"ASSERT", "ASSERT_NOT", "AT"} else None


def _repeated(value: Any, letters: frozenset[int], joints: frozenset[int]) -> int | None:
    least, most, inner = value
    parts = list(_flat(inner))
    if len(parts) == 1 and (signs := _signs(parts[0])) is not None and signs <= joints:
        return 0 if most == 1 else None
    count = _sum(inner, letters, joints)
    return None if count is None else least * count


def _sum(tree: Iterable[Any], letters: frozenset[int], joints: frozenset[int]) -> int | None:
    total = 0
    for each in _flat(tree):
        count = _count(each, letters, joints)
        if count is None:
            return None
        total += count
    return total


def _signs(node: Any) -> frozenset[int] | None:
    """The characters a single part matches, where that is a small set."""
    operator, value = str(node[0]), node[1]
    if operator == "LITERAL":
        return frozenset((value,))
    if operator != "IN":
        return None
    found: set[int] = set()
    for kind, inner in value:
        if str(kind) == "LITERAL":
            found.add(inner)
        elif str(kind) == "RANGE" and inner[1] < 128:
            found.update(range(inner[0], inner[1] + 1))
        elif str(kind) == "CATEGORY" and str(inner) == "CATEGORY_DIGIT":
            found |= _DIGITS
        else:
            return None
    return frozenset(found)


def words(source: str) -> frozenset[str]:
    """Words, case folded, of which a text must hold one for the pattern to match; none where it names none.

    This is what the first pass goes by where there is no Vectorscan: a search for a word costs next to nothing.
    """
    try:
        tree = _parser.parse(source) if _parser else None
    except re.error:
        tree = None
    found = _words(tree) if tree is not None else frozenset()
    return found if _rarity(found) > 1 else frozenset()


def _words(tree: Iterable[Any]) -> frozenset[str]:
    """The rarest set of words of which every match has one."""
    best: frozenset[str] = frozenset()
    run = ""
    for operator, value in [*tree, ("END", None)]:
        kind = str(operator)
        if kind == "LITERAL":
            run += chr(value)
            continue
        candidates = [frozenset((run.casefold(),))] if run else []
        run = ""
        if kind == "SUBPATTERN":
            candidates.append(_words(value[3]))
        elif kind == "BRANCH":
            branches = [_words(branch) for branch in value[1]]
            candidates.append(frozenset().union(*branches) if all(branches) else frozenset())
        elif kind in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"} and value[0]:
            candidates.append(_words(value[2]))
        best = max([best, *candidates], key=_rarity)
    return best


def _rarity(found: frozenset[str]) -> int:
    """The length of the shortest word, a Chinese character for three letters; nothing for no word."""
    return min((sum(3 if sign > "\u2e80" else 1 for sign in word) for word in found), default=0)
