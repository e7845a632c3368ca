"""Unified social credit codes of Chinese organisations: 18 characters, two check characters (GB 32100-2015)."""

from __future__ import annotations

from datetime import date

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

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


def check(text: str, _today: date) -> Check | None:
    """The check character must hold; that of the organisation code in it adds a little."""
    number = compact(text)
    try:
        uscc.validate(number)
    except ValidationError:
        return None
    reason = Text("18 characters with a correct check character", "18位代码，校验码正确")
    if number[:2] not in KINDS:
        return Check(number, -0.15, Text(reason.en + "; an unusual kind of organisation", reason.zh + "；机构类别少见"))
    return Check(number, 0.25 if organisation_code(number[8:17]) else 0.2, reason)
