"""Marks of the United States: banner lines, portion marks and authority blocks.

Sources: 32 CFR 2001.20-2001.26; ISOO Marking Booklet Rev 4 (2018); DoDM 5200.01 vol. 2; and
the forms counted in released records of the 1960s (single slash, letter spacing, telegrams, damage by OCR).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.text import Text
from config.verdict import Mark, Outcome, Zone
from detectors.marks import authority, capco, drill, ladder, options, portions
from detectors.marks.expiry import join
from detectors.marks.portions import NAME, reason
from detectors.marks.regime import Facts, Regime, container
from detectors.marks.spot import Spot, lines
from detectors.offsets import Window
from detectors.prefilter import BLANK, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from detectors.block import Block

_S = f"[{BLANK}.-]{{0,3}}"
_SPACED = {word: _S.join(word) for word in ("SECRET", "CONFIDENTIAL")}
ANCHORS = (
    Pattern(_SPACED["SECRET"], 32),
    Pattern(_SPACED["CONFIDENTIAL"], 64),
    Pattern(r"(?:S[EFC0O]|5E)[CGEO0][RKP][EFC3][TIYFL1]|CONF[I1l]DENT[I1l]A[L1l]", 16),
    Pattern(r"\((?:TS|S|C)(?:/{1,2}[A-Z][A-Z ,/-]{0,40})?\)", 64),
    Pattern(r"(?:Declassify|DECLASSIFY)[ -]{1,2}(?:On|ON|on)\s{0,2}[:.]|\bDECL(?: ON)?\s{0,2}:", 40),
    Pattern(r"(?:Secret|Confidential)//", 40),
    Pattern(r"\bDECLASSIFIED\b|[Aa]pproved [Ff]or [Rr]elease|APPROVED FOR RELEASE", 24),
    Pattern(r"(?:CLASSIFICATION|Classification)\s{0,3}(?:LEVEL|Level)?\s{0,3}[:\t]", 40),
)
LEVELS = {"TOP SECRET": Level.TOP_SECRET, "SECRET": Level.SECRET, "CONFIDENTIAL": Level.CONFIDENTIAL}
_WORD = re.compile(
    rf"(?<![A-Za-z])(?<!\bEU )(?<!\bUK )(?<!NATO )(?<!OTAN )(?<!COSMIC )(?P<top>T{_S}O{_S}P{_S}[ /-]{{0,3}}|Top )?"
    rf"(?P<base>(?:Secret|Confidential)(?=//)|{_SPACED['SECRET']}|{_SPACED['CONFIDENTIAL']})(?![A-Za-z])"
)
# what OCR made of SECRET in 59 released records that carry no readable mark, most frequent first
_DAMAGED = re.compile(
    r"(?P<top>TOP\s{1,3})?(?P<base>SEGRET|SECKET|SEORET|SECREI|SECREY|SEERET|SECRFT|SFCRET|SCCRET|SECPET|5ECRET|SE0RET"
    r"|SECR3T|SECREF|SECREL|CONF[1l]DENT[I1l]A[L1l]|CONFIDENT[1l]A[L1l]|CONFIDENTIA[1l])"
)
_CONTROL = (
    r"(?:NOFORN|NF|ORCON|OC|PROPIN|PR|RELIDO|RSEN|RS|IMCON|FISA|FOUO|LES|SBU|SSI|EXDIS|LIMDIS|NODIS"
    r"|REL(?: TO)?\b[A-Z, ]*|DISPLAY ONLY[A-Z, ]*|HCS[A-Z0-9-]*|SI[A-Z0-9 -]*|TK|KDK|G|F?RD(?:-[A-Z0-9 ]+)?|CNWDI"
    r"|SAR-[A-Z -]+|FGI[A-Z ]*|NOCONTRACT|WNINTEL|SENSITIVE|NO FOREIGN DISSEM(?:INATION)?|[A-Z][A-Z0-9 ,-]{1,30})"
)
_SPACED_CONTROL = (
    r"(?:NOFORN|NOCONTRACT|ORCON|WNINTEL|NO FOREIGN DISSEM(?:INATION)?|NODIS|EXDIS|LIMDIS|STADIS|EYES ONLY"
    r"|SENSITIVE|COMINT|CODEWORD|UMBRA|GAMMA|ZARF|RUFF|MORAY|SPOKE|DAUNT|TRINE|DINAR"
    r"|ATOMAL|CNWDI|(?:FORMERLY )?RESTRICTED DATA)"
)
_BOUND = r"(?:MODIFIED HANDLING(?: AUTHORIZED)?|(?:FORMERLY )?RESTRICTED DATA|EYES ONLY|NOFORN|SENSITIVE)"
_TRAIL = re.compile(
    rf"\s*(?:/{{1,2}}|\s-\s|--|=|~)\s*{_CONTROL}(?:\s*/{{1,2}}\s*{_CONTROL})*|-{_BOUND}|\s+{_SPACED_CONTROL}(?:\s+{_SPACED_CONTROL})*"
)
# groups of date and time, or the post that sends and the number of its telegram
_TELEGRAM = re.compile(
    r"\s+(?:\d{6,7}Z?\s|\d{6}Z)|\.?\s+CITE\s"
    r"|\s+(?:SECTION \d\d OF \d\d\s+)?[A-Z]{3,12}(?: [A-Z]{2,12}){0,2} \d{5,6}\s*$"
)
_NOISE = re.compile(r"(?:[^A-Za-z]|\b[A-Za-z]{1,2}\b)*")
_PAGE = re.compile(
    r"(?:\bcover sheet\b|\bpage\b|\bof\b|\bcopy\b|\bdraft\b|\bwhen (?:filled in|completed)\b|[^A-Za-z])*", re.IGNORECASE
)
_SPOKEN = re.compile(r"(?:[A-Z]\.){2}|\b[A-Za-z]{1,8}['’][A-Za-z]{1,2}\b|\b(?:NO|IS|IT|MY|AN|BE|WE|HE)\b")
_ASKED = re.compile(r"[?!,]\W*$")  # L.A. and it's are words and no debris
_DENIED = re.compile(r"\s*[:=]\s*(?:NO|N|N/A|FALSE|0)\W*$", re.IGNORECASE)
_FIELD = re.compile(
    r"(?:Overall |Document |Security )?Classif(?:ication|ied)(?: Level)?\s*[:=\t|]\s*$|(?-i:\bCLASSIFICATION)\s{1,3}$",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?:^|\s)(?:Classification|CLASSIFICATION|Security Level)(?:\s|$)")
_STAMP = re.compile(
    r"^\W*DECLASSIFIED(?!\s+(?:ON|BY)?\s*:)\b"
    r"|^\W*(?i:(?:Sanitized Copy |Declassified (?:and|in Part)[A-Za-z -]{0,20} )?Approved for Release) ?:? ?"
    r"\d{4}/\d{2}/\d{2} ?:? ?CIA-RDP"
)
_CHOICES = re.compile(
    r"(?<![A-Z])(?:UNCLASSIFIED|INTERNAL|CONFIDENTIAL|TOP SECRET|SECRET|RESTRICTED(?! DATA)|OFFICIAL)(?![A-Z])"
)
_QUOTED = re.compile(r"[a-z]{3,}")
_ASSIGNED = re.compile(r"\s*(?:=\s*(?:[\"'\d(\[{]|$)|:\s*[\"'{\[])")  # a name in a program
_FOREIGN = re.compile(r"\W{0,6}//\s?(?P<owner>JOINT|[A-Z]{3}) ")  # of another country: //DEU SECRET
_NATIONS = re.compile(r"(?: [A-Z]{3,4}){1,12}\b")
_CHINESE = re.compile(r"[\u4e00-\u9fff，。、；（）]{4}")


def find(block: Block, windows: Sequence[Window], facts: Facts) -> Iterator[Mark]:
    """Banner lines and portion marks; stamps and declassification dates are noted for the end."""
    for start, end in lines(block, windows):
        line = block.text[start:end]
        if _STAMP.match(line) and Spot(block, start, end).prominent:
            facts.document(block.where(start)).stamps.add(NAME)
        if instruction := authority.read(line):
            facts.document(block.where(start)).instructions.append(instruction)
        low = start
        for cell in line.split("\t"):
            if cell.strip():
                yield from _cell(block, low, cell)
            low += len(cell) + 1
        yield from portions.read(block, start, line)


def _cell(block: Block, low: int, cell: str) -> Iterator[Mark]:
    choices = list(_CHOICES.finditer(cell))
    if len({match[0] for match in choices}) > 1:
        yield from _form(block, low, cell, choices)
        return
    for match in _WORD.finditer(cell):
        yield from _banner(block, low, cell, match)
    if len(cell) < 40 and not _WORD.search(cell) and (found := _DAMAGED.search(cell)):
        before, after = cell[: found.start()], cell[found.end() :]
        if _NOISE.fullmatch(before) and _NOISE.fullmatch(after) and len(before) + len(after) <= 10:
            spot = Spot(block, low + found.start(), low + found.end())
            word = ("TOP " if found["top"] else "") + ("CONFIDENTIAL" if found["base"].startswith("CON") else "SECRET")
            note = Text(f"; “{found['base']}” is read as {word}", f"；“{found['base']}”疑为 {word}")
            yield spot.mark(
                NAME, LEVELS[word], Outcome.FOREIGN, reason(spot, word, note), original=word, confidence=0.6
            )


def _banner(  # noqa: C901, PLR0911, PLR0912 - the ladder of readings, strongest first
    block: Block, low: int, cell: str, match: re.Match[str]
) -> Iterator[Mark]:
    base = re.sub(r"[^A-Z]", "", match["base"].upper())
    word = f"TOP {base}" if match["top"] else base
    if word not in LEVELS:
        return
    before, tail = cell[: match.start()], _TRAIL.match(cell, match.end())
    slashed = tail is not None and "//" in tail[0]
    end = tail.end() if tail else match.end()
    before, after, drilled = drill.without(before, cell[end:])
    before, after, owners = _owners(before, after)
    spot = Spot(block, low + match.start(), low + end)
    caveats = [part.strip(" -") for part in re.split(r"/+|\s-\s|--|[=~]", tail[0]) if part.strip(" -")] if tail else []
    if _FIELD.search(before, max(len(before.rstrip()) - _LABEL, 0)) or (
        not before.strip() and spot.zone in {Zone.TABLE, Zone.CELL} and _FIELD.fullmatch(spot.previous + ":")
    ):
        if _NOISE.fullmatch(after):
            yield spot.mark(
                NAME,
                LEVELS[word],
                Outcome.FIELD_FILLED,
                reason(spot, word),
                original=word,
                caveats=caveats,
                confidence=0.9,
            )
        return
    caveats += owners
    if _ASSIGNED.match(after) or _DENIED.match(after):
        return
    if not slashed and ladder.listed(spot):
        note = Text("; it is one of a list of levels", "；是逐行列出的密级之一")
        yield spot.mark(NAME, LEVELS[word], Outcome.EXAMPLE, reason(spot, word, note), original=word, confidence=0.5)
        return
    if _LIFTED.match(after) or _FORMER.search(before):
        note = Text("; cancelled on the same line", "；同一行注明已解除")
        yield spot.mark(NAME, LEVELS[word], Outcome.CANCELLED, reason(spot, word, note), original=word, confidence=0.5)
        return
    if slashed and _stands(before, after):
        sure = 0.97 if _NOISE.fullmatch(before) and _PAGE.fullmatch(after) else 0.85
    elif slashed:
        yield spot.mark(
            NAME, LEVELS[word], Outcome.MENTION, reason(spot, word, _SENTENCE), original=word, confidence=0.5
        )
        return
    elif _NOISE.fullmatch(before) and _telegram(after):
        sure = 0.85
    elif _column(spot, before, after):
        yield spot.mark(NAME, LEVELS[word], Outcome.FIELD_FILLED, reason(spot, word), original=word, confidence=0.75)
        return
    elif _alone(before, after):
        if spot.zone is Zone.CELL and not spot.head and not tail:
            return
        sure = 0.9 if spot.prominent or tail or drilled else 0.8
    else:
        return
    yield spot.mark(
        NAME,
        LEVELS[word],
        Outcome.FOREIGN,
        reason(spot, word, capco.said(caveats)),
        original=word,
        caveats=caveats,
        confidence=sure,
    )


_LABEL = 80  # characters that the name of the field can have, with the white space in it
_LIFTED = re.compile(r"\s*(?:\(?DECLASSIFIED|CANCELLED|DOWNGRADED)", re.IGNORECASE)
_FORMER = re.compile(r"(?:DECLASSIFIED|FORMERLY|WAS)\W*$")
_PAGE_WORDS = re.compile(r"\b(?:cover sheet|page|copy|of|draft|when filled in|when completed)\b", re.IGNORECASE)
_SUBJECT = re.compile(r"\W{0,3}(?:(?:Subject|SUBJECT|Re|RE|Fwd|FW):\s{0,2}){0,3}\W{0,3}")
_GOES_ON = re.compile(r"\s{0,2}[-:|]")
_SENTENCE = Text("; it stands in a sentence", "；出现在句子中")


def _owners(before: str, after: str) -> tuple[str, str, list[str]]:
    """Of another country or of several: ``//DEU SECRET``, ``//JOINT SECRET CAN DEU USA``."""
    owner = _FOREIGN.fullmatch(before)
    if not owner:
        return before, after, []
    nations = _NATIONS.match(after) if owner["owner"] == "JOINT" else None
    return (
        "",
        after[nations.end() :] if nations else after,
        [f"JOINT{nations[0]}" if nations else f"FGI {owner['owner']}"],
    )


