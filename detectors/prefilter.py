"""One pass over the text that says which patterns may match, and where.

Vectorscan (the PyPI wheel ``hyperscan``) compiles every pattern with ``HS_FLAG_PREFILTER``: look-arounds are allowed,
and it may report too much but never too little. The exact pattern then runs in a window around each report. Where the
wheel is missing, or the database cannot be built, the exact patterns themselves say where to look, so the same hits
are found, only slower.
"""

from __future__ import annotations

import hashlib
import platform
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec
import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None

LIMIT: Final = 1.0  # seconds one pattern may take on one block; a window needs microseconds
BURST: Final = 50_000  # reports from one block, before the scan falls back to whole-text windows
BLANK: Final = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"  # for a class: \s is ASCII to Vectorscan
Window = tuple[int, int]


class Pattern(msgspec.Struct, frozen=True):
    """A pattern and the most characters it can span.

    ``anchor`` is a pattern without which it cannot match, for the first pass: where the pattern itself could begin at
    almost any character (a mailbox), a scan for its one rare part (``@``) is many times as fast.
    """

    source: str
    longest: int
    caseless: bool = False
    anchor: str = ""

    @property
    def first(self) -> str:
        """What the first pass looks for."""
        return necessary(self.anchor or self.source)

    def compile(self) -> regex.Pattern[str]:
        """The exact pattern. Classes are ASCII, as they are for Vectorscan: the two must agree."""
        flags = regex.ASCII | regex.MULTILINE | (regex.IGNORECASE if self.caseless else 0)
        return regex.compile(self.source, flags)


class Prefilter:
    """Where each of a list of patterns may match."""

    def __init__(self, patterns: Sequence[Pattern], *, cache: bytes = b"", native: bool = True) -> None:
        """Compile, or load the database from ``cache`` (from :meth:`dump`; one that does not fit is ignored).

        The cache is machine code in all but name: it must come from where only this user can write.
        """
        self.patterns = tuple(patterns)
        self._database = None
        self._scratch = None
        self.kept = False  # whether the database came from the cache
        self._exact: list[regex.Pattern[str]] = []
        if hyperscan is not None and native and patterns:
            try:
                self._database = self._load(cache)
                self.kept = self._database is not None
                if self._database is None:
                    self._database = self._build()
                self._scratch = hyperscan.Scratch(self._database)
            except hyperscan.error:
                self._database = None
        if self._database is None:
            self._exact = [pattern.compile() for pattern in self.patterns]

    @property
    def native(self) -> bool:
        """Whether Vectorscan does the pass."""
        return self._database is not None

    def windows(self, text: str) -> dict[int, list[Window]]:
        """Pattern number to the stretches of ``text`` (characters) in which it may match, in order, not overlapping."""
        return self.scan(text).windows()

    def scan(self, text: str, data: bytes = b"") -> Reports:
        """Where each pattern was met. ``data`` is the text in UTF-8, where the caller has it."""
        if self._database is None:
            return self._slow(text)
        data = data or text.encode("utf-8", "replace")
        ends: defaultdict[int, list[int]] = defaultdict(list)
        budget = BURST

        def report(number: int, _start: int, end: int, _flags: int, _context: object) -> bool | None:
            nonlocal budget
            ends[number].append(end)
            budget -= 1
            return True if budget <= 0 else None

        try:
            self._database.scan(data, match_event_handler=report, scratch=self._scratch)
        except hyperscan.ScanTerminated:  # all of it must be looked at
            return Reports(self.patterns, text, spans={key: [(0, len(text))] for key in range(len(self.patterns))})
        return Reports(self.patterns, text, data, ends)

    def dump(self) -> bytes:
        """The compiled database for the next start; empty without Vectorscan."""
        return self._fingerprint() + hyperscan.dumpb(self._database) if self._database is not None else b""

    def _slow(self, text: str) -> Reports:
        out: dict[int, list[Window]] = {}
        for number, pattern in enumerate(self._exact):
            try:
                spans = [match.span() for match in pattern.finditer(text, timeout=LIMIT)]
            except TimeoutError:
                out[number] = [(0, len(text))]
                continue
            if spans:
                out[number] = spans
        return Reports(self.patterns, text, spans=out)

    def _build(self) -> Any:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        common = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_PREFILTER | hyperscan.HS_FLAG_MULTILINE
        database.compile(
            expressions=[pattern.first.encode() for pattern in self.patterns],
            ids=list(range(len(self.patterns))),
            flags=[common | (hyperscan.HS_FLAG_CASELESS if pattern.caseless else 0) for pattern in self.patterns],
        )
        return database

    def _load(self, data: bytes) -> Any:
        stamp = self._fingerprint()
        if not data.startswith(stamp):
            return None
        try:
            return hyperscan.loadb(data[len(stamp) :], hyperscan.HS_MODE_BLOCK)
        except hyperscan.error:
            return None

    def _fingerprint(self) -> bytes:
        words = (version("hyperscan"), platform.machine(), repr([(each.first, each) for each in self.patterns]))
        return hashlib.sha256("\0".join(words).encode()).digest()


