"""The kernel's fanotify, by its own calls: who opens what on a file system, told afterwards or asked before.

Source: fanotify_init(2), fanotify_mark(2), fanotify(7), open_by_handle_at(2) and <linux/fanotify.h> of kernel 6.18.
Linux alone, and root alone.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import ctypes
import errno
import os
import struct
from types import TracebackType
from typing import Self

import msgspec

OPEN, CLOSE_WRITE = 0x20, 0x08
OPEN_PERM, PRE_ACCESS = 0x10000, 0x100000
OVERFLOW = 0x4000

ADD, REMOVE, FLUSH = 0x01, 0x02, 0x80
MOUNT, FILESYSTEM = 0x10, 0x100  # else the mark is on the inode
IGNORED, SURVIVES, EVICTABLE = 0x20, 0x40, 0x200

_CLOEXEC, _NONBLOCK = 0x01, 0x02
_CONTENT, _PRE_CONTENT = 0x04, 0x08
_UNLIMITED = 0x10 | 0x20  # queue and marks
_TID, _FID = 0x100, 0x200
_ALLOW, _DENY = 0x01, 0x02
_HEAD = struct.Struct("=IBBHQii")  # struct fanotify_event_metadata
_INFO = struct.Struct("=BBH")
_KIND_FID = 1
_HANDLE = struct.Struct("=Ii")  # struct file_handle: bytes, type
_READ = 64 * 1024
_AT_FDCWD, _AT_EMPTY_PATH, _AT_FOLLOW = -100, 0x1000, 0x400
_HANDLE_MOST = 128  # MAX_HANDLE_SZ

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fanotify_mark.argtypes = [ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p]


class Event(msgspec.Struct, frozen=True):
    """What happened, or is asked.

    ``file`` is the lasting name of the file (see :func:`file_of`), empty where the group hands out descriptors; then
    ``descriptor`` is one that the reader of the event must close (-1: none). ``process`` is a process, or a thread
    where the group reports threads.
    """

    mask: int
    process: int
    file: bytes = b""
    descriptor: int = -1


class Group:
    """A queue of events with its marks. Reading, marking and answering are safe from any thread."""

    def __init__(self, flags: int, opening: int = 0) -> None:
        """Open a queue without bounds: a full one would lose events, or let openers through unasked.

        Raises:
            OSError: not root (EPERM), or the kernel does not know the flags (EINVAL, ENOSYS).
        """
        opening |= os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_LARGEFILE", 0)
        self._queue = _checked(_libc.fanotify_init(flags | _CLOEXEC | _NONBLOCK | _UNLIMITED, opening))
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """The queue's descriptor, to poll for reading."""
        return self._queue

    def mark(self, flags: int, mask: int, path: str) -> None:
        """Add or remove a mark; ``path`` leads to the inode, mount or file system, and links are followed.

        Raises:
            OSError: as fanotify_mark(2) says; EINVAL also for a flag or event that this kernel does not know.
        """
        _checked(_libc.fanotify_mark(self._queue, flags, mask, _AT_FDCWD, os.fsencode(path)))

    def flush(self, flags: int = 0) -> None:
        """Remove all marks on inodes, or on mounts or file systems where ``flags`` says so."""
        self.mark(FLUSH | flags, 0, "/")

    def read(self, most: int = _READ) -> list[Event]:
        """What waits in the queue, up to ``most`` bytes of it; empty when nothing does.

        Raises:
            OSError: the queue is gone. An event that could not be handed out (EMFILE, ...) is answered by the kernel.
        """
        try:
            return parse(os.read(self._queue, most))
        except BlockingIOError:
            return []

    def close(self) -> None:
        """Give up the queue and all marks; the kernel lets those through who wait for an answer."""
        if not self.closed:
            self.closed = True
            os.close(self._queue)


class Notifications(Group):
    """Tells afterwards. With ``names``, files come by lasting names: nothing is held open, no disk becomes busy.

    Kernels before 5.1, and file systems without such names, need a group that hands out descriptors.
    """

    def __init__(self, *, names: bool = True) -> None:
        super().__init__(_FID if names else 0, 0 if names else os.O_NONBLOCK)