def _stands(before: str, after: str) -> bool:
    """With its controls it is a mark among capitals too, and in the subject of a message; in a sentence it is not."""
    if len(before) > 40:
        return False
    if _SUBJECT.fullmatch(before) and _GOES_ON.match(after):
        return True
    around = _PAGE_WORDS.sub("", before + " " + after)
    return not (_QUOTED.search(around) or _CHINESE.search(around))


def _alone(before: str, after: str) -> bool:
    """Nothing but a page number, stray signs or the debris of OCR beside it."""
    return (
        len(before.strip()) <= 12
        and len(after.strip()) <= (20 if "hen " in after.lower() else 14)
        and bool(_NOISE.fullmatch(before) or _PAGE.fullmatch(before))
        and bool(_NOISE.fullmatch(after) or _PAGE.fullmatch(after))
        and not _SPOKEN.search(before)
        and not _ASKED.match(after)
    )


def _column(spot: Spot, before: str, after: str) -> bool:
    """A table whose grid is lost: the line starts with the level, and a head above says ``Classification``."""
    if before.strip() or not after[:1].isspace() or not spot.head or len(after) > 60:
        return False
    return any(_HEADING.search(line) and len(line.split()) > 1 and len(line) < 80 for line in spot.above)


def _telegram(after: str) -> bool:
    return _TELEGRAM.match(after) is not None and not re.search(r"[a-z]{3,}", after)


