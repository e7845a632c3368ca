"""What judging needs of the rest of the agent, shared by all media."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from agent.act.notify import Notifier
from agent.act.quarantine import Quarantine
from agent.extract.sandbox.pool import Sandbox
from agent.guard.gateway.ruling import Written
from agent.report.spool import Spool
from config.events import Medium
from config.lending import Grant
from config.levels import Level
from config.policy import Policy, Zone
from config.text import Text
from config.verdict import Verdict


class Source(msgspec.Struct, frozen=True):
    """Where opaque content comes from: the level of its source, and words for people; no level when it is unknown."""

    level: Level | None
    text: Text


class Ancestry(Protocol):
    """What is known of the origin of content that cannot be read (:mod:`agent.guard.ancestry`)."""

    def origin(self, verdict: Verdict, written: Written, zone: Zone) -> Source | None:
        """The classified source of opaque content, None where there is none."""
        ...


class Lender(Protocol):
    """The grants of this machine (:class:`agent.lending.grants.Grants`)."""

    def covers(
        self, sha256: str, level: Level, medium: Medium, user: str, now: datetime, place: str = ""
    ) -> Grant | None: ...

    def use(self, grant: Grant, place: str, medium: Medium, size: int) -> str: ...

    def landed(self, act: str) -> None: ...

    def undo(self, grant: Grant, act: str) -> bool: ...


class Desk(msgspec.Struct):
    """What judging needs of the agent; shared by all media."""

    sandbox: Sandbox
    policy: Policy
    spool: Spool
    quarantine: Quarantine
    notifier: Notifier
    ancestry: Ancestry | None = None
    lender: Lender | None = None
    reported: Callable[[], None] = lambda: None
