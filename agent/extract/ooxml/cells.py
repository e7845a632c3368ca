"""Cells of a spreadsheet as segments: rows together, every cell with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import python_calamine

from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone, column_name

_AT_ONCE = 2**16  # characters in one segment; the heading of a table reaches all rows of most sheets
_GAP = 4  # empty cells after which a row begins a new run


def workbook(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Names and cells of all sheets by python-calamine, hidden sheets, rows and columns included.

    Raises:
        python_calamine.CalamineError: damaged; what came before stays.
        NotReadError: sealed, or over the limits.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(file)
    except python_calamine.PasswordError:
        reading.miss(Reason.ENCRYPTED)
        return
    for name in book.sheet_names:
        yield Segment(name, "sheet name", Zone.NAME, lines=False)
        reading.tick()
        try:
            sheet = book.get_sheet_by_name(name)
        except python_calamine.CalamineError as problem:
            if "chart" not in str(problem).lower():
                reading.fail(problem, name)
            continue
        start = sheet.start
        if start is not None:
            # rows come from the very first one; columns come without the empty ones before the data
            yield from rows(name, enumerate(sheet.iter_rows()), reading, start[1])


def rows(sheet: str, content: Iterable[tuple[int, list[Any]]], reading: Reading, column: int = 0) -> Iterator[Segment]:
    """Segments of a sheet.

    Args:
        sheet: its name.
        content: pairs of row (counted from 0) and its values from ``column`` on.
        reading: whose clock is looked at.
        column: the column of the first value, counted from 0.
    """
    return sparse(sheet, ((row, enumerate(values, column)) for row, values in content), reading)


def sparse(sheet: str, content: Iterable[tuple[int, Iterable[tuple[int, Any]]]], reading: Reading) -> Iterator[Segment]:
    """Segments of a sheet whose rows are pairs of column and value, both counted from 0, in their order."""
    parts: list[str] = []
    runs: list[tuple[int, str]] = []
    offset = 0
    for row, values in content:
        last = -_GAP - 2  # a row begins a run
        begun = False
        for column, value in values:
            if value == "" or value is None:
                continue
            text = show(value)
            empty = column - last - 1
            if empty > _GAP or not begun:
                if begun:
                    parts.append("\t")
                    offset += 1
                runs.append((offset, f"{sheet}!{column_name(column)}{row + 1}"))
            else:
                parts.append("\t" * (empty + 1))
                offset += empty + 1
            parts.append(text)
            offset += len(text)
            last, begun = column, True
        if begun:
            parts.append("\n")
            offset += 1
        if offset > _AT_ONCE:
            yield _segment(parts, runs)
            parts, runs, offset = [], [], 0
            reading.tick()
    if parts:
        yield _segment(parts, runs)


def show(value: Any) -> str:
    """A cell's value as text: whole numbers without a fraction, so that a card number stays one run of digits."""
    if isinstance(value, str):
        return value.replace("\t", " ")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return str(value)


def _segment(parts: list[str], runs: list[tuple[int, str]]) -> Segment:
    return Segment("".join(parts).rstrip("\n"), runs[0][1], Zone.CELL, lines=False, cells=tuple(runs))
