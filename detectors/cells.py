"""Cells of a registered table: what kind of value a column holds, and the form in which equal values are equal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from config.text import Text
from detectors.normal import Normal
from detectors.spelling import fold

SAMPLE = 2_000  # values a column is judged by
SURE = 0.8  # share of them that must have the form of a kind
VARIED = 0.3  # different values a name or text column has, by its rows; a city, a sex, a rank has fewer
SHORTEST, LONGEST = 6, 40  # signs of a number
_SPACE = re.compile(r"\s+")
_JOINTS = re.compile(r"[\s.\-]+")
_MOBILE = re.compile(r"(?:\+?(?:00)?86)?1[3-9][0-9]{9}")
_ID = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
_NUMBER = re.compile(r"(?=(?:[A-Z]*[0-9]){4})[0-9A-Z]{6,40}")
_EMAIL = re.compile(r"[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,6}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}[\-/.年][0-9]{1,2}[\-/.月][0-9]{1,2}(?:日|[ T].*)?")
_AMOUNT = re.compile(r"[￥¥$€£]?\s?-?[0-9][0-9,]*(?:\.[0-9]{1,4})?\s?元?%?")
_HAN = "\u4e00-\u9fff\u3400-\u4dbf"
_HAN_NAME = re.compile(f"[{_HAN}]{{2,4}}|[{_HAN}]{{1,8}}[·•][{_HAN}]{{1,8}}")
_LATIN_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.\-]){0,30}(?: [^\W\d_](?:[^\W\d_]|['’.\-]){0,30}){1,3}")


class Kind(StrEnum):
    """What the values of a column are."""

    PHONE = "phone"
    ID = "id"
    NUMBER = "number"  # of cards, accounts, contracts: digits, with letters or without
    EMAIL = "email"
    NAME = "name"  # of a person
    TEXT = "text"  # companies, addresses: recognised as a whole, between punctuation
    OTHER = "other"  # dates, amounts, words that recur: not indexed

    @property
    def telling(self) -> bool:
        """Whether a value of it is found by its form."""
        return self in _NUMBERS or self is Kind.EMAIL


_NUMBERS = frozenset({Kind.PHONE, Kind.ID, Kind.NUMBER})
NAMES = {
    Kind.PHONE: Text("telephone", "电话"),
    Kind.ID: Text("identity number", "证件号码"),
    Kind.NUMBER: Text("number", "号码"),
    Kind.EMAIL: Text("e-mail", "邮箱"),
    Kind.NAME: Text("name", "姓名"),
    Kind.TEXT: Text("text", "文本"),
    Kind.OTHER: Text("not indexed", "不建索引"),
}


def is_number(kind: Kind) -> bool:
    """Whether values of a kind are found among the digits of a text."""
    return kind in _NUMBERS


def guess(values: Sequence[str]) -> Kind:
    """What most of a column's values are; ``OTHER`` for dates, amounts, blanks and what recurs."""
    plain = [Normal(value[: 4 * LONGEST]).text.strip() for value in values]
    plain = [value for value in plain if value][:SAMPLE]
    least = SURE * len(plain)
    if not plain or _count(_DATE, plain) >= least:
        return Kind.OTHER
    compact = [_JOINTS.sub("", value).upper() for value in plain]
    close = [_SPACE.sub("", value) for value in plain]
    amounts = _count(_AMOUNT, plain) >= least and not _bare(plain)
    forms = (
        (Kind.PHONE, _count(_MOBILE, compact)),
        (Kind.ID, _count(_ID, compact)),
        (Kind.EMAIL, _count(_EMAIL, [value.lower() for value in plain])),
        (Kind.OTHER, len(plain) if amounts else 0),
        (Kind.NUMBER, _count(_NUMBER, compact)),
        (Kind.OTHER, len(plain) if len(set(plain)) < VARIED * len(plain) else 0),
        (Kind.NAME, max(_count(_HAN_NAME, close), _count(_LATIN_NAME, plain))),
        (Kind.TEXT, len(plain) if sum(bool(whole(value)) for value in plain) >= VARIED * len(plain) else 0),
        (Kind.OTHER, len(plain)),
    )
    return next(kind for kind, fitting in forms if fitting >= least)


def _count(pattern: re.Pattern[str], values: list[str]) -> int:
    return sum(pattern.fullmatch(value) is not None for value in values)


def _bare(values: list[str]) -> bool:
    """Long numbers without comma and point, as amounts hardly are."""
    return sum(value.isdigit() and len(value) >= SHORTEST for value in values) >= SURE * len(values)


def normal(kind: Kind, value: str) -> str:
    """The form under which a value is indexed; empty for what is blank, too short, or not of the kind."""
    if len(value) > 4 * LONGEST:
        return ""
    value = Normal(value).text.strip()
    if kind in _NUMBERS:
        return number(value, phone=kind is Kind.PHONE)
    if kind is Kind.EMAIL:
        value = value.lower()
        return value if _EMAIL.fullmatch(value) else ""
    if kind is Kind.NAME:
        return _name(value)
    if kind is Kind.TEXT:
        return whole(value)
    return ""


def number(value: str, *, phone: bool = False) -> str:
    """Digits and capitals without what parts them; of a mobile telephone, without the country."""
    value = _JOINTS.sub("", value).upper()
    if phone and _MOBILE.fullmatch(value):
        value = value[-11:]
    return value if _NUMBER.fullmatch(value) else ""


def whole(value: str) -> str:
    """A text in small letters without spaces; empty when it is too short or long to be told apart."""
    value = fold(_SPACE.sub("", value))
    return value if 4 <= len(value) <= 80 else ""


def _name(value: str) -> str:
    close = _SPACE.sub("", value)
    if _HAN_NAME.fullmatch(close):
        return close
    value = fold(" ".join(value.split()))
    return value if _LATIN_NAME.fullmatch(value) and len(value) >= 5 else ""
