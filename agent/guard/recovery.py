"""What an agent that was killed, or a medium that was pulled, left half done: finished or undone at the next start."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import stat
import sys
from pathlib import Path

if sys.platform == "linux":
    from agent.guard import mounts
    from agent.guard.gateway.nodes import TEMPORARY
    from agent.guard.gateway.ruling import Judge, Ruling, Written
    from agent.guard.gateway.staging import Left, Staging, copy_content, copy_facts

assert sys.platform == "linux"  # noqa: S101 - no other kernel has it; type checkers skip what follows

log = logging.getLogger(__name__)


def recover(root: int, target: Path, staging: Staging, judge: Judge, *, owners: bool) -> int:
    """Bring a medium and its staging folder in order; how many files were finished.

    Allowed files are brought to their places: their writers were told that they are there. Others are judged, so that
    a violation is reported even when the agent died over it, and dropped: their writers heard of no success. Half
    written files on the medium are removed. What cannot be done now is left for the next time.

    Args:
        root: the open root folder of the medium.
        target: where people see it.
        staging: its staging folder, before anything new is put there.
        judge: who decides.
        owners: whether the medium keeps owner and mode of files.
    """
    for folder in staging.folders | {b""}:
        _sweep(root, folder)
    done: list[Left] = []
    finished, everything = 0, True
    for left in staging.left():
        try:
            if left.allowed:
                _finish(root, left, owners=owners)
                finished += 1
            else:
                _judge(left, target, judge)
        except Exception as problem:  # noqa: BLE001 - one file must not keep the medium from being used
            log.warning("a copy that was interrupted could not be dealt with: %s", problem)
            everything = False
            continue
        done.append(left)
    if finished:
        try:
            mounts.sync_filesystem(root)
        except OSError as problem:
            log.warning("the medium did not keep what was finished: %s", problem)
            return 0
    for left in done:
        left.file.unlink(missing_ok=True)
    if everything:
        staging.forget()
    return finished


def seal_refused(staging: Staging, judge: Judge) -> None:
    """Seal refused files that were not sealed before the last end."""
    for path in staging.refused():
        try:
            judge.keep(path, Ruling(False, path.name.removeprefix("refused-")))
        except LookupError as problem:  # nothing is known of it any more: without its event it cannot be given back
            log.warning("a refused file is dropped: %s", problem)
        except Exception as problem:  # noqa: BLE001 - the disk may be full: the next start tries again
            log.warning("a refused file could not be sealed yet: %s", problem)
            continue
        path.unlink(missing_ok=True)


def _finish(root: int, left: Left, *, owners: bool) -> None:
    folder, name = os.path.split(left.path)
    temporary = TEMPORARY + secrets.token_hex(8).encode()
    source = os.open(left.file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        above = _below(root, folder)
        try:
            if owners and _has_other_names(name, above):  # a new file would cut them off
                with open(
                    name, "r+b", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, dir_fd=above)
                ) as file:
                    copy_content(source, file.fileno(), os.fstat(source).st_size)
                    copy_facts(source, file.fileno())
                return
            target = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=above)
            try:
                copy_content(source, target, os.fstat(source).st_size)
                copy_facts(source, target, owners=owners)
                os.fsync(target)
                os.rename(temporary, name, src_dir_fd=above, dst_dir_fd=above)
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(temporary, dir_fd=above)
                raise
            finally:
                os.close(target)
        finally:
            os.close(above)
    finally:
        os.close(source)


def _has_other_names(name: bytes, folder: int) -> bool:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1


def _judge(left: Left, target: Path, judge: Judge) -> None:
    source = os.open(left.file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(source).st_size
        if size == 0:
            return
        path = target / os.fsdecode(left.path or left.file.name.encode())
        ruling = judge.file(Written(source, path, size, ((0, left.uid),)))
        if ruling.grant:
            judge.landed(ruling, landed=False)
        if not ruling.allowed and ruling.id:
            left.file.rename(left.file.with_name(f"refused-{ruling.id}"))
    finally:
        os.close(source)


def _sweep(root: int, folder: bytes) -> None:
    try:
        above = _below(root, folder)
    except OSError:  # the folder is gone
        return
    try:
        with os.scandir(above) as listing:
            names = [os.fsencode(entry.name) for entry in listing]
        for name in names:
            if name.startswith(TEMPORARY):
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=above)
    except OSError as problem:
        log.info("a folder of the medium could not be swept: %s", problem)
    finally:
        os.close(above)


def _below(root: int, folder: bytes) -> int:
    """A folder of the medium, by its path; links on the way are not followed."""
    descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
    for part in filter(None, folder.split(b"/")):
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            inner = os.open(part, flags, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor
