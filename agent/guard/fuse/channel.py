"""One FUSE connection: the mount, requests in, answers out. Linux, as root.

The kernel ends the connection when the last descriptor of it is closed, also by a crash: then the mount answers
"transport endpoint is not connected" to everybody, which is how a medium fails closed.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import ctypes
import errno
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from agent.guard.fuse import wire
from agent.guard.fuse.wire import Op
from agent.watch import media

log = logging.getLogger(__name__)
DEVICE = "/dev/fuse"
KIND = "fuse.shoumi"
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MNT_DETACH = 2, 4, 8, 2
_CONTROL = Path("/sys/fs/fuse/connections")
_BACKGROUND = 256  # reads ahead and pages written back that the kernel may have open with us
_ENDED = {errno.ENODEV, errno.ECONNABORTED, errno.EBADF}
_AGAIN = {errno.ENOENT, errno.EINTR, errno.EAGAIN}  # ENOENT: the request was interrupted before it was read


class Request:
    """One question of the kernel. It must be answered exactly once; a second answer is ignored."""

    __slots__ = ("_answered", "_channel", "body", "gid", "nodeid", "opcode", "pid", "uid", "unique")

    def __init__(self, channel: Channel, header: tuple[int, ...], body: memoryview) -> None:
        self._channel = channel
        _, self.opcode, self.unique, self.nodeid, self.uid, self.gid, self.pid, _, _ = header
        self.body = body  # only until the handler returns: the buffer is used again
        self._answered = False

    def answer(self, *parts: bytes | memoryview) -> None:
        """Success, with what belongs to it."""
        if not self._answered:
            self._answered = True
            self._channel.send(0, self.unique, *parts)

    def fail(self, number: int) -> None:
        """An error number (positive)."""
        if not self._answered:
            self._answered = True
            self._channel.send(-(number or errno.EIO), self.unique)

    def keep(self) -> None:
        """Copy the body, so that the request can be worked on after the handler returned."""
        self.body = memoryview(bytes(self.body))


class Channel:
    """A mounted connection."""

    def __init__(self, target: Path, source: str, mode: int, *, noexec: bool = False) -> None:
        """Mount on ``target``; ``source`` is what /proc/mounts shows, ``mode`` that of the root folder.

        ``noexec``: no program on it can be started.

        Raises:
            OSError: no /dev/fuse, no right to mount.
        """
        self.target, self.max_write = target, 128 * 1024
        self.minor = 0
        self.killpriv = False  # whether the kernel does without asking for attributes at every write
        self._descriptor = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
        self._closed = threading.Event()
        self._readers: dict[int, float] = {}  # threads that serve, and since when they work on one question
        options = f"fd={self._descriptor},rootmode={mode:o},user_id=0,group_id=0,allow_other,default_permissions"
        try:
            _mount(source, target, options, _MS_NOSUID | _MS_NODEV | (_MS_NOEXEC if noexec else 0))
        except OSError:
            os.close(self._descriptor)
            raise
        self._number = _number(target)
        self._notices: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()
        threading.Thread(target=self._send_notices, name="gateway-notices", daemon=True).start()

    def serve(self, handle: Callable[[Request], None]) -> None:
        """Answer questions until the mount is gone. To be run by several threads."""
        buffer = bytearray(wire.BUFFER)
        view = memoryview(buffer)
        header = wire.IN_HEADER
        mine = threading.get_ident()
        while not self._closed.is_set():
            self._readers[mine] = 0.0
            try:
                count = os.readv(self._descriptor, [buffer])
            except OSError as problem:
                if problem.errno in _AGAIN:
                    continue
                if problem.errno not in _ENDED:
                    log.error("the gateway's connection broke: %s", problem)  # noqa: TRY400 - its words say it
                break
            self._readers[mine] = time.monotonic()
            request = Request(self, header.unpack_from(buffer), view[header.size : count])
            if request.opcode == Op.INIT:
                self._greet(request)
                continue
            if request.opcode == Op.DESTROY:
                request.answer()
                continue
            try:
                handle(request)
            except OSError as problem:
                request.fail(problem.errno or errno.EIO)
            except Exception:  # one question must not end the mount
                log.exception("a question of the kernel could not be answered")
                request.fail(errno.EIO)
        self._closed.set()

    @property
    def stuck(self) -> float:
        """Seconds for which nobody has taken a question, all who serve being busy with one."""
        since = list(self._readers.values())
        return time.monotonic() - max(since) if since and all(since) and not self.is_closed else 0.0

    @property
    def is_closed(self) -> bool:
        """Whether the mount is gone."""
        return self._closed.is_set()

    def send(self, error: int, unique: int, *parts: bytes | memoryview) -> None:
        """One answer."""
        size = wire.OUT_HEADER.size + sum(map(len, parts))
        try:
            os.writev(self._descriptor, [wire.OUT_HEADER.pack(size, error, unique), *parts])
        except OSError as problem:
            if problem.errno == errno.ENOENT or problem.errno in _ENDED:  # nobody waits any more
                return
            log.error("an answer was refused (%s, error %s, %s bytes)", problem, error, size)  # noqa: TRY400
            if error == 0:  # a malformed answer must not leave its asker waiting
                self.send(-errno.EIO, unique)

    def forget_entry(self, parent: int, name: bytes) -> None:
        """Have the kernel forget a name, soon: it may have to wait for an answer of ours about the same folder."""
        self._notices.put((wire.NOTIFY_INVAL_ENTRY, wire.INVAL_ENTRY.pack(parent, len(name), 0) + name + b"\0"))

    def forget_content(self, nodeid: int) -> None:
        """Have the kernel forget attributes and cached content of a file, soon."""
        self._notices.put((wire.NOTIFY_INVAL_INODE, wire.INVAL_INODE.pack(nodeid, 0, 0)))

    def fetch_content(self, nodeid: int) -> None:
        """Have the kernel write back what it has of a file now. Not from a thread that takes questions."""
        self._notify(wire.NOTIFY_INVAL_INODE, wire.INVAL_INODE.pack(nodeid, 0, 0))

    def unmount(self) -> None:
        """Take the mount out of the tree; who uses it goes on until he ends, or until :meth:`abort`."""
        if self._number == _number(self.target):
            _umount(self.target)

    def abort(self) -> None:
        """End the connection at once; who still uses the mount gets errors from now on."""
        if self.is_closed:  # its number may be another's by now
            return
        control = _CONTROL / self._number.partition(":")[2] / "abort"
        try:
            if not control.exists():
                _mount("fusectl", _CONTROL, "", 0, "fusectl")
            control.write_text("1")
        except OSError as problem:
            log.warning("a connection could not be ended: %s", problem)

    def close(self) -> None:
        """Give back the descriptor, when nobody serves any more; a mount that is still there answers with errors."""
        self._closed.set()
        self._notices.put(None)
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _send_notices(self) -> None:
        while (notice := self._notices.get()) is not None:
            self._notify(*notice)

    def _notify(self, code: int, body: bytes) -> None:
        size = wire.OUT_HEADER.size + len(body)
        try:
            os.writev(self._descriptor, [wire.OUT_HEADER.pack(size, code, 0), body])
        except OSError as problem:  # ENOENT: the kernel knew nothing of it
            if problem.errno != errno.ENOENT and problem.errno not in _ENDED:
                log.info("the kernel refused a notification: %s", problem)

    def _greet(self, request: Request) -> None:
        major, minor, readahead, flags = wire.INIT_IN.unpack_from(request.body)
        if major != wire.MAJOR or minor < wire.OLDEST_MINOR:
            log.error("this kernel speaks FUSE %s.%s, which is too old", major, minor)
            request.fail(errno.EPROTO)
            return
        self.minor = minor
        wanted = flags & (
            wire.ASYNC_READ
            | wire.BIG_WRITES
            | wire.PARALLEL_DIROPS
            | wire.WRITEBACK_CACHE
            | wire.MAX_PAGES
            | wire.HANDLE_KILLPRIV_V2
        )
        self.killpriv = bool(wanted & wire.HANDLE_KILLPRIV_V2)
        self.max_write = wire.MAX_WRITE if wanted & wire.MAX_PAGES else 128 * 1024
        pages = wire.PAGES if wanted & wire.MAX_PAGES else 0
        request.answer(
            wire.INIT_OUT.pack(
                wire.MAJOR,
                min(minor, wire.MINOR),
                readahead,
                wanted,
                _BACKGROUND,
                _BACKGROUND * 3 // 4,
                self.max_write,
                1,
                pages,
                0,
                0,
                0,
                0,
            )
        )


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: Path, options: str, flags: int, kind: str = KIND) -> None:
    result = _libc().mount(
        os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fspath(target))


def _number(target: Path) -> str:
    """``major:minor`` of the topmost mount at a place; empty where there is none."""
    return next((one.number for one in reversed(media.mounts()) if one.point == target), "")


def _umount(target: Path) -> None:
    if _libc().umount2(os.fsencode(target), 0) == 0:  # waits for what the kernel has to write back
        return
    if _libc().umount2(os.fsencode(target), _MNT_DETACH):
        number = ctypes.get_errno()
        if number not in {errno.EINVAL, errno.ENOENT}:  # gone already
            log.warning("cannot unmount %s: %s", ascii(os.fspath(target)), os.strerror(number))
