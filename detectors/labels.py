"""Marks that no reader sees on the page: sensitivity labels, document properties, file and sheet names.

Sources: Microsoft Information Protection label metadata ([MS-OFFCRYPTO] 2.6.3, ``MSIP_Label_<GUID>_<attribute>`` custom
properties); the properties and headers that TITUS (``Classification``, ``X-TITUS-Metadata-40``) and Boldon James
(``bjDocumentSecurityLabel``) write; GB/T 33190 custom data (密级, 保密期限); company practice of putting the level into
the file name. A GUID means what the organisation's own table says (``labels`` in a rule file).
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome, Segment, Zone
from detectors.marks import subject
from detectors.marks.regime import container
from detectors.normal import Normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from config.rules import Label

NAME = "label"
_MSIP = re.compile(r"MSIP_Label_(?P<guid>[0-9a-fA-F-]{36})_(?P<attribute>\w+)")
_KEY = re.compile(
    r"密级|涉密|保密|密等|classification|sensitivity|confidentiality|protective.?marking|security.?level|\blabel\b|marking"
    r"|titus|\bbj(?:Document|Cls|Header|Footer)|securitylabel|data.?class|\bSEC(?:LABEL|CLASS)\b",
    re.IGNORECASE,
)
_BARE_WORDS = (  # first match wins: the higher level stands above
    (re.compile(r"top[ _-]?secret|绝密", re.IGNORECASE), Level.TOP_SECRET),
    (
        re.compile(
            r"\bnon?[ _-]?confidential|not[ _-]confidential|unclassified|非密|非涉密|公开|\bpublic\b", re.IGNORECASE
        ),
        Level.PUBLIC,
    ),
    (re.compile(r"\bsecret\b|机密", re.IGNORECASE), Level.SECRET),
    (re.compile(r"\bconfidential\b|\brestricted\b|核心商密|(?<!商业)(?<!工作)秘密", re.IGNORECASE), Level.CONFIDENTIAL),
    (
        re.compile(
            r"\binternal\b|\bcui\b|\bfouo\b|official[ -]sensitive|\bproprietary\b|内部|普通商密|商业秘密|工作秘密|受控",
            re.IGNORECASE,
        ),
        Level.INTERNAL,
    ),
)
# separators of a name; a space or hyphen inside a two-word level holds it together
_SEPARATOR = re.compile(
    r"[\[\]【】()（）_.,;；，、+《》「」{}]|(?<!TOP)(?<!NATO)(?<!COSMIC)(?<!\bEU)(?<!\bUK)(?<!OFFICIAL)"
    r"(?<!VS)[ \u3000—–-](?!\s*★)|(?<=[^\x00-\x7f])-|-(?=[^\x00-\x7f])"
)
# two words of one level that the separators parted
_PARTED = re.compile(
    r"(?<=TOP)\n(?=SECRET)|(?:(?<=STRICTLY)|(?<=HIGHLY)|(?<=COMPANY))\n(?=CONFIDENTIAL)"
    r"|(?<=INTERNAL)\n(?=ONLY|USE)|(?<=USE)\n(?=ONLY)",
    re.IGNORECASE,
)
_KEYWORDS = re.compile(r"[,;；，|]")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_REMOVED = re.compile(r"\b(?:enabled=(?:0|false)|removed=(?:1|true))\b|_Enabled=(?:false|0)\b", re.IGNORECASE)
_TERM = re.compile(r":(?:保密|涉密)?(?:期限|年限|时限)$")
_TITUS = re.compile(r"^\s*x-titus-metadata", re.IGNORECASE)
_VALUE = re.compile(r"\"value\"\s{0,3}:\s{0,3}\"(?P<value>[^\"]{1,120})\"")
_FILTERING = re.compile(r"spam|antispam|forefront|virus|exchange-", re.IGNORECASE)  # these classify mail, not secrets
MOST_METADATA = 20_000  # characters of TITUS metadata that are decoded
LONGEST = 400


def tokens(segment: Segment) -> Segment | None:
    """A name or a list of keywords with a line break for every separator, so that each part stands alone."""
    if len(segment.text) > LONGEST:
        return None
    if segment.zone is Zone.NAME:
        return msgspec.structs.replace(segment, text=_PARTED.sub(" ", _SEPARATOR.sub("\n", segment.text)))
    if segment.zone is Zone.PROPERTY and segment.where.endswith("property:Subject"):
        return _opened(segment)
    if segment.zone is Zone.PROPERTY and _KEYWORDS.search(segment.text):
        return msgspec.structs.replace(segment, text=_KEYWORDS.sub("\n", segment.text))
    return None


def _opened(segment: Segment) -> Segment | None:
    """A subject with a line break on both sides of the words in brackets, or before a colon, that it begins with."""
    text = segment.text
    found = subject.OPENING.match(text)
    if not found:
        return msgspec.structs.replace(segment, text=_KEYWORDS.sub("\n", text)) if _KEYWORDS.search(text) else None
    breaks = {found.start(part) for part in ("open", "close", "colon") if found[part]} | {found.end("replies") - 1}
    return msgspec.structs.replace(
        segment, text="".join("\n" if at in breaks else sign for at, sign in enumerate(text))
    )


def switched_off(segments: Iterable[tuple[int, Segment]]) -> set[int]:
    """Numbers of the segments that belong to a label that was taken away: an old one."""
    guids: dict[str, list[int]] = {}
    off: set[str] = set()
    out: set[int] = set()
    for index, segment in segments:
        if msip := _MSIP.search(segment.where):
            guid = msip["guid"].lower()
            guids.setdefault(guid, []).append(index)
            if msip["attribute"] == "Enabled" and segment.text.strip().lower() not in {"true", "1"}:
                off.add(guid)
        elif segment.zone is Zone.LABEL and _REMOVED.search(segment.text):
            out.add(index)
    return out | {index for guid in off for index in guids[guid]}


def read(segments: Sequence[tuple[int, Segment]], table: Sequence[Label] = ()) -> Iterator[Mark]:
    """Marks from sensitivity labels and from properties whose name says they hold a level.

    Args:
        segments: names, properties and labels of one file, with their numbers.
        table: an organisation's labels; what it says of one goes before the words in it.
    """
    known = {label.id.casefold(): label for label in table}
    said: set[tuple[str, str]] = set()  # a label has many attributes; it is one mark
    for index, segment in segments:
        text, where = segment.text, segment.where
        if label := _listed(segment, known):
            key = (container(where), label.id.casefold())
            if key not in said and label.level is not Level.PUBLIC:
                said.add(key)
                yield _mark(index, segment, label.level, label.name.en or label.id, 0, min(len(text), LONGEST), 0.97)
            continue
        msip = _MSIP.search(where)
        if msip and (msip["attribute"] != "Name" or msip["guid"].lower() in known):
            continue
        if where.endswith("property:headers"):
            yield from _headers(index, segment)
        elif msip or segment.zone is Zone.LABEL or _KEY.search(where):
            yield from _word(index, segment, 0, text[:LONGEST])


def termed(marks: list[Mark], segments: Sequence[tuple[int, Segment]]) -> list[Mark]:
    """Levels in a property (密级) get the term that stands in another (保密期限)."""
    terms = {
        container(segment.where): " ".join(segment.text.split())
        for _, segment in segments
        if segment.zone is Zone.PROPERTY and _TERM.search(segment.where) and 0 < len(segment.text.strip()) <= 20
    }
    return [_termed(mark, terms.get(container(mark.where), "")) for mark in marks]


def _termed(mark: Mark, term: str) -> Mark:
    if not term or mark.zone is not Zone.PROPERTY or mark.term or mark.condition:
        return mark
    reason = Text(
        f"mark “{mark.original}” at {mark.where}, term {term} in a property of its own",
        f"密级“{mark.original}”，位于{place(mark.where, 'zh')}，另一属性写明保密期限{term}",
    )
    return msgspec.structs.replace(mark, term=term, reason=reason)


def _listed(segment: Segment, known: dict[str, Label]) -> Label | None:
    """The organisation's own word on a label: by its GUID, or by all of its text."""
    if not known or not (segment.zone is Zone.LABEL or _MSIP.search(segment.where) or _KEY.search(segment.where)):
        return None
    for guid in _GUID.findall(f"{segment.where} {segment.text[: LONGEST * 10]}"):
        if guid.lower() in known:
            return known[guid.lower()]
    return known.get(" ".join(segment.text[:LONGEST].split()).casefold())


