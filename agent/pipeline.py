"""The way of one file through the agent: watch → identify → extract → detect → decide → act → report."""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from agent.act.notify import Notifier
from agent.act.quarantine import ChangedError, Kept, Quarantine
from agent.decide import decide
from agent.extract.sandbox.pool import Sandbox
from agent.lending.grants import Grants
from agent.report.event import finish, make_event, owner, ticket
from agent.report.spool import Spool
from agent.watch.files import Found
from config.errors import QuarantineError
from config.events import Action, Done, Event, Kind, Medium
from config.policy import Place, Policy
from config.signing import utc_now
from config.text import Text, readable
from config.verdict import Reason, Verdict

log = logging.getLogger(__name__)
_TAKEN = {Action.QUARANTINE, Action.BLOCK, Action.ASK}  # before a gateway stands in the way, all three take the copy
_PATIENCE = 5  # looks at a file that changes under every one of them, before that itself is worth a report


class Pipeline:
    """Looks at files that arrived in a zone. Safe to use from several threads."""

    def __init__(
        self, sandbox: Sandbox, policy: Policy, quarantine: Quarantine, spool: Spool, notifier: Notifier
    ) -> None:
        self._sandbox, self._policy, self._quarantine = sandbox, policy, quarantine
        self._spool, self._notifier = spool, notifier
        self.way: Callable[[Path], Path] = lambda path: path  # by which a file is read
        self.reported: Callable[[], None] = lambda: None  # called when there is something new to send
        self.grants: Grants | None = None  # what is lent
        self._lock = threading.Lock()
        self._held: dict[str, Text] = {}  # findings whose file could not be sealed yet, and why: told once
        self._changing: Counter[Path] = Counter()
        self.inspected = self.uninspected = 0

    @property
    def problem(self) -> Text | None:
        """Why files that should be sealed are not, for the first of them."""
        with self._lock:
            return next(iter(self._held.values()), None)

    def handle(self, found: Found) -> bool:
        """Look at one file and do what policy says; false when it should be looked at again later."""
        place = Place(found.path, found.medium)
        verdict = self._verdict(found.path)  # identify, extract, detect
        decision = decide(verdict, place, self._policy)
        if Reason.VANISHED in verdict.coverage.reasons:
            return True
        if decision.kind is not Kind.VIOLATION and Reason.CHANGED in verdict.coverage.reasons and self._wait_for(found):
            return False
        self._count(verdict)
        if decision.kind is None or decision.action is Action.ALLOW:
            return True
        if decision.kind is Kind.VIOLATION and found.medium and self._lent(found, found.medium, verdict):
            return True
        event = make_event(verdict, decision, place, owner(found.path), ticket(utc_now()), utc_now())
        if decision.action in _TAKEN:
            return self._take(found, verdict, event)
        if not (found.first and self._spool.knows(event.finding_info.uid)):
            self._report(finish(event, Done.LEFT), found.path.name)
        return True

    def _verdict(self, path: Path) -> Verdict:
        way = self.way(path)
        verdict = self._sandbox.verdict(way, utc_now().astimezone().date())
        return verdict if way == path else msgspec.structs.replace(verdict, path=os.fsdecode(path))

    def resume(self) -> int:
        """Finish what a crash interrupted: hand over the events of files that are sealed; how many there were."""
        count = 0
        for kept in self._quarantine.unreported():
            self._hand_over(kept)
            count += 1
        return count

    def _take(self, found: Found, verdict: Verdict, event: Event) -> bool:
        finding = event.finding_info.uid
        try:
            kept = self._quarantine.take(found.root, found.path, verdict.sha256, event)
        except ChangedError:
            if not os.path.lexists(found.path):
                self._settle(finding)
                self._report(finish(event, Done.GONE), found.path.name)
                return True
            return False  # judged again as what it is now
        except QuarantineError as problem:
            with self._lock:
                news = finding not in self._held
                self._held[finding] = problem.text
            if news:
                log.warning("%s", problem)
                self._report(finish(event, Done.HELD), found.path.name)
            return False
        self._settle(finding)
        self._hand_over(kept)
        self._notifier.tell(kept.event, found.path.name)
        return True

    def _lent(self, found: Found, medium: Medium, verdict: Verdict) -> bool:
        """Whether a grant lets the file be here; its use is recorded once a place, after the fact."""
        if self.grants is None or not verdict.sha256 or Reason.CHANGED in verdict.coverage.reasons:
            return False
        if self.grants.stands(verdict.sha256, medium, found.root, found.path):
            return True
        place, name = found.path.relative_to(found.root).as_posix(), owner(found.path).name
        grant = self.grants.covers(verdict.sha256, verdict.level, medium, name, utc_now(), place)
        if grant is None or not (act := self.grants.use(grant, place, medium, verdict.size)):
            return False
        self.grants.landed(act)
        words = Text("Lent: {file} on {medium} (No. {no}).", "外借：{medium} 上的 {file}（编号 {no}）。")
        self._notifier.say(words.fill(file=readable(found.path.name), medium=medium.name, no=grant.id[:12]))
        return True

    def _wait_for(self, found: Found) -> bool:
        """Whether a file that changed while it was read is to be looked at again before anything is said of it."""
        with self._lock:
            self._changing[found.path] += 1
            if self._changing[found.path] < _PATIENCE:
                return True
            del self._changing[found.path]
        return False

    def _settle(self, finding: str) -> None:
        with self._lock:
            self._held.pop(finding, None)

    def _hand_over(self, kept: Kept) -> None:
        if self._spool.put(kept.event):
            self._quarantine.reported(kept)
        self.reported()

    def _report(self, event: Event, name: str) -> None:
        self._spool.put(event)  # before anything that may fail or wait
        self.reported()
        self._notifier.tell(event, name)

    def _count(self, verdict: Verdict) -> None:
        with self._lock:
            self._changing.pop(Path(verdict.path), None)
            if verdict.coverage.inspected:
                self.inspected += 1
            else:
                self.uninspected += 1
