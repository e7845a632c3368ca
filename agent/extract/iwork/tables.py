"""Tables of Pages, Numbers and Keynote: rows of packed cells, with their texts in lists beside them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta

from agent.extract.iwork.iwa import Message, fields, first, reference
from agent.extract.ooxml import cells
from agent.extract.reading import Reading
from config.verdict import Segment, Zone

MODEL, TILE, SEGMENT, PAYLOAD = 6001, 6002, 6011, 6218
LISTS = (6005, 6201)
KINDS = (MODEL, TILE, SEGMENT, *LISTS)  # read here
_STORE, _NAME = 4, 8  # of the model
_TILES, _STRINGS, _RICH = 3, 4, 17  # of the store
_VERSION, _HEAD = 5, 12  # of a packed cell
_BIAS, _LOWEST, _HIGHEST = 0x1820, -30, 30  # of the exponent of a decimal
_EPOCH = datetime(2001, 1, 1)  # noqa: DTZ001 - a date of a table is of no zone
_DATE, _CURRENCY, _NUMBER = 5, 10, 2


class Tables:
    """All tables of one document.

    Args:
        objects: messages by identifier.
        texts: running texts by identifier; those shown in cells are taken out.
    """

    def __init__(self, objects: dict[int, Message], texts: dict[int, str]) -> None:
        self._objects, self._texts = objects, texts
        self._seen: set[int] = set()  # a tile or a list belongs to one table

    def segments(self, reading: Reading) -> Iterator[Segment]:
        """Cells with their places, then texts of the lists that no cell shows."""
        for message in self._objects.values():
            if message.kind == MODEL:
                name = first(message.data, _NAME).decode("utf-8", "replace")
                yield Segment(name, "sheet name", Zone.NAME, lines=False)
                yield from cells.sparse(name, self._rows(first(message.data, _STORE)), reading)
        for identifier, message in self._objects.items():
            if message.kind in (*LISTS, SEGMENT) and identifier not in self._seen:
                said = "\n".join(text for _, text in self._entries(identifier))
                yield from [Segment(said, "table", Zone.TABLE)] if said else []

    def _rows(self, store: bytes) -> Iterator[tuple[int, list[tuple[int, object]]]]:
        strings = dict(self._entries(reference(first(store, _STRINGS))))
        rich = dict(self._entries(reference(first(store, _RICH))))
        tall = next((field.value for field in fields(first(store, _TILES)) if field.number == 2), 0) or 256
        for listed in fields(first(store, _TILES)):
            if listed.number != 1 or listed.data is None:
                continue
            number = reference(listed.data)
            identifier = reference(first(listed.data, 2))
            tile = None if identifier in self._seen else self._objects.get(identifier)
            self._seen.add(identifier)
            for row in fields(tile.data if tile and tile.kind == TILE else b""):
                if row.number == 5 and row.data is not None:
                    yield number * tall + reference(row.data), list(_cells(row.data, strings, rich))

    def _entries(self, identifier: int, depth: int = 0) -> Iterator[tuple[int, str]]:
        """Keys and texts of a list, and of the pieces it is kept in."""
        message = self._objects.get(identifier)
        if message is None or identifier in self._seen or depth > 1:
            return
        self._seen.add(identifier)
        for field in fields(message.data):
            if field.number == 4 and field.data is not None and message.kind in LISTS:
                yield from self._entries(reference(field.data), depth + 1)
            elif field.number == 3 and field.data is not None and (text := self._entry(field.data)):
                yield reference(field.data), text

    def _entry(self, entry: bytes) -> str:
        text = first(entry, 3).decode("utf-8", "replace")
        payload = self._objects.get(reference(first(entry, 9)))
        if not text and payload is not None and payload.kind == PAYLOAD:
            text = self._texts.pop(reference(first(payload.data, 1)), "")
        return text


def _cells(row: bytes, strings: dict[int, str], rich: dict[int, str]) -> Iterator[tuple[int, object]]:
    buffer, offsets = first(row, 6), first(row, 7)
    wide = any(field.number == 8 and field.value for field in fields(row))
    for column, (offset,) in enumerate(struct.iter_unpack("<H", offsets[: len(offsets) // 2 * 2])):
        start = offset * 4 if wide else offset
        if offset != 0xFFFF and start + _HEAD <= len(buffer) and buffer[start] == _VERSION:
            yield column, _value(buffer[start : start + 100], strings, rich)


def _value(cell: bytes, strings: dict[int, str], rich: dict[int, str]) -> object:
    """What a packed cell shows: the fields that its flags name follow each other behind its head."""
    kind, flags = cell[1], int.from_bytes(cell[8:12], "little")
    at = _HEAD
    value: object = ""
    if flags & 1 and at + 16 <= len(cell):
        value = _decimal(cell[at : at + 16])
        at += 16
    if flags & 2 and at + 8 <= len(cell):
        value = value if value != "" else struct.unpack_from("<d", cell, at)[0]
        at += 8
    if flags & 4 and at + 8 <= len(cell):
        if kind == _DATE:
            value = _date(struct.unpack_from("<d", cell, at)[0])
        at += 8
    for flag, texts in ((8, strings), (16, rich)):
        if flags & flag:
            value = texts.get(int.from_bytes(cell[at : at + 4], "little"), value)
            at += 4
    return value


def _decimal(data: bytes) -> object:
    """A decimal floating point number of 128 bits (IEEE 754-2008, 3.5, binary encoding)."""
    exponent = ((data[15] & 0x7F) << 7 | data[14] >> 1) - _BIAS
    mantissa = int.from_bytes(data[:14], "little") | (data[14] & 1) << 112
    if not _LOWEST <= exponent <= _HIGHEST:
        return ""
    sign = -1 if data[15] & 0x80 else 1
    if exponent >= 0:
        return sign * mantissa * 10**exponent
    whole, rest = divmod(mantissa, 10**-exponent)
    return sign * whole if not rest else float(sign * mantissa / 10**-exponent)


def _date(seconds: float) -> str:
    try:
        return str(_EPOCH + timedelta(seconds=seconds))
    except (OverflowError, ValueError):
        return ""
