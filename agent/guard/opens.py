"""Which process opened which files of the local disks: told by the kernel afterwards, so that nobody waits.

Files are known by lasting names and not held open. Those of the system (programs, libraries, settings) are silenced at
their inodes once they were looked at, until they change.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import errno
import logging
import os
import re
import select
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable

from agent.guard import fanotify, processes

log = logging.getLogger(__name__)
_GATHER = 0.01  # seconds between the first event and the look: openers need not wake anyone meanwhile
_MOST_OF_ONE, _MOST = 20_000, 100_000  # files noted of one process, and of all
_MOST_KNOWN = 50_000  # files whose kind is remembered
_MOST_SILENT = 8_192  # marks, where the kernel cannot let go of them by itself
_SYSTEM = re.compile(r"/(usr|lib|lib32|lib64|libx32|bin|sbin|etc|boot|opt|nix|snap|var/cache|var/lib/(dpkg|apt))/")
_PLAIN, _QUIET, _OTHER = "plain", "quiet", "other"


class Note:
    """What one process opened: lasting name → no earlier than (wall clock), last (monotonic); oldest first."""

    __slots__ = ("files", "forgotten", "vanished")

    def __init__(self) -> None:
        self.files: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self.forgotten = 0  # files that were too many to note
        self.vanished: list[float] = []  # monotonic; files that were gone when they were looked at


class Opens:
    """Takes notes from when it is made until it is closed.

    Raises:
        OSError: this process may not, or the kernel cannot.
    """

    def __init__(
        self,
        family: processes.Processes,
        own: Collection[int],
        disks: Callable[[], Iterable[str]],
        wrote: Callable[[bytes, processes.Process], None],
    ) -> None:
        """``wrote`` is told of each file that was closed by who could write to it."""
        self._family, self._own, self._disks, self._wrote = family, own, disks, wrote
        self.lock = threading.RLock()
        self._groups: list[fanotify.Notifications] = []
        with contextlib.suppress(OSError):  # before 5.1 there are no names
            self._groups.append(fanotify.Notifications())
        if not self._groups:
            self._groups.append(fanotify.Notifications(names=False))
        self._mounts: dict[bytes, str] = {}  # by the number of their file system
        self.problems: dict[str, str] = {}  # mounts that cannot be listened to, and why
        self._kinds: OrderedDict[bytes, str] = OrderedDict()
        self._roots: dict[bytes, int] = {}  # held open during one round alone
        self._noted = 0
        self._silent, self._evicts = 0, fanotify.EVICTABLE
        # What is told now happened no earlier than this (wall clock); what waited unread keeps the older time.
        self._floor = self._since = time.time()
        self._behind = False
        self.lost = 0  # times the kernel had to drop events
        self.refresh()
        self._stop, self._wake = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._run, name="opens", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End."""
        os.write(self._wake, b"x")
        self._thread.join(10)
        with self.lock:
            for group in self._groups:
                group.close()
            os.close(self._stop)
            os.close(self._wake)

    @property
    def watched(self) -> list[str]:
        """The mounts that are listened to."""
        with self.lock:
            return list(self._mounts.values())

    def refresh(self) -> None:
        """Listen to the disks that are there now."""
        with self.lock:
            there: dict[bytes, str] = {}
            for mount in self._disks():
                with contextlib.suppress(OSError):
                    there.setdefault(fanotify.filesystem_of(mount), mount)
            for number, mount in there.items():
                if number not in self._mounts and self._listen(mount):
                    self._mounts[number] = mount
            self._mounts = {number: there[number] for number in self._mounts if number in there}

    def drain(self, seconds: float = 2.0) -> None:
        """Note all that happened up to now."""
        with self.lock:
            began, until = time.time(), time.monotonic() + seconds
            if not self._behind:  # the thread is awake within a second
                self._floor = max(self._since, began - 1)
            self._behind = True
            try:
                read = [self._read(group, until) for group in self._groups]
                if all(read):
                    self._since, self._behind = began, False
            finally:
                for root in self._roots.values():
                    os.close(root)
                self._roots.clear()

    def note_of(self, process: processes.Process) -> Note | None:
        """What a process opened."""
        return process.extra if isinstance(process.extra, Note) else None

    def open(self, file: bytes, flags: int) -> int:
        """A descriptor of a file with a lasting name, as ``os.open`` gives it.

        Raises:
            OSError: it is gone.
        """
        mount = self._mounts.get(file[:8])
        if mount is None:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        root = os.open(mount, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return fanotify.open_file(root, file, flags)
        finally:
            os.close(root)

    def _listen(self, mount: str) -> bool:
        """Mark a file system; the ways to do so, best first."""
        mask = fanotify.OPEN | fanotify.CLOSE_WRITE
        if why := _unnamed(mount):
            return self._deaf(mount, why)
        for group in list(self._groups):
            for kind in (fanotify.FILESYSTEM, fanotify.MOUNT):
                try:
                    group.mark(fanotify.ADD | kind, mask, mount)
                except OSError as problem:
                    why = problem.strerror or str(problem)
                else:
                    self.problems.pop(mount, None)
                    return True
        if len(self._groups) == 1:  # its file system gives no names, or not through marks
            with contextlib.suppress(OSError):
                self._groups.append(fanotify.Notifications(names=False))
                return self._listen(mount)
        return self._deaf(mount, why)

    def _deaf(self, mount: str, why: str) -> bool:
        if mount not in self.problems:
            log.warning("opens on a disk are not told: %s", why)
        self.problems[mount] = why
        return False

    def _run(self) -> None:
        with open("/proc/self/mountinfo", "rb") as mounts:  # noqa: PTH123 - polled, never read
            poll = select.poll()
            poll.register(mounts, select.POLLPRI | select.POLLERR)
            poll.register(self._stop, select.POLLIN)
            while True:
                for group in list(self._groups):
                    poll.register(group, select.POLLIN)
                ready = {descriptor for descriptor, _ in poll.poll()}
                if self._stop in ready:
                    return
                try:
                    if mounts.fileno() in ready:
                        self.refresh()
                    time.sleep(_GATHER)
                    self.drain()
                except Exception:  # the next events must be taken in too
                    log.exception("events of opens could not be taken in")
                    time.sleep(0.1)

    def _read(self, group: fanotify.Notifications, until: float) -> bool:
        """Take in what a group has; whether that was all."""
        while time.monotonic() < until:
            try:
                events = group.read()
            except OSError as problem:
                if problem.errno != errno.ESTALE:
                    raise
                continue  # a file that went with its file system: that one event is gone, others wait behind it
            if not events:
                return True
            self._family.drain()
            for event in events:
                self._take(event)
        return False

    def _take(self, event: fanotify.Event) -> None:
        file = event.file
        if event.descriptor >= 0:
            with contextlib.suppress(OSError):
                file = fanotify.file_of(event.descriptor)
            os.close(event.descriptor)
        if event.mask & fanotify.OVERFLOW:
            self.lost += 1
        elif file and event.process > 0 and event.process not in self._own:
            self._happened(event, file)

    def _happened(self, event: fanotify.Event, file: bytes) -> None:
        kind = self._kinds.get(file) or self._look(file)
        if kind is None:
            self._note(event.process).vanished.append(time.monotonic())
        elif kind is _PLAIN:
            if event.mask & fanotify.OPEN:
                self._opened(event.process, file)
            if event.mask & fanotify.CLOSE_WRITE:
                self._wrote(file, self._family.known(event.process))

    def _note(self, process: int) -> Note:
        one = self._family.known(process)
        if not isinstance(one.extra, Note):
            one.extra = Note()
        return one.extra

    def _opened(self, process: int, file: bytes) -> None:
        note, now = self._note(process), time.monotonic()
        known = note.files.pop(file, None)
        note.files[file] = (self._floor if known is None else known[0], now)
        if known is None:
            self._noted += 1
            if len(note.files) > _MOST_OF_ONE:
                note.files.popitem(last=False)
                note.forgotten += 1
            if self._noted > _MOST:
                self._thin()

    def _thin(self) -> None:
        """Let go of the older half, process by process; who ended and was forgotten has gone already."""
        notes = [note for one in self._family.everyone() if (note := self.note_of(one)) is not None]
        self._noted = sum(len(note.files) for note in notes)
        if self._noted <= _MOST:
            return
        most = max(len(note.files) for note in notes)
        while self._noted > _MOST // 2:
            most = most * 2 // 3
            for note in notes:
                while len(note.files) > most:
                    note.files.popitem(last=False)
                    note.forgotten += 1
                    self._noted -= 1

    def _look(self, file: bytes) -> str | None:
        """What kind of file it is, seen for the first time; none where it is gone."""
        try:
            number = self._reach(file)
        except OSError as problem:
            return None if problem.errno in (errno.ESTALE, errno.ENOENT) else _OTHER
        try:
            status = os.fstat(number)
            if not stat.S_ISREG(status.st_mode):
                kind = _OTHER
            elif status.st_uid == 0 and not status.st_mode & 0o022 and self._is_system(number):
                kind = _QUIET
            else:
                kind = _PLAIN
            if kind is not _PLAIN:
                self._silence(number)
        finally:
            os.close(number)
        if kind is _PLAIN or not self._evicts:
            self._kinds[file] = kind
            if len(self._kinds) > _MOST_KNOWN:
                self._kinds.popitem(last=False)
        return kind

    def _reach(self, file: bytes) -> int:
        number = file[:8]
        root = self._roots.get(number)
        if root is None:
            mount = self._mounts.get(number)
            if mount is None:
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            root = self._roots[number] = os.open(mount, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return fanotify.open_file(root, file, os.O_PATH)

    def _is_system(self, number: int) -> bool:
        try:
            path = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115 - one of the hot places
        except OSError:  # deeper than a path can say: nothing of the system lies there
            return False
        return _SYSTEM.match(path) is not None

    def _silence(self, number: int) -> None:
        """Have the kernel tell no more of a file, until it is written to."""
        if not self._evicts and self._silent >= _MOST_SILENT:
            for group in self._groups:
                group.flush()
            self._silent = 0
        for group in self._groups:
            try:
                flags = fanotify.ADD | fanotify.IGNORED | self._evicts
                group.mark(flags, fanotify.OPEN, f"/proc/self/fd/{number}")
                self._silent += 1
            except OSError as problem:
                if problem.errno != errno.EINVAL or not self._evicts:
                    continue
                self._evicts = 0  # before 5.19


def _unnamed(mount: str) -> str:
    """Why the files of a file system cannot be found again by lasting names (overlay, FUSE), empty when they can."""
    try:
        root = os.open(mount, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.close(fanotify.open_file(root, fanotify.file_of(root), os.O_PATH))
        finally:
            os.close(root)
    except OSError as problem:
        return problem.strerror or str(problem)
    return ""
