"""One file at its place below a zone, held by the folder it lies in: no link on the way can lead anywhere else.

On POSIX the folders from the zone down are opened one by one without following links, and the file is opened, renamed
and removed relative to the last of them. Windows has no such handles; paths are used there.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_BEFORE_WRITERS = {errno.EAGAIN, errno.EWOULDBLOCK}


class Spot:
    """A name in a folder that stays the same folder, whatever is renamed around it."""

    def __init__(self, path: Path, folder: int | None) -> None:
        self.path = path
        self._folder = folder

    def open(self) -> BinaryIO:
        """The regular file here, for reading; links are not followed. Raises OSError, also when it is no file."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(self._open(flags), "rb")

    def open_for_writing(self) -> BinaryIO:
        """The regular file here, for overwriting in place; it must be there, and is not truncated. Raises OSError."""
        flags = os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(self._open(flags), "wb")

    def _open(self, flags: int) -> int:
        descriptor = os.open(self._name(self.path.name), flags, dir_fd=self._folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "no regular file")
        return descriptor

    def stat(self, name: str = "") -> os.stat_result:
        """What stands here now, or under another name in the same folder."""
        return os.stat(self._name(name or self.path.name), dir_fd=self._folder, follow_symlinks=False)

    def rename(self, old: str, new: str) -> None:
        """Rename within the folder; never over something that is there."""
        try:
            self.stat(new)
        except FileNotFoundError:
            os.rename(self._name(old), self._name(new), src_dir_fd=self._folder, dst_dir_fd=self._folder)
        else:
            raise FileExistsError(errno.EEXIST, "the name is taken", new)

    def remove(self, name: str) -> None:
        """Remove a name of the folder, durably where the file system can."""
        os.unlink(self._name(name), dir_fd=self._folder)
        if self._folder is not None:
            with suppress(OSError):  # the removal has happened, whatever this says
                os.fsync(self._folder)

    def _name(self, name: str) -> str:
        return name if self._folder is not None else str(self.path.with_name(name))


@contextmanager
def spot(root: Path, path: Path) -> Iterator[Spot]:
    """Hold the place of ``path`` below ``root``.

    Raises:
        FileNotFoundError: a folder on the way is gone, or a link stands in its place.
    """
    if sys.platform == "win32":
        yield Spot(path, None)
        return
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(root, flags)
    try:
        for name in path.parent.relative_to(root).parts:
            try:
                inner = os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
            except OSError as problem:
                if problem.errno in {errno.ELOOP, errno.ENOTDIR}:
                    raise FileNotFoundError(errno.ENOENT, "a link stands in the way", name) from None
                raise
            os.close(folder)
            folder = inner
        yield Spot(path, folder)
    finally:
        os.close(folder)


def has_writers(file: BinaryIO) -> bool:
    """Whether somebody has this file open for writing now; false where the system cannot tell.

    A read lease is granted only on a file that nobody writes (fcntl(2), F_SETLEASE); it is given back at once.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.fcntl(file, fcntl.F_SETSIG, 23)  # SIGURG, which is ignored, should a writer come in this very moment
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as problem:
        return problem.errno in _BEFORE_WRITERS
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
