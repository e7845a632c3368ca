"""Chinese telephone numbers: mobile prefixes of the MIIT numbering plan, and fixed lines with their area code."""

from __future__ import annotations

import re
from datetime import date

from config.text import Text
from detectors.numbers.check import Check, compact

# Notice of the MIIT on the prefixes given out, 2023-06-05; 1349, 174x and 1619 are satellite numbers. Prefixes 140, 141
# and 144 belong to things, whose numbers have 13 digits.
MOBILE = re.compile(r"(?:86|0086)?(1(?:3\d|4[5-9]|5[0-35-9]|6[2567]|619|7[0-35-8]|74[019]|8\d|9[0-35-9])\d+)")
SPARE = re.compile(r"(?:86|0086)?((?:9[28]|174)\d+)")  # set aside for mobile telephones, not given out yet
DIGITS = 11
AREA = re.compile(r"(?:86|0086)?0?(10|2[0-57-9]|[3-9]\d{2})([2-8]\d{6,7})")
# area codes in use without the leading zero (MIIT plan): single ones, then first and last of a run
_SINGLE = (
    *(335, 421, 427, 429, 464, 482, 483, 523, 527, 543, 546, 660, 662, 663, 668, 691, 692, 701, 722, 724, 728),
    *(762, 763, 766, 812, 813, 881, 883, 906, 908, 909, 941, 943),
)
_RUNS = (
    *((310, 319), (349, 359), (370, 379), (391, 398), (411, 419), (431, 439), (451, 459), (467, 479), (510, 519)),
    *((530, 539), (550, 559), (561, 566), (570, 580), (591, 599), (631, 635), (710, 719), (730, 739), (743, 746)),
    *((750, 760), (768, 779), (790, 799), (816, 818), (825, 839), (851, 859), (870, 879), (886, 888), (891, 898)),
    *((901, 903), (911, 919), (930, 939), (951, 955), (970, 979), (990, 999)),
)
_KNOWN = frozenset((*_SINGLE, *(code for low, high in _RUNS for code in range(low, high + 1))))
COUNTRY = ("+86", "0086", "(86", "(+86")


def mobile(text: str, _today: date) -> Check | None:
    """Eleven digits with a prefix in use; one that is only set aside needs words beside it."""
    number = compact(text)
    match = MOBILE.fullmatch(number) or SPARE.fullmatch(number)
    if not match or len(match[1]) != DIGITS:
        return None
    abroad = text.startswith(COUNTRY)
    by = 0.2 if abroad else 0.1 if len(number) != len(text) else 0.0
    if match.re is SPARE:
        return Check(
            match[1], by - 0.3, Text("11 digits with a prefix that is not given out yet", "11位数字，号段尚未启用")
        )
    return Check(match[1], by, Text("11 digits with a mobile prefix in use", "11位数字，号段为在用的手机号段"))


def landline(text: str, _today: date) -> Check | None:
    """An area code and seven or eight digits; eight only in the cities that have them."""
    match = AREA.fullmatch(compact(text))
    if not match:
        return None
    area, local = match.groups()
    if len(area) == 2 and len(local) != 8:
        return None
    if len(area) == 3 and int(area) not in _KNOWN:
        return Check(
            "0" + area + local,
            -0.25,
            Text("it has the form of a telephone number; the area code is unknown", "形似固定电话，区号未知"),
        )
    return Check("0" + area + local, 0.0, Text("an area code and a subscriber number", "区号加电话号码"))
