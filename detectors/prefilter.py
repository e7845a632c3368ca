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
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec
import regex

from detectors.families import NEAR, TRIGGERS, family, words
from detectors.offsets import Window, characters, merge, near

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
        self._databases: dict[str, Any] = {}  # by family; those of none are in the first
        self._scratch: dict[str, Any] = {}
        self.kept = False  # whether the databases came from the cache
        self._exact: list[regex.Pattern[str]] = []
        self._words: list[frozenset[str]] = []
        self._runs: dict[str, regex.Pattern[str]] = {}
        members: dict[str, list[int]] = {"": []}
        for number, pattern in enumerate(self.patterns):
            members.setdefault(family(pattern.first), []).append(number)
        self._members = {name: numbers for name, numbers in members.items() if numbers or not name}
        if hyperscan is not None and native and patterns:
            try:
                self._databases = self._load(cache)
                self.kept = bool(self._databases)
                self._databases = self._databases or self._build()
                self._scratch = {name: hyperscan.Scratch(database) for name, database in self._databases.items()}
            except hyperscan.error:
                self._databases = {}
        if not self._databases:
            self._exact = [pattern.compile() for pattern in self.patterns]
            self._words = [words(pattern.first) for pattern in self.patterns]
            self._runs = {name: regex.compile(run, regex.MULTILINE) for name, run in TRIGGERS.items()}

    @property
    def native(self) -> bool:
        """Whether Vectorscan does the pass."""
        return bool(self._databases)

    def windows(self, text: str) -> dict[int, list[Window]]:
        """Pattern number to the stretches of ``text`` (characters) in which it may match, in order, not overlapping."""
        return self.scan(text).windows()

    def scan(self, text: str, data: bytes = b"") -> Reports:
        """Where each pattern was met. ``data`` is the text in UTF-8, where the caller has it."""
        if not self._databases:
            return self._slow(text)
        data = data or text.encode("utf-8", "replace")
        ends: defaultdict[int, list[int]] = defaultdict(list)
        budget, begin = BURST, 0

        def report(number: int, _start: int, end: int, _flags: int, _context: object) -> bool | None:
            nonlocal budget
            ends[number].append(begin + end)
            budget -= 1
            return True if budget <= 0 else None

        try:
            self._databases[""].scan(data, match_event_handler=report, scratch=self._scratch[""])
            for number, name in enumerate(self._databases, len(self.patterns) - 1):  # the first has no trigger
                runs = ends.pop(number, []) if name else []
                for begin, end in self._stretches(name, data, runs):
                    stretch = data[begin:end]
                    self._databases[name].scan(stretch, match_event_handler=report, scratch=self._scratch[name])
        except hyperscan.ScanTerminated:  # all of it must be looked at
            return Reports(self.patterns, text, spans={key: [(0, len(text))] for key in range(len(self.patterns))})
        return Reports(self.patterns, text, data, ends)

    def _stretches(self, name: str, data: bytes, runs: list[int]) -> Iterable[Window]:
        """Where the members of a family are looked for."""
        if name in NEAR:
            return near(data, runs, 4 * NEAR[name])  # a character has four bytes at most
        return [(0, len(data))] if runs else []

    def dump(self) -> bytes:
        """The compiled databases for the next start; empty without Vectorscan."""
        if not self._databases:
            return b""
        return self._fingerprint() + msgspec.msgpack.encode(
            {name: hyperscan.dumpb(database) for name, database in self._databases.items()}
        )

    def _slow(self, text: str) -> Reports:
        out: dict[int, list[Window]] = {}
        folded = text.casefold()
        present = {word for word in frozenset().union(*self._words) if word in folded}
        absent = {name for name, run in self._runs.items() if not run.search(text)}
        skipped = {number for name in absent for number in self._members.get(name, ())}
        for number, pattern in enumerate(self._exact):
            needed = self._words[number]
            if number in skipped or (needed and needed.isdisjoint(present)):
                continue
            try:
                spans = [match.span() for match in pattern.finditer(text, timeout=LIMIT)]
            except TimeoutError:
                out[number] = [(0, len(text))]
                continue
            if spans:
                out[number] = spans
        return Reports(self.patterns, text, spans=out)

    def _build(self) -> dict[str, Any]:
        databases = {}
        for name, numbers in self._members.items():
            chosen = [(number, self.patterns[number].first, self.patterns[number].caseless) for number in numbers]
            common = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_PREFILTER | hyperscan.HS_FLAG_MULTILINE
            flags = [common | (hyperscan.HS_FLAG_CASELESS if caseless else 0) for _, _, caseless in chosen]
            for other in filter(None, self._members if not name else ()):
                chosen.append((len(self.patterns) + len(chosen) - len(numbers), TRIGGERS[other], False))
                flags.append(common | (0 if other in NEAR else hyperscan.HS_FLAG_SINGLEMATCH))
            databases[name] = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            databases[name].compile(
                expressions=[source.encode() for _, source, _ in chosen],
                ids=[number for number, _, _ in chosen],
                flags=flags,
            )
        return databases

    def _load(self, data: bytes) -> dict[str, Any]:
        stamp = self._fingerprint()
        if not data.startswith(stamp):
            return {}
        try:
            kept = msgspec.msgpack.decode(data[len(stamp) :], type=dict[str, bytes])
            return {name: hyperscan.loadb(each, hyperscan.HS_MODE_BLOCK) for name, each in kept.items()}
        except (hyperscan.error, msgspec.DecodeError):
            return {}

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
        self,
        without: Collection[int] = (),
        known: Callable[[int, int], bool] | None = None,
        lines: Collection[int] = (),
    ) -> dict[int, list[Window]]:
        """Pattern number to the stretches in which it may match.

        Args:
            without: patterns that are not asked for.
            known: from a pattern number and the place of a report (characters) to whether it need not be looked at.
            lines: patterns whose matches have no line break in them: of these, only the lines they stand on.
        """
        if self._spans:
            wide = {
                number: self._around(number, known, whole=number not in lines)
                for number in self._spans
                if number not in without
            }
            return {number: found for number, found in wide.items() if found}
        wanted = {number: found for number, found in self._ends.items() if number not in without}
        if not wanted:
            return {}
        position = characters(self._text, self._data, _all(wanted))
        places = {number: [position[end] for end in found] for number, found in wanted.items()}
        if known:
            places = {number: [at for at in found if not known(number, at)] for number, found in places.items()}
        return {
            number: (_rows if number in lines else _windows)(found, self._patterns[number].longest, self._text)
            for number, found in places.items()
            if found
        }

    def met(self, numbers: Collection[int]) -> dict[int, list[int]]:
        """Place (characters; the end of a hit, or one further) to those of some patterns that were met there."""
        places: dict[int, list[int]] = {}
        if self._spans:
            for number in numbers:
                for _, high in self._spans.get(number, ()):
                    places.setdefault(high, []).append(number)
            return places
        wanted = {number: self._ends[number] for number in numbers if number in self._ends}
        position = characters(self._text, self._data, _all(wanted))
        for number, found in wanted.items():
            for end in found:
                places.setdefault(position[end], []).append(number)
        return places

    def _around(self, number: int, known: Callable[[int, int], bool] | None, *, whole: bool) -> list[Window]:
        reach, length = self._patterns[number].longest + 1, len(self._text)
        spans = [span for span in self._spans[number] if not (known and known(number, span[1]))]
        if not whole:
            return _rows([high for _, high in spans], reach, self._text)
        return merge([(max(min(low, high - reach), 0), min(high + reach, length)) for low, high in spans])


