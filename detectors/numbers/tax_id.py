"""Taxpayer and registration numbers of China from before the unified social credit code, which replaced them in 2015.

15 characters: the region and the organisation code (GB 11714-1997), or a registration number of the administration of
industry and commerce (GS 15-2006). 17 and 20: the resident identity number of the owner and two digits more.
"""

from __future__ import annotations

from datetime import date

from stdnum.iso7064 import mod_11_10

from config.text import Text
from detectors.numbers import resident_id
from detectors.numbers.check import Check, compact

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHECKS = "0X987654321"  # of what remains after division by 11


def check(text: str, today: date) -> Check | None:
    """One of the old forms, with its check digit where it has one."""
    number = compact(text)
    if len(number) == 15:
        return _organisation(number)
    if len(number) in {17, 20}:
        return _owner(number, today)
    return None


def organisation_code(code: str) -> bool:
    """Whether eight letters or digits are followed by their check character (GB 11714-1997)."""
    body, last = code[:8], code[8:]
    total = sum(weight * _SIGNS.index(sign) for weight, sign in zip(_WEIGHTS, body, strict=True))
    return _CHECKS[total % 11] == last


def _organisation(number: str) -> Check | None:
    if number[:2] not in resident_id.REGIONS:
        return None
    if organisation_code(number[6:]):
        return Check(
            number, 0.1, Text("a region and a correct organisation code", "行政区划码加组织机构代码，校验码正确")
        )
    if number.isdigit() and mod_11_10.is_valid(number):
        return Check(number, 0.1, Text("a registration number with a correct check digit", "工商注册号，校验码正确"))
    return None


def _owner(number: str, today: date) -> Check | None:
    if not number[-2:].isdigit() or resident_id.check(number[:-2], today) is None:
        return None
    return Check(number, 0.1, Text("the identity number of an owner and two digits", "业主身份证号加两位数字"))