class Permissions(Group):
    """Asks before: who opens a file waits in the kernel for :meth:`answer`."""

    def __init__(self, *, before_content: bool = False) -> None:
        kind = _PRE_CONTENT if before_content else _CONTENT
        try:
            super().__init__(kind | _TID, getattr(os, "O_NOATIME", 0))
            self.threads = True
        except OSError as problem:
            if problem.errno != errno.EINVAL:
                raise
            super().__init__(kind, getattr(os, "O_NOATIME", 0))  # before 4.20: processes are told, not threads
            self.threads = False

    def answer(self, descriptor: int, *, allow: bool, error: int = 0) -> None:
        """Let the opener of an event go on, or refuse it with ``error`` (0: EPERM, on every kernel).

        An ``error`` the kernel does not take is refused as EPERM: nobody is left waiting. Answering twice, or for an
        opener that was killed, does nothing.
        """
        response = _ALLOW if allow else _DENY | (error & 0xFF) << 24
        try:
            os.write(self._queue, struct.pack("=iI", descriptor, response))
        except OSError as problem:
            if problem.errno == errno.EINVAL and not allow and error:
                self.answer(descriptor, allow=False)
            elif problem.errno not in (errno.ENOENT, errno.EBADF):
                raise


def abilities() -> dict[str, bool]:
    """What this kernel lets this process do: ``names`` of files that last, ``questions``, and by which ``threads``."""
    found = dict.fromkeys(("names", "questions", "threads"), False)
    try:
        with Notifications():
            found["names"] = True
    except OSError:
        pass
    try:
        with Permissions() as group:
            found |= {"questions": True, "threads": group.threads}
    except OSError:
        pass
    return found


def parse(block: bytes) -> list[Event]:
    """The events in what was read from a queue."""
    events: list[Event] = []
    at, end = 0, len(block)
    while at + _HEAD.size <= end:
        length, _, _, head, mask, descriptor, process = _HEAD.unpack_from(block, at)
        if length < _HEAD.size or at + length > end:
            break
        name, info = b"", at + head
        while info + _INFO.size <= at + length:
            kind, _, size = _INFO.unpack_from(block, info)
            if size < _INFO.size:
                break
            if kind == _KIND_FID:  # a file system's number, then a handle that is filled up to whole words
                holds = _HANDLE.unpack_from(block, info + 12)[0]
                name = block[info + 4 : info + 12 + _HANDLE.size + holds]
                break
            info += size
        events.append(Event(mask, process, name, descriptor))
        at += length
    return events


def file_of(descriptor: int) -> bytes:
    """The lasting name of an open file: the number of its file system (8 bytes), then its ``struct file_handle``.

    Raises:
        OSError: its file system gives no such names (EOPNOTSUPP).
    """
    handle = ctypes.create_string_buffer(_HANDLE.pack(_HANDLE_MOST, 0), _HANDLE.size + _HANDLE_MOST)
    mount = ctypes.c_int()
    _checked(_libc.name_to_handle_at(descriptor, b"", handle, ctypes.byref(mount), _AT_EMPTY_PATH))
    holds = _HANDLE.unpack_from(handle)[0]
    return filesystem_of(descriptor) + handle.raw[: _HANDLE.size + holds]


def filesystem_of(place: int | str) -> bytes:
    """The number of the file system of an open file or a path, as events tell it (8 bytes)."""
    number = os.statvfs(place).f_fsid & (2**64 - 1)
    return (
        struct.pack("=Q", number) if sys.byteorder == "little" else struct.pack("=II", number & 2**32 - 1, number >> 32)
    )


def open_file(root: int, file: bytes, flags: int) -> int:
    """A descriptor of the file with a lasting name.

    Args:
        root: any open file or folder of its file system.
        file: as :func:`file_of` gave it.
        flags: as for ``os.open``.

    Raises:
        OSError: it is gone (ESTALE), or may not be opened.
    """
    handle = ctypes.create_string_buffer(file[8:], len(file) - 8)
    return int(_checked(_libc.open_by_handle_at(root, handle, flags | os.O_CLOEXEC)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