_BEHIND = re.compile(r"\(\?<!\[((?:\\.|[^\]\\])+)\]\)")
_AHEAD = re.compile(r"\(\?!\[((?:\\.|[^\]\\])+)\]\)\Z")
_LOOK = re.compile(r"\(\?<?[=!]")
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+", re.DOTALL)


def necessary(source: str) -> str:
    """A pattern that ends near every place where ``source`` matches, with the looks to either side spelled out.

    Vectorscan drops a look-around when it prefilters, so that ``(?<![0-9])[0-9]{9}(?![0-9])`` would report every digit
    of a long number. A class that must not stand before or after is the same as one that must, or an end of the text;
    a hit then ends one character later, which the windows have room for. Of a word and what is looked for behind it,
    ``password(?=...)``, the word is enough.
    """
    if _alternates(source):
        return source
    source = _head(source)
    if before := _BEHIND.match(source):
        source = f"(?:^|{_others(before[1])})" + source[before.end() :]
    if after := _AHEAD.search(source):
        source = source[: after.start()] + f"(?:{_others(after[1])}|$)"
    return _bare(source)


def _bare(source: str) -> str:
    """A pattern without its other looks to either side: they only say no more often, and cost the first pass dearly."""
    kept: list[str] = []
    depth = at = dropped = 0
    for atom in _ATOM.findall(source):
        opens, closes = atom == "(", atom == ")"
        if opens and not dropped and _LOOK.match(source, at):
            dropped = depth + 1
        depth += opens
        if not dropped:
            kept.append(atom)
        elif closes and depth == dropped:
            dropped = 0
        depth -= closes
        at += len(atom)
    return "".join(kept)


def _head(source: str) -> str:
    """What stands before the first look-ahead outside all brackets, where that is more than a look behind."""
    depth = at = 0
    for atom in _ATOM.findall(source):
        if atom == "(" and not depth and source.startswith("(?=", at):
            before = _BEHIND.match(source)
            return source[:at] if at > (before.end() if before else 0) else source
        depth += (atom == "(") - (atom == ")")
        at += len(atom)
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


def _all(ends: Mapping[int, list[int]]) -> set[int]:
    return {end for found in ends.values() for end in found}


def _windows(ends: list[int], longest: int, text: str) -> list[Window]:
    """Windows wide enough for a whole hit on either side of every report."""
    return merge([(max(end - longest - 1, 0), min(end + longest + 1, len(text))) for end in ends])


def _rows(ends: list[int], longest: int, text: str) -> list[Window]:
    """Windows that reach back from every report, but not over the beginning of its line."""
    return merge([(max(end - longest - 1, text.rfind("\n", 0, max(end - 1, 0)) + 1), end) for end in ends])
