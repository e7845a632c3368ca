"""What may be shown of a hit, and the keyed digest that stands for its value."""

from __future__ import annotations

import hmac
import re

AROUND = 16  # characters shown on either side of a hit
_DIGITS = re.compile(r"\d[\d \-]{2,}\d|\d{3,}")
_ADDRESS = re.compile(r"[\w.+%-]+(?=@)")
_SPACE = re.compile(r"\s+")


def masked(value: str) -> str:
    """A value with its middle hidden: at most four characters stay at either end, at most half of all."""
    keep = min(4, len(value) // 4)
    if not keep:
        return "*" * len(value)
    return value[:keep] + "*" * (len(value) - 2 * keep) + value[-keep:]


def excerpt(text: str, start: int, end: int) -> str:
    """A hit in its surroundings on one line; every number and mailbox around it is hidden as well."""
    low, high = max(start - AROUND, 0), min(end + AROUND, len(text))
    # a number cut by the edge of the excerpt must not show its last digits
    while low > 0 and low > start - 3 * AROUND and text[low - 1].isalnum() and text[low].isascii():
        low -= 1
    return _folded(_quiet(text[low:start]) + masked(text[start:end]) + _quiet(text[end:high]))


def surroundings(text: str, start: int, end: int) -> str:
    """A mark as it stands, with numbers around it hidden."""
    low, high = max(start - AROUND, 0), min(end + AROUND, len(text))
    return _folded(_quiet(text[low:start]) + text[start:end] + _quiet(text[end:high]))


def digest(key: bytes, rule: str, value: str) -> str:
    """128 bits of HMAC-SHA256 over rule and value: equal values can be counted, none can be guessed without the key."""
    return hmac.new(key, f"{rule}\0{value}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:32]


def _quiet(text: str) -> str:
    text = _ADDRESS.sub(lambda match: "*" * len(match[0]), text)
    return _DIGITS.sub(lambda match: re.sub(r"\d", "*", match[0]), text)


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
