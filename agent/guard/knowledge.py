"""What the files are that processes opened: judged when it is asked for, once, and remembered until they change."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import hashlib
import logging
import os
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

import msgspec

from agent.guard.derived import DerivedFiles
from config.levels import Level
from config.verdict import Verdict

log = logging.getLogger(__name__)
_CACHED = 50_000  # verdicts
_BLOCK = 2**20
_JUDGES = 2  # threads
_Key = tuple[int, int, int, int, int]


class Known(msgspec.Struct, frozen=True):
    """A verdict as far as lineage needs it; ``name`` is the path the file had."""

    level: Level
    sha256: str
    name: str


class Knowledge:
    """Verdicts on files by their lasting names. Thread-safe.

    ``open_`` opens a lasting name; ``judge`` is given a descriptor and a path; ``store`` raises the level of what was
    made of other files.
    """

    def __init__(
        self, open_: Callable[[bytes, int], int], judge: Callable[[int, str], Verdict], store: DerivedFiles
    ) -> None:
        self._open, self._judge, self._store = open_, judge, store
        self._lock = threading.Lock()
        self._cache: OrderedDict[_Key, Known] = OrderedDict()
        self._under_way: dict[_Key, Future[Known]] = {}
        self._jobs: SimpleQueue[tuple[_Key, int, str, Future[Known]] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._serve, name="judge", daemon=True) for _ in range(_JUDGES)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End; what is being judged is waited for a little while."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(5)

    @contextlib.contextmanager
    def opened(self, file: bytes) -> Iterator[tuple[int, os.stat_result]]:
        """A file for reading, with its status; nothing of it changes, and nobody is waited for.

        Raises:
            OSError: it is gone.
        """
        descriptor = self._open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOATIME)
        try:
            yield descriptor, os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def classify(self, file: bytes, until: float) -> Known | None:
        """What a file is; none when it is gone, or cannot be judged.

        Args:
            file: its lasting name.
            until: the moment (monotonic) after which nobody waits any longer.

        Raises:
            TimeoutError: the time is over; the judgement goes on, for the next who asks.
        """
        try:
            with self.opened(file) as (descriptor, status):
                if not stat.S_ISREG(status.st_mode) or not status.st_size:
                    return Known(Level.PUBLIC, "", "")
                known = self._verdict(descriptor, status, until)
                if not known.sha256 and self._store.has_size(status.st_size):
                    known = msgspec.structs.replace(known, sha256=hash_of(descriptor, until))
                made = self._store.get(known.sha256) if known.sha256 else None
        except TimeoutError:
            raise
        except Exception as problem:  # noqa: BLE001 - a file that cannot be judged is one that is not known
            log.debug("a file could not be judged: %s", problem)
            return None
        return known if made is None or made.level <= known.level else msgspec.structs.replace(known, level=made.level)

    def _verdict(self, descriptor: int, status: os.stat_result, until: float) -> Known:
        key = _key(status)
        with self._lock:
            if (known := self._cache.get(key)) is not None:
                self._cache.move_to_end(key)
                return known
            answer = self._under_way.get(key)
            if answer is None:
                if until <= time.monotonic():
                    raise TimeoutError
                answer = self._under_way[key] = Future()
                self._jobs.put((key, os.dup(descriptor), path_of(descriptor), answer))
        return answer.result(max(0.0, until - time.monotonic()))

    def _serve(self) -> None:
        """Judge one after another; whoever wanted to know may be gone by then, and the next one finds the verdict."""
        while (job := self._jobs.get()) is not None:
            key, descriptor, path, answer = job
            try:
                verdict = self._judge(descriptor, path)
                known = Known(verdict.level, verdict.sha256, path)
                same = key == _key(os.fstat(descriptor))
                with self._lock:
                    if same:
                        self._cache[key] = known
                        if len(self._cache) > _CACHED:
                            self._cache.popitem(last=False)
                answer.set_result(known)
            except Exception as problem:  # noqa: BLE001 - whoever waits is told
                answer.set_exception(RuntimeError(f"{type(problem).__name__}: {problem}"))
            finally:
                os.close(descriptor)
                with self._lock:
                    self._under_way.pop(key, None)


def path_of(descriptor: int) -> str:
    """What an open file is called now."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def hash_of(descriptor: int, until: float) -> str:
    """SHA-256 of the content, in hex.

    Raises:
        TimeoutError: the time (monotonic) is over.
    """
    digest, at = hashlib.sha256(), 0
    while block := os.pread(descriptor, _BLOCK, at):
        digest.update(block)
        at += len(block)
        if time.monotonic() > until:
            raise TimeoutError
    return digest.hexdigest()


def _key(status: os.stat_result) -> _Key:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size
