r"""Corrections: what an officer signed as a false find. One applies to its own rule, within its own context only.

A context is written as people read it: ``#`` stands for a number, a blank for white space, a line break for the edge of
a line; all else is itself. Both sides must match, right before and right after the find. A false mark needs its whole
line, so that a mark that stands alone is never touched. Nothing corrected disappears: it stays in the result with the
correction's name, and raises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config.errors import SignatureError
from config.text import Text
from config.verdict import Mark, Outcome, Segment, Zone
from detectors.marks import REGIMES
from detectors.normal import Normal

if TYPE_CHECKING:
    from config.rules import Rule
    from detectors.engine import Detection, Engine

KIND = "corrections"
LEAST = 8  # letters of a context, each Han for two: what is shorter stands in too many places
SIGHT = 400  # characters on either side that are looked at
LONGEST = 300  # characters of one side of a context
_NEAR = 24  # characters of the line that make a context when it is derived
_NUMBER = re.compile("[0-9]+")
_BLANK = re.compile(r"[^\S\n]+")
_EDGE = re.compile(r" ?\n[ \n]*")
_HASHES = re.compile("#+")


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One false find. Dates are ISO; ``example`` must be corrected and ``counter_examples`` must still be found."""

    id: str
    rule: str
    zone: Zone = Zone.BODY  # the part of a document it stands in
    before: str
    after: str
    mark: str = ""  # of a marks rule: the mark itself, in the same form
    reason: str
    officer: str
    made: str
    expires: str
    example: str
    counter_examples: tuple[str, ...] = ()

    def note(self) -> Text:
        """What is said wherever it applies."""
        return Text(
            f"corrected by {self.officer} on {self.made}: {self.reason}",
            f"{self.officer}于{self.made}更正：{self.reason}",
        )


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payload of a signed file."""

    corrections: tuple[Correction, ...] = ()


def read(path: Path, begin: int) -> tuple[Correction, ...]:
    """The corrections of a verified file whose payload begins at ``begin`` (bytes); an empty payload holds none.

    Raises:
        SignatureError: the payload is not of this shape.
        OSError: it cannot be read.
    """
    payload = path.read_bytes()[begin:]
    if not payload:
        return ()
    try:
        return msgspec.json.decode(payload, type=Register).corrections
    except msgspec.DecodeError as problem:
        raise SignatureError(
            Text(f"{path.name} holds no corrections: {problem}", f"{path.name} 不含有效的更正条目：{problem}"),
            Text("have an officer sign it again", "请由保密管理员重新签发"),
        ) from None


class Corrections:
    """Corrections ready to apply. Without any, they cost nothing."""

    def __init__(self, entries: Sequence[Correction] = (), rules: Sequence[Rule] = ()) -> None:
        self.entries = tuple(entries)
        self._finds: dict[str, list[_Ready]] = {}
        self._marks: dict[str, list[_Ready]] = {}
        kinds = {rule.id: rule for rule in rules}
        for entry in self.entries:
            rule = kinds[entry.rule]
            if rule.kind == "marks":
                for name in _writes(rule):
                    self._marks.setdefault(name, []).append(_Ready(entry))
            else:
                self._finds.setdefault(entry.rule, []).append(_Ready(entry))

    def find(self, rule: str, segment: Segment, start: int, end: int, today: date) -> Correction | None:
        """The correction for a find of a rule at characters of a segment."""
        ready = self._finds.get(rule)
        return _first(ready, segment, start, end, today) if ready else None

    def mark(self, mark: Mark, segment: Segment, today: date) -> Mark:
        """The mark itself, or what is left of one that was corrected: a mention that says so."""
        ready = self._marks.get(mark.regime)
        if not ready or not mark.outcome.is_mark:
            return mark
        same = [each for each in ready if each.entry.mark == shape(mark.text).strip()]
        found = _first(same, segment, mark.start, mark.end, today)
        if found is None:
            return mark
        note = found.note()
        reason = Text(f"{mark.reason.en}; {note.en}", f"{mark.reason.zh}；{note.zh}")
        return msgspec.structs.replace(mark, outcome=Outcome.CORRECTED, reason=reason, corrected=found.id)


class _Ready:
    """A correction with its context compiled."""

    def __init__(self, entry: Correction) -> None:
        self.entry = entry
        self._before = re.compile(_pattern(entry.before) + r"\Z")
        self._after = re.compile(_pattern(entry.after))

    def holds(self, left: str, right: str) -> bool:
        return bool(self._before.search(left) and self._after.match(right))


def _first(ready: Sequence[_Ready], segment: Segment, start: int, end: int, today: date) -> Correction | None:
    sides: tuple[str, str] | None = None
    for each in ready:
        if each.entry.zone == segment.zone and str(today) <= each.entry.expires:
            sides = sides or _sides(segment.text, start, end)
            if each.holds(*sides):
                return each.entry
    return None


def _sides(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after, made plain; the ends of the text are edges of lines."""
    low, high = max(start - SIGHT, 0), min(end + SIGHT, len(text))
    left, right = Normal(text[low:start]).text, Normal(text[end:high]).text
    return ("" if low else "\n") + left, right + ("\n" if high == len(text) else "")


