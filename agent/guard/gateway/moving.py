"""Names on a medium, moved and removed: what is staged moves with what has landed."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import ctypes
import errno
import os
import stat
import time

from agent.guard.fuse import wire
from agent.guard.fuse.channel import Request
from agent.guard.gateway.asked import Asked, check_free
from agent.guard.gateway.nodes import TEMPORARY, Busy, Node

_SHORT = 0.01  # seconds between two looks at a folder that is empty but for half-written files


class Moving(Asked):
    """UNLINK, RMDIR and RENAME."""

    def unlink(self, request: Request) -> None:
        """UNLINK."""
        self._may_write()
        name = bytes(request.body).rstrip(b"\0")
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            name = self._tree.spelling(folder, name)
            pending = folder.pending.get(name)
            if pending is None or pending.shadows:
                node = self._tree.at(folder, name)
                os.unlink(name, dir_fd=folder.descriptor)
                self._tree.unspelled(folder, name)
                self._lost_name(node)
            else:
                with contextlib.suppress(OSError):
                    os.utime(f"/proc/self/fd/{folder.descriptor}")
            if pending is not None:
                del folder.pending[name]
                self._orphan(pending)
        request.answer()

    def rmdir(self, request: Request) -> None:
        """RMDIR."""
        self._may_write()
        self._workers.later(request, self._rmdir)

    def _rmdir(self, request: Request) -> None:
        name = bytes(request.body).rstrip(b"\0")
        folder = self._tree[request.nodeid]
        while True:
            with self._tree.lock:
                name = self._tree.spelling(folder, name)
                self._check_empty(self._tree.at(folder, name))
                try:
                    os.rmdir(name, dir_fd=folder.descriptor)
                    self._tree.unspelled(folder, name)
                    break
                except OSError as problem:
                    if problem.errno != errno.ENOTEMPTY or not self._is_half_written(folder, name):
                        raise
            time.sleep(_SHORT)
        request.answer()

    def rename(self, request: Request) -> None:
        """RENAME and RENAME2."""
        self._may_write()
        self._workers.judge(request, self._rename)

    def _rename(self, request: Request) -> None:
        if request.opcode == wire.Op.RENAME2:
            number, flags, _ = wire.LONG_WORDS.unpack_from(request.body)
            names = bytes(request.body[wire.LONG_WORDS.size :])
        else:
            (number,), flags = wire.LONG.unpack_from(request.body), 0
            names = bytes(request.body[wire.LONG.size :])
        if flags & ~(wire.RENAME_NOREPLACE | wire.RENAME_EXCHANGE):
            raise OSError(errno.EINVAL, "not supported")
        old, new = names.split(b"\0")[:2]
        source, target = self._tree[request.nodeid], self._tree[number]
        check_free(new)
        if old != new:
            self._judge_name(request, target, new)
        if flags & wire.RENAME_EXCHANGE:
            self._bring(source.pending.get(old), target.pending.get(new))
        while True:
            with self._tree.lock:
                old, new = self._tree.spelling(source, old), self._tree.spelling(target, new)
                try:
                    if old in source.pending:
                        self._move_pending(source, old, target, new, flags)
                    else:
                        self._move(source, old, target, new, flags)
                    break
                except OSError as problem:
                    if problem.errno != errno.ENOTEMPTY or not self._is_half_written(target, new):
                        raise
            time.sleep(_SHORT)
        request.answer()

    def _bring(self, *nodes: Node | None) -> None:
        """Have pending files on the medium; raises Busy until they are."""
        for node in nodes:
            if node is not None:
                if node.write_handles:
                    self._channel.fetch_content(node.id)
                self._closing.settle(node, sync=False)
                if node.frozen:
                    raise Busy(node)

    def _move_pending(self, source: Node, old: bytes, target: Node, new: bytes, flags: int) -> None:
        if flags & wire.RENAME_EXCHANGE:
            raise OSError(errno.EBUSY, "it is being written")
        there = _exists(new, target.descriptor)
        if flags & wire.RENAME_NOREPLACE and (there or new in target.pending):
            raise FileExistsError(errno.EEXIST, "exists")
        if there and stat.S_ISDIR(os.stat(new, dir_fd=target.descriptor, follow_symlinks=False).st_mode):
            raise IsADirectoryError(errno.EISDIR, "a folder")
        node, replaced = source.pending[old], target.pending.get(new)
        if replaced is not None and replaced.frozen and node.is_dirty:
            raise Busy(replaced)  # it lands first: if what takes its name is refused, it is to be there
        if node.shadows:
            gone = self._tree.at(source, old)
            os.unlink(old, dir_fd=source.descriptor)
            self._lost_name(gone)
        if replaced is not None:
            del target.pending[new]
            self._orphan(replaced)
        elif there:
            self._lose_name(self._tree.at(target, new))
        del source.pending[old]
        node.move(target, new)
        node.shadows = there
        target.pending[new] = node
        self._landing.moved(node)
        for folder in {source.descriptor, target.descriptor}:
            with contextlib.suppress(OSError):
                os.utime(f"/proc/self/fd/{folder}")

    def _move(self, source: Node, old: bytes, target: Node, new: bytes, flags: int) -> None:
        node, replaced = self._tree.at(source, old), self._tree.at(target, new)
        pending = target.pending.get(new)
        if flags & wire.RENAME_NOREPLACE and pending is not None:
            raise FileExistsError(errno.EEXIST, "exists")
        if flags & wire.RENAME_EXCHANGE and pending is not None:
            raise OSError(errno.EBUSY, "it is being written")
        if not flags & wire.RENAME_EXCHANGE:
            self._check_empty(replaced)
        _renameat(source.descriptor, old, target.descriptor, new, flags)
        if not flags & wire.RENAME_EXCHANGE:
            self._tree.unspelled(source, old)
        if pending is not None:
            del target.pending[new]
            self._orphan(pending)
        target.spellings = target.spellings if self._exact else None
        if node is not None and node is not replaced:
            node.move(target, new)
            self._moved(node)
        if flags & wire.RENAME_EXCHANGE and replaced is not None:
            replaced.move(source, old)
            self._moved(replaced)
        elif replaced is not node:
            self._lost_name(replaced)

    def _moved(self, node: Node) -> None:
        """The journal must know where it is to be after a crash, and what lies in it."""
        self._landing.moved(node)
        if node.children:
            for one in self._tree.all():
                if one.staged is not None and node in one.above:
                    self._landing.moved(one)

    def _check_empty(self, folder: Node | None) -> None:
        if folder is not None and folder.pending:
            raise OSError(errno.ENOTEMPTY, "not empty")

    def _is_half_written(self, folder: Node, name: bytes) -> bool:
        """Whether nothing is in it but what is on its way to elsewhere, or was removed on its way."""
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder.descriptor)
        except OSError:
            return False
        try:
            names = [os.fsencode(one) for one in os.listdir(descriptor)]  # noqa: PTH208
            for one in names:
                if one.startswith(TEMPORARY) and one not in self._landing.under_way:
                    os.unlink(one, dir_fd=descriptor)  # left of an earlier run
            return all(one.startswith(TEMPORARY) for one in names)
        finally:
            os.close(descriptor)

    def _orphan(self, node: Node) -> None:
        """A file lost its name before it landed: it never will."""
        node.unlinked = True
        self._landing.gone(node)
        self._tree.tidy(node)

    def _lost_name(self, node: Node | None) -> None:
        """A file on the medium lost the name it was known by, and perhaps its last one."""
        if node is None or node.descriptor < 0:
            return
        try:
            is_gone = os.fstat(node.descriptor).st_nlink == 0 or not self._owners
        except OSError:  # a file system in a program of its own may say so
            is_gone = True
        self._lost(node, is_gone=is_gone)

    def _lose_name(self, node: Node | None) -> None:
        """The same for one that stays on the medium until the file that takes its name lands."""
        if node is not None and node.descriptor >= 0:
            self._lost(node, is_gone=os.fstat(node.descriptor).st_nlink == 1)

    def _lost(self, node: Node, *, is_gone: bool) -> None:
        if is_gone:
            node.unlinked = True
        else:
            node.nameless = True
        self._landing.gone(node)


def _exists(name: bytes, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _renameat(source: int, old: bytes, target: int, new: bytes, flags: int) -> None:
    if not flags:
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(source, old, target, new, ctypes.c_uint(flags)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
