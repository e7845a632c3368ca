"""When a United States mark ends, as its authority block says: ``Declassify On: 25X1, 20591231``.

Source: 32 CFR 2001.21(a)(4), 2001.22(e), 2001.26: a date, an event, or an exemption (25X1 to 25X9, 50X1-HUM, 50X2-WMD,
75X) with or without a date; older papers say OADR, MR or X1 to X8. ``DECL:`` stands in telegrams.
"""

from __future__ import annotations

import re
from datetime import date

import msgspec

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LINE = re.compile(r"(?:DECLASSIFY[ -]{1,2}ON|\bDECL(?: ON)?)\s{0,2}[:.]\s{0,3}(?P<rest>[^\n]{0,80})", re.IGNORECASE)
_EXEMPT = re.compile(r"\b(?:25X\d(?:-[a-z]+)?|50X\d(?:-[A-Z]+)?|75X\d?|X[1-8]|OADR|MR)\b", re.IGNORECASE)
_DATES = (
    re.compile(r"(?P<year>(?:19|20)\d\d)-?(?P<month>[01]\d)-?(?P<day>[0-3]\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<month>[01]?\d)/(?P<day>[0-3]?\d)/(?P<year>(?:19|20)\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>[0-3]?\d) (?P<name>[A-Za-z]{3})[a-z]*\.?,? (?P<year>(?:19|20)\d\d)(?!\d)"),
    re.compile(r"\b(?P<name>[A-Za-z]{3})[a-z]*\.? (?P<day>[0-3]?\d),? (?P<year>(?:19|20)\d\d)(?!\d)"),
)


class Instruction(msgspec.Struct, frozen=True):
    """One declassification instruction. Without ``until`` nobody can say from the paper alone when it ends."""

    text: str
    until: date | None = None


def read(line: str) -> Instruction | None:
    """The instruction on a line; None where the line has none or it is left empty."""
    found = LINE.search(line)
    text = " ".join(found["rest"].split()).rstrip(" .;_-|") if found else ""
    return Instruction(text, _day(text)) if text else None


def exempt(text: str) -> bool:
    """Whether an instruction names an exemption from automatic declassification."""
    return _EXEMPT.search(text) is not None


def _day(text: str) -> date | None:
    for pattern in _DATES:
        if found := pattern.search(text):
            part = found.groupdict()
            name = (part.get("name") or "").lower()
            if name and name not in _MONTHS:
                continue
            month = _MONTHS.index(name) + 1 if name else int(part["month"] or 0)
            try:
                return date(int(part["year"] or 0), month, int(part["day"] or 0))
            except ValueError:
                return None
    return None


def latest(instructions: list[Instruction]) -> tuple[date | None, str]:
    """When the last part of a document opens, and the event or exemption that leaves it open.

    One instruction without a date keeps the whole document closed.
    """
    undated = next((each.text for each in instructions if each.until is None), "")
    if undated:
        return None, undated
    return max((each.until for each in instructions if each.until), default=None), next(
        (each.text for each in instructions if exempt(each.text)), ""
    )
