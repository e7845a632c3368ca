"""How sure a hit is, from its form, its check digit and the words around it, with the reasons in plain words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import regex

from config.text import Text
from detectors.normal import Normal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config.rules import Context, Words
    from detectors.numbers.check import Check

_BESIDE = Text("the word “{word}” stands beside it", "旁边有“{word}”一词")
_HEADED = Text("its column is headed “{word}”", "所在列的表头有“{word}”一词")
_AGAINST = Text("but “{word}” speaks against it", "但“{word}”一词与之不符")
_FORM = Text("it has the form of this rule", "符合本规则的形式")
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

    def score(
        self, base: float, check: Check | None, text: str, start: int, end: int, head: Callable[[], str] = str
    ) -> Scored:
        """Weigh one hit; ``head`` gives the head of its column, or nothing where there is no table."""
        score, reasons = base, []
        if check:
            score += check.by
            reasons.append(check.reason)
        raised, lowered, reason = self._words(text, start, end, head)
        if raised:
            score += self._context.raises.by
            reasons.append(_filled(reason, raised))
        if lowered:
            score -= self._context.lowers.by
            reasons.append(_filled(_AGAINST, lowered))
        if not reasons:
            reasons.append(_FORM)
        return Scored(round(min(max(score, LEAST), MOST), 3), tuple(reasons))

    def _words(self, text: str, start: int, end: int, head: Callable[[], str]) -> tuple[str, str, Text]:
        """The word for a hit, the word against it, and how to say the first."""
        if not (self._raises or self._lowers):
            return "", "", _BESIDE
        if title := head():
            raised, lowered = _found(self._raises, title), _found(self._lowers, title)
            if raised or lowered:  # what stands beside it is then the next column
                return raised, lowered, _HEADED
        low, high = max(start - self._context.before, 0), min(end + self._context.after, len(text))
        near = text[low:start] + "\n" + text[end:high]
        return _found(self._raises, near), _found(self._lowers, near), _BESIDE


def together(reasons: Sequence[Text]) -> Text:
    """All reasons in one sentence."""
    return Text("; ".join(reason.en for reason in reasons), "；".join(reason.zh for reason in reasons))


@lru_cache(maxsize=1024)
def _filled(reason: Text, word: str) -> Text:
    return reason.fill(word=word)


def _found(words: regex.Pattern[str] | None, text: str) -> str:
    if words:
        for match in words.finditer(text):
            if not match[0].isascii() or _apart(text, match.start(), match.end()):
                return match[0]
    return ""


def _apart(text: str, start: int, end: int) -> bool:
    """Whether a Latin word stands alone: in prose, or in the name of a field such as card_no or bankCard."""
    left, right = text[start - 1 : start], text[end : end + 1]
    return not (_letter(left) and not (left.islower() and text[start].isupper())) and not (
        _letter(right) and not (text[end - 1].islower() and right.isupper())
    )


def _letter(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


def _compile(words: Words) -> regex.Pattern[str] | None:
    if not words.words:
        return None
    # Chinese words have no boundaries to look for. The text is normal, so the words must be; the longest go first.
    plain = sorted({Normal(word).text for word in words.words}, key=len, reverse=True)
    spelt = (
        "[ _-]{1,2}".join(map(regex.escape, word.split())) if word.isascii() else regex.escape(word) for word in plain
    )
    return regex.compile("|".join(spelt), regex.IGNORECASE | regex.ASCII)
