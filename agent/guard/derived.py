"""What was made of classified content and cannot be read any more: its hash, and the level it keeps."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path

import msgspec

from config.levels import Level

log = logging.getLogger(__name__)
DAYS = 400
_MOST = 200_000  # entries; the oldest go first
_TABLE = """
CREATE TABLE IF NOT EXISTS derived (
  sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, level INTEGER NOT NULL, source TEXT NOT NULL, made REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS derived_made ON derived (made);
CREATE INDEX IF NOT EXISTS derived_size ON derived (size);
"""


class Derived(msgspec.Struct, frozen=True):
    """A file that stands for another: whoever holds it holds the content of ``source``."""

    sha256: str
    size: int  # bytes
    level: Level
    source: str  # the path of what it was made from, as it was called then
    made: float  # seconds since 1970


class DerivedFiles:
    """The list of them, kept through restarts in a database that only the agent reads. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or make the database. A damaged one is put aside, and ``damaged`` says so.

        Raises:
            OSError: the folder cannot be written to.
            sqlite3.Error: the database cannot be used.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self.damaged = False
        try:
            self._base = _opened(path)
        except sqlite3.DatabaseError as problem:
            if isinstance(problem, sqlite3.OperationalError):  # a full disk, a lock: nothing is wrong with it
                raise
            log.error("the list of derived files is damaged and was put aside: %s", problem)  # noqa: TRY400
            self.damaged = True
            path.replace(path.with_name(f"{path.name}.damaged-{time.time():.0f}"))
            for more in ("-wal", "-shm"):
                path.with_name(path.name + more).unlink(missing_ok=True)
            self._base = _opened(path)
        self._added = 0
        self.expire()

    def close(self) -> None:
        """End."""
        with self._lock:
            self._base.close()

    def add(self, found: Derived) -> None:
        """Keep one. Of two words about the same content the higher level counts."""
        with self._lock:
            self._base.execute(
                "INSERT INTO derived VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET made = excluded.made,"
                " source = CASE WHEN excluded.level > level THEN excluded.source ELSE source END,"
                " level = max(level, excluded.level)",
                (found.sha256, found.size, found.level.rank, found.source, found.made),
            )
            self._added += 1
        if self._added % 1000 == 0:
            self.expire()

    def get(self, sha256: str) -> Derived | None:
        """What is known of a content."""
        with self._lock:
            row = self._base.execute("SELECT * FROM derived WHERE sha256 = ?", (sha256,)).fetchone()
        return None if row is None else Derived(row[0], row[1], _level(row[2]), row[3], row[4])

    def has_size(self, size: int) -> bool:
        """Whether any is as large: if not, hashing a file of that size is of no use."""
        with self._lock:
            return self._base.execute("SELECT 1 FROM derived WHERE size = ? LIMIT 1", (size,)).fetchone() is not None

    def expire(self) -> None:
        """Let go of the old ones."""
        with self._lock:
            self._base.execute("DELETE FROM derived WHERE made < ?", (time.time() - DAYS * 86400,))
            self._base.execute(
                "DELETE FROM derived WHERE sha256 IN (SELECT sha256 FROM derived ORDER BY made DESC LIMIT -1 OFFSET ?)",
                (_MOST,),
            )


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    base = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5)
    try:
        base.execute("PRAGMA journal_mode=WAL")
        base.executescript(_TABLE)
    except sqlite3.Error:
        base.close()
        raise
    return base


def _level(rank: int) -> Level:
    return next(level for level in Level if level.rank == rank)
