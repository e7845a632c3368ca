"""Workbooks of Excel 97 to 2003 ([MS-XLS]): names and cells by calamine, then the records around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import olefile

from agent.extract.ole.biff import around
from agent.extract.ole.properties import properties
from agent.extract.ooxml import cells
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Cells, then headers, footers, text boxes and comments, then properties.

    Raises:
        NotReadError: sealed.
    """
    with olefile.OleFileIO(file) as storage:
        name = next((name for name in ("Workbook", "Book") if storage.exists(name)), "")
        stream = storage.openstream(name).read() if name else b""
        about = list(properties(storage))
    found = around(stream)
    if found.sealed:
        raise NotReadError(Reason.ENCRYPTED)
    file.seek(0)
    known = 0
    try:
        for segment in cells.workbook(file, reading):
            known += 1
            yield segment
    except Exception as problem:  # noqa: BLE001 - the strings are read below all the same
        reading.fail(problem)
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        reading.fail(problem)
    yield from found.segments(strings=not known)
    yield from about
