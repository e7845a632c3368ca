"""Numbers of persons in the United States: social security numbers, and taxpayer numbers of those who have none."""

from __future__ import annotations

from datetime import date

from stdnum.us import ssn

from config.text import Text
from detectors.numbers.check import Check, compact

GROUPS = frozenset(
    str(group) for low, high in ((50, 65), (70, 88), (90, 92), (94, 99)) for group in range(low, high + 1)
)


def check_ssn(text: str, _today: date) -> Check | None:
    """A number the Social Security Administration can have issued; there is no check digit, so a word must stand by."""
    number = compact(text)
    if not ssn.is_valid(number):
        return None
    return Check(
        number,
        _grouped(text),
        Text("nine digits as the US Social Security Administration issues them", "九位数字，符合美国社会保障号的编排"),
    )


def check_itin(text: str, _today: date) -> Check | None:
    """Nine digits that begin with 9 and have a group the Internal Revenue Service uses (IRM 3.21.263)."""
    number = compact(text)
    if len(number) != 9 or not number.isdigit() or number[0] != "9" or number[3:5] not in GROUPS:
        return None
    return Check(
        number,
        _grouped(text),
        Text("nine digits as the US Internal Revenue Service issues them", "九位数字，符合美国个人纳税人识别号的编排"),
    )


def _grouped(text: str) -> float:
    return 0.1 if "-" in text or " " in text else -0.1
