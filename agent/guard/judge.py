"""The rule by which a file may land on a medium: guard rule G.

    classified above the clearance of the medium's zone     refused, unless a grant covers exactly this content
    derived from something classified (encrypted, packed)   refused
    not read to its end, or hidden                          as policy says
    opaque, and written by a process that is related to
        one that read something classified                  refused
    everything else                                         lands

Everybody concerned is told before the writer hears of the refusal: the event is in the spool by then.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import logging
import os
import time
from datetime import date
from pathlib import Path

import msgspec

from agent.act.person import Writer
from agent.decide import Decision, decide
from agent.guard.desk import Desk, Source
from agent.guard.gateway.ruling import ALLOWED, REFUSED, Ruling, Written
from agent.media import BINARY
from agent.report.event import account, finish, make_event, ticket
from config.errors import ShoumiError
from config.events import Action, Done, Event, Kind, Medium, User
from config.lending import Grant
from config.levels import Level
from config.policy import Place
from config.signing import utc_now
from config.text import Text
from config.verdict import Coverage, Reason, Verdict

log = logging.getLogger(__name__)
_STOPPED = {Action.QUARANTINE, Action.BLOCK, Action.ASK}
_TRIES, _PAUSE = 3, 0.2  # seconds
_LENT_SECONDS = 600.0  # during which a lent document may get its own name, which may carry its mark


class MediumJudge:
    """Judges what is written to one medium."""

    def __init__(self, desk: Desk, medium: Medium) -> None:
        self._desk, self._medium = desk, medium
        self._lent: dict[int, tuple[float, Level]] = {}  # until when which user may give marked names
        self._grants: dict[str, Grant] = {}  # uses that are not settled

    def file(self, written: Written) -> Ruling:
        """May this land?"""
        desk, place = self._desk, Place(written.path, self._medium)
        verdict = self._verdict(written)
        decision = decide(verdict, place, desk.policy)
        if decision.kind is Kind.VIOLATION and decision.action in _STOPPED:
            lent = self._lend(verdict, decision, written)
            return lent or self._refuse(verdict, decision, written)
        source = desk.ancestry.origin(verdict, written, decision.zone) if desk.ancestry else None
        if source is not None:
            return self._refuse(*_derived(verdict, decision, source), written)
        if decision.action in _STOPPED:
            return self._refuse(verdict, decision, written)
        if decision.kind is not None and decision.action is not Action.ALLOW:
            self._report(self._event(verdict, decision, written), Done.LEFT, written)
        return ALLOWED

    def _read(self, descriptor: int, name: str) -> Verdict:
        """What a file is; a reader that was ended while it started says nothing of the file, and another is started."""
        for left in reversed(range(_TRIES)):
            try:
                return self._desk.sandbox.verdict_of(descriptor, name, _today())
            except ShoumiError as problem:
                if not left:
                    raise
                log.warning("%s", problem.text.en)
                time.sleep(_PAUSE)
        raise AssertionError

    def name(self, path: Path, words: bytes, writer: tuple[int, int]) -> bool:
        """May something be called so?"""
        descriptor = os.memfd_create("words", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, words)
            verdict = self._read(descriptor, path.name)
            decision = decide(verdict, Place(path, self._medium), self._desk.policy)
            if decision.kind is not Kind.VIOLATION or decision.action not in _STOPPED:
                return True
            until, level = self._lent.get(writer[1], (0.0, Level.PUBLIC))
            if time.monotonic() < until and verdict.level <= level:
                return True
            return self._refuse(verdict, decision, Written(descriptor, path, len(words), (writer,)), keep=False).allowed
        finally:
            os.close(descriptor)

    def landed(self, ruling: Ruling, *, landed: bool) -> None:
        """What became of a lent copy."""
        grant = self._grants.pop(ruling.grant, None)
        if grant is None or self._desk.lender is None:
            return
        if landed:
            self._desk.lender.landed(ruling.grant)
        else:
            self._desk.lender.undo(grant, ruling.grant)

    def keep(self, file: Path, ruling: Ruling) -> None:
        """Seal a refused file under the id of its event."""
        event = self._desk.spool.find(ruling.id)
        if event is None:
            raise LookupError(f"the event {ruling.id} is not in the spool")
        self._desk.quarantine.seal(file, Path(event.file.path), event)

    def lost(self, path: Path, error: int) -> None:
        """An allowed file could not be written."""
        line = Text(
            "“{name}” could not be written to {medium}: {why}. It is kept on this computer and finished when the "
            "medium is plugged in again.",
            "“{name}”无法写入{medium}：{why}。文件已暂存本机，再次插入该介质时自动补写。",
        )
        self._desk.notifier.say(line.fill(name=path.name, medium=self._medium.name, why=os.strerror(error)))

    def _verdict(self, written: Written) -> Verdict:
        try:
            return self._read(written.descriptor, written.path.name)
        except ShoumiError as problem:  # readers cannot be started: nobody knows what it is, and policy decides
            log.error("nothing can be judged: %s", problem)  # noqa: TRY400 - its words say it
            coverage = Coverage(inspected=False, reasons=(str(Reason.TIMEOUT),))
            path, level = os.fspath(written.path), Level.PUBLIC
            return Verdict(path=path, media_type=BINARY, size=written.size, level=level, coverage=coverage)

    def _lend(self, verdict: Verdict, decision: Decision, written: Written) -> Ruling | None:
        lender, user = self._desk.lender, _who(written)
        if lender is None or not verdict.sha256:
            return None
        inside = os.fspath(written.path)
        with contextlib.suppress(ValueError):
            inside = os.fspath(written.path.relative_to(self._medium.mount))
        grant = lender.covers(verdict.sha256, verdict.level, self._medium, user.name, utc_now(), inside)
        if grant is None:
            return None
        act = lender.use(grant, inside, self._medium, verdict.size)
        if not act:
            return None
        self._grants[act] = grant
        self._lent[written.writers[0][1] if written.writers else 0] = (time.monotonic() + _LENT_SECONDS, grant.level)
        self._report(self._event(verdict, decision, written), Done.RELEASED, written)
        return Ruling(True, grant=act)

    def _refuse(self, verdict: Verdict, decision: Decision, written: Written, *, keep: bool = True) -> Ruling:
        event = self._event(verdict, decision, written)
        uid = event.metadata.uid if keep else ""
        self._report(event, Done.REFUSED, written, uid)
        return Ruling(False, uid) if keep else REFUSED

    def _event(self, verdict: Verdict, decision: Decision, written: Written) -> Event:
        now = utc_now()
        place = Place(written.path, self._medium)
        verdict = msgspec.structs.replace(verdict, path=os.fspath(written.path))
        event = make_event(verdict, decision, place, _who(written), ticket(now), now)
        return msgspec.structs.replace(event, unmapped=msgspec.structs.replace(event.unmapped, after_the_fact=False))

    def _report(self, event: Event, done: Done, written: Written, quarantine: str = "") -> None:
        told = finish(event, done, quarantine)
        self._desk.spool.put(told)
        self._desk.reported()
        writer = Writer(*written.writers[0]) if written.writers else None
        self._desk.notifier.tell(told, written.path.name, writer)


def _who(written: Written) -> User:
    return account(written.writers[0][1]) if written.writers else User("")


def _derived(verdict: Verdict, decision: Decision, source: Source) -> tuple[Verdict, Decision]:
    """The verdict with the level of its source, and the decision that follows from it."""
    zone = decision.zone
    level = source.level or Level.INTERNAL
    reason = Text(
        "its content cannot be read, and {source}; {zone} may hold {clearance} files only",
        "文件内容无法读取，且{source}；{zone}最高只能存放{clearance}文件",
    ).fill(source=source.text, zone=zone.words, clearance=zone.clearance.text)
    raised = msgspec.structs.replace(verdict, level=max(level, verdict.level))
    action = zone.on_violation if zone.on_violation in _STOPPED else Action.BLOCK
    return raised, Decision(action, zone, Kind.VIOLATION, f"zones.{zone.name}.clearance", reason)


def _today() -> date:
    return utc_now().astimezone().date()
