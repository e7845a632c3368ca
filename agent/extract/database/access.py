"""Access databases (.mdb, .accdb): tables row by row, stored queries, names of forms and reports, attached files."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from agent.extract.database.jet import OBJECT, Database, Table
from agent.extract.database.table import table as rows_of
from agent.extract.ole import box
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_CATALOG = 2  # the page that defines MSysObjects
_SYSTEM = 0x80000002
_TABLE, _LINKS = 1, (4, 6)
_DESIGNS = {-32768: "form", -32764: "report", -32761: "module", -32766: "macro"}
_QUERY_WORDS = ("Name1", "Name2", "Expression")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Every table of the user, hidden ones and files attached to rows included.

    Raises:
        NotReadError: under a password that seals the pages, or damaged.
        ValueError: without a catalogue.
    """
    database = Database(file, reading)
    catalog = list(_dicts(database, database.table(_CATALOG), "MSysObjects"))
    designs: dict[str, None] = {}
    for entry in catalog:
        name, kind = str(entry.get("Name") or ""), entry.get("Type")
        number, flags = int(entry.get("Id") or 0) & 0xFFFFFF, int(entry.get("Flags") or 0)
        if kind in _DESIGNS:
            designs[_DESIGNS[kind]] = None
        if name and (kind in _DESIGNS or kind == 5):
            yield Segment(name, "property:objects", Zone.PROPERTY, lines=False)
        elif kind in _LINKS:
            said = [str(entry[key]) for key in ("Name", "Database", "Connect", "ForeignName") if entry.get(key)]
            yield Segment("\n".join(said), "property:links", Zone.PROPERTY, lines=False)
        elif name == "MSysQueries":
            yield from _queries(database, number, reading)
        elif kind == _TABLE and (not flags & _SYSTEM or name.startswith("f_")):
            yield from _table(database, name, number, reading)
    for design in designs:
        reading.miss(Reason.UNSUPPORTED, f"{design}s")


def _table(database: Database, name: str, number: int, reading: Reading) -> Iterator[Segment]:
    try:
        table = database.table(number)
    except (ValueError, struct.error, IndexError) as problem:
        reading.fail(problem, name)
        return
    columns = [column.name for column in table.columns]
    objects = [index for index, column in enumerate(table.columns) if column.kind == OBJECT]

    def rows() -> Iterator[list[Any]]:
        for values in database.rows(table, name):
            for index in objects:
                if isinstance(values[index], bytes):
                    values[index] = _unwrapped(values[index], name, reading)
            yield values

    yield from rows_of(name, columns, rows(), reading)


def _queries(database: Database, number: int, reading: Reading) -> Iterator[Segment]:
    """What stored queries say: their names of tables and columns, and their conditions."""
    try:
        table = database.table(number)
    except (ValueError, struct.error, IndexError) as problem:
        reading.fail(problem, "MSysQueries")
        return
    lines = [
        line
        for row in _dicts(database, table, "MSysQueries")
        if (line := "\t".join(str(row[key]) for key in _QUERY_WORDS if row.get(key)))
    ]
    if lines:
        yield Segment("\n".join(lines), "property:queries", Zone.PROPERTY, lines=False)


def _dicts(database: Database, table: Table, part: str) -> Iterator[dict[str, Any]]:
    names = [column.name for column in table.columns]
    for values in database.rows(table, part):
        yield dict(zip(names, values, strict=True))


def _unwrapped(data: bytes, name: str, reading: Reading) -> bytes:
    """The file in an OLE field ([MS-OLEDS] 2.2.5 behind a head of Access) or in an attachment; else as it stands."""
    if data.startswith(b"\x15\x1c") and len(data) > 20:
        return _object(data, int.from_bytes(data[2:4], "little"))
    kind, size = struct.unpack_from("<II", data) if len(data) > 20 else (2, 0)
    if kind not in (0, 1):
        return data
    try:
        most = reading.limits.max_part
        content = zlib.decompressobj().decompress(data[8:], most + 1) if kind else data[8 : 8 + size]
    except zlib.error:
        return data
    if len(content) > most:
        reading.miss(Reason.TOO_LARGE, name)
    if kind == 0 and not (size and len(data) >= size):
        return data
    head = int.from_bytes(content[:4], "little")
    return content[head:] if 12 <= head <= 600 else data


def _object(data: bytes, at: int) -> bytes:
    """The native data of an OLE 1 object: a file by a server, or a package with a name."""
    try:
        at += 8
        words = []
        for _ in range(3):  # class, topic, item
            size = struct.unpack_from("<I", data, at)[0]
            words.append(data[at + 4 : at + 4 + size].rstrip(b"\0"))
            at += 4 + size
        size = struct.unpack_from("<I", data, at)[0]
    except struct.error:
        return data
    if words[0] == b"Package":
        return box.native(data[at : at + 4 + size]).content
    return data[at + 4 : at + 4 + size]