def _form(block: Block, low: int, cell: str, choices: list[re.Match[str]]) -> Iterator[Mark]:
    """Several levels on one line: a form, unless one of them is ticked."""
    known = [match for match in choices if match[0] in LEVELS]
    if not known or _QUOTED.search(re.sub(r"\(.*\)", "", cell)):
        return
    signs = options.ticked(cell, tuple(match.span() for match in choices))
    if signs and len(signs) == 1:
        match = choices[next(iter(signs))]
        if match[0] in LEVELS:
            spot = Spot(block, low + match.start(), low + match.end())
            note = Text("; this level is ticked", "；勾选了该密级")
            yield spot.mark(
                NAME,
                LEVELS[match[0]],
                Outcome.FIELD_FILLED,
                reason(spot, match[0], note),
                original=match[0],
                confidence=0.85,
            )
        return
    spot = Spot(block, low + known[0].start(), low + known[-1].end())
    note = Text("; a form with several levels to choose from", "；表单列出多个可选密级")
    yield spot.mark(NAME, LEVELS[known[-1][0]], Outcome.FIELD_BLANK, reason(spot, spot.text, note), confidence=0.5)


def settle(marks: list[Mark], facts: Facts) -> list[Mark]:
    """Weigh weak portions by their company, let authority blocks and stamps take effect; document by document."""
    mine: dict[str, list[Mark]] = {}
    for mark in marks:
        if mark.regime == NAME and mark.outcome.is_mark:
            mine.setdefault(container(mark.where), []).append(mark)
    kept = {id(mark) for company in mine.values() for mark in _trusted(company)}
    return [
        _settled(mark, facts) if id(mark) in kept else mark
        for mark in marks
        if mark.regime != NAME or not mark.outcome.is_mark or id(mark) in kept
    ]


