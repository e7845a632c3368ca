"""Events on their way to the collector: kept until it has said that it keeps them.

A batch is cut once and keeps its key until it is delivered, also over a crash, so that the collector can tell a repeat.
Delivered events stay for ninety days without being sent again: `shoumi agent status` shows staff what was reported.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from config.errors import SpoolError
from config.events import MAX_BYTES, Event
from config.text import Text

KEPT_DAYS = 90
_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL UNIQUE,
  finding TEXT NOT NULL,            -- equal for repeats of the same copy
  kept INTEGER NOT NULL,            -- when it came here, seconds
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'parked')),
  batch TEXT,                       -- key of the batch it was last cut into
  note TEXT NOT NULL DEFAULT '',    -- why the collector refused it
  body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS event_state ON event (state, seq);
CREATE INDEX IF NOT EXISTS event_finding ON event (finding);
"""
FULL = Text(
    "events cannot be written to disk: {why}; {count} are held in memory",
    "事件无法写入磁盘：{why}；{count} 条暂存于内存",
)


class Batch(msgspec.Struct, frozen=True):
    """Events that are sent together, oldest first; ``bodies`` are JSON objects."""

    key: str
    seqs: tuple[int, ...]
    bodies: tuple[bytes, ...]


class Counts(msgspec.Struct, frozen=True):
    """How many events are where."""

    waiting: int
    parked: int
    held: int  # in memory only, because the disk is full


