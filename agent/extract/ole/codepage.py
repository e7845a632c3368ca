"""Bytes of old office files as text, by the code page or the language that the file names ([MS-UCODEREF] 2.2.1)."""

from __future__ import annotations

from agent.extract.encoding import decide, decode

_NAMES = {
    367: "ascii",
    874: "cp874",
    932: "cp932",
    936: "gb18030",
    949: "cp949",
    950: "cp950",
    1200: "utf-16-le",
    1201: "utf-16-be",
    1361: "johab",
    10000: "mac-roman",
    20936: "gb18030",
    52936: "hz",
    54936: "gb18030",
    65001: "utf-8",
    0x8000: "mac-roman",
    0x8001: "cp1252",
    **{page: f"cp{page}" for page in (437, 850, 852, 866, *range(1250, 1259))},
}
_LANGUAGES = {  # the lower ten bits name the language, all sixteen its country
    0x04: 936,
    0x0404: 950,
    0x0C04: 950,
    0x1404: 950,
    0x11: 932,
    0x12: 949,
    0x1E: 874,
    **dict.fromkeys((0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x24), 1250),
    **dict.fromkeys((0x02, 0x19, 0x22, 0x23, 0x2F), 1251),
    0x08: 1253,
    0x1F: 1254,
    0x0D: 1255,
    **dict.fromkeys((0x01, 0x20, 0x29), 1256),
    **dict.fromkeys((0x25, 0x26, 0x27), 1257),
    0x2A: 1258,
}
_WESTERN = 1252


def of_language(language: int) -> int:
    """The code page of Windows in the language of an identifier ([MS-LCID])."""
    return _LANGUAGES.get(language, _LANGUAGES.get(language & 0x3FF, _WESTERN))


def text(raw: bytes, page: int) -> str:
    """Decode; where the page is the western one, or unknown, Chinese bytes are told by what they say."""
    return decode(raw, _name(raw, page))


def spread(raw: bytes, page: int) -> str:
    """The same with a character for every byte: NULs stand behind those of several bytes."""
    name = _name(raw, page)
    found = raw.decode(name, "replace")
    if len(found) == len(raw):
        return found
    return "".join(char if char < "\x80" else char.ljust(len(char.encode(name, "replace")), "\0") for char in found)


def _name(raw: bytes, page: int) -> str:
    name = _NAMES.get(page % 65_536, "cp1252")
    if name in ("cp1252", "ascii", "mac-roman") and not raw.isascii():
        seen = decide(raw)[0]
        name = seen if seen in ("gb18030", "big5") else "cp1252" if name == "ascii" else name
    return name