def _trusted(company: list[Mark]) -> list[Mark]:
    """Without the letters in brackets that nothing else in the document supports."""
    banner = any(mark.confidence >= 0.6 for mark in company)
    kinds = {mark.original for mark in company if mark.confidence == portions.LETTER}
    return company if banner or len(kinds) > 1 else [mark for mark in company if mark.confidence != portions.LETTER]


def _settled(mark: Mark, facts: Facts) -> Mark:
    document = facts.document(mark.where)
    if NAME in document.stamps:
        note = Text("; the document carries a declassification stamp", "；文件上有解密章")
        return msgspec.structs.replace(mark, outcome=Outcome.CANCELLED, reason=join(mark.reason, note))
    ends, event = authority.latest(document.instructions)
    if not ends:
        note = Text(f", until: {event}", f"，解密条件：{event}") if event else Text("", "")
        return msgspec.structs.replace(mark, condition=event or None, reason=join(mark.reason, note))
    over = ends < facts.today
    note = Text(
        f", declassified on {ends}" if over else f", to be declassified on {ends}",
        f"，已于{ends}解密" if over else f"，{ends}解密",
    )
    return msgspec.structs.replace(
        mark,
        expires=str(ends),
        condition=event or None,
        reason=join(mark.reason, note),
        outcome=Outcome.EXPIRED if over else mark.outcome,
    )


US = Regime(NAME, ANCHORS, find, frozenset({NAME}), settle)
