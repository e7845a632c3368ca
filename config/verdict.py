"""What is known of a file: segments in, findings and marks out, and how much of it was read.

These shapes are the words that extraction, detection, decision, report and review share.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum

import msgspec

from config.levels import Level
from config.text import Text


class Zone(StrEnum):
    """The part of a document a segment stands in. A mark is judged by it: a header is a likely place, a cell less."""

    BODY = "body"
    HEADER = "header"
    FOOTER = "footer"
    TEXTBOX = "textbox"
    WATERMARK = "watermark"
    TABLE = "table"
    CELL = "cell"
    NOTE = "note"  # footnote, endnote, comment, speaker note
    MASTER = "master"
    PROPERTY = "property"  # document and custom properties, PDF information
    LABEL = "label"  # machine-readable sensitivity labels
    NAME = "name"  # file name, sheet name

    __hash__ = str.__hash__  # Enum's own is written in Python, and every mark asks often


class Side(StrEnum):
    """Where on its line a paragraph stands."""

    CENTRE = "centre"
    RIGHT = "right"


class Segment(msgspec.Struct, frozen=True):
    """A piece of extracted text with its place.

    ``text`` may hold several lines; table cells of one row are parted by a tab. ``where`` is the place in the grammar
    of :mod:`config.places` without the line (``page 3``, ``header``, ``Sheet2!B7``, ``property:Company``); the line is
    counted from ``text``, beginning at ``first``, where ``lines`` says that line breaks are lines as the reader sees
    them. Rows of a sheet stand together in one segment, cells parted by tabs, so that a number is read beside its
    heading; ``cells`` then gives, in order, the offset (characters) where each run of adjacent cells begins, and the
    place of its first cell (``Sheet2!B7``); every tab after it steps one column on. ``sides`` gives, of a first page
    whose layout is known, the offsets of the lines, or their parts, that do not stand at the left.
    """

    text: str
    where: str
    zone: Zone = Zone.BODY
    page: int | None = None
    lines: bool = True
    cells: tuple[tuple[int, str], ...] = ()
    first: int = 1
    sides: tuple[tuple[int, Side], ...] = ()

    def at(self, offset: int) -> str:
        """The place of the character at ``offset``: its cell, its line, or ``where`` when neither is known."""
        if self.cells:
            start, cell = self.cells[max(0, bisect_right(self.cells, offset, key=lambda run: run[0]) - 1)]
            return _step(cell, self.text.count("\t", start, offset))
        if not self.lines:
            return self.where
        return f"{self.where} line {self.first + self.text.count(chr(10), 0, offset)}".lstrip()


def _step(cell: str, columns: int) -> str:
    """The cell that stands ``columns`` to the right: ``Sheet1!Z3`` and 1 give ``Sheet1!AA3``."""
    if not columns:
        return cell
    sheet, mark, place = cell.rpartition("!")
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    column = 0
    for letter in place[: len(place) - len(row)]:
        column = column * 26 + ord(letter) - 64
    return f"{sheet}{mark}{column_name(column + columns - 1)}{row}"


def column_name(index: int) -> str:
    """The letters of a column, counted from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


class Outcome(StrEnum):
    """What a string that looks like a mark turned out to be."""

    VALID = "MARK_VALID"
    MALFORMED = "MARK_MALFORMED"
    EXPIRED = "MARK_EXPIRED"
    CONDITION = "MARK_CONDITION"
    EXAM = "EXAM"
    WORK_SECRET = "WORK_SECRET"  # noqa: S105 - an outcome, not a password
    COMMERCIAL = "COMMERCIAL"
    FOREIGN = "FOREIGN"
    FIELD_FILLED = "FIELD_FILLED"
    # the ones below are mentions: they raise nothing
    CANCELLED = "MARK_CANCELLED"
    FIELD_BLANK = "FIELD_BLANK"
    MENTION = "MENTION"
    EXAMPLE = "EXAMPLE"
    TRAINING = "TRAINING"  # the mark itself, or a notice about the marks, says that they are for training
    CORRECTED = "CORRECTED"  # an officer signed that it is none

    __hash__ = str.__hash__

    @property
    def is_mark(self) -> bool:
        """Whether it stands under ``marks`` (true) or under ``mentions``."""
        return self not in _MENTIONS


