"""The seal on a medium: nobody but the agent opens a file on it for writing, whatever mount it is reached through.

Everybody may read. A question is answered within the deadline whatever happens: who cannot be told to be reading is
refused. When the agent dies, the kernel lets those through who wait: a seal goes with a mount that is read-only.

FAN_PRE_ACCESS (kernel 6.14) is not used: a descriptor that was opened before the mark is never asked about (measured
on 6.18), and none that writes is opened after it. :func:`writers` tells of those from before.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import errno
import logging
import os
import queue
import select
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from agent.guard import fanotify, intent
from agent.guard.disks import unescaped
from config.errors import ShoumiError
from config.text import Text

log = logging.getLogger(__name__)
SECONDS = 5.0
_ONE = 24  # bytes of a question: one is read at a time, so that none waits behind another inside this process
_WORKERS = 2
_MOST_WORKERS = 16  # those that are stuck included
_LIVES = ("/", "/usr", "/var", "/home", "/tmp", "/run", "/proc", "/dev")  # noqa: S108 - looked at alone
_JUST = 3.0  # seconds since a file was made; FAT keeps times to two seconds
_PATIENCE = 10  # looks, at 20 ms, for a refused opener to be gone


class _Question(msgspec.Struct):
    """Someone who waits; ``descriptor`` stands for the file, and names the question."""

    descriptor: int
    asking: int
    until: float
    call: intent.Call = intent.Call(intent.Intent.UNKNOWN)


class Seal:
    """Holds seals on any number of media, answering from threads of its own.

    ``own`` are the processes of the agent; it is asked anew each time, so a living set will do. ``denied`` is told of
    each refusal, with process and path, after it was answered.

    Raises:
        OSError: this process may not, or the kernel cannot.
    """

    def __init__(self, own: Collection[int], denied: Callable[[int, str], None], *, seconds: float = SECONDS) -> None:
        self._own, self._denied, self._seconds = own, denied, seconds
        self._group = fanotify.Permissions()
        self._lock = threading.Lock()
        self._open: dict[int, _Question] = {}
        self._work: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._refused: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._stop, self._wake = os.pipe2(os.O_CLOEXEC)
        self._workers = 0
        self._marks: dict[str, list[str]] = {}  # the mounts that are asked about, where no file system can be
        self._news: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        self._threads = [self._thread(run) for run in (self._read, self._tidy, self._tell)]
        for _ in range(_WORKERS):
            self._hire()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """The queue of questions, for a supervisor that inherits it and answers when this process no longer does."""
        return self._group.fileno()

    def guard(self, mount: str) -> None:
        """Seal the file system of a mount that is the agent's own; opens through this mount are never asked about.

        Args:
            mount: its folder, or ``/proc/self/fd/N`` of a mount that hangs nowhere; nobody else may use it, so a folder
                must be one that only root enters.

        Raises:
            OSError: it cannot be sealed; nothing is.
            ShoumiError: this machine itself lives on that file system; everybody would be asked for every open.
        """
        _demand_medium(mount)
        flags = fanotify.ADD | fanotify.MOUNT | fanotify.IGNORED | fanotify.SURVIVES
        self._group.mark(flags, fanotify.OPEN_PERM, mount)
        try:
            self._group.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN_PERM, mount)
            self._marks[mount] = []
        except OSError as problem:
            if problem.errno != errno.EINVAL:
                self._unmark(fanotify.MOUNT | fanotify.IGNORED, mount)
                raise
            self._marks[mount] = self._each(mount)  # before 4.20

    def again(self) -> None:
        """Look for mounts that came since; needed on kernels before 4.20 alone, whenever the list of mounts changes."""
        for mount, known in self._marks.items():
            if known:
                self._marks[mount] = self._each(mount)

    def release(self, mount: str) -> None:
        """Take the seal off again; nothing happens where the medium is gone already."""
        for other in self._marks.pop(mount, []):
            self._unmark(fanotify.MOUNT, other)
        self._unmark(fanotify.FILESYSTEM, mount)
        self._unmark(fanotify.MOUNT | fanotify.IGNORED, mount)

    def close(self) -> None:
        """Take all seals off; who waits at this moment is refused."""
        if self._group.closed:
            return
        for kind in (fanotify.FILESYSTEM, fanotify.MOUNT):
            with contextlib.suppress(OSError):
                self._group.flush(kind)
        os.write(self._wake, b"x")
        self._threads[0].join(self._seconds)
        for _ in range(self._workers):
            self._work.put(None)
        for question in list(self._open.values()):
            self._settle(question, allow=False)
        self._refused.put(None)
        self._threads[1].join(self._seconds)
        self._news.put(None)
        self._threads[2].join(self._seconds)
        self._group.close()
        os.close(self._stop)
        os.close(self._wake)

    def _each(self, mount: str) -> list[str]:
        """Ask about each mount of the device by itself, but for the agent's own."""
        device, own = Path(mount).stat().st_dev, os.path.realpath(mount)
        others = [place for place in mounts_of(device) if place != own]
        for place in others:
            self._group.mark(fanotify.ADD | fanotify.MOUNT, fanotify.OPEN_PERM, place)
        return others

    def _unmark(self, kind: int, mount: str) -> None:
        with contextlib.suppress(OSError):  # gone with its mount
            self._group.mark(fanotify.REMOVE | kind, fanotify.OPEN_PERM, mount)

    def _thread(self, run: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=run, name=f"seal {run.__name__}", daemon=True)
        thread.start()
        return thread

    def _hire(self) -> None:
        if self._workers < _MOST_WORKERS:
            self._workers += 1
            self._thread(self._judge)

    def _read(self) -> None:
        """Take questions in, and see that each is answered in time."""
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))  # of this thread alone
        poll = select.poll()
        poll.register(self._group, select.POLLIN)
        poll.register(self._stop, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(self._next())}
            if self._stop in ready:
                return
            try:
                if self._group.fileno() in ready:
                    for event in self._group.read(_ONE):
                        self._take(event)
                self._hurry()
            except OSError as problem:  # no descriptor left for a question: the kernel refuses it by itself
                log.warning("a question about a sealed medium could not be read: %s", problem.strerror)
            except Exception:  # the next one waits
                log.exception("a question about a sealed medium went wrong")

    def _hurry(self) -> None:
        """Refuse those whose time is up."""
        now = time.monotonic()
        with self._lock:
            late = [question for question in self._open.values() if question.until <= now]
        for question in late:
            self._settle(question, allow=False)
            self._hire()  # who should have answered is stuck

    def _next(self) -> float | None:
        """Milliseconds until the next deadline."""
        with self._lock:
            until = min((question.until for question in self._open.values()), default=None)
        return None if until is None else max(1.0, (until - time.monotonic()) * 1000)

    def _take(self, event: fanotify.Event) -> None:
        if event.descriptor < 0:
            return
        if self._is_own(event.process):
            self._group.answer(event.descriptor, allow=True)
            os.close(event.descriptor)
            return
        question = _Question(event.descriptor, event.process, time.monotonic() + self._seconds)
        with self._lock:
            self._open[event.descriptor] = question
        self._work.put(question)

    def _is_own(self, asking: int) -> bool:
        if asking in self._own:
            return True
        # a thread of ours waits for this answer, so it is there
        return any(os.path.exists(f"/proc/{process}/task/{asking}") for process in (os.getpid(), *self._own))  # noqa: PTH110

    def _judge(self) -> None:
        while (question := self._work.get()) is not None:
            look = intent.of_thread if self._group.threads else intent.of_process
            try:
                question.call = look(question.asking, question.descriptor)
            except Exception:  # whoever waits gets an answer
                log.exception("cannot tell what an open call is for")
            self._settle(question, allow=question.call.intent is intent.Intent.READ)

    def _settle(self, question: _Question, *, allow: bool) -> None:
        """Answer, once."""
        with self._lock:
            if self._open.get(question.descriptor) is not question:
                return
            del self._open[question.descriptor]
            # the number is free for the next question as soon as it is closed, never before it is answered
            try:
                self._group.answer(question.descriptor, allow=allow)
            except OSError:
                log.exception("a question about a sealed medium could not be answered")
        if allow:
            os.close(question.descriptor)
        else:
            self._refused.put(question)

    def _tidy(self) -> None:
        """After the answer: what the refused call made is removed, and nothing is held open any more."""
        while (question := self._refused.get()) is not None:
            process, path = question.asking, "?"
            try:
                path = str(Path(f"/proc/self/fd/{question.descriptor}").readlink())
                process = _process(question.asking)
                if question.call.creates:
                    self._remove(question.descriptor, path)
            except OSError as problem:
                log.info("after a refusal: %s", problem.strerror)
            finally:
                os.close(question.descriptor)
            self._news.put((process, path))

    def _tell(self) -> None:
        """Whoever listens may take long; descriptors do not wait for it."""
        while (news := self._news.get()) is not None:
            try:
                self._denied(*news)
            except Exception:  # the next refusal must be told too
                log.exception("a refusal could not be told")

    def _remove(self, descriptor: int, path: str) -> None:
        """Unlink the empty file that a refused call has just made, unless it may be anyone else's."""
        before = os.fstat(descriptor)
        if before.st_size or before.st_nlink != 1 or not _is_new(before):
            return
        for _ in range(_PATIENCE):
            if not intent.is_written(descriptor):
                break
            time.sleep(0.02)
        else:
            return
        now = os.lstat(path)
        same = (now.st_dev, now.st_ino, now.st_size) == (before.st_dev, before.st_ino, 0)
        if same and not self._is_held(now, descriptor):
            Path(path).unlink()

    def _is_held(self, file: os.stat_result, but: int) -> bool:
        """Whether the agent itself has it open."""
        for process in {os.getpid(), *self._own}:
            with contextlib.suppress(OSError), os.scandir(f"/proc/{process}/fd") as entries:
                for entry in entries:
                    if process == os.getpid() and entry.name == str(but):
                        continue
                    with contextlib.suppress(OSError):
                        status = entry.stat()
                        if (status.st_dev, status.st_ino) == (file.st_dev, file.st_ino):
                            return True
        return False


