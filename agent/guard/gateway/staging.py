"""Where written files stand on the local disk until they are judged and have reached their medium.

A staged file carries everything its final form will: content, owner, mode, times, extended attributes. What was judged
to be allowed is noted in a journal before the writer hears of success, so that an agent killed in between finishes it:

    NUMBER            a staged file
    journal           one JSON line an act: allowed (with the path), moved, gone, done
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

RESERVE = 128 * 2**20  # bytes of the local disk that a copy never takes: the system needs them
_LOOK = 0.25  # seconds between two looks at how much is free
_BLOCK = 8 * 2**20


class Left(msgspec.Struct, frozen=True):
    """A staged file that an earlier run left: ``path`` on the medium when it was allowed, else None."""

    file: Path
    path: bytes | None


class Staged:
    """One staged file. ``descriptor`` is open for reading and writing."""

    __slots__ = ("descriptor", "file")

    def __init__(self, file: Path) -> None:
        self.file = file
        self.descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    @property
    def status(self) -> os.stat_result:
        """Size, owner, mode and times, as they will be."""
        return os.fstat(self.descriptor)

    def drop(self) -> None:
        """Remove it."""
        self.file.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave the file, give back the descriptor."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class Staging:
    """The folder of one medium's staged files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._lock = threading.Lock()
        self._next = 1 + max((int(path.name) for path in folder.iterdir() if path.name.isdigit()), default=0)
        self._journal = os.open(folder / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._open = 0  # lines without their end
        self._looked, self._free = 0.0, 0

    def new(self) -> Staged:
        """An empty staged file."""
        with self._lock:
            number, self._next = self._next, self._next + 1
        return Staged(self.folder / str(number))

    def need(self, size: int) -> None:
        """Raise ENOSPC where ``size`` more bytes would take what the system needs."""
        now = time.monotonic()
        if now - self._looked > _LOOK:
            self._looked, self._free = now, shutil.disk_usage(self.folder).free
        self._free -= size
        if self._free < RESERVE:
            self._looked = 0.0
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def allowed(self, staged: Staged, path: bytes) -> None:
        """It was judged and may go to ``path`` (relative to the medium)."""
        self._note(staged, path=path.decode("latin-1"))
        with self._lock:
            self._open += 1

    def moved(self, staged: Staged, path: bytes) -> None:
        """It was renamed meanwhile."""
        self._note(staged, path=path.decode("latin-1"))

    def done(self, staged: Staged) -> None:
        """It is on the medium, or was removed by its user."""
        self._note(staged)
        with self._lock:
            self._open -= 1
            if self._open == 0 and os.fstat(self._journal).st_size > _BLOCK:
                os.ftruncate(self._journal, 0)

    def left(self) -> list[Left]:
        """What an earlier run left; to be asked before the first :meth:`new`."""
        allowed: dict[str, bytes] = {}
        for line in (self.folder / "journal").read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):  # the last line of a killed process
                entry = json.loads(line)
                if "path" in entry:
                    allowed[entry["file"]] = entry["path"].encode("latin-1")
                else:
                    allowed.pop(entry["file"], None)
        files = sorted((path for path in self.folder.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
        return [Left(path, allowed.get(path.name)) for path in files]

    def forget(self) -> None:
        """Empty the journal: nothing of an earlier run is left."""
        os.ftruncate(self._journal, 0)

    def close(self) -> None:
        """Give back the journal; the folder goes too when nothing is in it."""
        os.close(self._journal)
        if not any(path.name.isdigit() for path in self.folder.iterdir()):
            shutil.rmtree(self.folder, ignore_errors=True)

    def _note(self, staged: Staged, **words: str) -> None:
        os.write(self._journal, json.dumps({"file": staged.file.name, **words}).encode() + b"\n")


def copy_content(source: int, target: int, size: int) -> None:
    """Copy ``size`` bytes from the beginning, holes as holes.

    Raises:
        OSError: of either side.
    """
    for begin, end in _data(source, size):
        at = begin
        while at < end:
            count = os.sendfile(target, source, at, min(end - at, _BLOCK)) if _seek(target, at) else 0
            if count == 0:  # it became shorter meanwhile
                break
            at += count
    os.ftruncate(target, size)


def _seek(descriptor: int, at: int) -> bool:
    return os.lseek(descriptor, at, os.SEEK_SET) == at


def _data(source: int, size: int) -> Iterator[tuple[int, int]]:
    """Where data stands, as begin and end."""
    at = 0
    while at < size:
        try:
            begin = os.lseek(source, at, os.SEEK_DATA)
            end = min(size, os.lseek(source, begin, os.SEEK_HOLE))
        except OSError as problem:
            if problem.errno == errno.ENXIO:  # only a hole is left
                return
            begin, end = at, size  # a file system that knows no holes
        if begin >= size:
            return
        yield begin, end
        at = end


def copy_facts(source: int, target: int, *, owners: bool = True) -> None:
    """Owner, mode, extended attributes and times of one open file to another; what the target refuses is left out."""
    status = os.fstat(source)
    if owners:
        with contextlib.suppress(OSError):
            os.chown(target, status.st_uid, status.st_gid)
        with contextlib.suppress(OSError):
            os.chmod(target, status.st_mode & 0o7777)
        with contextlib.suppress(OSError):
            for name in os.listxattr(source):
                with contextlib.suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
    with contextlib.suppress(OSError):
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
