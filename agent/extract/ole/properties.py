"""Properties of OLE documents, those an organisation defines included ([MS-OLEPS] 2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta

import olefile

from agent.extract.ole import codepage
from agent.extract.ooxml.properties import labelled
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_STREAMS = ("\x05SummaryInformation", "\x05DocumentSummaryInformation", "\x05HwpSummaryInformation")
_MOST = 1000  # properties of one set
_SECTIONS = 2  # of one stream: the second holds the names that an organisation defines
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
_SHORT, _LONG, _DOUBLE, _TEXT, _TRUTH, _ANSI, _WIDE, _TIME = 0x02, 0x03, 0x05, 0x08, 0x0B, 0x1E, 0x1F, 0x40
_LINKS = "_PID_"  # tables of links that Office keeps among the named properties


def properties(storage: olefile.OleFileIO, reading: Reading) -> Iterator[Segment]:
    """One segment a property; a damaged set gives what can be read of it, and is told."""
    for index, name in enumerate(_STREAMS):
        if not storage.exists(name):
            continue
        part = name.lstrip("\x05")
        try:
            data = storage.openstream(name).read()
            sections = struct.unpack_from("<I", data, 24)[0] if data else 0
        except (struct.error, OSError, ValueError, IndexError) as problem:
            reading.fail(problem, part)
            continue
        for section in range(min(sections, _SECTIONS)):
            try:
                start = struct.unpack_from("<I", data, 44 + 20 * section)[0]
                yield from _section(data[start:], _NAMES[index] if section == 0 else {})
            except (struct.error, ValueError, IndexError, NotReadError) as problem:
                reading.fail(problem, part)


def _section(data: bytes, names: dict[int, str]) -> Iterator[Segment]:
    count = min(struct.unpack_from("<I", data, 4)[0], len(data) // 8 - 1)
    places = [struct.unpack_from("<II", data, 8 + 8 * index) for index in range(min(count, _MOST))]
    page = next((struct.unpack_from("<H", data, at + 4)[0] for number, at in places if number == 1), 1252)
    known = dict(names)
    for number, at in places:
        if number == 0:
            known.update(_dictionary(data, at, page))
    for number, at in places:
        name = known.get(number, "")
        if name and not name.startswith(_LINKS) and (text := _value(data, at, page)):
            yield labelled(name, text)
    if count > _MOST:
        raise NotReadError(Reason.TOO_LARGE)


def _dictionary(data: bytes, at: int, page: int) -> dict[int, str]:
    found: dict[int, str] = {}
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    for _ in range(min(count, _MOST)):
        if at + 8 > len(data):
            break
        number, length = struct.unpack_from("<II", data, at)
        size = length * 2 if page == 1200 else length
        found[number] = _decode(data[at + 8 : at + 8 + size], page)
        at += 8 + (size + 3 & ~3 if page == 1200 else size)
    return found


def _value(data: bytes, at: int, page: int) -> str:  # noqa: PLR0911 - one answer a type
    """A property as people see it; those of other types hold no words."""
    if at >= len(data):
        return ""
    if at + 12 > len(data):
        data, at = data[at:].ljust(12, b"\0"), 0
    kind, size = struct.unpack_from("<II", data, at)
    if kind in (_ANSI, _TEXT):
        return _decode(data[at + 8 : at + 8 + size], page)
    if kind == _WIDE:
        return _decode(data[at + 8 : at + 8 + 2 * size], 1200)
    if kind in (_SHORT, _LONG):
        return str(struct.unpack_from("<h" if kind == _SHORT else "<i", data, at + 4)[0])
    if kind == _DOUBLE:
        return str(struct.unpack_from("<d", data, at + 4)[0])
    if kind == _TIME:
        return _time(struct.unpack_from("<Q", data, at + 4)[0])
    return ("true" if size & 0xFFFF else "false") if kind == _TRUTH else ""


def _time(ticks: int) -> str:
    """A FILETIME: 100 nanoseconds since 1601."""
    try:
        return f"{datetime(1601, 1, 1) + timedelta(microseconds=ticks // 10):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ001 - as stored
    except OverflowError:
        return ""


def _decode(raw: bytes, page: int) -> str:
    if page == 1200:
        return raw.decode("utf-16-le", "replace").split("\0")[0].strip()
    return codepage.text(raw.split(b"\0")[0], page).strip()
