"""Numbers of other countries, checked by python-stdnum."""

from __future__ import annotations

from datetime import date

from stdnum import iban
from stdnum.exceptions import ValidationError
from stdnum.us import ssn

from config.text import Text
from detectors.numbers.check import Check, compact


def check_iban(text: str, _today: date) -> Check | None:
    """Country, length and the two check digits (ISO 13616)."""
    number = compact(text)
    try:
        iban.validate(number, check_country=False)
    except ValidationError:
        return None
    return Check(
        number,
        0.3,
        Text("the country, the length and both check digits are correct", "国家代码、长度和两位校验码均正确"),
    )


def check_ssn(text: str, _today: date) -> Check | None:
    """A number the Social Security Administration can have issued; there is no check digit, so a word must stand by."""
    number = compact(text)
    if not ssn.is_valid(number):
        return None
    by = 0.1 if "-" in text or " " in text else -0.1
    return Check(
        number,
        by,
        Text("nine digits as the US Social Security Administration issues them", "九位数字，符合美国社会保障号的编排"),
    )
