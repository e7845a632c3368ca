"""Chinese telephone numbers: mobile prefixes of the MIIT numbering plan, and fixed lines with their area code."""

from __future__ import annotations

import re
from datetime import date

from config.text import Text
from detectors.numbers.check import Check, compact

MOBILE = re.compile(r"(?:86|0086)?(1(?:3\d|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8})")
AREA = re.compile(r"(?:86|0086)?0?(10|2[0-57-9]|[3-9]\d{2})([2-8]\d{6,7})")
COUNTRY = ("+86", "0086", "(86", "(+86")


def mobile(text: str, _today: date) -> Check | None:
    """Eleven digits with a prefix in use."""
    match = MOBILE.fullmatch(compact(text))
    if not match:
        return None
    grouped = text.startswith(COUNTRY) or "-" in text or " " in text.strip()
    by = 0.2 if text.startswith(COUNTRY) else 0.1 if grouped else 0.0
    return Check(match[1], by, Text("11 digits with a mobile prefix in use", "11位数字，号段为在用的手机号段"))


def landline(text: str, _today: date) -> Check | None:
    """An area code and seven or eight digits; eight only in the cities that have them."""
    match = AREA.fullmatch(compact(text))
    if not match:
        return None
    area, local = match.groups()
    if len(area) == 2 and len(local) != 8:
        return None
    return Check("0" + area + local, 0.0, Text("an area code and a subscriber number", "区号加电话号码"))
