"""Reasons to drop a hit at once, whatever its score. A rule names those that fit it under ``filters:``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

Filter = Callable[[str, int, int], bool]
"""From the text and the span of a hit to whether it must be dropped."""

_DIGIT_BEFORE = re.compile(r"[0-9A-Za-z_][-.]?\Z|[0-9] ?[-.,:/]\Z")
_RUN = "0123456789012345678901234567890"
_EXAMPLE = re.compile(r"(?:x{4,}|X{4,}|\*{4,}|example|EXAMPLE|placeholder|your[-_]|YOUR[-_]|<[a-z])")
_RESERVED = re.compile(
    r"@(?:[^@]*\.)?(?:example|invalid|localhost|test)(?:\.(?:com|org|net))?$|\.(?:png|jpe?g|gif|svg|webp|js|css|py|md|txt)$",
    re.IGNORECASE,
)


def inside_longer(text: str, start: int, end: int) -> bool:
    """The number goes on to the left or right: a serial number, a decimal, a version, a hash."""
    if _DIGIT_BEFORE.search(text, max(start - 3, 0), start):
        return True
    after = text[end : end + 2]
    if not after:
        return False
    if after[0].isascii() and (after[0].isalnum() or after[0] == "_"):
        return True
    return after[0] in "-./:," and after[1:].isdigit()


def placeholder(text: str, start: int, end: int) -> bool:
    """All digits alike, or counting up or down: an example, not a number someone holds."""
    digits = text[start:end]
    if not digits.isdigit():
        digits = "".join(sign for sign in digits if sign.isdigit())
    if len(digits) < 6:
        return False
    return len(set(digits[:-1])) == 1 or digits in _RUN or digits in _RUN[::-1]


def in_url(text: str, start: int, _end: int) -> bool:
    """The hit stands inside a web address."""
    low = max(start - 200, 0)
    word = text[max(text.rfind(" ", low, start) + 1, text.rfind("\n", low, start) + 1, low) : start]
    return "://" in word or word.startswith("www.")


def example(text: str, start: int, end: int) -> bool:
    """The hit says of itself that it is a placeholder."""
    return _EXAMPLE.search(text, start, end) is not None


def example_address(text: str, start: int, end: int) -> bool:
    """A mailbox at a domain that is reserved for examples (RFC 2606), or a file name with an @ in it."""
    return _RESERVED.search(text, start, end) is not None


FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "inside-longer": inside_longer,
        "placeholder": placeholder,
        "in-url": in_url,
        "example": example,
        "example-address": example_address,
    }
)
