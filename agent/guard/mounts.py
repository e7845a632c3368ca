"""Mounts, made and changed: a private copy of one, and one made read-only for everybody else.

The agent works on a medium through a *detached* copy of its mount (``open_tree``, Linux 5.2): nobody finds it in the
tree, it stays writable when the public mount is made read-only, it survives that mount, and it is gone with the agent.
Older kernels get a bind mount in a folder that only root may enter. Source: mount(2), open_tree(2), mount_setattr(2),
proc_pid_mountinfo(5).
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import ctypes
import errno
import os
import tempfile
from pathlib import Path

from agent.watch.media import Mount, mounts

_PRIVATE = Path("/run/shoumi/media")
_AT_FDCWD = -100
_OPEN_TREE, _MOUNT_SETATTR = 428, 442  # the same number on every architecture
_CLONE, _CLOEXEC, _EMPTY_PATH = 1, 0o2000000, 0x1000
_ATTR_RDONLY, _SIZE_OF_ATTR = 1, 32
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _PRIVATE_FLAG = 1, 2, 4, 8, 32, 4096, 1 << 18
_FORCE, _DETACH, _NOFOLLOW = 1, 2, 8
_OPTIONS = {"ro": _RDONLY, "nosuid": _NOSUID, "nodev": _NODEV, "noexec": _NOEXEC, "noatime": 1024, "nodiratime": 2048}
_OPTIONS |= {"relatime": 1 << 21}


class Private:
    """A copy of a mount that only the agent reaches, by its folder ``descriptor``; writable if the device is."""

    def __init__(self, path: Path) -> None:
        """Copy what is mounted at ``path``, the topmost there.

        Raises:
            OSError: no right to, or nothing is mounted there any more.
        """
        self._folder: Path | None = None
        self._tree = -1  # holds the copy; a path only, so that another descriptor is needed to work with
        try:
            tree = _call(_OPEN_TREE, _AT_FDCWD, os.fsencode(path), ctypes.c_uint(_CLONE | _CLOEXEC))
            try:
                _set_writable(tree)
            except OSError:
                os.close(tree)
                raise
        except OSError as problem:
            if problem.errno not in {errno.ENOSYS, errno.EPERM, errno.EINVAL}:
                raise
            self.descriptor = self._bind(path)
            return
        self._tree = tree
        self.descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=tree)

    def close(self) -> None:
        """Give it up; the file system is unmounted when nothing else holds it."""
        for descriptor in (self.descriptor, self._tree):
            if descriptor >= 0:
                os.close(descriptor)
        self.descriptor = self._tree = -1
        if self._folder is not None:
            unmount(self._folder)
            with contextlib.suppress(OSError):
                self._folder.rmdir()

    def _bind(self, path: Path) -> int:
        _PRIVATE.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=_PRIVATE))
        options = next((one.options for one in reversed(mounts()) if one.point == path), ())
        try:
            _mount(path, folder, _BIND)
            _mount(None, folder, _PRIVATE_FLAG)
            flags = sum(_OPTIONS.get(word, 0) for word in options if word != "ro")
            _mount(None, folder, _REMOUNT | _BIND | flags)
        except OSError:
            unmount(folder)
            folder.rmdir()
            raise
        self._folder = folder
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def set_read_only(mount: Mount, path: Path | None = None, *, read_only: bool = True) -> None:
    """Make one mount read-only for those who use it, or writable again; its other options stay.

    ``path`` leads to it where something else is mounted over it by now.

    Raises:
        OSError: EBUSY while somebody has a file open for writing through it.
    """
    flags = sum(_OPTIONS.get(word, 0) for word in mount.options if word != "ro")
    _mount(None, path or mount.point, _REMOUNT | _BIND | flags | (_RDONLY if read_only else 0))


def mount_device(device: str, target: Path, filesystem: str, options: str) -> None:
    """Mount a block device, without programs and devices of its own.

    Raises:
        OSError: it cannot be mounted.
    """
    result = _libc().mount(
        device.encode(), os.fsencode(target), filesystem.encode(), _NOSUID | _NODEV, options.encode()
    )
    if result:
        raise _error(target)


def unmount(path: Path, *, force: bool = False) -> bool:
    """Take the topmost mount at ``path`` out of the tree; false where there is none. Who uses it keeps it meanwhile.

    With ``force`` what waits for it gets errors, and it goes when nobody uses it.
    """
    return bool(_libc().umount2(os.fsencode(path), (_FORCE if force else _DETACH) | _NOFOLLOW) == 0)


def unmount_kind(path: Path, filesystem: str) -> bool:
    """The same, where the topmost there is of this kind."""
    there = [mount for mount in mounts() if mount.point == path]
    return bool(there) and there[-1].filesystem == filesystem and unmount(path)


def sync_filesystem(descriptor: int) -> None:
    """Write everything of the file system a descriptor lies on to its device.

    Raises:
        OSError: the device did not take it.
    """
    if _libc().syncfs(descriptor):
        raise _error(None)


def _set_writable(tree: int) -> None:
    attributes = (ctypes.c_uint64 * 4)(0, _ATTR_RDONLY, 0, 0)  # set, clear, propagation, user namespace
    _call(_MOUNT_SETATTR, tree, b"", ctypes.c_uint(_EMPTY_PATH), attributes, ctypes.c_size_t(_SIZE_OF_ATTR))


def _mount(source: Path | None, target: Path, flags: int) -> None:
    what = None if source is None else os.fsencode(source)
    if _libc().mount(what, os.fsencode(target), None, ctypes.c_ulong(flags), None):
        raise _error(target)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise _error(None)
    return result


def _error(path: Path | None) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), os.fspath(path) if path else None)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
