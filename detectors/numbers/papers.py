"""Papers of persons in China without a check digit: passports to Hong Kong, Macau and Taiwan, and those of soldiers."""

from __future__ import annotations

import re
from datetime import date

from config.text import Text
from detectors.numbers.check import Check, compact

# The number of the person, on permits of the old form with the count of renewals behind it. H and M: residents of Hong
# Kong and Macau (HA, MA: foreign nationals among them); C, CA ... CZ, W: to Hong Kong and Macau; L, T: to Taiwan.
PERMIT = re.compile(r"[HM]\d{8}(?:\d{2})?|[HM]A\d{7}|C[A-HJ-NP-Z]\d{7}|[CWLT]\d{8}")
BARE = re.compile(r"\d{8}(?:\d{2})?")  # residents of Taiwan
FORMER = re.compile(r"[A-Z]\d{7}")  # the same before 2013


def check_permit(text: str, _today: date) -> Check | None:
    """A letter that says whose permit it is, and eight digits; ten with the count of renewals."""
    number = compact(text)
    if PERMIT.fullmatch(number):
        reason = Text("a letter and digits as on a travel permit", "字母加数字，符合通行证号码的编排")
        return Check(number[:9], 0.1, reason)
    if FORMER.fullmatch(number) or (BARE.fullmatch(number) and not _is_date(number)):
        reason = Text("digits as on a permit of a resident of Taiwan", "数字，符合台胞证号码的编排")
        return Check(number[:8], 0.0, reason)
    return None


def _is_date(number: str) -> bool:
    try:
        return 1900 <= date(int(number[:4]), int(number[4:6]), int(number[6:8])).year <= 2099
    except ValueError:
        return False


def check_military(text: str, _today: date) -> Check | None:
    """The word of the kind of soldier or of the service, and the number."""
    number = compact(text).replace("字第", "").rstrip("号")
    digits = number[1:]
    if len(set(digits)) == 1:
        return None
    served = "字第" in text
    return Check(
        number,
        0.15 if served else 0.0,
        Text(
            "the word of a service and a number, as on the papers of soldiers",
            "军种（类别）冠字加编号，符合军人证件的编排",
        ),
    )
