"""Notices that companies print in Latin letters or kana: Strictly Confidential, Classification: Internal, Vertraulich.

They fill a line or a cell, but for the number of the page, the owner, and words that say what must not be done. Several
of them are ordinary words: those count only in places made for marks, or after the name of their field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.levels import Level
from config.verdict import Zone
from detectors.marks import ladder, phrases, subject
from detectors.marks.spot import PLACES, Spot
from detectors.prefilter import BLANK, Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

ANCHORS: Sequence[Pattern] = (
    Pattern(
        r"(?:COMPANY|COMMERCIAL|BUSINESS|STRICTLY|HIGHLY|PRIVATE (?:AND|&))[ -]{1,3}(?:IN[ -])?CONFIDEN(?:TIAL|CE)",
        40,
        caseless=True,
    ),
    Pattern(r"^[^\nA-Za-z]{0,12}(?:Confidential|COMPANY RESTRICTED|Company Restricted|TRADE SECRET)(?![a-z])", 40),
    Pattern(
        r"[A-Z.,] CONFIDENTIAL(?: (?:AND|&) PROPRIETARY)?(?:[^\nA-Za-z]{0,12}$| ?[-–—:/] ?[A-Z])", 60, caseless=True
    ),
    Pattern(
        r"(?:INTERNAL USE|INTERNAL) ONLY|CONFIDENTIAL (?:AND|&) PROPRIETARY|(?:PROPRIETARY|PRIVILEGED) (?:AND|&) CONF"
        r"|CONFIDENTIAL (?:TREATMENT REQ|DRAFT)|DRAFT ?[-–—|] ?CONFIDENTIAL",
        40,
        caseless=True,
    ),
    Pattern(r"(?:COMPANY|BUSINESS) PROPRIETARY|(?:RESTRICTED|LIMITED|FOR) DISTRIBUTION", 40, caseless=True),
    Pattern(r"IS (?:[A-Z]{1,12} )?(?:CONFIDENTIAL|PROPRIETARY)", 40, caseless=True),
    Pattern(
        r"(?:lassification|ensitivity|onfidentiality|LASSIFICATION|ENSITIVITY)(?: [Ll]\w{4})?\s{0,2}[:：|\t]",
        40,
    ),
    Pattern(r"(?:Subject|Betreff|Objet)\s?:[^\n]{0,40}(?:CONFIDEN|INTERNAL|VERTRAULICH)", 80, caseless=True),
    Pattern(r"^[^\nA-Za-z]{0,12}C[0-4] ?[-–—:] ?[A-Z]", 24),
    Pattern(rf"(?:^|[{BLANK}])(?:Internal|INTERNAL)[^\nA-Za-z]{{0,24}}$", 40),
    Pattern(r"^[^\nA-Za-z]{0,12}(?:Internal|Restricted|INTERNAL|RESTRICTED|[Ii]ntern|Proprietary) ?[-–—|]", 40),
    Pattern(
        r"(?:PROPRIETARY|PRIVILEGED|COMPANY) (?:AND |& )?(?:CONFIDENTIAL|INTERNAL)|INTERNAL USE|HIGHLY RESTRICTED",
        40,
        caseless=True,
    ),
    Pattern(r"^[^\nA-Za-z]{0,12}CONFIDENTIAL ?[-–—|]", 40),
    Pattern(r"Information [Cc]lass\s{0,2}[:：]", 40),
    Pattern(
        r"vertraulich|confidentiel|confidencial|confidenziale|vertrouwelijk|ftsgeheimnis|triebsgeheimnis",
        24,
        caseless=True,
    ),
    Pattern(r"intern(?:en|em|er)? (?:gebrauch|gebruik)|(?:usage|diffusion|uso) intern|pas diffuser", 24, caseless=True),
    Pattern("社外秘|部外秘|[关關関][系係]者外秘", 8),
)
_AROUND = " *-_.|[]()<>©"  # signs that decorate a line
_FIRM = re.compile(r"\b(?:INC|CORP|CORPORATION|LTD|LIMITED|CO|LLC|PLC|GMBH|AG|COMPANY|GROUP|TECHNOLOGIES)\.?,? $")
_DASH = r" ?[-–—:/,.|]{1,2} ?"
_FORBIDDEN = r"(?:DO NOT [A-Z ]{4,24}|NOT FOR (?:EXTERNAL |PUBLIC |GENERAL )?(?:DISTRIBUTION|RELEASE|DISCLOSURE))"
_ENGLISH = re.compile(
    r"(?:[A-Z0-9][A-Z0-9&.,' ]{1,40} ?[-–—|/] ?(?=[A-Z& ]{5,16}[ -]CONFIDEN))?"
    r"(?P<high>(?:STRICTLY|HIGHLY|COMMERCIAL(?:LY)?|(?:STRICTLY )?PRIVATE (?:AND|&)) CONFIDENTIAL"
    r"|(?:COMPANY|BUSINESS)[ -]+(?:CONFIDENTIAL|PROPRIETARY)"
    r"|(?:ATTORNEY[ -]CLIENT |LEGALLY )?PRIVILEGED (?:AND|&) CONFIDENTIAL"
    r"(?:[-–—:/, ]+ATTORNEY[ -]\w{4,8}(?: \w{4,14})?)?"
    r"|CONFIDENTIAL TREATMENT REQUESTED(?: BY [A-Z0-9][A-Z0-9&.,' -]{1,60})?"
    rf"|(?P<draft>CONFIDENTIAL(?:{_DASH}| )DRAFT|DRAFT{_DASH}CONFIDENTIAL)"
    r"|(?:[A-Z0-9][A-Z0-9&.,' -]{1,40}? )?PROPRIETARY (?:AND|&) CONFIDENTIAL(?: INFORMATION)?"
    r"|(?P<owner>(?!NOT |NON)[A-Z0-9][A-Z0-9&.,' -]{1,40}? )?"
    r"(?:CONFIDENTIAL (?:AND|&) PROPRIETARY|(?P<bare>CONFIDENTIAL))(?: INFORMATION)?"
    r"|(?:COMMERCIAL|BUSINESS)[ -]+IN[ -]+CONFIDENCE)"
    rf"(?P<rider>{_DASH}(?:ATTORNEYS?'? EYES ONLY|OUTSIDE COUNSEL(?: EYES)? ONLY|(?:FOR )?INTERNAL USE(?: ONLY)?"
    rf"|{_FORBIDDEN}))?"
    rf"|(?P<low>(?:FOR )?INTERNAL USE ONLY|INTERNAL ONLY|(?:COMPANY )?INTERNAL USE|COMPANY RESTRICTED"
    rf"|RESTRICTED DISTRIBUTION|LIMITED DISTRIBUTION|NOT FOR (?:EXTERNAL |PUBLIC )?DISTRIBUTION"
    rf"|(?P<capital>TRADE SECRETS?))(?:{_DASH}(?:{_FORBIDDEN}|CONFIDENTIAL|(?:FOR )?INTERNAL (?:USE )?ONLY))?"
)
_STATED = re.compile(  # the paper says so of itself; of a message everybody's footer does
    r"THIS (?:DOCUMENT|REPORT|PRESENTATION|PROPOSAL|MEMORANDUM|SPECIFICATION|DRAWING|MANUAL) IS "
    r"(?:STRICTLY |HIGHLY |COMPANY )?(?:CONFIDENTIAL|PROPRIETARY)"
    r"(?: (?:AND|&) (?:PROPRIETARY|CONFIDENTIAL))?(?:[.,;]|$| (?:TO|AND|FOR|PROPERTY|INFORMATION)\b)"
)
_FIELD = re.compile(
    r"(?:(?:OVERALL|DOCUMENT|DATA|INFORMATION|SECURITY|CORPORATE) )?"
    r"(?:CLASSIFICATION|SENSITIVITY|CONFIDENTIALITY|(?<=INFORMATION )CLASS)"
    r"(?: (?:LEVEL|LABEL|CLASS))?\s{0,3}[:：|]\s{0,3}"
)
_GRADES = (
    (re.compile(r"TOP SECRET"), Level.TOP_SECRET),
    (re.compile(r"SECRET"), Level.SECRET),
    (
        re.compile(r"(?:C\d ?[-–:]? ?)?(?:STRICTLY |HIGHLY |COMPANY |COMMERCIAL(?:LY)? )?CONFIDENTIAL(?: \(?C?\d\)?)?"),
        Level.CONFIDENTIAL,
    ),
    (
        re.compile(
            r"(?:C\d ?[-–:]? ?)?INTERNAL(?: USE)?(?: ONLY)?|(?:HIGHLY )?RESTRICTED|PROPRIETARY|SENSITIVE"
            r"|COMPANY INTERNAL"
        ),
        Level.INTERNAL,
    ),
)
_STATES = frozenset({"TOP SECRET", "SECRET", "CONFIDENTIAL"})
_NAMED = re.compile(r"(?:(?:DOCUMENT|DATA|INFORMATION|SECURITY) )?(?:CLASSIFICATION|SENSITIVITY)(?: (?:LEVEL|LABEL))?")
_CODED = re.compile(r"C[0-4] ?[-–—:] ?")  # C2 - Internal
_PAGE = r"(?:(?:PAGE|SEITE|PAG\.?|P\.) ?)?\d{1,4}(?: ?(?:OF|/|VON|DE|SUR|DI) ?\d{1,4})?"
_LEFT = re.compile(r"(?:PAGE|SEITE) ?\d{1,4}(?: ?(?:OF|/|VON|DE) ?\d{1,4})?(?:[ |–—-]+)")
_RIGHT = re.compile(rf"(?:[ |–—-]+){_PAGE}$")
_HIGH_WORDS = (
    r"(?:STRENG |ÄUSSERST |FIRMEN|BETRIEBS)?VERTRAULICH|(?:GESCHÄFTS|BETRIEBS)GEHEIMNIS"
    r"|(?:STRICTEMENT |TRÈS |DOCUMENT )?CONFIDENTIEL|(?:ESTRICTAMENTE |ALTAMENTE |DOCUMENTO )?CONFIDENCIAL"
    r"|(?:STRETTAMENTE |DOCUMENTO )?(?:RISERVATO E )?CONFIDENZIALE|(?:STRIKT |STRENG |ZEER )?VERTROUWELIJK"
)
_LOW_WORDS = (
    r"(?:NUR )?F(?:Ü|UE)R (?:DEN )?INTERNEN (?:DIENST)?GEBRAUCH|NUR ZUM INTERNEN GEBRAUCH"
    r"|(?:(?:POUR|À|DOCUMENT À|RÉSERVÉ À L')? ?)?USAGE INTERNE(?: UNIQUEMENT| EXCLUSIVEMENT| EXCLUSIF| SEULEMENT)?"
    r"|DIFFUSION INTERNE|NE PAS DIFFUSER|(?:(?:SOLO|SÓLO|APENAS|EXCLUSIVO|AD) )?(?:(?:PARA|DE|PER) )?USO INTERNO"
    r"|(?:(?:ALLEEN|UITSLUITEND) )?VOOR INTERN GEBRUIK"
)
_WORDS = re.compile(
    rf"(?P<high>{_HIGH_WORDS})(?:{_DASH}(?:{_LOW_WORDS}))?|(?P<low>{_LOW_WORDS}|社外秘|部外秘|[关關関][系係]者外秘)"
    rf"(?:{_DASH}(?:{_LOW_WORDS}|{_HIGH_WORDS}))?"
)
STATED = 300  # characters of a sentence that says what the paper is
_BOXES = re.compile(r"[\W_]{0,4}(?:[\[(] [)\]]|[□☐])")  # a question of a form


def notice(spot: Spot) -> Level | None:
    """The level of a notice, in any case but for words that are ordinary, or another's mark, in one of them."""
    if not spot.prominent or ladder.listed(spot):
        return None
    said = " ".join(spot.text.upper().strip(_AROUND).split())
    said = _RIGHT.sub("", _LEFT.sub("", said, count=1), count=1)
    return stated(spot) or _graded(spot, said) or _english(spot, said) or _foreign(spot, said) or _composed(spot)


