"""Destroying a file: its blocks are overwritten, the name is removed, and both are made durable.

What this can promise depends on the medium. The file is overwritten in place, so its old content can no longer be read
through the file system. Flash (sticks, cards, SSDs) writes to other cells than those it frees: the old bytes stay in
cells that only a laboratory, or the controller's own commands, reach until they are reused. File systems that copy on
write (btrfs, snapshots) and journals that hold data keep old blocks likewise. What a device must never give away has
to be encrypted on it, or the device destroyed.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from agent.act.spot import Spot, has_writers, spot
from agent.disk import sha256_of
from config.errors import ShoumiError
from config.text import Text, readable

_BLOCK = 2**20


class DestroyError(ShoumiError):
    """A file could not be destroyed; it was left, or is overwritten but still has its name."""

    code = "SM230"
    fails = "open"


class OtherContentError(DestroyError):
    """What stands there is not the content meant; it was left untouched."""

    code = "SM231"


def destroy(root: Path, path: Path, sha256: str = "", names: Path | None = None) -> None:
    """Overwrite, sync, remove and sync ``path`` below ``root``; no link on the way is followed.

    A killed call leaves the file whole, or overwritten under its name; calling it again without a hash finishes it.

    Args:
        root: the medium's folder, through which it can be written.
        path: the file below it.
        sha256: what it must hold now; empty destroys whatever regular file stands there.
        names: where everybody else sees the medium, when that is another folder (a gateway): the name is removed
            there, so that nobody is shown a file that is gone.

    Raises:
        FileNotFoundError: it is not there, or no regular file.
        OtherContentError: it holds something else, or somebody is writing it; untouched.
        DestroyError: the medium refuses; what is left is said in words.
    """
    name = readable(path.name)
    with spot(root, path) as place:
        with place.open() as file:  # only read as yet: a file that is another's is not even opened for writing
            meant = os.fstat(file.fileno())
            if sha256 and sha256_of(file) != sha256:
                raise OtherContentError(Text(f"{name} holds something else", f"{name} 的内容不是该文件"))
            if has_writers(file):
                raise OtherContentError(Text(f"a program is still writing {name}", f"有程序仍在写入 {name}"))
        try:
            _overwrite(place, meta=meant)
            if names is None:
                place.remove(path.name)
            else:
                with spot(names, names / path.relative_to(root)) as seen:
                    seen.remove(path.name)
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise DestroyError(
                Text(f"{name} cannot be erased: {why}", f"无法擦除 {name}：{why}"),
                Text("see that the device is writable, then try again", "请确认介质可写后重试"),
            ) from None


def _overwrite(place: Spot, *, meta: os.stat_result) -> None:
    with place.open_for_writing() as file:
        now = os.fstat(file.fileno())
        if not stat.S_ISREG(now.st_mode) or (now.st_dev, now.st_ino) != (meta.st_dev, meta.st_ino):
            raise OtherContentError(Text("the file was exchanged just now", "文件刚被替换"))
        _fill(file, now.st_size)
        os.fsync(file.fileno())


def _fill(file: BinaryIO, size: int) -> None:
    """Random bytes, because a controller may keep zeros without writing them."""
    left = size
    while left > 0:
        left -= file.write(os.urandom(min(left, _BLOCK)))
    file.flush()
