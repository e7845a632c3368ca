"""What stands at a level word: level, star and term, however they are spaced, broken or damaged by OCR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from config.levels import Level
from config.places import place
from config.text import Text
from config.verdict import Mark, Outcome
from detectors.marks import terms
from detectors.marks.expiry import NAME, join
from detectors.marks.spot import Spot, collapse, reach, squeeze

if TYPE_CHECKING:
    from detectors.block import Block

_BROKEN = str.maketrans("宓蜜杋枧", "密密机机")  # what OCR makes of the two signs
LEVELS = {"绝密": Level.TOP_SECRET, "机密": Level.SECRET, "秘密": Level.CONFIDENTIAL}
MOST_YEARS = {"绝密": 30, "机密": 20, "秘密": 10}  # 保守国家秘密法 art. 20
STARS = "★☆✩✪⭐✭✰✱✲✳✶✷✸✹✻⋆﹡※*●·•◆✦✧✡✴✵✺❂❉❊❋⍟⭑⭒⚝🌟"
READ_AS_STAR = "太大夫女火犬木文kxX×"  # what OCR makes of ★ in 3号黑体

GAP = r"[^\S\n]{0,4}"
LEVEL = re.compile(
    rf"(?P<flat>[绝机秘杋枧]{GAP}[密宓蜜])|^[^\S\n]*(?P<tall>[绝机秘][^\S\n]*\n[^\S\n]*密)[^\S\n]*$", re.MULTILINE
)
_STAR = re.compile(rf"[{re.escape(STARS)}]{{1,3}}")
_EXAM = r"(?:考试结束|启用|启封|开考|使用)前"
_MISREAD = re.compile(rf"[{READ_AS_STAR}](?=[(（]?(?:\d|长期|永久|[一二三五十]|{_EXAM}))")
# any other sign may be a damaged star where only a term follows it, but for words that make sense there
_DAMAGED = re.compile(
    r"[^\d\s:：,，.。;；、()（）\[\]【】\"“”'级期满约共第近超于至到为是达需须应可将保解限不后前内每仅已过按与和及或等的性]"
    rf"(?=(?:[1-3]?\d年|1?\d个?月|长期|{_EXAM})$)"
)
_WHOLE = re.compile(rf"[{re.escape(STARS)}](?:{terms.TERM.pattern})")
_PERIOD = re.compile(r"^[(（)）\]】]?[，,;；|/、]?(?:保密)?(?:期限|时限|年限|期)[:：|]?")


class Reading(msgspec.Struct):
    """What stands at a level word."""

    spot: Spot
    word: str
    star: str = ""
    leading: bool = False  # the star stands before the level
    misread: bool = False
    term: terms.Term | None = None
    tall: bool = False
    fielded: bool = False  # the term stands in a field of its own
    trailing: bool = False  # the star stands after the term
    broken: bool = False  # one of its two signs is damaged


def read(block: Block, start: int, end: int, *, tall: bool) -> Reading:
    """Star and term after a level word, whatever white space lies between them."""
    text = block.text
    line = block.bounds(end)[1]
    stop = _tower(text, end) if tall else min(line, end + 60)
    tail = squeeze(text[end:stop])
    seen = squeeze(text[start:end])
    word = seen.translate(_BROKEN)
    begin, star = start, ""
    led = False
    used = 0
    if found := _STAR.match(tail):
        star, used = found[0], found.end()
    before = text[max(start - 8, 0) : start].rstrip(" \t\u3000")
    if before and before[-1] in STARS and before[-1] not in "*·•":
        led, begin = True, start - (len(text[max(start - 8, 0) : start]) - len(before)) - 1
    misread = trailing = False
    if not star and (found := _MISREAD.match(tail) or _DAMAGED.match(tail)):
        misread, star, used = True, found[0], found.end()
    term = None
    if found := terms.TERM.match(tail, used):
        term = terms.parse(found)
        used = found.end() if term else used
    if term and not star and (found := _STAR.match(tail, used)) and found.end() == len(tail):
        star, used, trailing = found[0], found.end(), True  # a PDF draws the star last when its font lacks the sign
    fielded = False
    if not term and (period := _PERIOD.match(tail, used)) and (found := terms.TERM.match(tail, period.end())):
        term, used, fielded = terms.parse(found), found.end(), True
    if not tall and not term and used == len(tail) and (broken := _broken(text, line, star)):
        star, term, stop = broken
        return Reading(Spot(block, begin, stop), word, star, led, False, term, True)
    finish = end + reach(text[end:stop], used)
    return Reading(Spot(block, begin, finish), word, star, led, misread, term, tall, fielded, trailing, word != seen)


def _broken(text: str, line: int, star: str) -> tuple[str, terms.Term | None, int] | None:
    """What is missing of a mark, alone on the next line or two: the box around it was too narrow."""
    stop, plain = line, ""
    at: list[int] = []
    for _ in range(2):
        end = text.find("\n", stop + 1)
        end = len(text) if end < 0 else end
        kept, places = collapse(text[stop + 1 : min(end, stop + 40)])
        plain, at, stop = plain + kept, at + [stop + 1 + place for place in places], end
        sign = _STAR.match(plain)
        if not plain or not (sign or star):
            return None
        used = sign.end() if sign else 0
        if found := terms.TERM.fullmatch(plain, used):
            return star or plain[:used], terms.parse(found), at[-1] + 1
        if used != len(plain):
            break
    first = _STAR.match(plain) if not star else None
    return (first[0], None, at[first.end() - 1] + 1) if first and _lone(text, line, first[0]) else None


def _lone(text: str, line: int, star: str) -> bool:
    """The next line holds the star and nothing else."""
    end = text.find("\n", line + 1)
    return text[line + 1 : len(text) if end < 0 else end].strip() == star


def _tower(text: str, end: int) -> int:
    """The end of a mark written downwards: the following lines that hold one to three characters."""
    stop = end
    for _ in range(14):
        after = text.find("\n", stop + 1)
        after = len(text) if after < 0 else after
        below = squeeze(text[stop + 1 : min(after, stop + 40)])
        whole = _WHOLE.fullmatch(below) is not None
        if not whole and not 0 < len(below) <= 3:
            break
        stop = after
        if whole:
            break
    return stop


def make(found: Reading, outcome: Outcome, note: Text, confidence: float = 0.9) -> Mark:
    """The mark of a reading, with its reason in words."""
    where = found.spot.where
    term = found.term
    said = Text(f", term {term.text}", f"，保密期限{term.text}") if term else Text("", "")
    if term and term.condition:
        said = Text(f", until: {term.text}", f"，解密条件“{term.text}”")
    reason = Text(f"mark “{found.word}”{said.en}, at {where}", f"密级“{found.word}”{said.zh}，位于{place(where, 'zh')}")
    if note.en:
        reason = join(reason, Text(f"; {note.en}", f"；{note.zh}"))
    return found.spot.mark(
        NAME,
        LEVELS[found.word],
        outcome,
        reason,
        original=found.word,
        confidence=confidence if outcome.is_mark else 0.5,
        term=term.text if term and not term.condition else None,
        condition=term.condition if term else None,
    )