def _demand_medium(mount: str) -> None:
    device = Path(mount).stat().st_dev
    for place in (*_LIVES, str(Path.home())):
        with contextlib.suppress(OSError):
            if Path(place).stat().st_dev == device:
                raise ShoumiError(
                    Text(f"{place} lies on the file system that was to be sealed", f"{place} 位于要封控的文件系统上"),
                    Text("seal removable media alone", "只能封控移动存储介质"),
                )


def writers(device: int, but: Collection[int] = ()) -> dict[int, set[str]]:
    """Processes that have files of a file system open for writing, with the paths; ``device`` as ``st_dev`` says it.

    They keep what they opened before a seal was put on. A descriptor under way through a socket is not seen.
    """
    found: dict[int, set[str]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) in but:
            continue
        with contextlib.suppress(OSError):
            for link in (folder / "fd").iterdir():
                with contextlib.suppress(OSError, ValueError):
                    if link.stat().st_dev == device and _writes(folder / "fdinfo" / link.name):
                        found.setdefault(int(folder.name), set()).add(str(link.readlink()))
    return found


def _writes(info: Path) -> bool:
    flags = next(line.split()[1] for line in info.read_text("ascii").splitlines() if line.startswith("flags:"))
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY


def mounts_of(device: int) -> list[str]:
    """Where a file system is mounted, by its ``st_dev``."""
    number = f"{os.major(device)}:{os.minor(device)}"
    found = []
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        fields = line.split(b" ")
        if fields[2].decode() == number:
            found.append(unescaped(fields[4]))
    return found


def _is_new(status: os.stat_result) -> bool:
    made = max(status.st_mtime, status.st_ctime)
    return status.st_mtime == status.st_ctime and -_JUST < time.time() - made < _JUST


def _process(thread: int) -> int:
    """The process of a thread; the thread itself where it is gone already."""
    try:
        status = Path(f"/proc/{thread}/status").read_bytes()
    except OSError:
        return thread
    line = next((line for line in status.splitlines() if line.startswith(b"Tgid:")), b"")
    return int(line.split()[1]) if line else thread
