"""Folders under watch: every file that is new or changed is handed on once, when nobody writes to it any more.

Events of the operating system make it quick; a sweep over all folders makes it complete, because events get lost when
their queue overflows, and files arrive while no agent runs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from agent.scan.walk import walk
from config.errors import ShoumiError
from config.events import Medium
from config.text import Text, readable

log = logging.getLogger(__name__)
Signature = tuple[int, int, int, int]
SWEEP_SECONDS = 10.0  # at least, between two sweeps; a sweep that is slow is made less often
_SWEEP_SHARE = 50  # a sweep takes at most a fiftieth of the time
_LONGEST_SETTLE = 30.0  # a file that is written to without end is looked at all the same
_WRITES = {"created", "modified", "moved", "closed"}


class Found(msgspec.Struct, frozen=True):
    """A file to look at. ``first`` says that it was there before the agent or the medium came."""

    path: Path
    root: Path  # the watched folder it lies in
    medium: Medium | None
    first: bool


class Watch:
    """Watches folders until it is stopped; folders may come and go."""

    def __init__(self, handle: Callable[[Found], bool], *, settle: float = 0.4, workers: int = 2) -> None:
        """``handle`` looks at one file; false asks for another try at the next sweep."""
        self._handle, self._settle = handle, settle
        self._lock = threading.Lock()
        self._roots: dict[Path, Medium | None] = {}
        self._watches: dict[Path, ObservedWatch] = {}
        self._due: dict[Path, tuple[float, float, Signature | None, bool]] = {}  # due, since, as last seen, first
        self._seen: dict[Path, Signature] = {}
        self._busy: set[Path] = set()
        self._observer: BaseObserver = Observer()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="file")
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=run, name=run.__name__, daemon=True) for run in (self._settling, self._sweeping)
        ]
        self._once: set[Path] = set()  # folders that are looked through once: what comes later is judged elsewhere
        self._undone: set[Path] = set()  # those of them with a file that is to be looked at again
        self._deaf: dict[Path, Text] = {}  # folders whose changes the system does not tell
        self._unlisted: dict[Path, int] = {}  # how many folders below could not be listed at the last sweep

    def start(self) -> None:
        """Begin."""
        self._observer.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End; files under way are finished."""
        self._stopping.set()
        self._wake.set()
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join(5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def roots(self) -> list[Path]:
        """The folders now under watch."""
        with self._lock:
            return list(self._roots)

    def add(self, root: Path, medium: Medium | None = None, *, once: bool = False) -> None:
        """Watch a folder with all below it, beginning with what is there; ``once``: look at that, and no further."""
        root = Path(os.path.realpath(root))
        with self._lock:
            known = root in self._roots
            self._roots[root] = medium or self._roots.get(root)
            if once and not known:
                self._once.add(root)
        if known:
            return
        if not once:
            self._listen(root)
        self._sweep(root, first=True)

    def _listen(self, root: Path) -> None:
        """Ask the operating system to tell of changes; without, the folder is swept and asked for again."""
        try:
            self._watches[root] = self._observer.schedule(_Handler(self._touch), str(root), recursive=True)
            self._deaf.pop(root, None)
        except OSError as problem:
            why = problem.strerror or str(problem)
            if root not in self._deaf:
                log.warning("cannot listen for changes in a zone: %s", why)
            self._deaf[root] = Text(
                f"{readable(str(root))} is only looked at every {SWEEP_SECONDS:.0f} seconds: {why}",
                f"{readable(str(root))} 只能每 {SWEEP_SECONDS:.0f} 秒检查一次：{why}",
            )

    def remove(self, root: Path) -> None:
        """Stop watching a folder, because its medium is gone."""
        root = Path(os.path.realpath(root))
        with self._lock:
            self._roots.pop(root, None)
            self._once.discard(root)
            self._unlisted.pop(root, None)
            watch = self._watches.pop(root, None)
            self._deaf.pop(root, None)
            for kept in (self._due, self._seen):
                for path in [path for path in kept if root in path.parents]:
                    del kept[path]
        if watch is not None:
            try:
                self._observer.unschedule(watch)
            except (KeyError, OSError):  # the emitter ended by itself with the medium
                log.debug("watch of %s was gone already", root)

    @property
    def problems(self) -> list[Text]:
        """What cannot be watched as it should, in words."""
        with self._lock:
            unlisted = [
                Text(
                    f"{count} folder(s) below {readable(str(root))} cannot be listed; what is in them is not inspected",
                    f"{readable(str(root))} 下有 {count} 个目录无法列出，其中内容未检查",
                )
                for root, count in self._unlisted.items()
            ]
            return [*self._deaf.values(), *unlisted]

    def _revive(self) -> None:
        """Listen again where the library's threads died, of a folder too deep for example; sweeps go on meanwhile."""
        if not self._observer.is_alive():
            log.error("the watch on changes ended; it is started again")
            self._observer = Observer()
            self._observer.start()
            self._watches.clear()
            return
        alive = {emitter.watch for emitter in self._observer.emitters if emitter.is_alive()}
        for root, watch in list(self._watches.items()):
            if watch not in alive:
                self._observer.unschedule(watch)
                del self._watches[root]

    def _touch(self, path: Path, *, first: bool = False) -> None:
        now = time.monotonic()
        with self._lock:
            _, since, signature, was_first = self._due.get(path, (0.0, now, None, first))
            due = min(now + self._settle, max(now, since + _LONGEST_SETTLE))
            self._due[path] = (due, since, signature, was_first and first)
        self._wake.set()

    def _settling(self) -> None:
        """Hand on what was not written to for a while."""
        while not self._stopping.is_set():
            now = time.monotonic()
            with self._lock:
                ripe = [path for path, (due, *_) in self._due.items() if due <= now and path not in self._busy]
                entries = [(path, *self._due.pop(path)) for path in ripe]
            for path, _, since, before, first in entries:
                self._ripe(path, since, before, first=first)
            with self._lock:
                next_due = min(
                    (due for path, (due, *_) in self._due.items() if path not in self._busy), default=now + 60
                )
            self._wake.wait(max(0.02, min(60.0, next_due - time.monotonic())))
            self._wake.clear()

    def _ripe(self, path: Path, since: float, before: Signature | None, *, first: bool) -> None:
        now_is = _signature(path)
        if now_is is None:
            with self._lock:
                self._seen.pop(path, None)
            return
        with self._lock:
            if self._seen.get(path) == now_is:
                return
            settled = before == now_is or first
            if not settled and time.monotonic() - since < _LONGEST_SETTLE:
                self._due[path] = (time.monotonic() + self._settle / 2, since, now_is, first)
                return
            roots = [root for root in self._roots if root in path.parents]
            if not roots:
                return
            root = max(roots, key=lambda one: len(one.parts))  # a stick below a watched folder is a place of its own
            medium = self._roots[root]
            self._busy.add(path)
        with contextlib.suppress(RuntimeError):  # the agent stops; the next start finds it
            self._pool.submit(self._look, Found(path, root, medium, first), now_is)

    def _look(self, found: Found, signature: Signature) -> None:
        done = False
        try:
            done = self._handle(found)
        except ShoumiError as problem:  # no reader could be started just now; the sweep brings it back
            log.warning("could not look at %s: %s", ascii(os.fspath(found.path)), problem)
        except Exception:  # one file must not end the watch; the sweep brings it back
            log.exception("could not look at %s", ascii(os.fspath(found.path)))
        finally:
            with self._lock:
                self._busy.discard(found.path)
                if done:
                    self._seen[found.path] = signature
                else:
                    self._undone.add(found.root)
        if done and _signature(found.path) not in {None, signature}:
            self._touch(found.path)
        self._wake.set()

    def _sweeping(self) -> None:
        wait = SWEEP_SECONDS
        while not self._stopping.wait(wait):
            began = time.monotonic()
            for root in self.roots:
                if root in self._once and root not in self._undone:
                    continue
                self._undone.discard(root)
                try:
                    if root not in self._watches and root not in self._once:
                        self._listen(root)
                    self._sweep(root)
                except Exception:  # one sick folder must not end the sweeping of the others
                    log.exception("a folder could not be swept")
            wait = max(SWEEP_SECONDS, _SWEEP_SHARE * (time.monotonic() - began))
            self._revive()

    def _sweep(self, root: Path, *, first: bool = False) -> None:
        met, unlisted = set(), 0

        def miss(_folder: Path, _problem: OSError) -> None:
            nonlocal unlisted
            unlisted += 1

        for path in walk(root, miss):
            if self._stopping.is_set():
                return
            met.add(path)
            with self._lock:
                known = self._seen.get(path)
                waiting = path in self._due or path in self._busy
            if not waiting and (known is None or known != _signature(path)):
                self._touch(path, first=first)
        with self._lock:
            for path in [path for path in self._seen if root in path.parents and path not in met]:
                del self._seen[path]
            if unlisted:
                self._unlisted[root] = unlisted
            else:
                self._unlisted.pop(root, None)


class _Handler(FileSystemEventHandler):
    def __init__(self, touch: Callable[[Path], None]) -> None:
        self._touch = touch

    def on_any_event(self, event: FileSystemEvent) -> None:
        """A write makes its file due; a folder moved in brings all its files."""
        try:
            self._on(event)
        except Exception:  # an error here would end the observer; the sweep finds what was missed
            log.exception("an event could not be handled")

    def _on(self, event: FileSystemEvent) -> None:
        if event.event_type not in _WRITES:
            return
        path = Path(os.fsdecode(event.dest_path or event.src_path))
        if not event.is_directory:
            self._touch(path)
        elif event.event_type in {"created", "moved"}:
            for inner in walk(path):
                self._touch(inner)


def _signature(path: Path) -> Signature | None:
    """What changes when a file is written or replaced; None when it is no regular file, or lies behind a link."""
    try:
        status = path.lstat()
        if os.path.realpath(path.parent) != os.fspath(path.parent):
            return None
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
