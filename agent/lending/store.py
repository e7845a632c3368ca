"""What this PC knows of lendings, in one SQLite file: requests, grants, acts not yet told, and copies that are out.

Every change is on disk before it is answered, so that a kill at any point loses nothing: a use that was recorded is
told to the collector, and a grant that was used up stays so.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from agent.lending.shapes import SCHEMA, Copy, Lent, Request, masked
from config.errors import ShoumiError
from config.events import Medium
from config.lending import Act, Acted, Asked, Grant, State
from config.text import Text

KEPT_DAYS = 400  # closed lendings stay in the list so long


class LendingError(ShoumiError):
    """What is known of lendings cannot be read or written; nothing is lent until it can."""

    code = "SM220"


class Store:
    """The file ``lending.db``; safe to use from several threads, by one process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._lock = path, threading.RLock()
        try:
            path.touch(0o600)
            path.chmod(0o600)
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("PRAGMA wal_autocheckpoint=64")
            self._database.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as problem:
            raise self._cannot(problem) from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    # time

    def latest(self) -> int:
        """The latest time that was ever kept, UTC milliseconds; 0 when none was."""
        row = self._one("SELECT value FROM kept WHERE key = 'latest'")
        return int(row[0]) if row else 0

    def saw(self, milliseconds: int) -> None:
        """Keep a time."""
        with self._change() as database:
            database.execute("INSERT OR REPLACE INTO kept VALUES ('latest', ?)", (milliseconds,))

    # requests

    def ask(self, asked: Asked, name: str) -> None:
        """Keep a request, to be told."""
        row = (asked.id, os.fsencode(name), msgspec.json.encode(asked), State.REQUESTED)
        with self._change() as database:
            database.execute("INSERT INTO request (id, name, body, state) VALUES (?, ?, ?, ?)", row)

    def request(self, key: str) -> Request | None:
        """One request by its id."""
        row = self._one("SELECT body, name, state, note, heard FROM request WHERE id = ?", (key,))
        return _request(row) if row else None

    def requests(self) -> list[Request]:
        """All of them, newest first."""
        rows = self._all("SELECT body, name, state, note, heard FROM request ORDER BY rowid DESC")
        return [_request(row) for row in rows]

    def decide(self, key: str, state: State, note: str) -> State | None:
        """Keep what the collector says of a request; what it said before, None for one that is not known here."""
        with self._change() as database:
            row = database.execute("SELECT state FROM request WHERE id = ?", (key,)).fetchone()
            database.execute("UPDATE request SET state = ?, note = ? WHERE id = ?", (state, note, key))
        return State(row[0]) if row else None

    # grants

    def keep(self, grant: Grant, version: int, file: bytes) -> bool:
        """Keep a verified grant; false when the one that is here is as new. A newer one opens an expired one again."""
        with self._change() as database:
            row = database.execute("SELECT version, closed FROM lent WHERE id = ?", (grant.id,)).fetchone()
            if row and row[0] >= version:
                return False
            closed = row[1] if row and row[1] not in (State.EXPIRED, State.REVOKED) else ""
            body = msgspec.json.encode(grant)
            database.execute(
                "INSERT INTO lent (id, version, file, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET version = excluded.version, file = excluded.file, body = excluded.body, closed = ?, overdue = 0",
                (grant.id, version, file, body, closed),
            )
        return True

    def lent(self, key: str) -> Lent | None:
        """One grant by its id."""
        return next(self._lent(self._all(_LENT + " WHERE id = ?", (key,))), None)

    def lents(self) -> list[Lent]:
        """All grants."""
        return list(self._lent(self._all(_LENT)))

    def file(self, key: str) -> bytes:
        """The signed file of a grant; empty when there is none."""
        row = self._one("SELECT file FROM lent WHERE id = ?", (key,))
        return bytes(row[0]) if row else b""

    def close_grant(self, key: str, state: State) -> None:
        """Nothing may be copied under a grant any more, and its copies are no longer out."""
        with self._change() as database:
            database.execute("UPDATE lent SET closed = ? WHERE id = ?", (state, key))
            if state is State.RETURNED:
                database.execute("UPDATE copy SET state = 'gone' WHERE lent = ?", (key,))

    def note(self, key: str, *, reminded: int | None = None) -> None:
        """Remember that somebody was reminded."""
        with self._change() as database:
            database.execute("UPDATE lent SET reminded = ? WHERE id = ?", (reminded or 0, key))

    # uses

    def use(self, grant: Grant, place: PurePosixPath, medium: Medium, size: int, time: int) -> str:
        """Take one use and record the copy, in one step; the id of the act, empty when no use is left."""
        act = secrets.token_hex(16)
        with self._change() as database:
            taken = database.execute(
                "UPDATE lent SET used = used + 1 WHERE id = ? AND closed = '' AND body = ? AND used < ? RETURNING used",
                (grant.id, msgspec.json.encode(grant), grant.uses),
            ).fetchone()
            if taken is None:  # used up, replaced or closed in between
                return ""
            said = Acted(act, grant.id, Act.USED, time, grant.user, masked(place), medium, grant.uses - taken[0])
            self._put(said, "pending")
            database.execute(
                "INSERT INTO copy VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')",
                (act, grant.id, os.fsencode(place), grant.sha256, size, msgspec.json.encode(medium), time),
            )
        return act

    def settle(self, act: str = "", *, before: int | None = None) -> int:
        """A copy has landed (no id: all of them, or those begun before a time): its use may be told; how many."""
        where, values = ("id = ?", (act,)) if act else ("time < ?", (before if before is not None else 2**62,))
        with self._change() as database:
            rows = database.execute(
                f"UPDATE act SET state = 'waiting' WHERE state = 'pending' AND {where} RETURNING id",  # noqa: S608
                values,
            ).fetchall()
            database.executemany("UPDATE copy SET state = 'out' WHERE act = ? AND state = 'pending'", rows)
        return len(rows)

    def undo(self, act: str) -> bool:
        """Give a use back whose copy did not land; false when it was settled."""
        with self._change() as database:
            row = database.execute(
                "DELETE FROM act WHERE id = ? AND state = 'pending' RETURNING lent", (act,)
            ).fetchone()
            if row is None:
                return False
            database.execute("UPDATE lent SET used = used - 1 WHERE id = ?", row)
            database.execute("DELETE FROM copy WHERE act = ?", (act,))
        return True

    def record(self, grant: str, act: Act, time: int, user: str = "", **more: Any) -> bool:
        """Keep another act to be told (``place``, ``medium``); SEEN and OVERDUE are kept once a grant and version."""
        flag = {Act.SEEN: "seen", Act.OVERDUE: "overdue"}.get(act)
        lent = self.lent(grant)
        said = Acted(secrets.token_hex(16), grant, act, time, user, left=lent.left if lent else 0)
        said = msgspec.structs.replace(said, **more)
        with self._change() as database:
            if (
                flag
                and not database.execute(
                    f"UPDATE lent SET {flag} = 1 WHERE id = ? AND {flag} = 0 RETURNING id",  # noqa: S608 - one of two words
                    (grant,),
                ).fetchone()
            ):
                return False
            self._put(said, "waiting")
        return True

    # copies

    def copies(self, grant: str = "") -> list[Copy]:
        """Copies that are out, of one grant or of all; also those whose writing is not finished."""
        rows = self._all(
            "SELECT act, lent, place, sha256, size, medium, time, state FROM copy"
            " WHERE state != 'gone' AND (? = '' OR lent = ?) ORDER BY time",
            (grant, grant),
        )
        return [
            Copy(act, lent, PurePosixPath(os.fsdecode(place)), sha256, size, _medium(medium), time, state)
            for act, lent, place, sha256, size, medium, time, state in rows
        ]

    def returned(self, acts: Sequence[str], said: Acted) -> bool:
        """Copies are off their medium; with the last one the grant is closed and ``said`` kept to be told."""
        with self._change() as database:
            database.executemany("UPDATE copy SET state = 'gone' WHERE act = ?", [(act,) for act in acts])
            if database.execute("SELECT 1 FROM copy WHERE lent = ? AND state != 'gone'", (said.grant,)).fetchone():
                return False
            database.execute("UPDATE lent SET closed = ? WHERE id = ?", (State.RETURNED, said.grant))
            self._put(said, "waiting")
        return True

    def mark(self, acts: Iterable[str], state: str) -> None:
        """Copies (by the act that made them) are ``erasing`` or ``gone``."""
        with self._change() as database:
            database.executemany("UPDATE copy SET state = ? WHERE act = ?", [(state, act) for act in acts])

    def move(self, act: str, place: PurePosixPath) -> None:
        """A copy has another name on its medium now."""
        with self._change() as database:
            database.execute("UPDATE copy SET place = ? WHERE act = ?", (os.fsencode(place), act))

    # telling

    def untold(self, limit: int) -> tuple[tuple[Asked, ...], tuple[Acted, ...]]:
        """Requests and acts that the collector has not confirmed, oldest first, at most ``limit`` of both."""
        asked = self._all("SELECT body FROM request WHERE heard = 0 ORDER BY rowid LIMIT ?", (limit,))
        acted = self._all(
            "SELECT body FROM act WHERE state = 'waiting' AND lent NOT IN (SELECT id FROM request WHERE heard = 2)"
            " ORDER BY seq LIMIT ?",
            (0 if len(asked) == limit else limit,),  # no act goes before its request
        )
        return (
            tuple(msgspec.json.decode(body, type=Asked) for (body,) in asked),
            tuple(msgspec.json.decode(body, type=Acted) for (body,) in acted),
        )

    def told(self, kept: Sequence[str], refused: dict[str, str]) -> list[Request]:
        """The collector answered; gives the requests that it will never take. What is refused stays here."""
        with self._change() as database:
            for key in kept:
                database.execute("UPDATE request SET heard = 1 WHERE id = ? AND heard = 0", (key,))
                database.execute("UPDATE act SET state = 'told' WHERE id = ? AND state = 'waiting'", (key,))
            lost = []
            for key, why in refused.items():
                lost += database.execute(
                    "UPDATE request SET heard = 2, state = ?, note = ? WHERE id = ? AND heard = 0 RETURNING id",
                    (State.DENIED, why, key),
                ).fetchall()
                database.execute(
                    "UPDATE act SET state = 'refused', note = ? WHERE id = ? AND state = 'waiting'", (why, key)
                )
        return [request for (key,) in lost if (request := self.request(key))]

    def waiting(self) -> int:
        """How many requests and acts the collector has not confirmed."""
        asked, acted = self.untold(10_000)
        return len(asked) + len(acted)

    def prune(self, before: int) -> None:
        """Forget what was closed and told before a time (UTC, milliseconds)."""
        with self._change() as database:
            old = [
                (key,)
                for key, body in database.execute("SELECT id, body FROM request WHERE heard != 0").fetchall()
                if msgspec.json.decode(body, type=Asked).time < before
                and not database.execute("SELECT 1 FROM copy WHERE lent = ? AND state != 'gone'", (key,)).fetchone()
                and not database.execute("SELECT 1 FROM act WHERE lent = ? AND state = 'waiting'", (key,)).fetchone()
            ]
            for table, column in (("copy", "lent"), ("act", "lent"), ("lent", "id"), ("request", "id")):
                database.executemany(f"DELETE FROM {table} WHERE {column} = ?", old)  # noqa: S608 - our own words

    def _put(self, said: Acted, state: str) -> None:
        self._database.execute(
            "INSERT INTO act (id, lent, time, body, state) VALUES (?, ?, ?, ?, ?)",
            (said.id, said.grant, said.time, msgspec.json.encode(said), state),
        )

    def _lent(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[Lent]:
        for body, version, used, reminded, overdue, seen, closed in rows:
            grant = msgspec.json.decode(body, type=Grant)
            yield Lent(grant, version, used, reminded, bool(overdue), bool(seen), closed)

    def _one(self, query: str, values: Sequence[str | int] = ()) -> tuple[Any, ...] | None:
        return next(iter(self._all(query, values)), None)

    def _all(self, query: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._database.execute(query, tuple(values)).fetchall()
            except sqlite3.Error as problem:
                raise self._cannot(problem) from None

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One change, on disk as a whole or not at all."""
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
                self._database.execute("COMMIT")
            except BaseException as problem:
                with suppress(sqlite3.Error):  # nothing was begun, or the file was closed
                    self._database.execute("ROLLBACK")
                if isinstance(problem, sqlite3.Error):
                    raise self._cannot(problem) from None
                raise

    def _cannot(self, problem: Exception) -> LendingError:
        return LendingError(
            Text(f"{self._path} cannot be used: {problem}", f"无法使用 {self._path}：{problem}"),
            Text("free some disk space; nothing is lent until then", "请释放磁盘空间；在此之前不能外借"),
        )


_LENT = "SELECT body, version, used, reminded, overdue, seen, closed FROM lent"


def _medium(body: bytes) -> Medium:
    return msgspec.json.decode(body, type=Medium)


def _request(row: Sequence[Any]) -> Request:
    body, name, state, note, heard = row
    return Request(msgspec.json.decode(body, type=Asked), os.fsdecode(name), State(state), note, heard == 1)
