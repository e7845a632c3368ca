"""Unified social credit codes of Chinese organisations: 18 characters, two check characters (GB 32100-2015)."""

from __future__ import annotations

from datetime import date

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from config.text import Text
from detectors.numbers.check import Check, compact

# registration department and kind of organisation, GB 32100-2015 table 1; anything else is rare but issued
KINDS = frozenset("11 12 13 19 21 29 31 32 33 34 35 39 41 49 51 52 53 54 55 59 61 62 69 71 72 79 81 89 91 92 93 A1 A9 N1 N2 N3 N9 Y1".split())


def check(text: str, _today: date) -> Check | None:
    """The check character must hold."""
    number = compact(text)
    try:
        uscc.validate(number)
    except ValidationError:
        return None
    reason = Text("18 characters with a correct check character", "18位代码，校验码正确")
    if number[:2] not in KINDS:
        return Check(number, -0.15, Text(reason.en + "; an unusual kind of organisation", reason.zh + "；机构类别少见"))
    return Check(number, 0.2 if number[2:8].isdigit() else 0.0, reason)
