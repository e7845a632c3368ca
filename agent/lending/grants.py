"""Grants at work: does one cover this copy, and the use of it.

A grant is believed because its signature was checked when it came (:func:`checked`); the collector need not be there.
The order for whoever lets a copy pass:

    grant = grants.covers(sha256, level, medium, user, now, place)
    act = grants.use(grant, place, medium, size)   # durable, before the copy lands; empty: used up meanwhile
    ... commit ...
    grants.landed(act)                             # or, when the commit failed: grants.undo(grant, act)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path, PurePosixPath

import msgspec

from agent.lending.clock import Clock
from agent.lending.shapes import Copy, Lent
from agent.lending.store import LendingError, Store
from agent.report.event import readable_medium
from config.errors import SignatureError
from config.events import Medium
from config.lending import KIND, Grant
from config.levels import Level
from config.signed import opened
from config.text import Text

log = logging.getLogger(__name__)
_AGAIN = 600_000  # milliseconds: programs write one copy several times (fsync, close, attributes)


class Grants:
    """What is lent here. Safe to use from several threads; whatever goes wrong, nothing is lent."""

    def __init__(self, store: Store, clock: Clock, agent: str) -> None:
        """``agent`` is this machine's agent id."""
        self._store, self._clock, self._agent = store, clock, agent
        self.changed: Callable[[], None] = lambda: None  # called when there is something new to tell

    def covers(
        self, sha256: str, level: Level, medium: Medium, user: str, now: datetime, place: str = ""
    ) -> Grant | None:
        """The grant that lets this content onto this medium, the one that ends first where several do.

        Args:
            sha256: of the whole content, hex.
            level: what it was judged to be now; a grant for less does not cover it.
            medium: where it goes.
            user: account name of who copies it.
            now: this PC's time; the latest one ever seen is used where that is later.
            place: path on the medium, where known: a program that writes its copy again soon needs no use left.
        """
        try:
            fitting = [lent for lent in self._store.lents() if self._fits(lent, sha256, level, medium, user)]
            if not fitting:
                return None
            time, copies = self._clock.now(now), self._store.copies() if place else []
        except LendingError as problem:
            log.warning("%s", problem)
            return None
        usable = [
            lent.grant
            for lent in fitting
            if lent.grant.since <= time < lent.grant.until
            and (lent.left > 0 or _again(copies, lent.grant, place, medium, time))
        ]
        return min(usable, key=lambda grant: (grant.until, grant.id), default=None)

    def use(self, grant: Grant, place: str, medium: Medium, size: int) -> str:
        """Take one use, durably, before the copy lands; the id of the act, empty when no use is left.

        Of threads that want the last use, one gets it. Writing a copy again in its own place, soon after, takes none.
        """
        medium = readable_medium(medium) or medium
        try:
            time = self._clock.now()
            if again := _again(self._store.copies(grant.id), grant, place, medium, time):
                return again
            return self._store.use(grant, on_medium(place), medium, size, time)
        except LendingError as problem:
            log.warning("%s", problem)
            return ""

    def landed(self, act: str) -> None:
        """The copy is on the medium: its use is told from now on."""
        try:
            self._store.settle(act)
        except LendingError as problem:  # it stays pending, and is settled later
            log.warning("%s", problem)
        self.changed()

    def undo(self, grant: Grant, act: str) -> bool:
        """Give a use back because the commit failed; false when it had landed before, and stays used."""
        try:
            return self._store.undo(act)
        except LendingError as problem:
            log.warning("the use of grant %s cannot be given back: %s", grant.id, problem)
            return False

    def pending(self) -> list[Copy]:
        """Copies whose use was taken and neither landed nor undone, after a crash for example."""
        return [copy for copy in self._store.copies() if copy.state == "pending"]

    def settle(self) -> int:
        """Count what is still pending as landed; how many. At the start, after the gateway has swept."""
        count = self._store.settle()
        if count:
            self.changed()
        return count

    def stands(self, sha256: str, medium: Medium, root: Path, path: Path) -> bool:
        """Whether a file that was found on a medium is a copy that was lent, perhaps renamed there since.

        Such a file is left where it is until it is due; what happens then is told by :mod:`agent.lending.returns`.
        """
        medium = readable_medium(medium) or medium
        here = on_medium(path.relative_to(root).as_posix())
        try:
            copies = [one for one in self._store.copies() if one.sha256 == sha256 and same(one.medium, medium)]
            if any(one.place == here for one in copies):
                return True
            for one in copies:
                if one.state == "out" and not (root / one.place).exists():
                    self._store.move(one.act, here)
                    return True
        except (LendingError, OSError) as problem:
            log.warning("%s", problem)
        return False

    def _fits(self, lent: Lent, sha256: str, level: Level, medium: Medium, user: str) -> bool:
        grant = lent.grant
        return (
            bool(sha256)
            and grant.sha256 == sha256
            and grant.agent == self._agent
            and grant.user == user
            and level <= grant.level
            and not (grant.revoked or lent.closed)
            and grant.fits(readable_medium(medium) or medium)
        )


def checked(file: bytes, lenders: Collection[str], agent: str) -> tuple[Grant, int]:
    """A grant out of a signed file, and its version.

    Raises:
        SignatureError: it is not signed by a lender, is no grant, or is one for another machine.
    """
    header, payload = opened(file, lenders)
    try:
        grant = msgspec.json.decode(payload, type=Grant)
    except msgspec.DecodeError as problem:
        raise SignatureError(Text(f"is no grant: {problem}", f"不是有效的外借批准：{problem}")) from None
    if header.kind != KIND or header.name != f"{KIND}-{grant.id[:12]}":
        raise SignatureError(Text("was signed as something else", "签名用途不符"))
    if grant.agent != agent:
        raise SignatureError(Text("is for another machine", "属于另一台计算机"))
    return grant, header.version


def on_medium(place: str) -> PurePosixPath:
    """A path on a medium, without the root."""
    return PurePosixPath(place.lstrip("/"))


def same(one: Medium, other: Medium) -> bool:
    """Whether two descriptions can be of the same file system: another one on the same stick is another place."""
    if one.uuid and other.uuid and one.uuid != other.uuid:
        return False
    return one.serial == other.serial if one.serial and other.serial else bool(one.uuid) and one.uuid == other.uuid


def _again(copies: list[Copy], grant: Grant, place: str, medium: Medium, time: int) -> str:
    """The act of a use that this writing belongs to: the same place a moment ago; empty when it is a new one."""
    medium = readable_medium(medium) or medium
    for one in copies:
        if one.grant == grant.id and one.state == "out" and one.place == on_medium(place) and same(one.medium, medium):
            return one.act if time - one.time < _AGAIN else ""
    return ""
