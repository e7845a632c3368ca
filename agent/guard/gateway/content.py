"""The content of files: reads pass through, writes are staged, and every close of a written file asks the judge.

A file is *frozen* from the moment it is judged until it is on the medium: what is judged, and nothing else, lands.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import ctypes
import errno
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent.guard.fuse import wire
from agent.guard.fuse.channel import Channel, Request
from agent.guard.gateway.landing import SMALL, Landing
from agent.guard.gateway.nodes import Node, Tree
from agent.guard.gateway.ruling import REFUSED, Judge, Ruling, Written
from agent.guard.gateway.staging import Staging, copy_content, copy_facts
from agent.guard.gateway.tasks import tgid

log = logging.getLogger(__name__)
WORKERS = 32  # closes judged at once; a reader of requests never waits for one
_KEEP_CACHE = 2
_SLOW = 0.5  # seconds of judging after which an interrupted close returns
_MOST_WRITERS = 64
_FALLOCATE_KNOWN = 1 | 2 | 16  # keep size, punch hole, zero range


class Handle:
    """An open file of some process."""

    __slots__ = ("node", "writable")

    def __init__(self, node: Node, *, writable: bool) -> None:
        self.node, self.writable = node, writable


class Content:
    """Opens, reads, writes and closes."""

    def __init__(self, channel: Channel, tree: Tree, staging: Staging, landing: Landing, judge: Judge) -> None:
        self._channel, self._tree, self._staging, self._landing, self._judge = channel, tree, staging, landing, judge
        self.target = channel.target
        self.read_only = False
        self._handles: dict[int, Handle] = {}
        self._numbers = itertools.count(1)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="close")
        self._waiting: dict[int, Request] = {}  # closes under way, by their number
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Finish what is under way."""
        self._pool.shutdown(wait=True)

    def later(self, request: Request, work: Callable[[Request], None]) -> None:
        """Do something that may take long, and let the caller go on to the next question."""
        request.keep()
        with self._lock:
            self._waiting[request.unique] = request
        self._pool.submit(self._run, request, work)

    def interrupt(self, request: Request) -> None:
        """Somebody pressed Ctrl-C: who waits for a close need not; the judging goes on."""
        (unique,) = wire.LONG.unpack_from(request.body)
        with self._lock:
            waiting = self._waiting.get(unique)
        if waiting is not None and waiting.opcode in {wire.Op.FLUSH, wire.Op.FSYNC}:
            waiting.fail(errno.EINTR)

    # ---- opening

    def open(self, request: Request) -> None:
        """OPEN."""
        (flags, _) = wire.TWO_WORDS.unpack_from(request.body)
        node = self._tree[request.nodeid]
        writable = flags & os.O_ACCMODE != os.O_RDONLY
        if writable and self.read_only:
            raise OSError(errno.EROFS, "read-only")
        pid = tgid(request.pid) if writable else 0
        number = self.opened(node, writable=writable, pid=pid, uid=request.uid)
        request.answer(wire.OPEN_OUT.pack(number, _KEEP_CACHE, 0))

    def opened(self, node: Node, *, writable: bool, pid: int, uid: int) -> int:
        """A new handle of a node."""
        with node.lock:
            if node.denied:
                raise PermissionError(errno.EACCES, "refused")
            if node.staged is None:
                node.open_reader()
            node.handles += 1
            if writable:
                node.write_handles += 1
                _wrote(node, pid, uid)
        number = next(self._numbers)
        self._handles[number] = Handle(node, writable=writable)
        return number

    def release(self, request: Request) -> None:
        """RELEASE: the last close; what was written through a mapping since is judged now, though nobody hears."""
        number, *_ = wire.RELEASE_IN.unpack_from(request.body)
        handle = self._handles.pop(number)
        node = handle.node
        if handle.writable and node.is_dirty and not node.denied and not node.failed and not node.unlinked:
            self.later(request, lambda late: self._release(late, handle))
        else:
            self._released(handle)
            request.answer()

    def _release(self, request: Request, handle: Handle) -> None:
        try:
            self.settle(handle.node, sync=False)
        finally:
            self._released(handle)
            request.answer()

    def _released(self, handle: Handle) -> None:
        node, forgotten = handle.node, False
        with self._tree.lock, node.lock:
            node.handles -= 1
            node.write_handles -= handle.writable
            if not node.write_handles and not node.frozen and node.staged is not None:
                if node.denied or node.failed:
                    forgotten = self._undo(node)
                elif not node.is_dirty or node.unlinked:
                    self._staging.drop(node.staged)
                    node.staged = None
            if not node.handles:
                node.close_reader()
            self._tree.tidy(node)
        if forgotten and node.parent is not None:
            self._channel.forget_entry(node.parent.id, node.name)
            self._channel.forget_content(node.id)

    def _undo(self, node: Node) -> bool:
        """A refused or broken file goes back to what the medium has; with both locks held."""
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
        return True

    # ---- reading and writing

    def read(self, request: Request) -> None:
        """READ."""
        number, offset, size, *_ = wire.READ_IN.unpack_from(request.body)
        node = self._handles[number].node
        with node.lock:
            if node.denied:
                raise PermissionError(errno.EACCES, "refused")
            descriptor = os.dup(node.staged.descriptor if node.staged is not None else node.open_reader())
        buffer = memoryview(bytearray(size))
        try:
            count = os.preadv(descriptor, [buffer], offset)
        finally:
            os.close(descriptor)
        request.answer(buffer[:count])

    def write(self, request: Request) -> None:
        """WRITE."""
        node = self._handles[wire.LONG.unpack_from(request.body)[0]].node
        if node.frozen or node.staged is None:
            self.later(request, self._write)
        else:
            self._write(request)

    def _write(self, request: Request) -> None:
        number, offset, size, *_ = wire.WRITE_IN.unpack_from(request.body)
        node = self._handles[number].node
        data = request.body[wire.WRITE_IN.size : wire.WRITE_IN.size + size]
        with self._changing(node) as descriptor:
            end = offset + size
            grown = end - os.fstat(descriptor).st_size
            try:
                if grown > 0:
                    self._staging.need(grown)
                    if end > SMALL:
                        self._landing.need(end)
                os.pwrite(descriptor, data, offset)
            except OSError as problem:
                node.failed = problem.errno or errno.EIO  # incomplete now: it must not land
                raise
        request.answer(wire.TWO_WORDS.pack(size, 0))

    def fallocate(self, request: Request) -> None:
        """FALLOCATE."""
        self.later(request, self._fallocate)

    def _fallocate(self, request: Request) -> None:
        number, offset, length, mode, _ = wire.FALLOCATE_IN.unpack_from(request.body)
        if mode & ~_FALLOCATE_KNOWN:
            raise OSError(errno.EOPNOTSUPP, "not supported")
        with self._changing(self._handles[number].node) as descriptor:
            if not mode & 2:
                self._staging.need(length)
                self._landing.need(offset + length)
            libc = ctypes.CDLL(None, use_errno=True)
            arguments = (ctypes.c_int(mode), ctypes.c_int64(offset), ctypes.c_int64(length))
            if libc.fallocate(descriptor, *arguments):
                raise OSError(ctypes.get_errno(), "fallocate")
        request.answer()

    def seek(self, request: Request) -> None:
        """LSEEK: where data and holes are."""
        number, offset, whence, _ = wire.LSEEK_IN.unpack_from(request.body)
        node = self._handles[number].node
        with node.lock:
            descriptor = node.staged.descriptor if node.staged is not None else node.open_reader()
            found = os.lseek(descriptor, offset, whence)
        request.answer(wire.LONG.pack(found))

    def truncate(self, node: Node, size: int, pid: int, uid: int) -> None:
        """Give a file another length; without a handle open for writing it is judged at once."""
        with self._changing(node, upto=size) as descriptor:
            grown = size - os.fstat(descriptor).st_size
            if grown > 0:
                self._landing.need(size)
            os.ftruncate(descriptor, size)
            _wrote(node, pid, uid)
        if not node.write_handles:
            try:
                self.settle(node, sync=False)
            finally:
                with self._tree.lock, node.lock:
                    if (node.denied or node.failed) and not node.write_handles:
                        self._undo(node)

    @contextlib.contextmanager
    def _changing(self, node: Node, upto: int | None = None) -> Iterator[int]:
        """The staged content, made from the medium's at the first change; frozen content is waited for."""
        with node.lock:
            while node.frozen:
                node.lock.wait(1.0)
            if node.denied:
                raise PermissionError(errno.EACCES, "refused")
            if node.staged is None:
                self._stage(node, upto)
            node.version += 1
            node.writing += 1
            descriptor = node.content.descriptor
        try:
            yield descriptor
        finally:
            with node.lock:
                node.writing -= 1
                if not node.writing:
                    node.lock.notify_all()

    def _stage(self, node: Node, upto: int | None) -> None:
        source = node.open_reader()
        size = os.fstat(source).st_size
        size = size if upto is None else min(size, upto)
        self._staging.need(size)
        uid = next(reversed(node.writers.values()), 0)
        staged = self._staging.new(node.path, uid)
        try:
            copy_content(source, staged.descriptor, size)
            copy_facts(source, staged.descriptor)
        except OSError:
            self._staging.drop(staged)
            raise
        node.staged = staged

    # ---- closing

    def flush(self, request: Request) -> None:
        """FLUSH: somebody closes. The answer of the judge is the result of that close."""
        handle = self._handles[wire.LONG.unpack_from(request.body)[0]]
        node = handle.node
        if not handle.writable or (not node.is_dirty and not node.denied and not node.failed):
            request.answer()
            return
        _wrote(node, tgid(request.pid), request.uid)
        if node.version == 1 and node.descriptor < 0:  # created and still empty: a shell closes it before it writes
            request.answer()
            return
        self.later(request, lambda late: self._flush(late, node, sync=False))

    def fsync(self, request: Request) -> None:
        """FSYNC: the same, and it is on the medium when this returns."""
        node = self._handles[wire.LONG.unpack_from(request.body)[0]].node
        self.later(request, lambda late: self._flush(late, node, sync=True))

    def _flush(self, request: Request, node: Node, *, sync: bool) -> None:
        self.settle(node, sync=sync)
        request.answer()

    def settle(self, node: Node, *, sync: bool) -> None:
        """Judge what was written and bring it onto the medium; raises OSError when it may or can not be there."""
        if not self._freeze(node):
            return
        queued = False
        try:
            ruling = self._ask(node)
            if not ruling.allowed:
                self._refuse(node, ruling)
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

    def _freeze(self, node: Node) -> bool:
        """Have writes wait; false when there is nothing to judge. Raises OSError for what was refused or is broken."""
        with node.lock:
            while node.frozen:
                node.lock.wait(1.0)
            if node.denied:
                raise PermissionError(errno.EACCES, "refused")
            if node.failed:
                raise OSError(node.failed, os.strerror(node.failed))
            if not node.is_dirty or node.staged is None or node.unlinked:
                return False
            node.frozen = True
            while node.writing:
                node.lock.wait(1.0)
        return True

    def _thaw(self, node: Node) -> None:
        with self._tree.lock, node.lock:
            node.frozen = False
            if not (node.write_handles or node.is_dirty or node.denied) and node.staged is not None:
                self._staging.drop(node.staged)
                node.staged = None
            node.lock.notify_all()

    def _ask(self, node: Node) -> Ruling:
        staged = node.content
        writers = tuple(reversed(node.writers.items()))
        path = self.target / os.fsdecode(node.path)
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
            os.link(staged.file, evidence)  # before the answer: its user may be gone a moment later
            self._pool.submit(self._keep, evidence, ruling)
        raise PermissionError(errno.EACCES, "refused")

    def _keep(self, evidence: Path, ruling: Ruling) -> None:
        try:
            self._judge.keep(evidence, ruling)
        except Exception:  # it stays in the staging folder and is tried again at the next start
            log.exception("a refused file could not be sealed yet")
            return
        evidence.unlink(missing_ok=True)

    def _run(self, request: Request, work: Callable[[Request], None]) -> None:
        began = time.monotonic()
        try:
            work(request)
        except OSError as problem:
            request.fail(problem.errno or errno.EIO)
        except Exception:  # one question must not end the pool
            log.exception("a question of the kernel could not be answered")
            request.fail(errno.EIO)
        finally:
            with self._lock:
                self._waiting.pop(request.unique, None)
            if time.monotonic() - began > _SLOW:
                log.info("%s took %.1f s", request.opcode, time.monotonic() - began)


def _wrote(node: Node, pid: int, uid: int) -> None:
    """Note who changes a file; the last one last."""
    if pid:  # the kernel itself writes pages back under no name
        node.writers.pop(pid, None)
        node.writers[pid] = uid
        while len(node.writers) > _MOST_WRITERS:
            del node.writers[next(iter(node.writers))]
