"""How sure a hit is, from its form, its check digit and the words around it, with the reasons in plain words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import regex

from config.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.rules import Context, Words
    from detectors.numbers.check import Check

LEAST, MOST = 0.01, 0.99  # nothing read by a machine is certain


class Scored(msgspec.Struct, frozen=True):
    """A score and why. The words are put together only for what is shown."""

    score: float
    reasons: tuple[Text, ...]


class Surroundings:
    """The context words of one rule, compiled."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._raises, self._lowers = _compile(context.raises), _compile(context.lowers)

    def score(self, base: float, check: Check | None, text: str, start: int, end: int) -> Scored:
        """Weigh one hit."""
        score, reasons = base, []
        if check:
            score += check.by
            reasons.append(check.reason)
        low, high = max(start - self._context.before, 0), min(end + self._context.after, len(text))
        near = text[low:start] + "\n" + text[end:high]
        if self._raises and (found := self._raises.search(near)):
            score += self._context.raises.by
            reasons.append(_beside(found[0]))
        if self._lowers and (found := self._lowers.search(near)):
            score -= self._context.lowers.by
            reasons.append(_beside_too(found[0]))
        if not reasons:
            reasons.append(_FORM)
        return Scored(round(min(max(score, LEAST), MOST), 3), tuple(reasons))


def together(reasons: Sequence[Text]) -> Text:
    """All reasons in one sentence."""
    return Text("; ".join(reason.en for reason in reasons), "；".join(reason.zh for reason in reasons))


_FORM = Text("it has the form of this rule", "符合本规则的形式")


@lru_cache(maxsize=1024)
def _beside(word: str) -> Text:
    return Text("the word “{word}” stands beside it", "旁边有“{word}”一词").fill(word=word)


@lru_cache(maxsize=1024)
def _beside_too(word: str) -> Text:
    return Text("but “{word}” stands beside it too", "但旁边也有“{word}”一词").fill(word=word)


def _compile(words: Words) -> regex.Pattern[str] | None:
    if not words.words:
        return None
    # Latin words stand alone; Chinese ones have no boundaries to look for
    parts = (rf"\b{regex.escape(word)}\b" if word.isascii() else regex.escape(word) for word in words.words)
    return regex.compile("|".join(parts), regex.IGNORECASE | regex.ASCII)
