"""What may be shown of a hit, and the keyed digest that stands for its value."""

from __future__ import annotations

import hmac
import re

AROUND = 16  # characters shown on either side of a hit
_DIGITS = re.compile(r"\d[\d \-]{2,}\d|\d{3,}")
_ADDRESS = re.compile(r"[\w.+%-]+(?=@)")
_WORD = re.compile(r"[!-~]{5,}")
# letters and digits in one word, as passwords and keys have them; and what a password's name stands before
_MIXED = re.compile(r"[^0-9]*[0-9].*[A-Za-z]|[^A-Za-z]*[A-Za-z].*[0-9]")
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_NAMED = re.compile(
    r"((?:密码|口令|密钥|令牌|password|passwd|pwd|secret|token|key|pin)[^\S\n]{0,2}[:：=是为]{1,2}[^\S\n]{0,2})([!-~]+)",
    re.IGNORECASE,
)
_NAMING = ":：=是为"
_DIGIT = re.compile(r"\d")
WHOLE = 64  # characters beyond the edge that are looked at and not shown
_SPACE = re.compile(r"\s+")


def masked(value: str) -> str:
    """A value with its middle hidden: at most four characters stay at either end, at most half of all."""
    keep = min(4, len(value) // 4)
    if not keep:
        return "*" * len(value)
    return value[:keep] + "*" * (len(value) - 2 * keep) + value[-keep:]


def excerpt(text: str, start: int, end: int) -> str:
    """A hit in its surroundings on one line; numbers, mailboxes and what may be a key around it are hidden as well."""
    left, right = _around(text, start, end)
    return _folded(left + masked(text[start:end]) + right)


def surroundings(text: str, start: int, end: int) -> str:
    """A mark as it stands, with the same hidden around it."""
    left, right = _around(text, start, end)
    return _folded(left + text[start:end] + right)


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands on either side, quiet; what the edge cuts, or is named before it, is judged whole."""
    low, high = max(start - AROUND, 0), min(end + AROUND, len(text))
    first = max(low - WHOLE, 0)
    return _quiet(text[first:start])[low - first :], _quiet(text[end : high + WHOLE])[: high - end]


def digest(key: bytes, rule: str, value: str) -> str:
    """128 bits of HMAC-SHA256 over rule and value: equal values can be counted, none can be guessed without the key."""
    return hmac.new(key, f"{rule}\0{value}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:32]


def _quiet(text: str) -> str:
    """The text, as long as before, with every value in it hidden."""
    if "@" in text:
        text = _ADDRESS.sub(_starred, text)
    if any(sign in text for sign in _NAMING):
        text = _NAMED.sub(lambda match: match[1] + "*" * len(match[2]), text)
    text = _WORD.sub(lambda match: _starred(match) if _MIXED.match(match[0]) else _LONG.sub(_starred, match[0]), text)
    return _DIGITS.sub(lambda match: _DIGIT.sub("*", match[0]), text)


def _starred(match: re.Match[str]) -> str:
    return "*" * len(match[0])


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
