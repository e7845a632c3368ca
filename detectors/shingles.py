"""The parts of a text by which its copies are known: shingles, chosen by what stands there alone.

A fingerprint of a document is a small choice of its shingles (overlapping runs of letters). As in winnowing
(S. Schleimer, D. Wilkerson, A. Aiken: Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003) the choice
is local: it depends on the letters near it and on nothing else, so that a passage gives the same shingles wherever it
is pasted. Where winnowing takes the least hash in each window, which needs the hash of every position, here a shingle
begins after each letter of a rare class, so that the search for them is one pass of ``memchr``; the price is that the
largest gap between two is bounded by statistics, not by proof. `tests/benchmarks/fingerprints.py` measures it.

Letters are bytes, in two strands that are read side by side:

* Latin: ASCII letters and digits, the small and the large alike; a shingle is 20 of them, some four words;
* all other scripts: the low byte of each UTF-16 unit; a shingle is 10 of them, some fourteen Chinese characters.

White space, punctuation and (as their low bytes lie below 0x30) nearly all of the punctuation of Chinese fall away,
with one Chinese character in four, which is no loss: the same ones fall away in the copy. Traditional characters
count as their simplified form.
"""

from __future__ import annotations

import re
from itertools import compress

import msgspec

from detectors.traditional import simplified

HAN_PASSAGE, LATIN_PASSAGE = 60, 200  # characters of the shortest passage that is one: some forty English words
_RARE = b"jkqvxz"  # together every fiftieth letter of English
_DROPPED = bytes([*range(0x30), *range(0x3A, 0x41), *range(0x5B, 0x61), *range(0x7B, 0x80)])
_KEPT = bytes(byte not in _DROPPED for byte in range(256))
_SMALL = bytes(byte | 0x20 if 0x41 <= byte <= 0x5A else byte for byte in range(256))
_LATIN = _SMALL.translate(bytes(_RARE[0] if byte in _RARE else byte for byte in range(256)))
_OTHER = bytes(0xFF if byte >= 0x80 and byte % 5 == 1 else byte for byte in _SMALL)  # one Chinese character in ten
_SIGNS = "?’“”‘–—•…\xa0"
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_ASCII_LETTERS = re.compile(r"[A-Za-z0-9]+")
_OTHER_LETTERS = re.compile("[^\x00-\xbf\u2000-\u303f\uff00-\uffff]+")


class Strand(msgspec.Struct, frozen=True):
    """The letters of one kind of script in a text, and the shingles chosen among them, in order."""

    kept: bytes
    shingles: list[bytes]
    length: int  # letters of a shingle
    first: re.Pattern[bytes]
    units: bytes  # one a character of the text; those of ``kept`` are the ones not dropped

    def starts(self) -> list[int]:
        """The letter at which each shingle begins."""
        return [match.end() for match in self.first.finditer(self.kept)]

    def places(self) -> list[int]:
        """For each letter, the character of the text it was."""
        return list(compress(range(len(self.units)), self.units.translate(_KEPT)))


def _shingle(anchor: bytes, length: int) -> re.Pattern[bytes]:
    return re.compile(re.escape(anchor) + b"(?=(.{%d}))" % length, re.DOTALL)


_LATIN_LENGTH, _OTHER_LENGTH = 20, 10
_LATIN_SHINGLE, _OTHER_SHINGLE = _shingle(_RARE[:1], _LATIN_LENGTH), _shingle(b"\xff", _OTHER_LENGTH)


def strands(text: str) -> list[Strand]:
    """The letters of a plain text (:class:`detectors.normal.Normal`) and its chosen shingles."""
    if text.isascii():
        return [_strand(text.encode("ascii"), _LATIN, _LATIN_SHINGLE, _LATIN_LENGTH)]
    ascii_units = text.encode("ascii", "replace")
    latin = _strand(ascii_units, _LATIN, _LATIN_SHINGLE, _LATIN_LENGTH)
    beyond = ascii_units.count(b"?")
    if beyond < len(text) // 20 and beyond - sum(map(text.count, _SIGNS)) < 2 * _OTHER_LENGTH:
        return [latin]  # English with its quotation marks
    plain = simplified(text)
    units = plain.encode("utf-16-le", "surrogatepass")
    if len(units) != 2 * len(plain):
        plain = _BEYOND.sub("\ufffd", plain)
        units = plain.encode("utf-16-le", "surrogatepass")
    return [latin, _strand(units[::2], _OTHER, _OTHER_SHINGLE, _OTHER_LENGTH)]


def _strand(units: bytes, folded: bytes, pattern: re.Pattern[bytes], length: int) -> Strand:
    kept = units.translate(folded, _DROPPED)
    return Strand(kept, pattern.findall(kept), length, pattern, units)


def passages(text: str) -> float:
    """How much text that is: 1 for ``HAN_PASSAGE`` Chinese characters or ``LATIN_PASSAGE`` Latin ones."""
    latin = sum(len(run) for run in _ASCII_LETTERS.findall(text))
    other = sum(len(run) for run in _OTHER_LETTERS.findall(text))
    return latin / LATIN_PASSAGE + other / HAN_PASSAGE