def _pattern(side: str) -> str:
    signs = {"#": "[0-9]{1,40}", " ": r"\s{1,20}", "\n": r"[^\S\n]{0,20}\n\s{0,20}"}
    return "".join(signs.get(sign) or re.escape(sign) for sign in shape(side))


def shape(text: str) -> str:
    """Text as a context: numbers and white space generalised."""
    return _EDGE.sub("\n", _BLANK.sub(" ", _HASHES.sub("#", _NUMBER.sub("#", Normal(text).text))))


def weight(*sides: str) -> int:
    """How much a context says: its letters, each Han for two."""
    return sum(2 if sign >= "\u2e80" else 1 for side in sides for sign in side if sign.isalpha())


def derive(text: str, start: int, end: int, *, whole: bool = False) -> tuple[str, str]:
    """The context of a find, both sides; ``whole`` takes the whole line, as marks need."""
    left, right = _sides(text, start, end)
    at = left.rfind("\n")
    after = right.find("\n") + 1 or len(right)
    if whole:
        return shape(left[max(at, 0) :]), shape(right[:after])
    near, far = left[max(at, len(left) - _NEAR, 0) :], right[: min(after, _NEAR)]
    if weight(near, far) < LEAST and at > 0:  # a number under its heading
        above = left.rstrip().rfind("\n", 0, at) if not left[at:].strip() else left.rfind("\n", 0, at)
        near = left[max(above, len(left) - 3 * _NEAR, 0) :]
    return shape(near), shape(far)


def prove(entry: Correction, engine: Engine, today: date) -> Text | None:
    """Why a correction, the only one in the engine, must not be used; nothing when it does what it may and no more."""
    rule = next(rule for rule in engine.rules.rules if rule.id == entry.rule)
    if max(len(entry.before), len(entry.after)) > LONGEST:
        return Text("its context is too long", "上下文过长")
    if weight(entry.before, entry.after) < LEAST:
        return Text(
            "its context is too broad: more letters must stand around the find", "上下文过于宽泛：前后需有更多文字"
        )
    if rule.kind == "marks" and not (entry.before.startswith("\n") and entry.after.endswith("\n") and entry.mark):
        return Text("the correction of a mark must name the whole line", "更正标志必须给出整行内容")
    found = engine.detect(entry.example, today, entry.zone)
    if _found(rule, found) or not _corrected(entry, found):
        return Text("its own example is not corrected", "其示例未被更正")
    for example in (*rule.hits, *entry.counter_examples):
        if not _found(rule, engine.detect(example, today, entry.zone)):
            return Text(f"it would silence “{example}”", f"它会使“{example}”不再报告")
    return None


def _found(rule: Rule, found: Detection) -> bool:
    if rule.kind == "marks":
        return any(mark.regime in _writes(rule) for mark in found.marks)
    return any(finding.rule == rule.id and not finding.corrected for finding in found.findings)


def _corrected(entry: Correction, found: Detection) -> bool:
    names = {*(each.corrected for each in found.findings), *(each.corrected for each in found.mentions)}
    return entry.id in names


def _writes(rule: Rule) -> frozenset[str]:
    return next(regime.writes for regime in REGIMES if regime.name == rule.regime)
