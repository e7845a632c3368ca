"""The gateway: what people see of a medium. Reads pass through; what is written is judged before it lands.

A file system of our own (FUSE) stands where the medium was mounted. Written files are staged on the local disk; when
their writer closes them, the judge looks at the whole file, and only then is it brought onto the medium: beside its
final name first, then renamed. What is refused gets EACCES and never touches the medium.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import errno
import logging
import os
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path

from agent.guard.fuse.channel import Channel, Request
from agent.guard.fuse.wire import Op
from agent.guard.gateway.closing import Closing
from agent.guard.gateway.content import Content
from agent.guard.gateway.landing import Landing
from agent.guard.gateway.moving import Moving
from agent.guard.gateway.names import Names
from agent.guard.gateway.nodes import Tree
from agent.guard.gateway.parts import Parts
from agent.guard.gateway.ruling import Judge
from agent.guard.gateway.staging import Staging
from agent.guard.gateway.workers import Workers
from agent.watch import media

log = logging.getLogger(__name__)
READERS = 3  # threads that take questions; none of them ever waits for a judge
_NO_ANSWER = {Op.FORGET, Op.BATCH_FORGET}
_LOOK = 0.1  # seconds
WITHOUT_OWNERS = {"vfat", "msdos", "exfat", "fuseblk", "ntfs3", "ntfs", "fuse.exfat", "hfsplus"}
WITHOUT_CASE = WITHOUT_OWNERS  # ntfs-3g does tell A from a; but whoever plugs it in next does not


class Gateway:
    """One medium behind its gateway, from construction until :meth:`stop` or until somebody unmounts it."""

    def __init__(self, target: Path, source: str, filesystem: str, root: int, staging: Staging, judge: Judge) -> None:
        """Mount on ``target``; ``root`` is the open root folder of the medium, which stays the caller's.

        Raises:
            OSError: it cannot be mounted.
        """
        owners = filesystem not in WITHOUT_OWNERS
        self.target = target
        self._judge = judge
        exact = filesystem not in WITHOUT_CASE
        self.tree = Tree(root, staging, exact=exact)
        self._staging = staging
        self._landing = Landing(self.tree, staging, owners=owners)
        mount = next((one for one in reversed(media.mounts()) if one.point == target), None)
        noexec = mount is not None and "noexec" in mount.options
        try:
            self.channel = Channel(target, source, os.fstat(root).st_mode, noexec=noexec)
        except OSError:
            self._landing.stop()
            raise
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # every file that the kernel knows takes one
        self._workers = Workers()
        self._closing = Closing(self.channel, self.tree, staging, self._landing, judge)
        self._closing.do = self._workers.do
        parts = Parts(
            self.channel, self.tree, staging, self._landing, self._closing, self._workers, owners=owners, exact=exact
        )
        self.content = Content(parts)
        self.names = Names(parts, self.content, judge)
        self.moving = Moving(parts, self.content, judge)
        self.ended = threading.Event()  # the mount is gone and everything is written
        self._answers = self._table()
        self._threads = [
            threading.Thread(target=self.channel.serve, args=(self._handle,), name="gateway", daemon=True)
            for _ in range(READERS)
        ]
        for thread in self._threads:
            thread.start()
        self._end = threading.Thread(target=self._wait, name="gateway-end", daemon=True)
        self._end.start()

    def set_read_only(self) -> None:
        """Nothing may be written any more, or from the beginning."""
        self.content.read_only = True

    def drain(self) -> None:
        """Wait until everything that was allowed is on the medium."""
        self._landing.drain()

    def stop(self, seconds: float = 30.0) -> bool:
        """Unmount, finish what was allowed; false when that took longer than ``seconds``.

        Who writes has that long to close his files; who only reads, or stands in a folder, is not waited for.
        """
        self.channel.unmount()
        end = time.monotonic() + seconds
        while not self.ended.wait(_LOOK) and time.monotonic() < end:
            if not self.content.is_written and self._workers.is_idle:
                break
        if not self.channel.is_closed:
            self.channel.abort()
        return self.ended.wait(max(_LOOK, end - time.monotonic()))

    def _wait(self) -> None:
        for thread in self._threads:
            thread.join()
        try:
            self._finish()
        except Exception:  # who waits for the end must hear of it
            log.exception("a medium could not be given back in order")
        finally:
            self.ended.set()

    def _finish(self) -> None:
        self._workers.stop()
        for node in self.tree.all():
            self._closing.abandon(node)
        self._landing.stop()
        for node in self.tree.all():
            if node.staged is not None:
                self._staging.drop(node.staged)
                node.staged = None
        self.tree.close()
        self.channel.close()

    def _handle(self, request: Request) -> None:
        answer = self._answers.get(request.opcode)
        if answer is not None:
            answer(request)
        elif request.opcode not in _NO_ANSWER:
            request.fail(errno.ENOSYS)

    def _table(self) -> dict[int, Callable[[Request], None]]:
        names, moving, content = self.names, self.moving, self.content
        return {
            Op.LOOKUP: names.lookup,
            Op.FORGET: names.forget,
            Op.BATCH_FORGET: names.forget_many,
            Op.GETATTR: names.getattr,
            Op.SETATTR: names.setattr,
            Op.READLINK: names.readlink,
            Op.SYMLINK: names.symlink,
            Op.MKNOD: names.mknod,
            Op.MKDIR: names.mkdir,
            Op.UNLINK: moving.unlink,
            Op.RMDIR: moving.rmdir,
            Op.RENAME: moving.rename,
            Op.RENAME2: moving.rename,
            Op.LINK: names.link,
            Op.OPEN: content.open,
            Op.READ: content.read,
            Op.WRITE: content.write,
            Op.STATFS: names.statfs,
            Op.RELEASE: content.release,
            Op.FSYNC: content.fsync,
            Op.SETXATTR: names.setxattr,
            Op.GETXATTR: names.getxattr,
            Op.LISTXATTR: names.listxattr,
            Op.REMOVEXATTR: names.removexattr,
            Op.FLUSH: content.flush,
            Op.OPENDIR: names.opendir,
            Op.READDIR: names.readdir,
            Op.RELEASEDIR: names.releasedir,
            Op.FSYNCDIR: names.fsyncdir,
            Op.CREATE: names.create,
            Op.INTERRUPT: self._workers.interrupt,
            Op.FALLOCATE: content.fallocate,
            Op.LSEEK: content.seek,
        }
