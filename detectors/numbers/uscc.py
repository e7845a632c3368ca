"""Unified social credit codes of Chinese organisations: 18 characters, two check characters (GB 32100-2015)."""

from __future__ import annotations

from datetime import date
from operator import mul

from config.text import Text
from detectors.numbers.check import Check, compact
from detectors.numbers.tax_id import organisation_code

# first character: registration department; second: kind of organisation (GB 32100-2015 table 1)
KINDS = frozenset(
    department + kind
    for department, kinds in {
        "1": "1239",
        "2": "19",
        "3": "123459",
        "4": "19",
        "5": "123459",
        "6": "129",
        "7": "129",
        "8": "19",
        "9": "123",
        "A": "19",
        "N": "1239",
        "Y": "1",
    }.items()
    for kind in kinds
)

LENGTH = 18
_VALUES = {sign: value for value, sign in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}  # without I, O, S, V and Z
_WEIGHTS: tuple[int, ...] = tuple(pow(3, place, 31) for place in range(LENGTH))


def holds(number: str) -> bool:
    """Whether the last character is the right one (GB 32100-2015 annex A: weights 3^i, modulus 31)."""
    try:
        values = [_VALUES[sign] for sign in number]
    except KeyError:
        return False
    return bool((31 - sum(map(mul, values[:-1], _WEIGHTS)) % 31) % 31 == values[-1])


def check(text: str, _today: date) -> Check | None:
    """The check character must hold; that of the organisation code in it adds a little."""
    number = compact(text)
    if len(number) != LENGTH or not number[2:8].isdigit() or not holds(number):
        return None
    reason = Text("18 characters with a correct check character", "18位代码，校验码正确")
    if number[:2] not in KINDS:
        return Check(number, -0.15, Text(reason.en + "; an unusual kind of organisation", reason.zh + "；机构类别少见"))
    return Check(number, 0.25 if organisation_code(number[8:17]) else 0.2, reason)
