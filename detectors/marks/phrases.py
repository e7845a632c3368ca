"""The parts of a company's notice on one line: the words, what must not be done, the owner, rights, and the page.

``ACME | Company Internal | 7``, ``Proprietary and Confidential – Property of Acme Inc.``
"""

from __future__ import annotations

import re

from config.levels import Level

_PARTING = re.compile(r"\s*[|–—·•]\s*|\s+-+\s+|\s*[,;:/]\s+|(?<!INC)(?<!CO)(?<!CORP)(?<!LTD)\.\s+|\s{3,}")
_AND = r"(?:AND|&|/)"
_HIGH = re.compile(
    rf"(?:STRICTLY|HIGHLY|COMPANY|BUSINESS|COMMERCIAL(?:LY)?|(?:STRICTLY )?PRIVATE {_AND}|PROPRIETARY {_AND}"
    rf"|(?:LEGALLY )?PRIVILEGED {_AND}) CONFIDENTIAL|CONFIDENTIAL ?{_AND} ?(?:PROPRIETARY|PRIVILEGED)"
    r"|(?:COMPANY|BUSINESS) PROPRIETARY"
)
_LOW = re.compile(
    r"(?:FOR )?(?:COMPANY )?INTERNAL USE(?: ONLY)?|INTERNAL ONLY|COMPANY (?:INTERNAL|RESTRICTED)|HIGHLY RESTRICTED"
    r"|RESTRICTED DISTRIBUTION"
)
_ORDINARY = {
    "CONFIDENTIAL": Level.CONFIDENTIAL,
    "CONFIDENTIAL INFORMATION": Level.CONFIDENTIAL,
    "PROPRIETARY": Level.INTERNAL,
    "INTERNAL": Level.INTERNAL,
    "INTERN": Level.INTERNAL,
    "RESTRICTED": Level.INTERNAL,
}
_RIDER = re.compile(
    r"(?:TO BE OPENED BY )?(?:THE )?ADDRESSEE ONLY|(?:DO NOT|NOT TO BE|MAY NOT BE|MUST NOT BE) [A-Z ]{4,40}"
    r"|NOT FOR (?:[A-Z]{4,12} )?(?:CIRCULATION|DISTRIBUTION|RELEASE|DISCLOSURE|PUBLICATION)"
    r"|(?:UNAUTHORI[SZ]ED|NO) [A-Z ]{4,40}(?:PROHIBITED|PERMITTED)|(?:STRICTLY )?NEED[ -]TO[ -]KNOW(?: ONLY)?"
    r"|ATTORNEY[ -](?:CLIENT|WORK)[ A-Z-]{0,24}|PREPARED (?:AT|FOR) [A-Z ]{4,40}"
)
_BESIDE = re.compile(
    r"DRAFT|FINAL|ALL RIGHTS RESERVED|(?:COPYRIGHT )?(?:© ?)?\d{4}(?:-\d{4})?(?: [A-Z0-9&.' ]{2,40})?"
    r"|PROPERTY OF [A-Z0-9&.' ]{2,40}|V(?:ERSION )?\.?\d[\d.]{0,6}"
    r"|(?:(?:PAGE|SEITE|P\.) ?)?\d{1,4}(?: ?(?:OF|/|VON|DE) ?\d{1,4})?|(?:PAGE|SEITE)|"
)
_OWNER = re.compile(r"(?!NOT\b|NON|RE$)(?:[A-Z0-9ÄÖÜ][A-Z0-9ÄÖÜ&.'’-]{0,20} ?){1,5}")
MOST = 6  # parts of a line


def read(said: str, *, placed: bool) -> Level | None:
    """The level of a line in capitals; ``placed`` where marks are printed, so that an owner and ordinary words do.

    Elsewhere an ordinary word counts beside one that says what must not be done.
    """
    parts = _PARTING.split(said)
    if len(parts) > MOST:
        return None
    levels, ordinary, riders, owners = [], [], 0, 0
    for part in parts:
        if _HIGH.fullmatch(part):
            levels.append(Level.CONFIDENTIAL)
        elif _LOW.fullmatch(part):
            levels.append(Level.INTERNAL)
        elif part in _ORDINARY:
            ordinary.append(_ORDINARY[part])
        elif _RIDER.fullmatch(part):
            riders += 1
        elif not _BESIDE.fullmatch(part):
            owners += 1
            if not _OWNER.fullmatch(part):
                return None
    if owners > 1 or (owners and not placed):
        return None
    counted = levels + ordinary if placed or riders or levels else levels
    return max(counted, default=None)


def owned(said: str) -> Level | None:
    """The level of one part that an owner's name begins: ACME BANK INTERNAL USE, ACME INTERNAL."""
    words = said.split(" ")
    for at in range(1, min(len(words), 4)):
        name, rest = " ".join(words[:at]), " ".join(words[at:])
        if _OWNER.fullmatch(name) and (_HIGH.fullmatch(rest) or _LOW.fullmatch(rest) or rest == "INTERNAL"):
            return Level.CONFIDENTIAL if _HIGH.fullmatch(rest) else Level.INTERNAL
    return None
