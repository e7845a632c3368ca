"""How an allowed file gets onto its medium: beside its final name first, then renamed; never in parts under its name.

Small files are written in groups by one thread: a stick is told once for all of them to write everything out, where
asking for each file would make a copy of a thousand files ten times slower. Their writers have been told of success by
then, so the journal of the staging knows them, and an agent killed in between finishes them.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import errno
import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator

from agent.guard import mounts
from agent.guard.gateway.nodes import TEMPORARY, Node, Tree
from agent.guard.gateway.staging import Staged, Staging, copy_content, copy_facts

log = logging.getLogger(__name__)
SMALL = 1 << 20  # bytes; larger files are written while their writer waits, so that "copied" means on the medium
_GROUP_FILES, _GROUP_BYTES = 128, 32 << 20
_MOST_FILES, _MOST_BYTES = 128, 32 << 20  # may wait for a slow stick; with more, their writers wait, too
_SLACK = 1 << 20  # bytes left for the medium's own bookkeeping


class Landing:
    """Brings files onto one medium."""

    def __init__(self, tree: Tree, staging: Staging, *, owners: bool) -> None:
        """``owners``: whether the medium keeps owner and mode of files (FAT does not)."""
        self._tree, self._staging, self._owners = tree, staging, owners
        self._root = tree.root.descriptor
        self.under_way: set[bytes] = set()  # temporary names in use; others are left of an earlier run
        self.lost: Callable[[Node, int], None] = lambda _node, _error: None
        self._queue: list[Node] = []
        self._lock = threading.Condition()
        self._stopping = self._busy = False
        self._reserved = 0  # bytes of what waits
        # under their names on the medium, but the medium was not told yet to keep that
        self._renamed: list[tuple[Node, Staged]] = []
        self._thread = threading.Thread(target=self._work, name="landing", daemon=True)
        self._thread.start()

    def need(self, size: int) -> None:
        """Raise ENOSPC where the medium has no room for ``size`` bytes."""
        space = os.fstatvfs(self._root)
        if size + self._reserved + min(_SLACK, space.f_blocks * space.f_frsize // 64) > space.f_bavail * space.f_frsize:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @property
    def reserved(self) -> int:
        """Bytes of what waits to be written."""
        return self._reserved

    def put(self, node: Node) -> None:
        """Bring a frozen node's content onto the medium now; raises OSError, and nothing of it is left there."""
        staged, facts = node.content, node.facts
        self.need(room(staged.status, owners=self._owners))
        if _has_other_names(node):
            self._staging.allowed(staged, node.path)
            self._overwrite(node)
            self._staging.done(staged)
            return
        temporary, folder = self._write(node, sync=True)
        try:
            self._rename(node, temporary, folder, facts)
        finally:
            os.close(folder)
        with contextlib.suppress(OSError), self._tree.lock:
            descriptor = os.open(b".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=node.folder.descriptor)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def later(self, node: Node) -> None:
        """The same, soon; the node stays frozen until then. Raises ENOSPC where there is no room."""
        staged = node.content
        size = staged.status.st_size
        self.need(size)
        with self._lock:
            while (self._reserved > _MOST_BYTES or len(self._queue) > _MOST_FILES) and not self._stopping:
                self._lock.wait(0.5)
        with self._tree.lock:  # its name stays what the journal says, or the journal hears of it
            self._staging.allowed(staged, node.path)
        with self._lock:
            self._reserved += size
            self._queue.append(node)
            self._lock.notify_all()

    def drain(self) -> None:
        """Wait until all that waits is on the medium."""
        with self._lock:
            while self._queue or self._busy or self._renamed:
                self._lock.wait(0.5)

    def gone(self, node: Node) -> None:
        """Its user removed it: it is not to come back after a crash; with the tree's lock held."""
        for staged in self._owed(node):
            self._staging.done(staged)

    def moved(self, node: Node) -> None:
        """Its user gave it another place, where it is to be after a crash; with the tree's lock held."""
        for staged in self._owed(node):
            self._staging.moved(staged, node.path)

    def _owed(self, node: Node) -> list[Staged]:
        owed = [staged for one, staged in self._renamed if one is node]
        return [*owed, node.staged] if node.staged is not None else owed

    def stop(self) -> None:
        """Finish what waits, then end."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                while not self._queue and not self._stopping and not self._renamed:
                    self._lock.wait()
                if not self._queue and not self._renamed:
                    return
                group: list[Node] = []
                size = 0
                while self._queue and len(group) < _GROUP_FILES and size < _GROUP_BYTES:
                    node = self._queue.pop(0)
                    group.append(node)
                    size += node.staged.status.st_size if node.staged else 0
                self._busy = True
            if not group:
                self._keep_names()
                with self._lock:
                    self._busy = False
                    self._lock.notify_all()
                continue
            try:
                self._land(group)
            except Exception:  # the thread must outlive every surprise: others wait for it
                log.exception("files could not be written to the medium")
                for node in group:
                    self._settle(node, errno.EIO)
            with self._lock:
                self._reserved -= size
                self._busy = False
                self._lock.notify_all()

    def _keep_names(self) -> None:
        """Have the medium keep what was renamed; only then is nothing owed any more."""
        renamed = list(self._renamed)
        try:
            mounts.sync_filesystem(self._root)
            is_kept = True
        except OSError as problem:
            log.warning("the medium did not keep what was written: %s", problem)
            is_kept = False
        with self._tree.lock:
            del self._renamed[: len(renamed)]
            for _, staged in renamed:
                if is_kept:
                    self._staging.done(staged)
                self._staging.drop(staged)  # or is owed still

    def _land(self, group: list[Node]) -> None:
        written: list[tuple[Node, bytes, int, int]] = []
        for node in group:
            try:
                if node.unlinked:
                    self._settle(node, 0)
                elif _has_other_names(node):
                    self._overwrite(node)
                    self._settle(node, 0)
                else:
                    facts = node.facts
                    written.append((node, *self._write(node, sync=False), facts))
            except OSError as problem:
                self._settle(node, problem.errno or errno.EIO)
        try:
            mounts.sync_filesystem(self._root)
            problem_number = 0
        except OSError as problem:
            problem_number = problem.errno or errno.EIO
        for node, temporary, folder, facts in written:
            number = problem_number
            try:
                if number:
                    self._remove(temporary, folder)
                else:
                    self._rename(node, temporary, folder, facts)
            except OSError as problem:
                number = problem.errno or errno.EIO
            finally:
                os.close(folder)
            self._settle(node, number)

    def _settle(self, node: Node, error: int) -> None:
        """A queued node is done with, in one way or the other."""
        with self._tree.lock, node.lock:
            if not node.frozen:
                return
            node.failed = error
            staged = node.staged
            if error == 0 and staged is not None:
                if node.write_handles or node.unlinked:
                    self._staging.done(staged)  # it may be changed from now on
                else:
                    staged.close()
                    self._renamed.append((node, staged))
                    node.staged = None
            node.thaw()
            node.lock.notify_all()
            if error == 0:
                if node.unlinked and not node.write_handles and staged is not None:
                    self._staging.drop(staged)
                    node.staged = None
                self._tree.tidy(node)
        if error:
            self.lost(node, error)

    def _write(self, node: Node, *, sync: bool) -> tuple[bytes, int]:
        """The content beside its place; the temporary name, and a descriptor of its folder."""
        staged = node.content
        temporary = TEMPORARY + secrets.token_hex(8).encode()
        with self._tree.lock:
            folder = os.dup(node.folder.descriptor)
            try:
                with _same_times(folder):
                    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                    target = os.open(temporary, flags, 0o600, dir_fd=folder)
                self.under_way.add(temporary)
            except OSError:
                os.close(folder)
                raise
        try:
            try:
                copy_content(staged.descriptor, target, staged.status.st_size)
                copy_facts(staged.descriptor, target, owners=self._owners)
                if sync:
                    os.fsync(target)
            finally:
                os.close(target)
        except OSError:
            self._remove(temporary, folder)
            os.close(folder)
            raise
        return temporary, folder

    def _rename(self, node: Node, temporary: bytes, folder: int, facts: int) -> None:
        staged = node.staged
        with self._tree.lock:
            if node.unlinked:  # removed by its user meanwhile
                self._remove(temporary, folder)
                return
            if not _has_other_names(node):
                with node.lock:  # nobody is to see the old file while its name is the new one's
                    try:
                        where = node.folder.descriptor
                        is_here = os.path.sameopenfile(folder, where)
                        with _same_times(folder), contextlib.nullcontext() if is_here else _same_times(where):
                            os.rename(temporary, node.name, src_dir_fd=folder, dst_dir_fd=node.folder.descriptor)
                    except OSError:
                        self._remove(temporary, folder)
                        raise
                    self.under_way.discard(temporary)
                    self._tree.landed(node)
                    if facts != node.facts and staged is not None:
                        _again(staged.descriptor, node, owners=self._owners)
                return
        self._remove(temporary, folder)  # it got another name meanwhile
        self._overwrite(node)

    def _overwrite(self, node: Node) -> None:
        """In place, where a new file would cut other names (hard links) off; the journal redoes it after a crash."""
        staged = node.content
        target = os.open(f"/proc/self/fd/{node.descriptor}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            copy_content(staged.descriptor, target, staged.status.st_size)
            copy_facts(staged.descriptor, target, owners=self._owners)
            os.fsync(target)
        finally:
            os.close(target)

    def _remove(self, temporary: bytes, folder: int) -> None:
        self.under_way.discard(temporary)
        with contextlib.suppress(OSError), self._tree.lock, _same_times(folder):
            os.unlink(temporary, dir_fd=folder)


def room(status: os.stat_result, *, owners: bool) -> int:
    """Bytes that a file takes on a medium: without its holes, where the medium keeps holes (FAT does not)."""
    return min(status.st_size, status.st_blocks * 512) if owners else status.st_size


def _has_other_names(node: Node) -> bool:
    if node.descriptor < 0 or node.nameless:
        return node.nameless
    try:
        return os.fstat(node.descriptor).st_nlink > 1
    except OSError:  # removed, where a program of its own is the file system
        return False


@contextlib.contextmanager
def _same_times(folder: int) -> Iterator[None]:
    """What the gateway does in a folder is not what its user did: its times stay."""
    before = os.fstat(folder)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.utime(f"/proc/self/fd/{folder}", ns=(before.st_atime_ns, before.st_mtime_ns))


def _again(source: int, node: Node, *, owners: bool) -> None:
    """Owner, mode and times changed while the content was on its way."""
    with contextlib.suppress(OSError):
        target = os.open(f"/proc/self/fd/{node.descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            copy_facts(source, target, owners=owners)
        finally:
            os.close(target)
