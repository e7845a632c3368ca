"""Resident identity numbers of China: 18 digits (GB 11643-1999), and the 15 digits issued before 1999."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from config.text import Text
from detectors.numbers.check import Check, compact

OLDEST = 120  # years; nobody living is older, and an earlier date of birth is a coincidence
# provinces, then Taiwan (71, and 83 on residence permits), Hong Kong and Macau
REGIONS = frozenset(
    str(code)
    for low, high in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(low, high + 1)
)
FOREIGN = "9"  # permanent residence cards since 2023 begin with it, before the region


def check(text: str, today: date) -> Check | None:
    """Date of birth and check digit must hold; an unknown region only lowers the score, for the tables grow old."""
    number = compact(text)
    if len(number) == 15:
        return _old(number, today)
    if len(number) != 18 or not number[:17].isdigit():
        return None
    if not _lives(number[6:10], number[10:12], number[12:14], today) or ric.calc_check_digit(number) != number[17]:
        return None
    reason = Text(
        "18 digits with a correct check digit and a possible date of birth", "18位数字，校验码正确，出生日期合理"
    )
    broken = -0.1 if "\n" in text or "\t" in text else 0.0  # put together from lines or cells
    region = number[1:3] if number[0] == FOREIGN else number[:2]
    if region not in REGIONS:
        return Check(number, broken - 0.2, Text(reason.en + "; no known region", reason.zh + "；地区码未知"))
    if not _placed(number[:10]):
        known = Text(reason.en + "; the county is not in the table", reason.zh + "；区县码不在表中")
        return Check(number, broken + 0.15, known)
    return Check(number, broken + 0.25, reason)


@lru_cache(maxsize=4096)
def _placed(beginning: str) -> bool:
    """Whether the county was there in the year of birth; the table knows some provinces without theirs."""
    try:
        ric.get_birth_place(beginning + "0101")
    except (ValidationError, KeyError):
        return False
    return True


def _old(number: str, today: date) -> Check | None:
    if not number.isdigit() or number[:2] not in REGIONS:
        return None
    if not _lives("19" + number[6:8], number[8:10], number[10:12], today):
        return None
    return Check(
        number, -0.4, Text("15 digits in the form used before 1999; it has no check digit", "15位旧式号码，没有校验码")
    )


def _lives(year: str, month: str, day: str, today: date) -> bool:
    """Whether somebody born on that day lives: not tomorrow, and not before the longest life."""
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return False
    return born <= today and (born.year + OLDEST, born.month, born.day) > (today.year, today.month, today.day)
