"""What becomes of written content: every close asks the judge, and what is allowed goes to the medium.

A file is *frozen* from the moment it is judged until it is on the medium: what is judged, and nothing else, lands.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

from agent.guard.fuse.channel import Channel
from agent.guard.gateway.landing import SMALL, Landing
from agent.guard.gateway.nodes import Busy, Node, Tree
from agent.guard.gateway.ruling import REFUSED, Judge, Ruling, Written
from agent.guard.gateway.staging import Staging

log = logging.getLogger(__name__)
_MOST_WRITERS = 64


class Closing:
    """Judging, and what follows from it."""

    def __init__(self, channel: Channel, tree: Tree, staging: Staging, landing: Landing, judge: Judge) -> None:
        self._channel, self._tree, self._staging, self._landing, self._judge = channel, tree, staging, landing, judge
        self.do: Callable[[Callable[[], None]], object] = lambda work: work()  # something that nobody waits for
        landing.lost = self._lost

    def settle(self, node: Node, *, sync: bool) -> None:
        """Judge what was written and bring it onto the medium.

        Raises:
            OSError: it may not or can not be there.
            Busy: it is being judged, or on its way.
        """
        if not self._freeze(node):
            return
        queued = False
        try:
            ruling = self._ask(node)
            if not ruling.allowed:
                self._refuse(node, ruling)
            if node.write_handles > 1 and not (sync or ruling.grant):
                self._landing.need(node.content.status.st_size)  # nobody hears of it at the last close
                return  # others write it too: what is there now is a part, and the last of them brings the whole
            node.settled = node.version
            if ruling.grant:
                self._lend(node, ruling)
            elif sync or node.content.status.st_size > SMALL:
                self._landing.put(node)
            else:
                self._landing.later(node)
                queued = True
        except OSError as problem:
            if not node.denied:
                node.failed = problem.errno or errno.EIO
                node.settled = 0
            raise
        finally:
            if not queued:
                self._thaw(node)

    def abandon(self, node: Node) -> None:
        """Its writer never closed it: it does not land, but a violation is reported all the same."""
        staged = node.staged
        if staged is None or not node.is_dirty or node.denied or node.failed or staged.owed or node.unlinked:
            return
        if staged.status.st_size == 0:
            if node.touched:
                with contextlib.suppress(OSError):
                    self.settle(node, sync=False)
            return
        ruling = self._ask(node)
        if ruling.grant:
            self._judge.landed(ruling, landed=False)
        if not ruling.allowed:
            with contextlib.suppress(OSError):
                self._refuse(node, ruling)

    def undo(self, node: Node) -> None:
        """A refused or broken file that nobody writes any more goes back to what the medium has."""
        with self._tree.lock, node.lock:
            if node.write_handles or node.frozen or not (node.denied or node.failed):
                return
            if node.staged is not None:
                self._staging.drop(node.staged)
                node.staged = None
            node.denied, node.failed, node.settled = False, 0, node.version
            node.writers.clear()
            if node.descriptor < 0:
                node.unlinked = True
            if node.parent is not None and node.parent.pending.get(node.name) is node:
                del node.parent.pending[node.name]
                node.shadows = False
            self._tree.retire(node)
            if node.parent is not None:
                self._channel.forget_entry(node.parent.id, node.name)
            self._channel.forget_content(node.id)
            self._tree.tidy(node)

    def _freeze(self, node: Node) -> bool:
        """Have changes wait; false when there is nothing to judge. Raises OSError for what was refused or is broken."""
        with node.lock:
            if node.frozen:
                raise Busy(node)
            check(node)
            if not node.is_dirty or node.staged is None or node.unlinked:
                return False
            node.frozen = True
            while node.writing:
                node.lock.wait(1.0)
        return True

    def _thaw(self, node: Node) -> None:
        with self._tree.lock, node.lock:
            if not (node.write_handles or node.is_dirty or node.denied or node.failed) and node.staged is not None:
                self._staging.drop(node.staged)
                node.staged = None
            node.thaw()
            self._tree.tidy(node)
        self.undo(node)  # its last user may be gone already: who is killed waits for no answer

    def _ask(self, node: Node) -> Ruling:
        staged = node.content
        with node.lock:
            writers = tuple(reversed(node.writers.items()))
        path = self._channel.target / os.fsdecode(node.path)
        try:
            return self._judge.file(Written(staged.descriptor, path, staged.status.st_size, writers))
        except Exception:  # what cannot be judged does not land
            log.exception("a file could not be judged")
            return REFUSED

    def _lend(self, node: Node, ruling: Ruling) -> None:
        landed = False
        try:
            self._landing.put(node)
            landed = True
        finally:
            self._judge.landed(ruling, landed=landed)

    def _refuse(self, node: Node, ruling: Ruling) -> None:
        staged = node.content
        with node.lock:
            node.denied = True
        if ruling.id:
            evidence = staged.file.with_name(f"refused-{ruling.id}")
            try:
                os.link(staged.file, evidence)  # before the answer: its user may be gone a moment later
                self.do(lambda: self._keep(evidence, ruling))
            except (OSError, RuntimeError) as problem:
                log.warning("a refused file could not be kept: %s", problem)
        raise PermissionError(errno.EACCES, "refused")

    def _keep(self, evidence: Path, ruling: Ruling) -> None:
        try:
            self._judge.keep(evidence, ruling)
        except Exception:  # it stays in the staging folder and is tried again at the next start
            log.exception("a refused file could not be sealed yet")
            return
        evidence.unlink(missing_ok=True)

    def _lost(self, node: Node, error: int) -> None:
        """A file whose writer was told of success could not be written: it stays on the local disk, and is owed."""
        log.error("an allowed file could not be written to the medium: %s", os.strerror(error))
        self._judge.lost(self._channel.target / os.fsdecode(node.path), error)
        self.undo(node)


def check(node: Node) -> None:
    """Raise OSError for a file that was refused or is incomplete; with its lock held."""
    if node.denied:
        raise PermissionError(errno.EACCES, "refused")
    if node.failed:
        raise OSError(node.failed, os.strerror(node.failed))


def wrote(node: Node, pid: int, uid: int) -> None:
    """Note who changes a file, the last one last; with its lock held."""
    if pid:  # the kernel itself writes pages back under no name
        node.writers.pop(pid, None)
        node.writers[pid] = uid
        while len(node.writers) > _MOST_WRITERS:
            del node.writers[next(iter(node.writers))]
