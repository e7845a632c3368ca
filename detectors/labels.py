"""Marks that no reader sees on the page: sensitivity labels, document properties, file and sheet names.

Sources: Microsoft Information Protection label metadata ([MS-OFFCRYPTO] 2.6.3, ``MSIP_Label_<GUID>_<attribute>`` custom
properties); company practice of putting the level into the file name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome, Segment, Zone
from detectors.normal import Normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "label"
_MSIP = re.compile(r"MSIP_Label_(?P<guid>[0-9a-fA-F-]{36})_(?P<attribute>\w+)")
_KEY = re.compile(
    r"密级|涉密|保密|classification|sensitivity|confidentiality|protective.?marking|security.?level|\blabel\b|marking",
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
_KEYWORDS = re.compile(r"[,;；，|]")
LONGEST = 400


def tokens(segment: Segment) -> Segment | None:
    """A name or a list of keywords with a line break for every separator, so that each part stands alone."""
    if len(segment.text) > LONGEST:
        return None
    if segment.zone is Zone.NAME:
        return msgspec.structs.replace(segment, text=_SEPARATOR.sub("\n", segment.text))
    if segment.zone is Zone.PROPERTY and _KEYWORDS.search(segment.text):
        return msgspec.structs.replace(segment, text=_KEYWORDS.sub("\n", segment.text))
    return None


def switched_off(segments: Iterable[tuple[int, Segment]]) -> set[int]:
    """Numbers of the segments that belong to a label whose ``Enabled`` attribute is not true: an old one."""
    guids: dict[str, list[int]] = {}
    off: set[str] = set()
    for index, segment in segments:
        if msip := _MSIP.search(segment.where):
            guid = msip["guid"].lower()
            guids.setdefault(guid, []).append(index)
            if msip["attribute"] == "Enabled" and segment.text.strip().lower() not in {"true", "1"}:
                off.add(guid)
    return {index for guid in off for index in guids[guid]}


def read(segments: Iterable[tuple[int, Segment]]) -> Iterator[Mark]:
    """Marks from sensitivity labels and from properties whose name says they hold a level."""
    for index, segment in segments:
        msip = _MSIP.search(segment.where)
        if msip and msip["attribute"] != "Name":
            continue
        if msip or segment.zone is Zone.LABEL or _KEY.search(segment.where):
            mark = _word(index, segment)
            if mark:
                yield mark


def _word(index: int, segment: Segment) -> Mark | None:
    normal = Normal(segment.text[:LONGEST])
    for pattern, level in _BARE_WORDS:
        if match := pattern.search(normal.text):
            if level is Level.PUBLIC:
                return None
            start, end = normal.span(match.start(), match.end())
            word = segment.text[start:end]
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
                confidence=0.9,
                reason=reason,
                excerpt=" ".join(segment.text[:80].split()),
                segment=index,
                start=start,
                end=end,
            )
    return None