_MENTIONS = {
    Outcome.CANCELLED,
    Outcome.FIELD_BLANK,
    Outcome.MENTION,
    Outcome.EXAMPLE,
    Outcome.TRAINING,
    Outcome.CORRECTED,
}


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A classification mark as an object; ``level`` is always what the mark says, even when expired."""

    regime: str  # cn, cn-commercial, cn-work, us, cui, uk, nato, eu ...
    level: Level
    outcome: Outcome
    text: str  # the mark as written, white space folded
    original: str  # the level word as written, such as 机密 or TOP SECRET
    where: str
    zone: Zone
    term: str | None = None  # 10年, 6个月, 长期, 2030年12月31日
    condition: str | None = None  # 启用前, 会议开始前
    dated: str | None = None  # ISO date the term counts from, where the document shows one
    expires: str | None = None  # ISO date
    caveats: tuple[str, ...] = ()
    confidence: float = 1.0
    reason: Text = Text("", "")
    excerpt: str = ""  # the mark in its masked surroundings
    corrected: str = ""  # the correction that made it a mention
    segment: int = 0  # index of the segment
    start: int = 0  # characters in the segment
    end: int = 0

    @property
    def raises(self) -> Level:
        """The level this mark gives to its file."""
        if not self.outcome.is_mark or self.outcome is Outcome.EXPIRED:
            return Level.PUBLIC
        return min(self.level, Level.INTERNAL) if self.outcome is Outcome.EXAM else self.level


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's hits in one file (or, from ``detect``, one hit)."""

    rule: str
    level: Level
    confidence: float
    where: str  # of the first hit
    name: Text = Text("", "")  # what people call what the rule finds
    excerpt: str  # masked, never the raw value
    count: int = 1
    about: bool = False  # the count is an estimate: a long list is not counted one by one
    digest: str = ""  # keyed (HMAC), never a bare hash of a guessable number
    reason: Text = Text("", "")
    corrected: str = ""  # the correction that applies: it is shown and raises nothing
    segment: int = 0
    start: int = 0
    end: int = 0

    @property
    def times(self) -> str:
        """How often, as it is shown: ×3, or ×≈12,000 for an estimate."""
        return f"×≈{self.count:,}" if self.about else f"×{self.count:,}"


class Reason(StrEnum):
    """Why a file, or a part of it, was not inspected. The list is closed."""

    ENCRYPTED = "encrypted"
    PASSWORD = "password"  # noqa: S105 - a reason, not a password
    TOO_LARGE = "too large"
    TOO_DEEP = "too deep"
    RATIO = "ratio"
    CORRUPT = "corrupt"
    UNSUPPORTED = "unsupported"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    PERMISSION = "permission"
    VANISHED = "vanished"
    CHANGED = "changed while read"
    OCR_OFF = "ocr off"


class Coverage(msgspec.Struct, frozen=True):
    """How much of a file was read. ``inspected`` is true only when nothing was left out."""

    inspected: bool = True
    reasons: tuple[str, ...] = ()  # a Reason, or "Reason: part" such as "unsupported: word/media/image1.png"
    partly: bool = False  # not all of it, but more than its name


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is."""

    path: str
    media_type: str
    size: int
    level: Level
    marks: tuple[Mark, ...] = ()
    mentions: tuple[Mark, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Text, ...] = ()  # what the file as a whole says, beyond its marks and findings; raises nothing
    coverage: Coverage = Coverage()
    sha256: str = ""
    ms: float = 0.0
    error: str = ""

    @property
    def status(self) -> str:
        """``sensitive``, ``error``, ``uninspected`` or ``clean``, the worst that holds."""
        if self.level > Level.PUBLIC:
            return "sensitive"
        if self.error:
            return "error"
        return "clean" if self.coverage.inspected else "uninspected"