def _headers(index: int, segment: Segment) -> Iterator[Mark]:
    """Mail headers that carry a level: ``X-Classification: SECRET``, and TITUS metadata, which is JSON in base64."""
    at = 0
    for line in segment.text.split("\n"):
        name, colon, value = line.partition(":")
        start, at = at + len(name) + 1, at + len(line) + 1
        if not colon or _FILTERING.search(name):
            continue
        if _TITUS.search(name):
            for each in _VALUE.finditer(_decoded(value)):
                yield from _word(index, segment, start, value, each["value"])
        elif _KEY.search(name):
            yield from _word(index, segment, start, value[:LONGEST])


def _decoded(value: str) -> str:
    try:
        return base64.b64decode("".join(value.split())[:MOST_METADATA], validate=True).decode("utf-8", "replace")
    except ValueError:
        return value[:MOST_METADATA]


def _word(index: int, segment: Segment, offset: int, shown: str, said: str | None = None) -> Iterator[Mark]:
    """The level word in a stretch of the segment; ``said`` is its meaning where the stretch is coded."""
    normal = Normal(shown if said is None else said)
    for pattern, level in _BARE_WORDS:
        if match := pattern.search(normal.text):
            if level is Level.PUBLIC:
                return
            start, end = normal.span(match.start(), match.end())
            word = (shown if said is None else said)[start:end]
            if said is not None:
                start, end = 0, len(shown)
            yield _mark(index, segment, level, word, offset + start, offset + end, 0.9)
            return


def _mark(index: int, segment: Segment, level: Level, word: str, start: int, end: int, confidence: float) -> Mark:
    reason = Text(
        f"the label or property says “{word}”, at {segment.where}",
        f"敏感度标签或文档属性写明“{word}”，位于{place(segment.where, 'zh')}",
    )
    return Mark(
        regime=NAME,
        level=level,
        outcome=Outcome.FIELD_FILLED,
        text=" ".join(segment.text[:80].split()),
        original=word,
        where=segment.where,
        zone=segment.zone,
        confidence=confidence,
        reason=reason,
        excerpt=" ".join(segment.text[:80].split()),
        segment=index,
        start=start,
        end=end,
    )
