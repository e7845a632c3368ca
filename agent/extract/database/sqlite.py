"""SQLite 3 databases, read by SQLite itself from memory; what it cannot read, and deleted rows, page by page.

https://sqlite.org/fileformat2.html
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, BinaryIO

from agent.extract.database import sqlitepages
from agent.extract.database.table import table
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment

_LARGEST = 2**28  # bytes; SQLite holds the whole database, and one more copy while it is handed over
_STEPS = 100_000  # instructions of SQLite's machine between two looks at the clock
_WAL = b"\x37\x7f\x06"
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND sql IS NOT NULL "
    "AND substr(upper(sql), 1, 13) = 'CREATE TABLE '"
)


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Every real table with its rows, then the rows on pages that are free again.

    No view, trigger, virtual table or computed column is run: what they show stands in the tables. A write-ahead log
    beside the database is a file of its own, whose pages are read the same way.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(3) == _WAL:
        yield from sqlitepages.rows(sqlitepages.log(file), reading)
    elif size > _LARGEST:
        yield from sqlitepages.rows(sqlitepages.database(file), reading)
    else:
        yield from _whole(file, reading)


def _whole(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    file.seek(0)
    data = bytearray(file.read(_LARGEST))
    data[18:20] = b"\1\1"  # a database in memory has no log, even where the file says that it uses one
    damaged = False
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.deserialize(data)
            del data
            names = _prepare(connection, reading)
        except sqlite3.Error as problem:
            reading.fail(problem)
            names, damaged = [], True
        for name in names:
            try:
                yield from _table(connection, name, reading)
            except sqlite3.DataError:
                reading.miss(Reason.TOO_LARGE, name)
            except sqlite3.Error as problem:
                reading.tick()
                reading.fail(problem, name)
                damaged = True
    pages = sqlitepages.database(file)
    yield from sqlitepages.rows(pages, reading) if damaged else sqlitepages.rows(pages, reading, pages.free())


def _prepare(connection: sqlite3.Connection, reading: Reading) -> list[str]:
    """Bound what the schema may ask for; the names of the tables."""
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, reading.limits.max_part)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1)
    connection.setlimit(sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)
    connection.set_progress_handler(lambda: time.monotonic() > reading.ledger.deadline, _STEPS)
    for setting in ("trusted_schema = OFF", "temp_store = MEMORY", "query_only = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {setting}").fetchall()
    names = [str(name) for (name,) in connection.execute(_TABLES)]
    if len(names) > reading.limits.max_members:
        raise NotReadError(Reason.TOO_LARGE, f"{len(names)} tables")
    return names


def _table(connection: sqlite3.Connection, name: str, reading: Reading) -> Iterator[Segment]:
    connection.set_authorizer(None)
    found = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
    columns = [str(row[1]) for row in found if row[6] < 2]  # 2 and 3 are computed from the others
    if not columns:
        return
    connection.set_authorizer(_permit)
    query = f"SELECT {', '.join(map(_quoted, columns))} FROM main.{_quoted(name)}"  # noqa: S608 - both quoted
    yield from table(name, columns, connection.execute(query), reading)


def _permit(action: int, *_: Any) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