class Spool:
    """A durable queue in one SQLite file; safe to use from several threads."""

    def __init__(self, path: Path, reserve: int = 8 * 2**20) -> None:
        """``reserve`` bytes are set aside on the same disk and given up when it is full."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._reserve_path, self._reserve = path.with_suffix(".reserve"), reserve
        self._lock = threading.RLock()
        self._held: list[Event] = []
        self._problem = ""
        try:
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            path.chmod(0o600)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("PRAGMA wal_autocheckpoint=64")  # pages: a small log, for small disks
            self._database.executescript(_SCHEMA)
        except sqlite3.Error as problem:
            raise SpoolError(
                Text(f"the spool {path} cannot be opened: {problem}", f"无法打开事件队列 {path}：{problem}"),
                Text(
                    "free some disk space, or move the damaged file aside and keep it",
                    "请释放磁盘空间，或将损坏的文件移走并保留",
                ),
            ) from None
        self._set_aside()

    def close(self) -> None:
        """Close the file; what is only in memory gets one more try."""
        with self._lock:
            self._flush()
            self._database.close()

    @property
    def problem(self) -> Text | None:
        """What keeps events from the disk now, in words; None when all is well."""
        with self._lock:
            return FULL.fill(why=self._problem, count=len(self._held)) if self._held else None

    def put(self, event: Event) -> bool:
        """Keep an event; one with the same uid is kept once. False when it could only be held in memory for now."""
        with self._lock:
            self._held.append(event)
            return self._flush()

    def lease(self, limit: int, max_bytes: int = MAX_BYTES) -> Batch | None:
        """The next batch to send: the one that was cut and not delivered, else a new one; None when nothing waits."""
        with self._lock:
            self._flush()
            try:
                return self._lease(limit, max_bytes)
            except sqlite3.Error as problem:
                raise SpoolError(Text(f"the spool cannot be read: {problem}", f"无法读取事件队列：{problem}")) from None

    def commit(self, batch: Batch, refused: dict[int, str]) -> None:
        """The collector has the batch; ``refused`` maps an index in it to why that event was not taken."""
        with self._lock, self._transaction():
            marks = [
                ("parked" if i in refused else "delivered", refused.get(i, ""), seq) for i, seq in enumerate(batch.seqs)
            ]
            self._database.executemany("UPDATE event SET state = ?, note = ? WHERE seq = ?", marks)
            old = int(time.time()) - KEPT_DAYS * 86_400
            self._database.execute("DELETE FROM event WHERE state = 'delivered' AND kept < ?", (old,))
        self._set_aside()

    def halve(self, batch: Batch) -> bool:
        """Cut a batch that was too large in two; false when it is a single event, which is parked instead."""
        with self._lock, self._transaction():
            if len(batch.seqs) == 1:
                note = "larger than the collector takes"
                self._database.execute(
                    "UPDATE event SET state = 'parked', note = ? WHERE seq = ?", (note, batch.seqs[0])
                )
                return False
            half = len(batch.seqs) // 2
            for seqs in (batch.seqs[:half], batch.seqs[half:]):
                key = secrets.token_hex(16)
                self._database.executemany("UPDATE event SET batch = ? WHERE seq = ?", [(key, seq) for seq in seqs])
        return True

    def knows(self, finding: str) -> bool:
        """Whether this copy was reported before, in the days that are kept."""
        with self._lock:
            return self._database.execute("SELECT 1 FROM event WHERE finding = ?", (finding,)).fetchone() is not None

    def find(self, uid: str) -> Event | None:
        """One event by its own id, while it is kept."""
        with self._lock:
            held = next((event for event in self._held if event.metadata.uid == uid), None)
            if held is not None:
                return held
            row = self._database.execute("SELECT body FROM event WHERE uid = ?", (uid,)).fetchone()
        return msgspec.json.decode(row[0], type=Event) if row else None

    def counts(self) -> Counts:
        """How many events wait, are parked, or are held in memory."""
        with self._lock:
            rows = dict(self._database.execute("SELECT state, count(*) FROM event GROUP BY state"))
            return Counts(rows.get("waiting", 0), rows.get("parked", 0), len(self._held))

    def history(self, days: int = KEPT_DAYS) -> Iterator[tuple[str, str, Event]]:
        """State, note and event of everything reported in the last ``days``, newest first."""
        since = int(time.time()) - days * 86_400
        with self._lock:
            rows = self._database.execute(
                "SELECT state, note, body FROM event WHERE kept >= ? ORDER BY seq DESC", (since,)
            ).fetchall()
        for state, note, body in rows:
            yield state, note, msgspec.json.decode(body, type=Event)

    def _lease(self, limit: int, max_bytes: int) -> Batch | None:
        row = self._database.execute("SELECT batch FROM event WHERE state = 'waiting' ORDER BY seq LIMIT 1").fetchone()
        if row is None:
            return None
        if row[0] is not None:
            return self._read(row[0])
        rows = self._database.execute(
            "SELECT seq, length(body) FROM event WHERE state = 'waiting' AND batch IS NULL ORDER BY seq LIMIT ?",
            (limit,),
        ).fetchall()
        seqs: list[int] = []
        total = 2  # the brackets around them
        for seq, size in rows:
            total += size + 1
            if seqs and total > max_bytes:
                break
            seqs.append(seq)
        key = secrets.token_hex(16)
        with self._transaction():
            self._database.executemany("UPDATE event SET batch = ? WHERE seq = ?", [(key, seq) for seq in seqs])
        return self._read(key)

    def _read(self, key: str) -> Batch:
        rows = self._database.execute(
            "SELECT seq, body FROM event WHERE batch = ? AND state = 'waiting' ORDER BY seq", (key,)
        ).fetchall()
        return Batch(key, tuple(row[0] for row in rows), tuple(row[1] for row in rows))

    def _flush(self) -> bool:
        """Write what is held in memory; on a full disk give up the reserve and try once more."""
        while self._held:
            try:
                self._insert(self._held[0])
            except sqlite3.Error as problem:
                self._problem = str(problem)
                if not self._reserve_path.exists():
                    return False
                self._reserve_path.unlink(missing_ok=True)
                continue
            self._held.pop(0)
        self._problem = ""
        return True

    def _insert(self, event: Event) -> None:
        self._database.execute(
            "INSERT INTO event (uid, finding, kept, body) VALUES (?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING",
            (event.metadata.uid, event.finding_info.uid, int(time.time()), msgspec.json.encode(event)),
        )

    def _set_aside(self) -> None:
        if self._reserve_path.exists():
            return
        try:
            descriptor = os.open(self._reserve_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:  # no room: tried again after the next delivery
            return
        try:
            os.write(descriptor, b"\0") if not hasattr(os, "posix_fallocate") else os.posix_fallocate(
                descriptor, 0, self._reserve
            )
        except OSError:
            self._reserve_path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except sqlite3.Error as problem:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise SpoolError(Text(f"the spool cannot be written: {problem}", f"无法写入事件队列：{problem}")) from None
