"""Payment card numbers (ISO/IEC 7812): the Luhn digit, and the ranges the card schemes issue from.

One random number in ten has a correct Luhn digit, so a number outside the known ranges needs a word beside it.
"""

from __future__ import annotations

from datetime import date

from stdnum import luhn

from config.text import Text
from detectors.numbers.check import Check, compact

# first and last prefix (compared on as many digits), lengths, scheme
RANGES: tuple[tuple[str, str, tuple[int, ...], str], ...] = (
    ("62", "62", (16, 17, 18, 19), "UnionPay"),
    ("81", "81", (16, 17, 18, 19), "UnionPay"),
    ("4", "4", (13, 16, 19), "Visa"),
    ("51", "55", (16,), "Mastercard"),
    ("2221", "2720", (16,), "Mastercard"),
    ("34", "34", (15,), "American Express"),
    ("37", "37", (15,), "American Express"),
    ("3528", "3589", (16, 17, 18, 19), "JCB"),
    ("2131", "2131", (15,), "JCB"),
    ("1800", "1800", (15,), "JCB"),
    ("6011", "6011", (16, 17, 18, 19), "Discover"),
    ("644", "649", (16, 17, 18, 19), "Discover"),
    ("65", "65", (16, 17, 18, 19), "Discover"),
    ("300", "305", (14,), "Diners Club"),
    ("36", "36", (14,), "Diners Club"),
    ("38", "39", (14,), "Diners Club"),
    ("50", "50", (12, 13, 14, 15, 16, 17, 18, 19), "Maestro"),
    ("56", "58", (12, 13, 14, 15, 16, 17, 18, 19), "Maestro"),
    ("60", "69", (12, 13, 14, 15, 16, 17, 18, 19), "Maestro"),
    ("9", "9", (16, 17, 18, 19), "domestic Chinese"),
)
SHORT = 15  # shorter numbers, and schemes with a one-digit prefix, are met by chance too often


def check(text: str, _today: date) -> Check | None:
    """The Luhn digit must hold and the length must be one a card can have."""
    number = compact(text)
    if not number.isdigit() or not 12 <= len(number) <= 19 or not luhn.is_valid(number):
        return None
    scheme = _scheme(number)
    if not scheme:
        return Check(number, -0.25, Text("the Luhn check digit is correct", "Luhn 校验码正确"))
    strong = len(number) >= SHORT and scheme not in {"Maestro", "domestic Chinese"}
    return Check(
        number,
        0.15 if strong else -0.15,
        Text(
            f"{len(number)} digits in a range of {scheme} cards with a correct Luhn check digit",
            f"{len(number)}位数字，属 {scheme} 卡段，Luhn 校验码正确",
        ),
    )


def _scheme(number: str) -> str:
    for low, high, lengths, scheme in RANGES:
        if len(number) in lengths and low <= number[: len(low)] <= high:
            return scheme
    return ""
