"""Lending as a part of the agent: store, grants, returns, the desk for staff and the way to the collector, together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from agent.control import Ask, Handler
from agent.extract.sandbox.pool import Sandbox
from agent.home import Site
from agent.lending.clock import Clock
from agent.lending.desk import Desk
from agent.lending.grants import Grants
from agent.lending.returns import Returns, guarded
from agent.lending.store import Store
from agent.lending.sync import Sync
from agent.lending.words import GiveBack, Lend, Listing, Withdraw
from agent.report.identity import Identity
from config.events import Medium, Pulse
from config.policy import Policy
from config.signing import utc_now
from config.text import Text

TICK_SECONDS = 60.0


class Office:
    """``grants`` is what a gateway asks, ``returns`` what it tells of inserted media; ``handlers`` serve the socket."""

    def __init__(
        self, site: Site, identity: Identity, sandbox: Sandbox, policy: Policy, told: Callable[[str, Text], None]
    ) -> None:
        """``told`` says something to a person (account name).

        Raises:
            LendingError: the store cannot be opened.
        """
        agent = identity.enrolled.agent_id
        self._store = Store(site.home / "lending.db")
        self.clock = Clock(self._store)
        self.grants = Grants(self._store, self.clock, agent)
        self.returns = Returns(self._store, self.clock, told)
        self.desk = Desk(self._store, self.clock, self.returns, sandbox, policy)
        self.sync = Sync(self._store, site.collector(identity), site.lenders(), agent, told)
        for part in (self.grants, self.returns, self.desk):
            part.changed = self.sync.wake
        self._stopping = threading.Event()
        self._ticking = threading.Thread(target=self._tick, name="lending clock", daemon=True)

    @property
    def handlers(self) -> dict[type[Ask], Handler]:
        """What the socket serves."""
        desk = self.desk
        return {Lend: desk.lend, Listing: desk.listing, Withdraw: desk.withdraw, GiveBack: desk.give_back}

    def start(self) -> None:
        """Begin. What a crash left pending counts as landed: a gateway that knows better undoes it before this."""
        guarded(self.grants.settle)
        self.sync.start()
        self._ticking.start()

    def stop(self) -> None:
        """End; everything is on disk already."""
        self._stopping.set()
        self.sync.stop()
        if self._ticking.is_alive():
            self._ticking.join(5)
        self._store.close()

    def pulsed(self, pulse: Pulse) -> None:
        """The collector answered a heartbeat."""
        guarded(lambda: self.clock.heard(pulse.server_time))
        self.sync.offered(pulse.lending)

    def inserted(self, root: Path, medium: Medium) -> None:
        """A medium came; it is looked through beside everything else."""
        look = threading.Thread(
            target=guarded, args=(lambda: self.returns.inserted(root, medium),), name="lent copies", daemon=True
        )
        look.start()

    def _tick(self) -> None:
        while not self._stopping.is_set():
            guarded(lambda: self.returns.tick(utc_now()))
            self._stopping.wait(TICK_SECONDS)
