"""Reasons to drop a hit at once, whatever its score. A rule names those that fit it under ``filters:``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from detectors import entropy

Filter = Callable[[str, int, int], bool]
"""From the text and the span of a hit to whether it must be dropped."""

# a comma between two long numbers parts the fields of a record, a slash between them two telephones
_LONGER_BEFORE = re.compile(
    r"[0-9A-Za-z]-?\Z|(?:[0-9]|(?<![A-Za-z])[A-Za-z])\.\Z|[0-9] ?[-.:]\Z|(?<![0-9]{6})[0-9] ?/\Z"
)
_LONGER_AFTER = re.compile(r"[0-9A-Za-z]|[-.:][0-9]|/[0-9](?![0-9]{6})")
_DECIMALS = re.compile(r",[0-9]{1,3}(?![0-9,.])")
_MOST_AMOUNT = 10  # digits before a decimal comma
_DUMP = re.compile(r"[0-9a-f]{8,16}: (?:[0-9a-f]{4} ){7}[0-9a-f]{4}  .{1,16}")  # a full row of xxd(1)
_RUN = "0123456789012345678901234567890"
_EXAMPLE = re.compile(
    r"x{4,}|\*{4,}|\.{3,}|example|placeholder|change[-_]?me|replace[-_]?me|your[-_]|<[a-z]", re.IGNORECASE
)
_TYPED = re.compile(
    r"(?:sample|dummy|fake|foo_?bar|redacted|insert|to-?do|fix-?me|mock|lorem|abc_?123|dead_?beef|not[-_]?(?:a|real)[-_]"
    r"|(?:my|some|any|the|test|default|secret|super)[-_]?(?:secret|password|token|key|value|string)"
    r"|(?:password|passwd|secret|token|key)[-_]?(?:here|value|goes))",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\$\{|\$\(|\{\{|\}\}|\{%|<%|#\{|@@|%\(|%[sd]|\{[A-Za-z_][A-Za-z0-9_.]{0,40}\}"
    r"|(?:os\.environ|process\.env|getenv|import\.meta|System\.|ENV\[|env\(|config\.|settings\.|vault:|op://|arn:aws|ssm:/)"
    r"|^(?:\$[A-Za-z_]+|%[A-Za-z_]+%|\$\{?[A-Za-z0-9_]+\}?|__[A-Za-z0-9_]+__|ENC\(.*)$"
)
_QUOTES = "\"'`"
_CODE = re.compile(r"[()\[\]{}<>;,]|^[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+$")
_DIGEST = re.compile(
    r"(?:sha-?(?:1|2|3|224|256|384|512)|md5|blake[0-9a-z]{0,4}|check_?sums?|integrity|fingerprint|thumbprint|摘要|校验和|指纹"
    r"|(?<![A-Za-z])(?:hash(?:es|ed)?|digest|commit|revision|rev|etag|resolved|blob|tree|parent|crc32))"
    r"[\"' ]{0,3}[-:=(/@ ：][^\n]{0,20}\Z",
    re.IGNORECASE,
)
_KEY = 16  # characters that a key has at least; a password may well count up
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_RESERVED = re.compile(
    r"@(?:[^@]*\.)?(?:example|invalid|localhost|test)(?:\.(?:com|org|net))?$|\.(?:png|jpe?g|gif|svg|webp|js|css|py|md|txt)$",
    re.IGNORECASE,
)


def inside_longer(text: str, start: int, end: int) -> bool:
    """The number goes on to the left or right: a serial number, a decimal, a version, a hash, a row of a hex dump."""
    if _LONGER_BEFORE.search(text, max(start - 3, 0), start) or _LONGER_AFTER.match(text, end):
        return True
    if end - start > _MOST_AMOUNT and _in_dump(text, start, end):
        return True
    return end - start <= _MOST_AMOUNT and _DECIMALS.match(text, end) is not None


def _in_dump(text: str, start: int, end: int) -> bool:
    low, high = text.rfind("\n", max(start - 64, 0), start) + 1, text.find("\n", end, end + 64)
    return _DUMP.fullmatch(text, max(low, start - 64), high if high >= 0 else min(len(text), end + 64)) is not None


def placeholder(text: str, start: int, end: int) -> bool:
    """All digits alike, or counting up or down: an example, not a number someone holds."""
    digits = text[start:end]
    if not digits.isdigit():
        digits = "".join(sign for sign in digits if sign.isdigit())
    if len(digits) < 6:
        return False
    return len(set(digits[:-1])) == 1 or digits in _RUN or digits in _RUN[::-1]


def alike(text: str, start: int, end: int) -> bool:
    """All digits alike: a form filled in to show how."""
    digits = {sign for sign in text[start:end] if sign.isdigit()}
    return len(digits) == 1


def in_url(text: str, start: int, _end: int) -> bool:
    """The hit stands inside a web address."""
    low = max(start - 200, 0)
    word = text[max(text.rfind(" ", low, start) + 1, text.rfind("\n", low, start) + 1, low) : start]
    return "://" in word or word.startswith("www.")


def example(text: str, start: int, end: int) -> bool:
    """The hit says of itself that it is a placeholder, or is a long one that was typed to fill its place."""
    if _EXAMPLE.search(text, start, end):
        return True
    value = text[start:end]
    return len(value) >= _KEY and "\n" not in value and entropy.counted(value)


def typed(text: str, start: int, end: int) -> bool:
    """The hit is a word that stands for a value, is typed along the keyboard, or mostly counts up or repeats."""
    value = text[start:end]
    if _TYPED.search(value) or entropy.walks(value) or 2 * entropy.steps(value) > len(value):
        return True
    return any(value == (value[:size] * len(value))[: len(value)] for size in range(1, len(value) // 3 + 1))


def reference(text: str, start: int, end: int) -> bool:
    """The value stands elsewhere: a variable, a field of a template, an entry of a vault."""
    if _REFERENCE.search(text[start:end]):
        return True
    return text[max(start - 2, 0) : start].endswith(("${", "{{", "$(", "%(", "<", "$", "@@"))


def code(text: str, start: int, end: int) -> bool:
    """The hit is not quoted and reads as an expression of a program: a call, an index, a path of names."""
    if text[max(start - 1, 0) : start] in _QUOTES and start:
        return False
    return _CODE.search(text[start:end]) is not None or text[end : end + 1] in {"(", "["}


def low_entropy(text: str, start: int, end: int) -> bool:
    """The hit does not look drawn at random, as keys are (see :mod:`detectors.entropy`)."""
    return not entropy.drawn(text[start:end])


def wordy(text: str, start: int, end: int) -> bool:
    """The hit is made of words, as names and sentences are."""
    return entropy.wordy(text[start:end])


def digest(text: str, start: int, _end: int) -> bool:
    """A word before the hit says that it is a checksum, a commit or a fingerprint."""
    return _DIGEST.search(text, max(start - 48, 0), start) is not None


def uuid(text: str, start: int, end: int) -> bool:
    """The hit is a UUID: it names a thing, and opens it with few issuers, who have rules of their own."""
    return _UUID.fullmatch(text, start, end) is not None


def example_address(text: str, start: int, end: int) -> bool:
    """A mailbox at a domain that is reserved for examples (RFC 2606), or a file name with an @ in it."""
    return _RESERVED.search(text, start, end) is not None


FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "inside-longer": inside_longer,
        "placeholder": placeholder,
        "alike": alike,
        "in-url": in_url,
        "example": example,
        "example-address": example_address,
        "typed": typed,
        "reference": reference,
        "code": code,
        "low-entropy": low_entropy,
        "wordy": wordy,
        "digest": digest,
        "uuid": uuid,
    }
)
