"""The rich text of Outlook: its compression ([MS-OXRTFCP]) and the HTML that it carries in disguise ([MS-OXRTFEX])."""

from __future__ import annotations

import re
import struct

from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

# What the window holds at the start ([MS-OXRTFCP] 2.1.2.1).
_BEFORE = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    b"\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SAID = {b"par": "\r\n", b"line": "\r\n", b"tab": "\t", b"lquote": "&lsquo;", b"rquote": "&rsquo;", b"bullet": "&bull;"}
_SAID |= {b"ldblquote": "&ldquo;", b"rdblquote": "&rdquo;", b"endash": "&ndash;", b"emdash": "&mdash;"}
_SILENT = {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pntext", b"pict", b"mhtmltag", b"listtable", b"revtbl"}
_CHARSETS = {128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257}
_CHARSETS |= {204: 1251, 222: 874, 238: 1250}
_PAGES = {936: "gb18030", 950: "big5hkscs", 65001: "utf-8", 10000: "mac-roman", 54936: "gb18030", 20936: "gb18030"}
_PAGES |= {1361: "johab", 20127: "ascii", 20866: "koi8-r", 21866: "koi8-u", 50220: "iso2022_jp", 50221: "iso2022_jp"}
_PAGES |= {50222: "iso2022_jp", 50225: "iso2022_kr", 51932: "euc_jp", 51949: "euc_kr", 52936: "hz", 65000: "utf-7"}
_KNOWN = {437, 850, 852, 866, 874, 932, 949, *range(1250, 1259)}


def codec(page: int) -> str:
    """The codec of a Windows code page; empty for none that is known."""
    if page in _PAGES:
        return _PAGES[page]
    if 28592 <= page <= 28606 and page not in (28600, 28602):
        return f"iso8859-{page - 28590}"
    return f"cp{page}" if page in _KNOWN else ""


def unpacked(data: bytes, reading: Reading) -> bytes:
    """The rich text in a compressed body ([MS-OXRTFCP] 2.2). The checksum is not asked: text with an error is text.

    Raises:
        NotReadError: no such body, or more than a part may be.
    """
    if len(data) < 16:
        raise NotReadError(Reason.CORRUPT, "rich text body")
    size, kind = struct.unpack_from("<I4s", data)[0], data[8:12]
    content = data[16 : 4 + max(size, 12)]
    if kind == b"MELA":
        return content
    if kind != b"LZFu":
        return data if data.lstrip().startswith(b"{\\rtf") else b""
    return _expanded(content, reading)


def _expanded(content: bytes, reading: Reading) -> bytes:
    out = bytearray(b" " * (_WINDOW - len(_BEFORE)) + _BEFORE)
    at = 0
    while at < len(content) and len(out) <= reading.limits.max_part:
        flags = content[at]
        at += 1
        if at & 0xFFFF < 17:
            reading.tick()
        for bit in range(8):
            if not flags >> bit & 1:
                out += content[at : at + 1]
                at += 1
                continue
            token = int.from_bytes(content[at : at + 2], "big")
            at += 2
            back = (len(out) + len(_BEFORE) - (token >> 4)) % _WINDOW
            if at > len(content) or not back:  # a reference to the place that is being written is the end
                return bytes(out[_WINDOW:])
            length = (token & 15) + 2
            piece = out[-back : len(out) - back + length]
            out += (piece * (length // back + 1))[:length] if back < length else piece
    if len(out) > reading.limits.max_part:
        raise NotReadError(Reason.TOO_LARGE, "rich text body")
    return bytes(out[_WINDOW:])


def is_html(rtf: bytes) -> bool:
    """Whether it was made from HTML, which can be had back ([MS-OXRTFEX] 2.2.3.1)."""
    return b"\\fromhtml" in rtf[:4096]


class Page:
    """One pass over the tokens of rich text that carries HTML."""

    def __init__(self, rtf: bytes, reading: Reading) -> None:
        self._rtf, self._reading = rtf, reading
        self._out: list[str] = []
        self._raw = bytearray()  # bytes whose character may go on
        self._fonts: dict[int, str] = {}
        self._page = "cp1252"
        self._font = self._skip = 0
        self._skipping = 0  # characters that only stand in for a \u before them
        self._hidden = self._silent = self._table = False

    def html(self) -> str:  # noqa: C901 - one branch a kind of token
        """The HTML: what stands in ``htmltag`` groups, and the text outside them that is not for RTF readers only."""
        stack: list[tuple[bool, bool, bool, int, int]] = []
        for number, token in enumerate(_TOKEN.finditer(self._rtf)):
            if number % 65_536 == 0:
                self._reading.tick()
            word, argument, hexed, symbol, brace, plain = token.groups()
            if brace == b"{":
                stack.append((self._hidden, self._silent, self._table, self._font, self._skip))
            elif brace == b"}":
                self._flush()
                if stack:
                    self._hidden, self._silent, self._table, self._font, self._skip = stack.pop()
            elif hexed:
                self._bytes(bytes([int(hexed, 16)]))
            elif plain:
                self._bytes(plain)
            elif word:
                self._word(word, None if argument is None else int(argument))
            elif symbol and symbol in b"\\{}":
                self._bytes(symbol)
            elif symbol == b"~":
                self._say("&nbsp;")
            elif symbol == b"_":
                self._say("&shy;")
        self._flush()
        said = "".join(self._out).replace("\0", "")
        return said.encode("utf-16-le", "surrogatepass").decode(
            "utf-16-le", "replace"
        )  # halves of a pair come one by one

    def _word(self, word: bytes, argument: int | None) -> None:
        if word == b"htmlrtf":
            self._flush()
            self._hidden = argument != 0
        elif word == b"htmltag":
            self._flush()
            self._silent = self._hidden = False
        elif word in _SILENT:
            self._flush()
            self._silent, self._table = True, word == b"fonttbl"
        elif word in _SAID:
            self._say(_SAID[word])
        elif word == b"u" and argument is not None:
            self._say(chr(argument % 65_536))
            self._skipping = self._skip or 1
        elif word == b"uc":
            self._skip = argument or 0
        elif word == b"f":
            self._flush()
            self._font = argument or 0
        elif word == b"fcharset" and self._table:
            self._fonts[self._font] = codec(_CHARSETS.get(argument or 0, 0))
        elif word == b"ansicpg":
            self._page = codec(argument or 0) or "cp1252"

    def _bytes(self, data: bytes) -> None:
        if self._skipping:
            gone = min(self._skipping, len(data))
            self._skipping -= gone
            data = data[gone:]
        if not self._hidden and not self._silent:
            self._raw += data

    def _flush(self) -> None:
        if self._raw:
            self._out.append(bytes(self._raw).decode(self._fonts.get(self._font) or self._page, "replace"))
            self._raw.clear()
        self._skipping = 0

    def _say(self, text: str) -> None:
        self._flush()
        if not self._hidden and not self._silent:
            self._out.append(text)
