"""How a listed term is spelled: in small letters, in the one form equal terms share, and standing by itself."""

from __future__ import annotations

from detectors import traditional


def fold(text: str) -> str:
    """A text in small letters, character for character."""
    small = text.lower()
    if len(small) != len(text):  # one capital of Unicode becomes two characters
        small = text.replace("İ", "i").lower()
    return small if small.isascii() else small.replace("ς", "σ")


def plain_term(text: str) -> str:
    """A term that was found, in the one form in which equal ones are equal."""
    words = fold(traditional.plain(text)).split()
    return "".join(word if not at or _joins(words[at - 1], word) else f" {word}" for at, word in enumerate(words))


def _joins(left: str, right: str) -> bool:
    return left[-1] >= "\u3400" and right[0] >= "\u3400"


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter or digit of an alphabet goes on beyond either end of a term that has one there."""
    left = start > 0 and _alphabetic(text[start]) and _alphabetic(text[start - 1])
    return not left and not (end < len(text) and _alphabetic(text[end - 1]) and _alphabetic(text[end]))


def _alphabetic(char: str) -> bool:
    return char < "\u2e80" and char.isalnum()
