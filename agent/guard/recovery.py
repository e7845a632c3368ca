"""What an agent that was killed, or a medium that was pulled, left half done: finished or undone at the next start."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import logging
import os
import secrets
import stat
from pathlib import Path

from agent.guard.gateway.nodes import TEMPORARY
from agent.guard.gateway.ruling import Judge, Ruling, Written
from agent.guard.gateway.staging import Left, Staging, copy_content, copy_facts
from agent.guard.mounts import sync_filesystem

log = logging.getLogger(__name__)
_GROUP = 128  # files finished at once: each folder is held open meanwhile


def recover(root: int, staging: Staging, *, owners: bool) -> tuple[int, list[Left]]:
    """Bring a medium and its staging folder in order; how many files were finished, and those still to be judged.

    Allowed files are brought to their places: their writers were told that they are there. Half written files on the
    medium are removed. What cannot be done now is left for the next time.

    Args:
        root: the open root folder of the medium.
        staging: its staging folder, before anything new is put there.
        owners: whether the medium keeps owner and mode of files.
    """
    for folder in staging.folders | {b""}:
        _sweep(root, folder)
    sealed = {path.stat().st_ino for path in staging.refused()}
    finished, kept, unjudged = 0, 0, []
    allowed: list[Left] = []
    others: list[Left] = []
    for left in staging.left():
        (allowed if left.allowed else others).append(left)
    for begin in range(0, len(allowed), _GROUP):
        group = allowed[begin : begin + _GROUP]
        done = _finish(root, group, owners=owners)
        for _ in range(len(group) - done):
            staging.adopt()
        finished, kept = finished + done, kept + len(group) - done
    for left in others:
        status = left.file.stat()
        if status.st_size and status.st_ino not in sealed:
            staging.adopt()
            unjudged.append(left)
            continue
        left.file.unlink(missing_ok=True)
    if not kept and not unjudged:
        staging.forget()
    return finished, unjudged


def judge_left(unjudged: list[Left], target: Path, staging: Staging, judge: Judge) -> None:
    """Judge what no answer was given for, so that a violation is reported even when the agent died over it.

    Nothing of it lands: its writers heard of no success. May take as long as reading takes; the medium is in use.
    """
    for left in unjudged:
        try:
            _judge(left, target, judge)
        except Exception as problem:  # noqa: BLE001 - it stays, and is tried again at the next start
            log.warning("a copy that was interrupted could not be judged: %s", problem)
            continue
        left.file.unlink(missing_ok=True)
        staging.give_up()


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


def _finish(root: int, group: list[Left], *, owners: bool) -> int:
    """Bring files to their places, and wait once for the medium to have them; how many are there."""
    written: list[tuple[Left, bytes, int]] = []
    done = 0
    try:
        for left in group:
            try:
                written.append((left, *_write(root, left, owners=owners)))
            except Exception as problem:  # noqa: BLE001 - one file must not keep the medium from being used
                log.warning("a copy that was interrupted could not be finished: %s", problem)
        try:
            sync_filesystem(root)
            for left, temporary, above in written:
                if temporary:
                    os.rename(temporary, os.path.basename(left.path), src_dir_fd=above, dst_dir_fd=above)  # noqa: PTH119
                done += 1
            sync_filesystem(root)
        except OSError as problem:
            log.warning("copies that were interrupted could not be finished: %s", problem)
            done = 0
        else:
            for left, _, _ in written:
                left.file.unlink(missing_ok=True)
    finally:
        for _, _, above in written:
            os.close(above)
    return done


def _write(root: int, left: Left, *, owners: bool) -> tuple[bytes, int]:
    """The content beside its place: its name there, and its folder.

    A file with other names (hard links), which a new one would cut off, is overwritten: the name is empty then.
    """
    folder, name = os.path.split(left.path)
    temporary = TEMPORARY + secrets.token_hex(8).encode()
    source = os.open(left.file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        above = _below(root, folder, make=True)
        try:
            if owners and _has_other_names(name, above):
                _overwrite(source, name, above)
                return b"", above
            target = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=above)
            try:
                copy_content(source, target, os.fstat(source).st_size)
                copy_facts(source, target, owners=owners)
            finally:
                os.close(target)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=above)
            os.close(above)
            raise
    finally:
        os.close(source)
    return temporary, above


def _overwrite(source: int, name: bytes, folder: int) -> None:
    target = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        copy_content(source, target, os.fstat(source).st_size)
        copy_facts(source, target)
    finally:
        os.close(target)


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


def _below(root: int, folder: bytes, *, make: bool = False) -> int:
    """A folder of the medium, by its path, made anew if so wanted; links on the way are not followed."""
    descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
    for part in filter(None, folder.split(b"/")):
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            try:
                inner = os.open(part, flags, dir_fd=descriptor)
            except FileNotFoundError:
                if not make:
                    raise
                inner = _make(part, descriptor, flags)
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def _make(part: bytes, above: int, flags: int) -> int:
    """A folder that went, or got another name, with a file for it under way; its owner is that of the one above."""
    os.mkdir(part, 0o755, dir_fd=above)
    with contextlib.suppress(OSError):
        status = os.fstat(above)
        os.chown(part, status.st_uid, status.st_gid, dir_fd=above)
    return os.open(part, flags, dir_fd=above)
