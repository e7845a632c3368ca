"""How much a string looks drawn at random, and how much it looks typed.

The measure is Shannon's entropy of the characters ("A Mathematical Theory of Communication", 1948, section 6), taken as
a share of the most that a string of this length over this alphabet can have, so that one threshold serves hexadecimal,
base64 and short keys alike. Of random strings, one in fifty falls below ``DRAWN`` at 16 hexadecimal digits, one in a
thousand from 24 digits on, and one in ten thousand of letters and digits.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from math import log2
from typing import Final

DRAWN: Final = 0.7  # share of the possible entropy
STEPS: Final = 6  # equal, rising or falling neighbours in a row: one random key in ten thousand has so many
WALK: Final = 6  # neighbouring keys of a keyboard in a row
WORDY: Final = 4.0  # mean length of runs of one kind of character; random letters and digits have 2.5 at most
MOSTLY: Final = 0.85  # of the signs tell the alphabet: a key may carry a prefix of other letters
_ALPHABETS: Final = tuple(
    (re.compile(signs), size)
    for signs, size in (("[0-9]", 10), ("[0-9a-f]", 16), ("[0-9A-F]", 16), ("[0-9a-z]", 36), ("[0-9A-Z]", 36))
)
_ALL: Final = 62
_OTHER: Final = re.compile(r"[^0-9A-Za-z]+")
_ROWS: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
)
_WALKS: Final = frozenset(
    line[at : at + WALK] for row in _ROWS for line in (row, row[::-1]) for at in range(len(line) - WALK + 1)
)
_SIGN: Final = re.compile(r"[!@#$%^&*?~]")
_DIGIT: Final = re.compile(r"[0-9]")
_RUN: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def bits(text: str) -> float:
    """Entropy of the characters of a string, in bits a character."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values())


def share(text: str) -> float:
    """The entropy of the letters and digits of a string as a share of the most they can have, 0 to 1.

    The most depends on their number and on the alphabet that nearly all of them are from.
    """
    plain = _OTHER.sub("", text)
    if len(plain) < 2:
        return 0.0
    least = MOSTLY * len(plain)
    wide = next((size for signs, size in _ALPHABETS if len(signs.findall(plain)) >= least), _ALL)
    return min(bits(plain) / log2(min(len(plain), wide)), 1.0)


def steps(text: str) -> int:
    """The longest run of characters that are equal, or each one further, or each one back: 6 for ``123456``."""
    best = length = 1
    before = None
    for left, right in pairwise(text):
        step = ord(right) - ord(left)
        length = length + 1 if step == before else 2 if -1 <= step <= 1 else 1
        before = step if -1 <= step <= 1 else None
        best = max(best, length)
    return best


def counted(text: str) -> bool:
    """Whether half of a string counts up or down or is one digit over and over, as the keys that manuals print do."""
    total = length = 0
    before = None
    for left, right in pairwise(text + "\0\3"):
        step = ord(right) - ord(left)
        if step == before:
            length += 1
            continue
        total += length if length >= STEPS else 0
        counts = step in {-1, 1} or (step == 0 and left.isdigit())
        before, length = (step, 2) if counts else (None, 1)
    return 2 * total >= len(text) > 0


def walks(text: str) -> bool:
    """Whether neighbouring keys of a keyboard follow each other."""
    low = text.lower()
    return any(low[at : at + WALK] in _WALKS for at in range(len(low) - WALK + 1))


def wordy(text: str) -> bool:
    """Whether a string is made of words: long runs of one kind of character, and no sign that passwords have."""
    runs = _RUN.findall(text)
    password = _SIGN.search(text) and _DIGIT.search(text)
    return not password and sum(map(len, runs)) >= WORDY * len(runs)


def drawn(text: str) -> bool:
    """Whether a string looks drawn at random: neither uneven, nor counted up, nor typed along the keyboard."""
    return share(text) >= DRAWN and steps(text) < STEPS and not walks(text)
