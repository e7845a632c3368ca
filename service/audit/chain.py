"""The hash chain itself: how a record is hashed, and whether all of them still hold together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import msgspec

from config.text import Text
from service.audit.models import Record

START = "0" * 64  # what the first record follows


class Break(msgspec.Struct, frozen=True):
    """Where the chain does not hold, and why."""

    seq: int
    why: Text


class State(msgspec.Struct, frozen=True):
    """How far the chain holds. ``time`` (UTC, ms) and ``hash`` are those of the last record that does."""

    count: int
    time: int
    hash: str
    broken: Break | None = None


NOTHING = State(0, 0, START)


def canonical(value: Any) -> str:
    """JSON that is the same for the same value: keys sorted, no spaces, text as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(record: Record) -> str:
    """SHA-256, in hex, over all fields of a record and the hash before it."""
    fields = [
        record.seq,
        record.time,
        record.actor,
        record.role,
        record.act,
        record.object,
        record.detail,
        record.previous,
    ]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def check(records: Iterable[Record], head: tuple[int, str] | None, state: State = NOTHING) -> State:
    """Follow the chain on from ``state``; ``head`` is the end that was noted outside the database, if one was."""
    for record in records:
        if why := _wrong(record, state, head):
            return msgspec.structs.replace(state, broken=Break(record.seq, why))
        state = State(state.count + 1, record.time, record.hash)
    if head is not None and head[0] > state.count:
        missing = Text(f"the records from here to {head[0]} are missing", f"自此至第 {head[0]} 条记录缺失")
        return msgspec.structs.replace(state, broken=Break(state.count + 1, missing))
    return state


def _wrong(record: Record, before: State, head: tuple[int, str] | None) -> Text | None:
    if record.seq != before.count + 1:
        return Text(f"record {before.count + 1} is missing before it", f"其前缺少第 {before.count + 1} 条记录")
    if record.previous != before.hash:
        return Text("it does not follow the record before it", "与前一条记录不相衔接")
    if record.hash != digest(record):
        return Text("its content was changed", "记录内容被改动")
    if head is not None and head[0] == record.seq and head[1] != record.hash:
        return Text("it is not the record that was noted outside the database", "与数据库之外留存的记录不一致")
    return None
