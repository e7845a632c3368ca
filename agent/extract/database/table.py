"""Tables of a database as segments, like sheets: names of columns in the first row, files in cells read as files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from agent import identify, media
from agent.extract.encoding import decide, decode
from agent.extract.ooxml import cells
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone, column_name

_AT_ONCE = 2**16  # characters in one segment
_HELD = 2**24  # bytes of files kept until the rows before them are handed on
SHORT = 256  # bytes of an unknown kind that are a key, a digest or a number, and no document


def table(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], reading: Reading) -> Iterator[Segment]:
    """The name, the rows, and after a run of rows the documents that stood in them.

    Args:
        name: of the table.
        columns: their names.
        rows: values as Python has them; bytes may hold a document, a text, or something unknown, which is noted.
        reading: whose clock is looked at.
    """
    yield Segment(name, "table name", Zone.NAME, lines=False)
    batch: list[tuple[int, list[Any]]] = [(0, list(columns))]
    files: list[tuple[str, bytes]] = []
    length = held = 0
    for number, row in enumerate(rows, 1):
        values = list(row)
        for index, value in enumerate(values):
            if isinstance(value, bytes):
                column = columns[index] if index < len(columns) else str(index + 1)
                values[index] = _text(value, f"{name}.{column}", reading)
                if values[index] is None:
                    files.append((f"{name}!{column_name(index)}{number + 1}", value))
                    held += len(value)
            length += len(values[index]) if isinstance(values[index], str) else 8
        batch.append((number, values))
        if length > _AT_ONCE or held > _HELD:
            yield from _flush(name, batch, files, reading)
            length = held = 0
    yield from _flush(name, batch, files, reading)


def _flush(
    name: str, batch: list[tuple[int, list[Any]]], files: list[tuple[str, bytes]], reading: Reading
) -> Iterator[Segment]:
    yield from cells.rows(name, batch, reading)
    for place, data in files:
        reading.unpack(len(data), place)
        yield from reading.inner(place, io.BytesIO(data))
    batch.clear()
    files.clear()
    reading.tick()


def _text(data: bytes, place: str, reading: Reading) -> str | None:
    """What bytes in a cell say; nothing when they are a file of their own."""
    kind = identify.identify(io.BytesIO(data)).media_type
    if kind == media.TEXT:
        return decode(data, decide(data)[0]).replace("\0", "")
    if kind == media.BINARY and len(data) > SHORT and data.strip(b"\0"):
        reading.miss(Reason.UNSUPPORTED, place)
    return "" if kind in (media.BINARY, "application/x-empty") else None
