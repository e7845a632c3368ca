"""Rich Text Format 1.9.1: the words of the document, its header and footer, notes, and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.reading import Reading
from agent.extract.text.rtfobjects import embedded
from config.verdict import Segment, Zone

_TOKEN = re.compile(rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)")
_SILENT = {b"fonttbl", b"colortbl", b"stylesheet", b"pict", b"themedata", b"datastore", b"colorschememapping"}
_SILENT |= {b"latentstyles", b"listtable", b"listoverridetable", b"rsidtbl", b"generator", b"xmlnstbl", b"objdata"}
_SILENT |= {
    b"fldinst",
    b"mmathPr",
    b"pgptbl",
    b"revtbl",
    b"blipuid",
    b"nonshppict",
    b"filetbl",
    b"sp",
    b"bkmkstart",
    b"bkmkend",
}
# Groups without words, passed over as a whole: they are most of what Word and LibreOffice write.
_OPAQUE = re.compile(
    rb"\{(?:\\\*)?\\(?:stylesheet|colortbl|themedata|datastore|colorschememapping|latentstyles|listtable|listoverridetable"
    rb"|rsidtbl|xmlnstbl|generator|blipuid|pict|objdata)\b"
)
_BRACE = re.compile(rb"[{}]|\\[{}\\]")
_PLACES = {
    b"header": ("header", Zone.HEADER),
    b"headerf": ("header", Zone.HEADER),
    b"headerl": ("header", Zone.HEADER),
    b"headerr": ("header", Zone.HEADER),
    b"footer": ("footer", Zone.FOOTER),
    b"footerf": ("footer", Zone.FOOTER),
    b"footerl": ("footer", Zone.FOOTER),
    b"footerr": ("footer", Zone.FOOTER),
    b"footnote": ("footnote", Zone.NOTE),
    b"annotation": ("comment", Zone.NOTE),
    b"shptxt": ("text box", Zone.TEXTBOX),
    b"info": ("property:info", Zone.PROPERTY),
    b"userprops": ("property:user", Zone.PROPERTY),
}
_SPACES = {b"par": "\n", b"line": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t", b"nestcell": "\t", b"nestrow": "\n"}
_SPACES |= {
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}
_SHOWN = {b"shpinst", b"background", b"shptxt", b"nesttableprops"}
# \fcharset and \ansicpg numbers to Python's names.
_CHARSETS = {
    134: "gb18030",
    136: "big5",
    128: "cp932",
    129: "cp949",
    204: "cp1251",
    161: "cp1253",
    162: "cp1254",
    238: "cp1250",
}
_PAGES = {936: "gb18030", 950: "big5", 932: "cp932", 949: "cp949", 65001: "utf-8", 10008: "gb18030"}


class _State:
    """What a group inherits."""

    def __init__(self, place: tuple[str, Zone], font: int = 0, skip: int = 1, silent: bool = False) -> None:
        self.place, self.font, self.skip, self.silent = place, font, skip, silent

    def inner(self) -> _State:
        return _State(self.place, self.font, self.skip, self.silent)


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The body first, then each other place.

    Raises:
        NotReadError: larger than may be held.
    """
    data = reading.hold(file)
    words = _Words(_worded(data))
    for place, text in words.read(reading).items():
        lines = [line.rstrip("\t") for line in text.split("\n") if line.strip()]
        if lines:
            yield Segment("\n".join(lines), place[0], place[1], lines=place[1] is not Zone.PROPERTY)
    yield from embedded(data, reading)


def _worded(data: bytes) -> bytes:
    """The file without its opaque groups."""
    parts, at = [], 0
    for match in _OPAQUE.finditer(data):
        if match.start() < at:
            continue
        parts.append(data[at : match.start()])
        depth, at = 1, len(data)
        for brace in _BRACE.finditer(data, match.end()):
            depth += (brace.group() == b"{") - (brace.group() == b"}")
            if not depth:
                at = brace.end()
                break
    return b"{}".join((*parts, data[at:]))


def _paired(text: str) -> str:
    r"""Halves of a character, each written as a ``\u`` of its own, put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class _Words:
    """A pass over the tokens of one file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._found: dict[tuple[str, Zone], list[str]] = {("body", Zone.BODY): []}
        self._raw = bytearray()  # bytes whose character may go on
        self._state = _State(("body", Zone.BODY))
        self._pending = 0  # characters that only stand in for a \u before them

    def read(self, reading: Reading) -> dict[tuple[str, Zone], str]:
        """Place to text."""
        stack: list[_State] = []
        starred = opened = False
        for number, token in enumerate(_TOKEN.finditer(self._data)):
            if number % 65_536 == 0:
                reading.tick()
            word, argument, hexed, symbol, brace, plain = token.groups()
            if brace == b"{":
                self._flush()
                stack.append(self._state)
                self._state = self._state.inner()
            elif brace == b"}":
                self._flush()
                self._state = stack.pop() if stack else _State(("body", Zone.BODY))
            elif hexed:
                self._bytes(bytes([int(hexed, 16)]))
            elif plain:
                self._bytes(plain)
            elif word:
                self._word(word, int(argument) if argument else None, starred)
            elif symbol:
                self._symbol(symbol)
            starred = symbol == b"*" and opened  # only the first word of a group can name a destination
            opened = brace == b"{"
        self._flush()
        return {place: _paired("".join(parts)) for place, parts in self._found.items()}

    def _symbol(self, symbol: bytes) -> None:
        if symbol in b"\\{}":
            self._bytes(symbol)
        elif symbol == b"~":
            self._say("\u00a0")
        elif symbol in (b"\r", b"\n"):
            self._say("\n")

    def _word(self, word: bytes, argument: int | None, starred: bool) -> None:
        state = self._state
        if word in _SPACES:
            self._say(_SPACES[word])
        elif word == b"u" and argument is not None:
            self._flush()
            code = argument % 65_536
            self._say(chr(code))
            self._pending = state.skip
        elif word == b"uc":
            state.skip = argument or 0
        elif word == b"f":
            self._flush()
            state.font = argument or 0
        elif word == b"fcharset":
            self._fonts[state.font] = _CHARSETS.get(argument or 0, "")
        elif word == b"ansicpg":
            self._page = _PAGES.get(
                argument or 0, f"cp{argument}" if argument in (1250, 1251, 1253, 1254) else "cp1252"
            )
        elif word in _PLACES:
            self._flush()
            state.place, state.silent = _PLACES[word], False
            self._found.setdefault(state.place, [])
        elif word in _SILENT or (starred and word not in _SHOWN):
            state.silent = True

    def _bytes(self, data: bytes) -> None:
        if self._pending:
            gone = min(self._pending, len(data))
            self._pending -= gone
            data = data[gone:]
        if not self._state.silent:
            self._raw += data

    def _flush(self) -> None:
        if self._raw:
            name = self._fonts.get(self._state.font) or self._page
            self._found[self._state.place].append(bytes(self._raw).decode(name, "replace"))
            self._raw.clear()
        self._pending = 0

    def _say(self, text: str) -> None:
        if not self._state.silent:
            raw_pending, self._pending = self._pending, 0
            self._flush()
            self._pending = raw_pending if text == "" else 0
            self._found[self._state.place].append(text)
