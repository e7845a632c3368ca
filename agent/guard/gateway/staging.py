"""Where written files stand on the local disk until they are judged and have reached their medium.

A staged file carries everything its final form will: content, owner, mode, times, extended attributes. A journal says
what is under way, so that an agent that was killed finds at its next start which copies to judge, and which were
allowed (their writers were told so) and are still to be brought to their medium:

    NUMBER            a staged file
    refused-ID        a refused one that is still to be sealed; ID is that of its event
    journal           one JSON line an act: begun, allowed, moved (each with the path), done
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

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


class Left(msgspec.Struct):
    """A staged file that an earlier run left: where on the medium it was to be, whose it is, whether it was allowed."""

    file: Path
    path: bytes = b""
    uid: int = 0
    allowed: bool = False


class Staged:
    """One staged file. ``descriptor`` is open for reading and writing.

    It is *owed* from the moment its writer is told that it is on the medium until it is.
    """

    __slots__ = ("descriptor", "file", "owed")

    def __init__(self, file: Path) -> None:
        self.file, self.owed = file, False
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
        self._open = 0  # staged files that are not dropped yet
        self._looked, self._free = 0.0, 0

    def new(self, path: bytes, uid: int) -> Staged:
        """An empty staged file of a user; ``path`` is where it is to be, relative to the medium."""
        with self._lock:
            number, self._next = self._next, self._next + 1
        staged = Staged(self.folder / str(number))
        with self._lock:
            self._open += 1
        try:
            self._note(staged, "begun", path, uid)
        except OSError:
            self.drop(staged)
            raise
        return staged

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
        """It was judged, and its writer is about to be told that it is there."""
        self._note(staged, "allowed", path)
        staged.owed = True

    def moved(self, staged: Staged, path: bytes) -> None:
        """It was renamed before it landed."""
        self._note(staged, "moved", path)

    def done(self, staged: Staged) -> None:
        """It is on the medium, or was removed by its user; it may be written and allowed again."""
        if staged.owed:
            staged.owed = False
            with contextlib.suppress(OSError):  # the disk is full: the file itself is about to go
                self._note(staged, "done", b"")

    def drop(self, staged: Staged) -> None:
        """Nothing more comes of a staged file; one that is owed to the medium is left for the next time."""
        if staged.owed:
            staged.close()
            return
        staged.drop()
        with self._lock:
            self._open -= 1
            if self._open == 0 and os.fstat(self._journal).st_size > _BLOCK:
                os.ftruncate(self._journal, 0)

    def adopt(self) -> None:
        """A file of an earlier run stays for now: the journal must not forget it."""
        with self._lock:
            self._open += 1

    def give_up(self) -> None:
        """It is dealt with."""
        with self._lock:
            self._open -= 1

    def left(self) -> list[Left]:
        """What an earlier run left; to be asked before the first :meth:`new`."""
        known: dict[str, Left] = {}
        for line in (self.folder / "journal").read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):  # the last line of a killed process
                entry = json.loads(line)
                one = known.setdefault(entry["file"], Left(self.folder / entry["file"]))
                one.path = entry["path"].encode("latin-1") or one.path
                one.uid = entry.get("uid", one.uid)
                one.allowed = {"allowed": True, "done": False, "begun": False}.get(entry["act"], one.allowed)
        files = [path for path in self.folder.iterdir() if path.name.isdigit()]
        return [known.get(path.name, Left(path)) for path in sorted(files, key=lambda path: int(path.name))]

    def refused(self) -> list[Path]:
        """Refused files that are still to be sealed."""
        return sorted(self.folder.glob("refused-*"))

    @property
    def folders(self) -> set[bytes]:
        """Folders of the medium where half-written files of an earlier run may lie."""
        found = set()
        for line in (self.folder / "journal").read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                found.add(os.path.dirname(json.loads(line)["path"].encode("latin-1")))  # noqa: PTH120 - bytes
        return found

    def forget(self) -> None:
        """Empty the journal: nothing of an earlier run is left."""
        os.ftruncate(self._journal, 0)

    def close(self) -> None:
        """Give back the journal; the folder goes too when nothing is in it."""
        os.close(self._journal)
        if {path.name for path in self.folder.iterdir()} == {"journal"}:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _note(self, staged: Staged, act: str, path: bytes, uid: int | None = None) -> None:
        entry: dict[str, object] = {"file": staged.file.name, "act": act, "path": path.decode("latin-1")}
        if uid is not None:
            entry["uid"] = uid
        line = b"\n" + json.dumps(entry).encode()  # the break comes first: a line cut off spoils no other
        if os.write(self._journal, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def copy_content(source: int, target: int, size: int) -> None:
    """Make a file what the first ``size`` bytes of another are, holes as holes.

    Raises:
        OSError: of either side.
    """
    status = os.fstat(source)
    is_simple = size <= min(_BLOCK, status.st_size, status.st_blocks * 512) and not os.fstat(target).st_size
    if is_simple and os.sendfile(target, source, 0, size) == size:  # small and without holes, like most
        return
    if os.fstat(target).st_size:  # where the source has holes, the target must not keep what it had
        os.ftruncate(target, 0)
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
