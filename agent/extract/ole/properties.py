"""Properties of OLE documents, those an organisation defines included ([MS-OLEPS] 2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import olefile

from agent.extract.ooxml.properties import labelled
from config.verdict import Segment

_STREAMS = ("\x05SummaryInformation", "\x05DocumentSummaryInformation", "\x05HwpSummaryInformation")
_MOST = 1000  # properties of one set
_NAMES = (  # property ids of the two known sets: [MS-OLEPS] 3.1.2 and 3.1.3
    {
        2: "Title",
        3: "Subject",
        4: "Creator",
        5: "Keywords",
        6: "Comments",
        7: "Template",
        8: "LastModifiedBy",
        18: "Application",
    },
    {2: "Category", 3: "PresentationFormat", 14: "Manager", 15: "Company", 26: "ContentType", 27: "ContentStatus"},
    {2: "Title", 3: "Subject", 4: "Creator", 5: "Keywords", 6: "Comments", 8: "LastModifiedBy", 20: "Date"},
)
_ANSI, _WIDE = 0x1E, 0x1F


def properties(storage: olefile.OleFileIO) -> Iterator[Segment]:
    """One segment a property; a damaged set gives what can be read of it."""
    for index, name in enumerate(_STREAMS):
        if not storage.exists(name):
            continue
        try:
            data = storage.openstream(name).read()
            sections = struct.unpack_from("<I", data, 24)[0]
            for section in range(min(sections, 2)):
                start = struct.unpack_from("<I", data, 44 + 20 * section)[0]
                yield from _section(data[start:], _NAMES[index] if section == 0 else {})
        except (struct.error, OSError, UnicodeError):
            continue


def _section(data: bytes, names: dict[int, str]) -> Iterator[Segment]:
    count = struct.unpack_from("<I", data, 4)[0]
    places = [struct.unpack_from("<II", data, 8 + 8 * index) for index in range(min(count, _MOST))]
    page = next((struct.unpack_from("<h", data, at + 4)[0] % 65_536 for number, at in places if number == 1), 1252)
    known = dict(names)
    for number, at in places:
        if number == 0:
            known.update(_dictionary(data[at:], page))
    for number, at in places:
        if number in known and (text := _value(data[at:], page)):
            yield labelled(known[number], text)


def _dictionary(data: bytes, page: int) -> dict[int, str]:
    found = {}
    at = 4
    for _ in range(min(struct.unpack_from("<I", data, 0)[0], _MOST)):
        number, length = struct.unpack_from("<II", data, at)
        size = length * 2 if page == 1200 else length
        found[number] = _decode(data[at + 8 : at + 8 + size], page)
        at += 8 + (size + 3 & ~3 if page == 1200 else size)
    return found


def _value(data: bytes, page: int) -> str:
    kind, size = struct.unpack_from("<II", data, 0)
    if kind == _ANSI:
        return _decode(data[8 : 8 + size], page)
    return _decode(data[8 : 8 + 2 * size], 1200) if kind == _WIDE else ""


def _decode(raw: bytes, page: int) -> str:
    name = {1200: "utf-16-le", 65001: "utf-8", 936: "gb18030", 950: "big5"}.get(page, "cp1252")
    return raw.decode(name, "replace").split("\0")[0].strip()
