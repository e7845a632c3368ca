"""Adding to the audit trail, and checking it. Nothing here can change or remove a record."""

from __future__ import annotations

import os
import time
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from config.text import Text
from service.audit.acts import Act
from service.audit.chain import NOTHING, START, Break, State, canonical, check, digest
from service.audit.models import Record
from service.clock import now
from service.database import writing
from service.officers.models import Officer

TRIGGERS = {"audit_no_update", "audit_no_delete"}
SMALL = 5_000  # records; fewer are followed anew for every page
TRUSTED_SECONDS = 600.0
_verified = (0.0, NOTHING)  # when, by the steady clock, and what was found


class Actor(msgspec.Struct, frozen=True):
    """Who did it: an officer, an agent, or somebody at the server's own console."""

    name: str
    role: str

    @classmethod
    def of(cls, officer: Officer) -> Actor:
        """An officer as an actor."""
        return cls(officer.username, officer.role)


SERVER = Actor("server", "server")
NOBODY = Actor("", "anonymous")


def append(actor: Actor, act: Act, what: str = "", **detail: Any) -> Record:
    """Add one record in the transaction under way, so that an act and its record are kept or lost together.

    ``detail`` must hold neither content of documents nor secrets.
    """
    with writing():
        last = Record.objects.order_by("-seq").first()
        record = Record(
            seq=last.seq + 1 if last else 1,
            time=max(now(), last.time if last else 0),  # a clock set back does not turn the order round
            actor=actor.name,
            role=actor.role,
            act=act.value,
            object=what,
            detail=canonical(detail),
            previous=last.hash if last else START,
        )
        record.hash = digest(record)
        record.save(force_insert=True)
        transaction.on_commit(lambda: _note(record.seq, record.hash))
    return record


def verify() -> State:
    """Follow the whole chain and look whether its guards still stand. Costs about 15 µs a record; locks nothing."""
    global _verified  # noqa: PLW0603 - there is one chain in a process
    head = _noted()  # before the records are read: those written meanwhile only come after it
    state = _with_guards(check(Record.objects.order_by("seq").iterator(2000), head))
    _verified = (time.monotonic(), state)
    return state


def verified_lately() -> State:
    """The same for a page: what was followed in the last minutes is not followed again, only what came since."""
    at, before = _verified
    if before.count < SMALL or before.broken or time.monotonic() - at > TRUSTED_SECONDS:
        return verify()
    head = _noted()
    return _with_guards(check(Record.objects.filter(seq__gt=before.count).order_by("seq").iterator(2000), head, before))


def verify_for(officer: Officer) -> State:
    """The same on an auditor's wish, which is itself recorded."""
    state = verify()
    append(Actor.of(officer), Act.VERIFIED, str(state.count), holds=state.broken is None)
    return state


def _note(seq: int, value: str) -> None:
    path = settings.HOME.audit_head
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{seq} {value}\n")
    fresh.replace(path)


def _noted() -> tuple[int, str] | None:
    try:
        seq, value = settings.HOME.audit_head.read_text("ascii").split()
        return int(seq), value
    except FileNotFoundError:
        return None
    except ValueError:  # damaged: it cannot vouch for anything
        return None


def _with_guards(state: State) -> State:
    if state.broken is None and _guards() != TRIGGERS:
        why = Text("the database no longer refuses changes: its triggers were removed", "数据库的防改触发器已被移除")
        return msgspec.structs.replace(state, broken=Break(state.count, why))
    return state


def _guards() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_record'")
        return {row[0] for row in cursor.fetchall()}