def stated(spot: Spot) -> Level | None:
    """The level of a paper that says of itself, in a sentence of its own, that it is confidential."""
    said = _STATED.match(" ".join(spot.text.upper().split())) and spot.prominent and spot.zone is not Zone.CELL
    return Level.CONFIDENTIAL if said else None


def _graded(spot: Spot, said: str) -> Level | None:
    """A grade after the name of its field, or after its code."""
    field = _FIELD.match(said)
    if _NAMED.fullmatch(spot.before.strip().upper()) and "\t" in spot.before:  # the only cell before it in the row
        return next((level for grade, level in _GRADES if grade.fullmatch(said)), None)
    if field and spot.text.lstrip(" *-_|[(")[:1].islower():  # a key in a program's settings
        return None
    code = None if field else _CODED.match(said)
    if found := field or code:
        rest = said[found.end() :]
        if rest in _STATES and spot.text.rstrip(" *-_.|)]").endswith(rest):  # in capitals it is a country's
            return None
        return next((level for grade, level in _GRADES if grade.fullmatch(rest)), None)
    return None


def _composed(spot: Spot) -> Level | None:
    """A line of several parts; the wide blanks between them are what parts them."""
    if spot.zone in {Zone.CELL, Zone.LABEL, Zone.PROPERTY, Zone.NAME} or not spot.text.strip(_AROUND)[:1].isalnum():
        return None
    placed = spot.zone in PLACES and (spot.text.strip(_AROUND)[:1].isupper() or "|" in spot.text)
    said = spot.text.upper().strip(_AROUND)
    return phrases.read(said, placed=placed) or (phrases.owned(" ".join(said.split())) if placed else None)


