"""Opening a file that anyone may have put there: only regular files, never through a link, never waiting."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import msgspec

from config.verdict import Reason

_KINDS = (
    (stat.S_ISDIR, "inode/directory"),
    (stat.S_ISLNK, "inode/symlink"),
    (stat.S_ISFIFO, "inode/fifo"),
    (stat.S_ISSOCK, "inode/socket"),
    (stat.S_ISCHR, "inode/chardevice"),
    (stat.S_ISBLK, "inode/blockdevice"),
)
_REASONS = {
    errno.ENOENT: Reason.VANISHED,
    errno.ENOTDIR: Reason.VANISHED,
    errno.ESTALE: Reason.VANISHED,
    errno.ENAMETOOLONG: Reason.VANISHED,
    errno.EACCES: Reason.PERMISSION,
    errno.EPERM: Reason.PERMISSION,
    errno.ELOOP: Reason.UNSUPPORTED,
    errno.ENXIO: Reason.UNSUPPORTED,
    errno.ENOMEM: Reason.MEMORY,
}


class State(msgspec.Struct, frozen=True):
    """What changes when a file is written to."""

    size: int  # bytes
    modified: int  # nanoseconds
    stored: int  # bytes that hold data; less than ``size`` for a file with holes


class NotOpenedError(Exception):
    """The file cannot be read, and why."""

    def __init__(self, reason: Reason, media_type: str = "", error: str = "") -> None:
        super().__init__(error or str(reason))
        self.reason, self.media_type, self.error = reason, media_type, error


def open_regular(path: Path) -> int:
    """A read-only descriptor of a regular file.

    Raises:
        NotOpenedError: it is gone, forbidden, or no regular file (links are not followed).
    """
    flags = os.O_RDONLY
    if sys.platform == "win32":
        flags |= os.O_BINARY | os.O_NOINHERIT
    else:
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        _demand_regular(os.lstat(path).st_mode)  # before opening: opening a device may already do something
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as problem:
        raise _explain(problem) from None
    try:
        _demand_regular(os.fstat(descriptor).st_mode)  # it may have been exchanged in between
    except NotOpenedError:
        os.close(descriptor)
        raise
    return descriptor


def demand_regular(descriptor: int) -> None:
    """Nothing, for an open regular file.

    Raises:
        NotOpenedError: it is something else.
        OSError: it is not open.
    """
    _demand_regular(os.fstat(descriptor).st_mode)


def state(descriptor: int) -> State:
    """The state now; compare two to see whether the content was written to in between."""
    now = os.fstat(descriptor)
    if sys.platform == "win32":
        stored = now.st_size
    else:
        stored = min(now.st_size, now.st_blocks * 512)
    return State(now.st_size, now.st_mtime_ns, stored)


def _demand_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    for test, media_type in _KINDS:
        if test(mode):
            raise NotOpenedError(Reason.UNSUPPORTED, media_type)
    raise NotOpenedError(Reason.UNSUPPORTED, "inode/unknown")


def _explain(problem: OSError | ValueError) -> NotOpenedError:
    if isinstance(problem, ValueError):  # a NUL in the path
        return NotOpenedError(Reason.VANISHED, error=str(problem))
    media_type = "inode/symlink" if problem.errno == errno.ELOOP else ""
    known = _REASONS.get(problem.errno or 0)
    return NotOpenedError(known or Reason.CORRUPT, media_type, "" if known else str(problem.strerror or problem))
