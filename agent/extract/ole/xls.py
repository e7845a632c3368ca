"""Workbooks of Excel 2 to 2003 ([MS-XLS]): the records around the cells, then names and cells by calamine.

Before Excel 5 a workbook is its records alone, without a compound file around them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.ole import biffcells, embedded
from agent.extract.ole.biff import GRAPH, Book
from agent.extract.ole.biffaround import Around
from agent.extract.ole.compound import opened
from agent.extract.ole.properties import properties
from agent.extract.ooxml import cells
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_STREAMS = ("Workbook", "Book")
_MOST_CELLS = 10_000_000  # calamine holds every cell of the rectangle, empty ones too, at 24 bytes each
_EARLY = 100  # records within which a seal stands
_COPIES = "_SX_DB_CUR"  # where pivot tables keep a copy of their data


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Properties, headers, footers, text boxes, comments and charts, then cells and embedded objects.

    Raises:
        NotReadError: sealed.
        OSError: damaged.
    """
    if file.read(len(olefile.MAGIC)) != olefile.MAGIC:
        file.seek(0)
        yield from _records(reading.hold(file), None, reading)
        return
    with opened(file, reading) as storage:
        name = next((name for name in _STREAMS if storage.exists(name)), "")
        stream = storage.openstream(name).read() if name else b""
        yield from properties(storage, reading)
        yield from _records(stream, file, reading)
        for entry in storage.listdir():
            if entry[0].upper() == _COPIES:
                yield from Around(storage.openstream(entry).read(), reading).segments()
        yield from embedded.objects(storage, reading)


def _survey(stream: bytes) -> tuple[bool, bool]:
    """Whether the workbook is under a password, and whether it is of a kind that calamine does not read.

    The seal ([MS-XLS] 2.4.117) stands before the first sheet, also where the password is the one that Excel gives by
    itself; a password for changes only is another record and does not count.
    """
    book = Book(stream)
    own = book.version < 5
    for index, record in enumerate(book.records()):
        own = own or record.substream == GRAPH
        if index > _EARLY or (record.sheet and book.version >= 5):
            break
    return book.sealed, own


def _records(stream: bytes, file: BinaryIO | None, reading: Reading) -> Iterator[Segment]:
    sealed, own = _survey(stream)
    if sealed:
        raise NotReadError(Reason.ENCRYPTED)
    around = Around(stream, reading)
    yield from around.segments()
    if file is None or own or around.book.area > _MOST_CELLS or reading.ledger.careful:
        yield from biffcells.sheets(stream, reading)
    else:
        yield from _cells(stream, file, reading)


def _cells(stream: bytes, file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """The cells by calamine; where it gives up before the first of them, by the slower walk."""
    file.seek(0)
    found = False
    problem: BaseException | None = None
    try:
        for segment in cells.workbook(file, reading):
            found = found or segment.zone is Zone.CELL
            yield segment
    except NotReadError:
        raise
    except Exception as damage:  # noqa: BLE001 - the cells are read below all the same
        problem = damage
    except BaseException as damage:
        if type(damage).__name__ != "PanicException":
            raise
        problem = damage
    if problem is not None and found:
        reading.fail(problem)
    elif problem is not None:
        yield from biffcells.sheets(stream, reading)