def _english(spot: Spot, said: str) -> Level | None:
    match = _ENGLISH.fullmatch(said)
    if not match or (match["capital"] and not spot.text.isupper()):
        return None
    if match["draft"] and spot.text.isupper():  # read as a country's, as the word alone is
        return None
    level = Level.CONFIDENTIAL if match["high"] else Level.INTERNAL
    if not match["bare"] or match["rider"]:
        return level
    if match["owner"]:  # also the titles of books and films
        return level if _FIRM.search(match["owner"]) or spot.zone in PLACES or spot.edge else None
    # labels and properties have a reader of their own, but for the subject of a message
    elsewhere = spot.zone in {Zone.CELL, Zone.LABEL, Zone.PROPERTY} and "property:Subject" not in spot.where
    if "\t" in spot.line:  # one of the cells of a table
        return None
    capital = spot.text.isupper() and not subject.LINE.match(spot.before)  # read as a country's
    asked = _BOXES.match(spot.following) is not None
    return None if elsewhere or asked or capital or said != match["bare"] else level


def _foreign(spot: Spot, said: str) -> Level | None:
    match = _WORDS.fullmatch(said)
    if not match or spot.text.strip(" *-_.|[]()<>")[:1].islower():
        return None
    if spot.zone in {Zone.CELL, Zone.LABEL, Zone.PROPERTY} and " " not in said:
        return None
    return Level.CONFIDENTIAL if match["high"] else Level.INTERNAL
