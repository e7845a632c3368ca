"""Words in bytes whose layout nobody knows: runs that read as text in UTF-16, or in ASCII, UTF-8, GB 2312 or Big5."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.extract import encoding
from agent.extract.reading import Reading

_LONG, _LONG_BYTES = 4, 6  # characters of UTF-16, bytes of others; shorter runs are chance
_PLAIN = 8  # bytes of ASCII alone, which chance makes more often
_SAMPLE = 4096  # characters of a run that are judged
_OFTEN = 1000  # runs between two looks at the clock
_COMMON = re.escape("".join(sorted(encoding._KNOWN)))  # noqa: SLF001 - the evidence that `encoding` decides by
_FREQUENT = re.compile(f"[{''.join(sorted(encoding._FREQUENT))}]")  # noqa: SLF001
_SAID = f"[\t\r\n -~{_COMMON}]"
_WIDE = re.compile(f"{_SAID}{{2,}}(?:[À-ÿ㐀-鿿]{_SAID}+)*")  # a rare character may stand between
_SHORT = re.compile(f"(?<=\0)[{_COMMON}]{{2,3}}(?=\0)")  # 机密, alone between NULs
_NARROW = re.compile(
    rb"(?:[\t\r\n\x20-\x7e]|[\xa1-\xd7][\xa1-\xfe]|[\xa4-\xc6][\x40-\x7e]|[\xe2-\xe9][\x80-\xbf]{2}|\xef[\xbc\xbd][\x80-\xbf])"
    b"{%d,}" % _LONG_BYTES
)
_HAN = re.compile("[㐀-鿿]")
_ASCII_PAIRS = "".join(chr(high << 8 | low) for high in range(0x4E, 0x7F) for low in range(0x20, 0x7F))
_PAIRS = re.compile(f"[{_ASCII_PAIRS}]+")
_RARE = re.compile(f"[^\t\r\n -~{_COMMON}]")
_LETTERS = re.compile(r"[0-9A-Za-z \t]")


def runs(data: bytes, reading: Reading) -> Iterator[str]:
    """Every run once, UTF-16 first. What is compressed or a picture gives a few short runs of nonsense at most."""
    seen: set[str] = set()
    for number, text in enumerate(_all(data)):
        if not number % _OFTEN:
            reading.tick()
        said = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if said and said not in seen and (len(said) < _LONG or _worded(said)):
            seen.add(said)
            yield said


def _all(data: bytes) -> Iterator[str]:
    for shift in (0, 1):
        text = data[shift : shift + (len(data) - shift) // 2 * 2].decode("utf-16-le", "replace")
        found = (match.group() for match in _WIDE.finditer(text) if match.end() - match.start() >= _LONG)
        yield from (run for run in found if not _PAIRS.fullmatch(run[:_SAMPLE]))
        yield from _SHORT.findall(f"\0{text}\0")
    for match in _NARROW.finditer(data):
        raw = match.group()
        if not raw.isascii():
            yield _narrow(raw)
        elif len(raw) >= _PLAIN:
            yield raw.decode("ascii")


def _narrow(raw: bytes) -> str:
    """A run in the encoding in which more of its characters are frequent ones; empty where none fits."""
    said = []
    for name in ("utf-8", "gb18030", "big5"):
        try:
            said.append(raw.decode(name))
        except UnicodeDecodeError:
            continue
    return max(said, key=lambda text: len(_FREQUENT.findall(text[:_SAMPLE])) / min(len(text), _SAMPLE), default="")


def _worded(text: str) -> bool:
    """Whether a run is words: ASCII of letters and digits mostly, Chinese with frequent characters in it."""
    text = text[:_SAMPLE]
    han = len(_HAN.findall(text))
    if han <= 0.1 * len(text):
        return len(_LETTERS.findall(text)) >= 0.7 * len(text)
    return len(_RARE.findall(text)) <= 0.1 * len(text) and len(_FREQUENT.findall(text)) >= 0.2 * han
