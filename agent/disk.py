"""Writing that survives a power cut: a file is there whole, or as it was before."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of ``path`` at the end, durably; on an error nothing is left behind."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write ``data`` to ``path`` durably, as a whole or not at all."""
    with replacing(path, mode) as file:
        file.write(data)


def sha256_of(file: BinaryIO) -> str:
    """The SHA-256 of what is left to read of an open file, in hex."""
    digest = hashlib.sha256()
    while block := file.read(2**20):
        digest.update(block)
    return digest.hexdigest()


def read_own(path: Path) -> bytes:
    """A file that nobody but this user can have written; empty where there is none, or where somebody else could."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            own = sys.platform == "win32" or (state.st_uid == os.geteuid() and not state.st_mode & 0o022)
            return file.read() if own else b""
    except OSError:
        return b""


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder durable, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows has no such handle, and a stick may just have been pulled
        return
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems refuse; the rename itself has happened
        return
    finally:
        os.close(descriptor)
