"""Tables of an officer as rows of text: CSV and its kin in any encoding, spreadsheets, SQLite databases."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from agent.extract import encoding
from config.errors import UsageError
from config.text import Text

EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number
_SHEETS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_PARTS = "\t,;|"
_HEAD = 65_536  # bytes by which the encoding is decided and the separator found


class Notes(msgspec.Struct):
    """What a table holds that could not be taken as it stands."""

    rounded: int = 0  # numbers of which the spreadsheet has lost the last digits
    wide: int = 0  # rows with more cells than heads


class Table(msgspec.Struct):
    """The heads of a table, and its rows as they are read; each has as many cells as there are heads."""

    heads: list[str]
    rows: Iterator[list[str]]
    notes: Notes


def open_table(path: Path, part: str = "") -> Table:
    """Open a table; ``part`` names the sheet or the database's table where there are several.

    Raises:
        UsageError: it cannot be read, is no table, or has no such part; says what to do.
    """
    try:
        with path.open("rb") as file:
            lead = file.read(_HEAD)
    except OSError as problem:
        raise _refused(path, *_both(problem.strerror or type(problem).__name__, "无法读取：")) from None
    notes = Notes()
    if lead.startswith(b"SQLite format 3\0"):
        rows = _database(path, part)
    elif path.suffix.lower() in _SHEETS:
        rows = iter(_sheet(path, part, notes))
    else:
        rows = _text(path, lead)
    for cells in rows:
        if any(cell.strip() for cell in cells):
            heads = [cell.strip() for cell in cells]
            return Table(heads, _even(rows, len(heads), notes), notes)
    raise _refused(path, "has no rows", "没有任何数据行")


def pick(table: Table, path: Path, wanted: Sequence[str]) -> list[int]:
    """Where the wanted columns stand; all that have a head when none are named.

    Raises:
        UsageError: there is none of that head, or there are two.
    """
    from config.complaint import closest

    names = list(wanted) or [head for head in table.heads if head]
    for name in names:
        if table.heads.count(name) > 1 or names.count(name) > 1:
            hint = Text("give every column a head of its own", "请为每一列设置不同的表头")
            raise _refused(path, f"the column '{name}' stands there twice", f"列“{name}”出现两次", hint)
        if name not in table.heads:
            near = closest(name, table.heads)
            listed = ", ".join(filter(None, table.heads))
            hint = Text(f"did you mean '{near}'?", f"是否应为“{near}”？") if near else Text(listed, listed)
            raise _refused(path, f"has no column '{name}'", f"没有名为“{name}”的列", hint)
    return [table.heads.index(name) for name in names]


def _even(rows: Iterator[list[str]], width: int, notes: Notes) -> Iterator[list[str]]:
    for cells in rows:
        if not any(cells):
            continue
        if len(cells) > width and any(cells[width:]):
            notes.wide += 1
        yield [*cells[:width], *[""] * (width - len(cells))]


_FIELD = 131_072  # characters of a cell: more means a quotation mark that is never closed


def _text(path: Path, lead: bytes) -> Iterator[list[str]]:
    name = _encoding(path, lead)
    try:
        with path.open(encoding=name, newline="", errors="strict") as file:
            first = file.readline(_HEAD)
            mark = max(_PARTS, key=first.count)
            if not first.count(mark) and "\0" in first:
                raise _refused(path, "is no table of text", "不是文本表格", _KINDS)
            file.seek(0)
            if file.read(1) != "\ufeff":
                file.seek(0)
            reader = csv.reader(file, delimiter=mark if first.count(mark) else ",")
            limit = csv.field_size_limit(_FIELD)
            try:
                yield from reader
            except csv.Error as problem:
                line = reader.line_num
                hint = Text("look for a quotation mark that is not closed", "请检查是否有未闭合的引号")
                raise _refused(path, f"line {line}: {problem}", f"第 {line} 行：{problem}", hint) from None
            finally:
                csv.field_size_limit(limit)
    except UnicodeDecodeError:
        hint = Text("save it as UTF-8", "请另存为 UTF-8 编码")
        raise _refused(path, f"is not {name} all through", f"并非全部为 {name} 编码", hint) from None


def _encoding(path: Path, lead: bytes) -> str:
    """The first encoding the evidence allows in which the beginning can be read."""
    names = encoding.decide(lead)
    if b"\0" in lead and not names[0].startswith("utf-"):
        raise _refused(path, "is no table of text", "不是文本表格", _KINDS)
    return names[0]


def _sheet(path: Path, part: str, notes: Notes) -> Iterator[list[str]]:
    import python_calamine

    try:
        book = python_calamine.load_workbook(str(path))
        names = [part] if part else book.sheet_names
        if part and part not in book.sheet_names:
            listed = ", ".join(book.sheet_names)
            raise _refused(path, f"has no sheet '{part}'", f"没有工作表“{part}”", Text(listed, listed))
        for name in names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
            if rows:
                return ([_cell(cell, notes) for cell in row] for row in rows)
    except (python_calamine.CalamineError, OSError) as problem:
        raise _refused(path, f"cannot be read: {problem}", f"无法读取：{problem}") from None
    return iter(())


def _cell(value: Any, notes: Notes) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float | int):
        if abs(value) >= EXACT:
            notes.rounded += 1
            return ""
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _database(path: Path, part: str) -> Iterator[list[str]]:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
            )
            names = [name for (name,) in tables]
            if not part and len(names) == 1:
                part = names[0]
            if part not in names:
                listed = ", ".join(names)
                hint = Text(f"name one with --table: {listed}", f"请用 --table 指定：{listed}")
                raise _refused(path, f"has no table '{part}'" if part else "has several tables", "未指定有效的表", hint)
            cursor = connection.execute(f'SELECT * FROM "{part.replace(chr(34), chr(34) * 2)}"')  # noqa: S608 - a name that is there, quoted
            yield [column[0] for column in cursor.description]
            for row in cursor:
                yield ["" if cell is None or isinstance(cell, bytes) else str(cell) for cell in row]
    except sqlite3.Error as problem:
        raise _refused(path, f"cannot be read: {problem}", f"无法读取：{problem}") from None


_KINDS = Text(
    "give a CSV, TSV, XLSX, XLS or ODS file, or an SQLite database",
    "请提供 CSV、TSV、XLSX、XLS、ODS 文件或 SQLite 数据库",
)


def _both(why: str, zh: str) -> tuple[str, str]:
    return f"cannot be read: {why}", zh + why


def _refused(path: Path, en: str, zh: str, hint: Text = _KINDS) -> UsageError:
    return UsageError(Text(f"{path}: {en}", f"{path}：{zh}"), hint)
