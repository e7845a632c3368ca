"""The content of files: reads pass through, writes are staged on the local disk until they are judged."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import ctypes
import errno
import itertools
import logging
import os
import stat
from collections.abc import Iterator

from agent.guard.fuse import wire
from agent.guard.fuse.channel import Request
from agent.guard.gateway.closing import check, wrote
from agent.guard.gateway.landing import SMALL, room
from agent.guard.gateway.nodes import Busy, Node
from agent.guard.gateway.parts import Parts
from agent.guard.gateway.staging import copy_content, copy_facts
from agent.guard.gateway.tasks import tgid

log = logging.getLogger(__name__)
_KEEP_CACHE = 2
_FALLOCATE_KNOWN = 1 | 2 | 16  # keep size, punch hole, zero range
_NONE_TAKEN = 2  # of fallocate: a hole needs no room


class Handle:
    """An open file; ``thread`` of process ``pid`` opened it."""

    __slots__ = ("node", "pid", "thread", "writable")

    def __init__(self, node: Node, thread: int, pid: int, *, writable: bool) -> None:
        self.node, self.thread, self.pid, self.writable = node, thread, pid, writable


class Content:
    """Opens, reads, writes and closes."""

    def __init__(self, parts: Parts) -> None:
        self._channel, self._tree, self._staging = parts.channel, parts.tree, parts.staging
        self._landing, self._closing, self._workers = parts.landing, parts.closing, parts.workers
        self._owners = parts.owners
        self.read_only = False
        self._handles: dict[int, Handle] = {}
        self._numbers = itertools.count(1)

    @property
    def is_written(self) -> bool:
        """Whether somebody has a file open for writing."""
        return any(handle.writable for handle in list(self._handles.values()))

    # ---- opening

    def open(self, request: Request) -> None:
        """OPEN."""
        (flags, _) = wire.TWO_WORDS.unpack_from(request.body)
        node = self._tree[request.nodeid]
        writable = flags & os.O_ACCMODE != os.O_RDONLY
        if writable and self.read_only:
            raise OSError(errno.EROFS, "read-only")
        number = self.opened(node, request, writable=writable)
        request.answer(wire.OPEN_OUT.pack(number, _KEEP_CACHE, 0))

    def opened(self, node: Node, request: Request, *, writable: bool) -> int:
        """A new handle of a node."""
        pid = tgid(request.pid) if writable else 0
        with node.lock:
            if node.denied:
                raise PermissionError(errno.EACCES, "refused")
            if node.retired:
                raise OSError(errno.ESTALE, "look it up again")
            if node.staged is None:
                node.open_reader()
            node.handles += 1
            if writable:
                node.write_handles += 1
                wrote(node, pid, request.uid)
        number = next(self._numbers)
        self._handles[number] = Handle(node, request.pid, pid, writable=writable)
        return number

    def release(self, request: Request) -> None:
        """RELEASE: the last close; what was written through a mapping since is judged now, though nobody hears."""
        number, *_ = wire.RELEASE_IN.unpack_from(request.body)
        handle = self._handles.pop(number)
        node = handle.node
        if handle.writable and node.is_dirty and not node.denied and not node.failed and not node.unlinked:
            self._workers.judge(request, lambda late: self._release(late, handle))
        else:
            self._released(handle)
            request.answer()

    def _release(self, request: Request, handle: Handle) -> None:
        try:
            self._closing.settle(handle.node, sync=False)
        except Busy:
            raise
        except OSError as problem:  # whoever wanted to know has asked before
            if not handle.node.denied:
                log.error("what was written last did not reach the medium: %s", problem)  # noqa: TRY400
        self._released(handle)
        request.answer()

    def _released(self, handle: Handle) -> None:
        node = handle.node
        with self._tree.lock, node.lock:
            node.handles -= 1
            node.write_handles -= handle.writable
            is_idle = not node.write_handles and not node.frozen
            is_broken = node.denied or node.failed
            if is_idle and node.staged is not None and not is_broken and (node.unlinked or not node.is_dirty):
                self._staging.drop(node.staged)
                node.staged = None
            if not node.handles:
                node.close_reader()
            if is_idle and is_broken:
                self._closing.undo(node)
            self._tree.tidy(node)

    # ---- reading

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

    def seek(self, request: Request) -> None:
        """LSEEK: where data and holes are. What a writer's kernel has not written back yet is fetched first."""
        node = self._handles[wire.LONG.unpack_from(request.body)[0]].node
        if node.write_handles:
            self._workers.later(request, self._seek_written)
        else:
            self._seek(request)

    def _seek_written(self, request: Request) -> None:
        self._channel.fetch_content(self._handles[wire.LONG.unpack_from(request.body)[0]].node.id)
        self._seek(request)

    def _seek(self, request: Request) -> None:
        number, offset, whence, _ = wire.LSEEK_IN.unpack_from(request.body)
        node = self._handles[number].node
        with node.lock:
            descriptor = node.staged.descriptor if node.staged is not None else node.open_reader()
            found = os.lseek(descriptor, offset, whence)
        request.answer(wire.LONG.pack(found))

    # ---- writing

    def write(self, request: Request) -> None:
        """WRITE."""
        node = self._handles[wire.LONG.unpack_from(request.body)[0]].node
        if node.frozen or node.staged is None:
            self._workers.later(request, self._write)
            return
        try:
            self._write(request)
        except Busy:
            self._workers.later(request, self._write)

    def _write(self, request: Request) -> None:
        number, offset, size, how, *_ = wire.WRITE_IN.unpack_from(request.body)
        node = self._handles[number].node
        data = request.body[wire.WRITE_IN.size : wire.WRITE_IN.size + size]
        with self._changing(node) as descriptor:
            end = offset + size
            status = os.fstat(descriptor)
            try:
                if end > status.st_size:
                    self._staging.need(size)
                    if end > SMALL:
                        self._landing.need(room(status, owners=self._owners) + size)
                while data:
                    count = os.pwrite(descriptor, data, offset)
                    data, offset = data[count:], offset + count
            except OSError as problem:
                node.failed = problem.errno or errno.EIO  # incomplete now: it must not land
                raise
            if how & wire.WRITE_KILL_SUIDGID:
                _drop_privileges(descriptor, status.st_mode)
        request.answer(wire.TWO_WORDS.pack(size, 0))

    def fallocate(self, request: Request) -> None:
        """FALLOCATE."""
        self._workers.later(request, self._fallocate)

    def _fallocate(self, request: Request) -> None:
        number, offset, length, mode, _ = wire.FALLOCATE_IN.unpack_from(request.body)
        if mode & ~_FALLOCATE_KNOWN:
            raise OSError(errno.EOPNOTSUPP, "not supported")
        with self._changing(self._handles[number].node) as descriptor:
            if not mode & _NONE_TAKEN:
                self._staging.need(length)
                self._landing.need(offset + length)
            libc = ctypes.CDLL(None, use_errno=True)
            arguments = (ctypes.c_int(mode), ctypes.c_int64(offset), ctypes.c_int64(length))
            if libc.fallocate(descriptor, *arguments):
                raise OSError(ctypes.get_errno(), "fallocate")
            if request.uid:
                _drop_privileges(descriptor, os.fstat(descriptor).st_mode)
        request.answer()

    def truncate(self, node: Node, size: int, request: Request, *, privileges: bool) -> None:
        """Give a file another length; without a handle open for writing it is judged at once.

        ``privileges``: whether it loses its set-user and set-group bits.
        """
        with self._changing(node, size) as descriptor:
            status = os.fstat(descriptor)
            if size > status.st_size and not self._owners:  # no holes there
                self._landing.need(size)
            os.ftruncate(descriptor, size)
            if privileges:
                _drop_privileges(descriptor, status.st_mode)
            with node.lock:
                wrote(node, tgid(request.pid), request.uid)
        if not node.write_handles:
            try:
                self._closing.settle(node, sync=False)
            finally:
                self._closing.undo(node)

    @contextlib.contextmanager
    def _changing(self, node: Node, length: int | None = None) -> Iterator[int]:
        """The staged content, made from the medium's at the first change; ``length`` is what it is to be cut to.

        Raises:
            Busy: it is frozen; a change must wait.
            OSError: it was refused, or something in it is missing since an error.
        """
        with node.lock:
            if node.frozen:
                raise Busy(node)
            if node.retired:
                raise OSError(errno.ESTALE, "look it up again")
            if length == 0 and not (node.denied or (node.staged is not None and node.staged.owed)):
                node.failed = 0  # nothing is missing any more
            check(node)
            is_bare = node.staged is None
            if is_bare:
                node.frozen = True  # it takes long for a large file, and is done without the lock
            else:
                node.version += 1
                node.writing += 1
        if is_bare:
            self._stage(node, length)
        descriptor = node.content.descriptor
        try:
            yield descriptor
        finally:
            with node.lock:
                node.writing -= 1
                if not node.writing:
                    node.lock.notify_all()

    def _stage(self, node: Node, upto: int | None) -> None:
        staged = None
        try:
            with node.lock:
                source = os.dup(node.open_reader())
            try:
                size = os.fstat(source).st_size
                size = size if upto is None else min(size, upto)
                self._staging.need(size)
                staged = self._staging.new(node.path, next(reversed(node.writers.values()), 0))
                copy_content(source, staged.descriptor, size)
                copy_facts(source, staged.descriptor)
            finally:
                os.close(source)
        except OSError:
            if staged is not None:
                self._staging.drop(staged)
            with self._tree.lock, node.lock:
                node.thaw()
                self._tree.tidy(node)
            raise
        with node.lock:
            node.staged = staged
            node.version += 1
            node.writing += 1
            node.thaw()

    # ---- closing

    def flush(self, request: Request) -> None:
        """FLUSH: somebody closes. The answer of the judge is the result of that close.

        An empty file waits for its last close (RELEASE): a shell closes the target of ``cat a > b`` once before
        anything is written, and what stood in it must not be gone when a is refused.
        """
        handle = self._handles[wire.LONG.unpack_from(request.body)[0]]
        node = handle.node
        if not handle.writable or (not node.is_dirty and not node.denied and not node.failed):
            request.answer()
            return
        with node.lock:
            wrote(node, handle.pid if handle.thread == request.pid else tgid(request.pid), request.uid)
            staged = node.staged
            is_empty = staged is not None and not node.denied and not node.failed and staged.status.st_size == 0
            node.touched |= is_empty
        if is_empty:
            request.answer()
        else:
            self._workers.judge(request, lambda late: self._flush(late, node, sync=False))

    def fsync(self, request: Request) -> None:
        """FSYNC: the same, and it is on the medium when this returns."""
        node = self._handles[wire.LONG.unpack_from(request.body)[0]].node
        self._workers.judge(request, lambda late: self._flush(late, node, sync=True))

    def _flush(self, request: Request, node: Node, *, sync: bool) -> None:
        self._closing.settle(node, sync=sync)
        request.answer()


def _drop_privileges(descriptor: int, mode: int) -> None:
    """What every write by somebody without privileges does to a program."""
    kept = mode & ~stat.S_ISUID
    if mode & stat.S_IXGRP:
        kept &= ~stat.S_ISGID
    if kept != mode:
        os.fchmod(descriptor, stat.S_IMODE(kept))
    with contextlib.suppress(OSError):
        os.removexattr(descriptor, "security.capability")
