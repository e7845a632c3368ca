"""Identity numbers of Hong Kong, Taiwan and Singapore, which python-stdnum does not know."""

from __future__ import annotations

import re
from datetime import date

from config.text import Text
from detectors.numbers.check import Check, compact

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HONG_KONG = re.compile(r"[A-Z]{1,2}\d{6}[0-9A]")
_TAIWAN = re.compile(r"[A-Z][1289]\d{8}")
_TAIWAN_REGIONS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # in the order of their values, from 10
_SINGAPORE = re.compile(r"[STFGM]\d{7}[A-Z]")
_SINGAPORE_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
_SINGAPORE_SIGNS = {"ST": "JZIHGFEDCBA", "FG": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}


def check_hong_kong(text: str, _today: date) -> Check | None:
    """One or two letters, six digits, and a check digit modulo 11 where A stands for ten."""
    number = compact(text)
    if not _HONG_KONG.fullmatch(number):
        return None
    signs = number[:-1].rjust(8)
    values = [36 if sign == " " else int(sign, 36) for sign in signs]
    total = sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True))
    if (total + int(number[-1], 16)) % 11:
        return None
    grouped = 0.2 if "(" in text or "（" in text else 0.0
    return Check(
        number, grouped, Text("the check digit of a Hong Kong identity card is correct", "香港身份证校验码正确")
    )


def check_taiwan(text: str, _today: date) -> Check | None:
    """A letter for the region, nine digits, the last of them a check digit; 8 and 9 are foreign residents."""
    number = compact(text)
    if not _TAIWAN.fullmatch(number):
        return None
    region = _TAIWAN_REGIONS.index(number[0]) + 10
    digits = [region // 10, region % 10, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    if sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 10:
        return None
    return Check(number, 0.1, Text("the check digit of a Taiwan identity number is correct", "台湾身份证号校验码正确"))


def check_singapore(text: str, _today: date) -> Check | None:
    """A letter for the kind and the century, seven digits, a check letter."""
    number = compact(text)
    if not _SINGAPORE.fullmatch(number):
        return None
    total = sum(weight * int(digit) for weight, digit in zip(_SINGAPORE_WEIGHTS, number[1:8], strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    signs = next(signs for kinds, signs in _SINGAPORE_SIGNS.items() if number[0] in kinds)
    if number[-1] != signs[total % 11]:
        return None
    return Check(
        number, 0.1, Text("the check letter of a Singapore identity number is correct", "新加坡身份证号校验码正确")
    )