class Reports:
    """What the first pass says of one text: how often each pattern was met, and the windows in which to look."""

    def __init__(
        self,
        patterns: Sequence[Pattern],
        text: str,
        data: bytes = b"",
        ends: Mapping[int, list[int]] = MappingProxyType({}),
        *,
        spans: Mapping[int, list[Window]] = MappingProxyType({}),
    ) -> None:
        """Give either ``ends``, bytes of ``data``, or ``spans`` of matches, characters of ``text``."""
        self._patterns, self._text, self._data, self._ends, self._spans = patterns, text, data, ends, spans
        self.counts = {number: len(found) for number, found in (ends or spans).items()}

    def windows(
        self, without: Collection[int] = (), known: Callable[[int, int], bool] | None = None
    ) -> dict[int, list[Window]]:
        """Pattern number to the stretches in which it may match.

        Args:
            without: patterns that are not asked for.
            known: from a pattern number and the place of a report (characters) to whether it need not be looked at.
        """
        if self._spans:
            wide = {number: self._around(number, known) for number in self._spans if number not in without}
            return {number: found for number, found in wide.items() if found}
        wanted = {number: found for number, found in self._ends.items() if number not in without}
        if not wanted:
            return {}
        position = _characters(self._text, self._data, wanted)
        places = {number: [position[end] for end in found] for number, found in wanted.items()}
        if known:
            places = {number: [at for at in found if not known(number, at)] for number, found in places.items()}
        return {
            number: _windows(found, self._patterns[number].longest, len(self._text))
            for number, found in places.items()
            if found
        }

    def ends(self, numbers: Collection[int]) -> set[int]:
        """Where some patterns were met (characters): at the end of the hit, or one further."""
        if self._spans:
            return {high for number in numbers for _, high in self._spans.get(number, ())}
        found = {number: self._ends[number] for number in numbers if number in self._ends}
        return set(_characters(self._text, self._data, found).values())

    def _around(self, number: int, known: Callable[[int, int], bool] | None) -> list[Window]:
        reach, length = self._patterns[number].longest + 1, len(self._text)
        spans = [span for span in self._spans[number] if not (known and known(number, span[1]))]
        return merge([(max(min(low, high - reach), 0), min(high + reach, length)) for low, high in spans])


_BEHIND = re.compile(r"\(\?<!\[((?:\\.|[^\]\\])+)\]\)")
_AHEAD = re.compile(r"\(\?!\[((?:\\.|[^\]\\])+)\]\)\Z")
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+", re.DOTALL)


def necessary(source: str) -> str:
    """A pattern that ends near every place where ``source`` matches, with the looks to either side spelled out.

    Vectorscan drops a look-around when it prefilters, so that ``(?<![0-9])[0-9]{9}(?![0-9])`` would report every digit
    of a long number. A class that must not stand before or after is the same as one that must, or an end of the text;
    a hit then ends one character later, which the windows have room for.
    """
    if _alternates(source):
        return source
    if before := _BEHIND.match(source):
        source = f"(?:^|{_others(before[1])})" + source[before.end() :]
    if after := _AHEAD.search(source):
        source = source[: after.start()] + f"(?:{_others(after[1])}|$)"
    return source


def _others(inside: str) -> str:
    """The class of all characters that a class with this inside does not hold."""
    return f"[{inside[1:]}]" if inside.startswith("^") else f"[^{inside}]"


def _alternates(source: str) -> bool:
    """Whether an alternative stands outside all brackets: its ends are not the ends of the whole."""
    depth = 0
    for atom in _ATOM.findall(source):
        depth += (atom == "(") - (atom == ")")
        if atom == "|" and not depth:
            return True
    return False


def _characters(text: str, data: bytes, ends: Mapping[int, list[int]]) -> dict[int, int]:
    """Byte offset to character offset, for the reported offsets only."""
    offsets = sorted({end for found in ends.values() for end in found})
    if len(data) == len(text):
        return dict(zip(offsets, offsets, strict=True))
    position: dict[int, int] = {}
    seen = characters = 0
    for offset in offsets:
        characters += len(data[seen:offset].decode("utf-8", "ignore"))
        seen = offset
        position[offset] = characters
    return position


def _windows(ends: list[int], longest: int, length: int) -> list[Window]:
    """Windows wide enough for a whole hit on either side of every report."""
    return merge([(max(end - longest - 1, 0), min(end + longest + 1, length)) for end in ends])


def merge(windows: Sequence[Window]) -> list[Window]:
    """Windows in order, those that touch made one."""
    out: list[Window] = []
    for low, high in sorted(windows):
        if out and low <= out[-1][1]:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return out
