"""The way of one file through the agent: watch → identify → extract → detect → decide → act → report."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from agent.act.notify import Notifier
from agent.act.quarantine import ChangedError, Kept, Quarantine
from agent.decide import decide
from agent.extract.sandbox import Sandbox
from agent.report.event import finish, make_event, owner, ticket
from agent.report.spool import Spool
from agent.watch.files import Found
from config.errors import QuarantineError
from config.events import Action, Done, Event
from config.policy import Place, Policy
from config.signing import utc_now
from config.text import Text
from config.verdict import Reason, Verdict

log = logging.getLogger(__name__)
_TAKEN = {Action.QUARANTINE, Action.BLOCK, Action.ASK}  # before a gateway stands in the way, all three take the copy
_TRANSIENT = {Reason.CHANGED, Reason.VANISHED}


class Pipeline:
    """Looks at files that arrived in a zone. Safe to use from several threads."""

    def __init__(
        self, sandbox: Sandbox, policy: Policy, quarantine: Quarantine, spool: Spool, notifier: Notifier
    ) -> None:
        self._sandbox, self._policy, self._quarantine = sandbox, policy, quarantine
        self._spool, self._notifier = spool, notifier
        self.reported: Callable[[], None] = lambda: None  # called when there is something new to send
        self._lock = threading.Lock()
        self._held: set[str] = set()  # findings whose file could not be sealed yet: told once
        self.inspected = self.uninspected = 0
        self.problem: Text | None = None  # why a file could not be sealed

    def handle(self, found: Found) -> bool:
        """Look at one file and do what policy says; false when it should be looked at again later."""
        place = Place(found.path, found.medium)
        verdict = self._sandbox.verdict(found.path, utc_now().astimezone().date())  # identify, extract, detect
        self._count(verdict)
        if _TRANSIENT & set(verdict.coverage.reasons):
            return Reason.VANISHED in verdict.coverage.reasons
        decision = decide(verdict, place, self._policy)
        if decision.kind is None or decision.action is Action.ALLOW:
            return True
        try:
            event = make_event(verdict, decision, place, owner(found.path), ticket(utc_now()), utc_now())
        except FileNotFoundError:
            return True
        if decision.action in _TAKEN:
            return self._take(found, verdict, event)
        if not (found.first and self._spool.knows(event.finding_info.uid)):
            self._report(finish(event, Done.LEFT), found.path.name)
        return True

    def resume(self) -> int:
        """Finish what a crash interrupted: hand over the events of files that are sealed; how many there were."""
        count = 0
        for kept in self._quarantine.unreported():
            self._hand_over(kept)
            count += 1
        return count

    def _take(self, found: Found, verdict: Verdict, event: Event) -> bool:
        try:
            kept = self._quarantine.take(found.path, verdict.sha256, event)
        except ChangedError:
            return False  # judged again as what it is now
        except QuarantineError as problem:
            self.problem = problem.text
            with self._lock:
                news = event.finding_info.uid not in self._held
                self._held.add(event.finding_info.uid)
            if news:
                log.warning("%s", problem)
                self._report(finish(event, Done.HELD), found.path.name)
            return False
        self.problem = None
        with self._lock:
            self._held.discard(event.finding_info.uid)
        self._notifier.tell(kept.event, found.path.name)
        self._hand_over(kept)
        return True

    def _hand_over(self, kept: Kept) -> None:
        if self._spool.put(kept.event):
            self._quarantine.reported(kept)
        self.reported()

    def _report(self, event: Event, name: str) -> None:
        self._notifier.tell(event, name)
        self._spool.put(event)
        self.reported()

    def _count(self, verdict: Verdict) -> None:
        with self._lock:
            if verdict.coverage.inspected:
                self.inspected += 1
            else:
                self.uninspected += 1
