"""Strings in the binary parts of a workbook ([MS-XLSB] 2.1.4 and 2.4), and the codes of print headers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.verdict import Segment, Zone, column_name

_AUTHOR, _COMMENT, _TEXT, _PRINTED, _SHEET = 632, 635, 637, 479, 156
_LINK = re.compile(r"rId\d+")
_CODE = re.compile(r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d+|[LCRPNDTZFAGBIUESXYHO+-])')
_END_OF_CELLS = b"\x92\x01\x00"  # record 146 without content
_PRINTED_ORDER = (Zone.HEADER, Zone.FOOTER) * 3  # odd, even and first pages
_LONGEST = 32_767  # characters of a string


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record; kinds take one or two bytes, sizes up to four, seven bits in each."""
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind & 0x80 and at < len(data):
            kind = kind & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        size = 0
        for shift in (0, 7, 14, 21):
            if at >= len(data):
                return
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, data[at : at + size]
        at += size


def strings(content: bytes) -> list[str]:
    """The strings in a record whose shape is not known: a length, and as many printable characters."""
    found: list[str] = []
    at = content.find(b"\0\0", 2)
    while at >= 0:
        count = int.from_bytes(content[at - 2 : at], "little")
        end = at + 2 + 2 * count
        text = _wide(content[at + 2 : end]) if 0 < count <= _LONGEST and end <= len(content) else ""
        if text:
            found.append(text)
            at = content.find(b"\0\0", end + 2)
        else:
            at = content.find(b"\0\0", at + 1)
    return found


def comments(data: bytes, sheet: str) -> Iterator[Segment]:
    """The comments of a sheet with their cells, and who wrote them."""
    cell = ""
    for kind, content in records(data):
        if kind == _AUTHOR:
            for name in strings(content):
                yield Segment(name, "property:people", Zone.PROPERTY, lines=False)
        elif kind == _COMMENT and len(content) >= 20:
            row, column = int.from_bytes(content[4:8], "little"), int.from_bytes(content[12:16], "little")
            cell = f"{column_name(min(column, 16_383))}{row + 1}"
        elif kind == _TEXT and (text := "\n".join(strings(content[1:] if content[:1] else content))):
            yield Segment(text, f"{sheet}!{cell}", Zone.NOTE, lines=False)


def around(data: bytes, sheet: str, where: str) -> Iterator[Segment]:
    """What follows the cells of a sheet: headers and footers of print, prompts, links."""
    at = data.rfind(_END_OF_CELLS)
    said: list[str] = []
    for kind, content in records(data[at + len(_END_OF_CELLS) :]) if at >= 0 else ():
        if kind != _PRINTED:
            said += strings(content)
            continue
        at = 2
        for zone in _PRINTED_ORDER:
            count = int.from_bytes(content[at : at + 4], "little")
            at += 4
            if count in (0, 0xFFFFFFFF) or at + 2 * count > len(content):
                continue
            code = content[at : at + 2 * count].decode("utf-16-le", "replace")
            at += 2 * count
            if text := "\n".join(filter(None, printed(code))):
                yield Segment(text, f"{where} {zone}", zone)
    if said:
        yield Segment("\n".join(dict.fromkeys(said)), f"{sheet}!A1", Zone.NOTE, lines=False)


def sheets(data: bytes) -> list[tuple[str, str]]:
    """Relationship and name of every sheet, from the part of the workbook."""
    found = []
    for kind, content in records(data):
        if kind == _SHEET and len(content) >= 12:
            count = int.from_bytes(content[8:12], "little")
            link, rest = content[12 : 12 + 2 * count], content[12 + 2 * count :]
            name = rest[4 : 4 + 2 * int.from_bytes(rest[:4], "little")]
            found.append((link.decode("utf-16-le", "replace"), name.decode("utf-16-le", "replace")))
    return found


def printed(code: str) -> list[str]:
    """The left, middle and right part of a header without its codes (ECMA-376 Part 1, 18.3.1.46)."""
    parts = re.split(r"&[LCR]", code.replace("&&", "\0"))
    return [_CODE.sub("", part).replace("\0", "&").strip() for part in parts]


def everything(data: bytes) -> list[str]:
    """All strings of a part, each once."""
    found: dict[str, None] = {}
    for _, content in records(data):
        found.update(dict.fromkeys(strings(content)))
    return list(found)


def _wide(raw: bytes) -> str:
    try:
        text = raw.decode("utf-16-le")
    except UnicodeDecodeError:
        return ""
    shown = text.replace("\n", "").replace("\r", "").replace("\t", "")
    return text if len(shown.strip()) > 1 and shown.isprintable() and not _LINK.fullmatch(text) else ""
