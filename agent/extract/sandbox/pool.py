"""Reading any file without trusting it: a pool of locked-down workers, and one answer a file whatever happens.

with Sandbox(Setup(Limits(), None, key, Level.INTERNAL)) as sandbox:
    verdict = sandbox.verdict(path, today)
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from agent.extract.kits import Kit
from agent.extract.sandbox.child import Child, WorkerLostError
from agent.extract.sandbox.frames import Done, Hello, Job
from agent.extract.sandbox.lockdown import Layers
from agent.extract.sandbox.opening import NotOpenedError, demand_regular, open_regular, state
from config.errors import UsageError
from config.levels import Level
from config.limits import Limits
from config.text import Text
from config.verdict import Coverage, Reason, Segment, Verdict

_UNKNOWN = "application/octet-stream"
_FILES = 2000  # a worker leaves after so many, so that leaks in native libraries stay small


class Setup(msgspec.Struct, frozen=True):
    """What every worker of a sandbox is given."""

    limits: Limits = Limits()
    rules: tuple[str, ...] | None = None  # rule files; none means the shipped ones
    key: bytes = b""  # of the keyed digests
    exam_level: Level = Level.INTERNAL
    ocr: bool = False  # recognise text in pictures; needs the extra of that name
    passwords: tuple[str, ...] = ()  # tried on sealed files
    registers: str = ""  # the folder of signed registers
    signers: tuple[str, ...] = ()  # public keys (hex) whose registers are used
    thresholds: dict[str, dict[int, Level]] = {}  # the policy's own counts, by rule
    cache: str = ""  # a file for the compiled patterns, so that a worker starts at once
    idle_seconds: float = 120.0  # after which a worker without work leaves


class Extraction(msgspec.Struct, frozen=True):
    """The text of one file. ``segments[0]`` is its name."""

    path: str
    media_type: str
    size: int  # bytes
    sha256: str
    segments: tuple[Segment, ...]
    coverage: Coverage
    ms: float
    error: str = ""


def ocr_wanted(chosen: bool | None) -> bool:
    """Whether text in pictures is to be recognised: as chosen, else where the extra is installed.

    Raises:
        UsageError: it is wanted and the extra is not there.
    """
    installed = all(find_spec(name) for name in ("rapidocr", "onnxruntime"))
    if chosen and not installed:
        raise UsageError(
            Text("the extra `ocr` is not installed", "未安装图片文字识别组件（ocr）"),
            Text(
                "run `make install-ocr`",
                "请运行 `make install-ocr`",
            ),
        )
    return installed if chosen is None else chosen


class Sandbox:
    """A pool of workers, started when first needed. Thread-safe: more callers than workers wait for one."""

    def __init__(self, setup: Setup, workers: int = 1) -> None:
        self._setup = setup
        self._free = threading.Semaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._closed = False
        self._edition = 0  # of what lies in the setup's folders
        self._reaper: threading.Timer | None = None
        self._arguments: list[str] | None = None  # tests put a worker with bad manners here

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers that are idle; those at work end when their file is done."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            if self._reaper:
                self._reaper.cancel()
        for child in idle:
            child.close()

    def renew(self) -> None:
        """Have workers started anew, each when its file is done: what lies in the setup's folders has changed."""
        with self._lock:
            self._edition += 1
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def extract(self, path: Path) -> Extraction:
        """All text of a file with its places. Never raises for what the file is or does.

        Raises:
            ShoumiError: workers cannot be started at all.
        """
        started = time.monotonic()
        segments: list[Segment] = []
        done, size = self._read(path, None, segments)
        return Extraction(
            path=os.fsdecode(path),
            media_type=done.media_type,
            size=size,
            sha256=done.sha256,
            segments=tuple(segments),
            coverage=done.coverage,
            ms=_since(started),
            error=done.error,
        )

    def verdict(self, path: Path, today: date) -> Verdict:
        """What a file is; the text stays in the worker. Never raises for what the file is or does.

        Args:
            path: the file; links are not followed.
            today: the day on which terms are judged.

        Raises:
            ShoumiError: workers cannot be started at all, or the rules are wrong.
        """
        started = time.monotonic()
        done, size = self._read(path, today, [])
        return _verdict(os.fsdecode(path), done, size, started)

    if sys.platform != "win32":  # where workers get their own handles of files by name

        def verdict_of(self, descriptor: int, name: str | bytes, today: date) -> Verdict:
            """What an already open file is, whatever its name leads to by now.

            The descriptor stays open, and its position is put back; meanwhile nobody else may move it, nor those of
            its duplicates. Never raises for what the file is or does.

            Args:
                descriptor: of a file opened for reading.
                name: what the file is called, a path or its last part; it is judged with the content.
                today: the day on which terms are judged.

            Raises:
                ShoumiError: workers cannot be started at all, or the rules are wrong.
            """
            started = time.monotonic()
            path = os.fsdecode(name)
            try:
                demand_regular(descriptor)
                position = os.lseek(descriptor, 0, os.SEEK_CUR)
                try:
                    done, size = self._read_open(descriptor, Job(os.fsencode(Path(path).name), today, b""), [])
                finally:
                    os.lseek(descriptor, position, os.SEEK_SET)
            except NotOpenedError as problem:
                done, size = _nothing(problem.reason, problem.error, problem.media_type), 0
            except OSError as problem:
                done, size = _nothing(Reason.VANISHED, str(problem.strerror or problem)), 0
            return _verdict(path, done, size, started)

    def layers(self, *, detect: bool = False) -> Layers:
        """Which protections hold the workers on this machine: true, or why not.

        Args:
            detect: have the worker load the rules too, each passing its own examples.

        Raises:
            ShoumiError: workers cannot be started at all, or a rule is wrong.
        """
        with self._free:
            child = self._take(detect=detect, verify=detect)
            layers = dict(child.layers)
            self._give(child)
        return layers

    def _read(self, path: Path, today: date | None, segments: list[Segment]) -> tuple[Done, int]:
        try:
            descriptor = open_regular(path)
        except NotOpenedError as problem:
            return _nothing(problem.reason, problem.error, problem.media_type), 0
        try:
            job = Job(os.fsencode(path.name), today, os.fsencode(path) if sys.platform == "win32" else b"")
            return self._read_open(descriptor, job, segments)
        except OSError as problem:  # the disk, or the stick, is gone
            return _nothing(Reason.VANISHED, str(problem.strerror or problem)), 0
        finally:
            os.close(descriptor)

    def _read_open(self, descriptor: int, job: Job, segments: list[Segment]) -> tuple[Done, int]:
        before = state(descriptor)
        limits = self._setup.limits
        done = self._ask(job, descriptor, limits.seconds + before.stored / limits.pace, segments)
        if state(descriptor) != before:
            reasons = (*done.coverage.reasons, str(Reason.CHANGED))
            done = msgspec.structs.replace(done, coverage=Coverage(False, reasons, done.coverage.partly))
        return done, before.size

    def _ask(self, job: Job, descriptor: int, seconds: float, segments: list[Segment]) -> Done:
        kit = Kit.COMMON
        before: WorkerLostError | None = None
        with self._free:
            while True:
                child = self._take(job.today is not None, kit)
                fresh = child.served == 0
                limits = self._setup.limits
                extra = limits.ocr_seconds if kit is Kit.OCR else 0.0
                most = seconds + extra + limits.max_unpacked / limits.pace
                try:
                    done = child.ask(job, descriptor, seconds + extra, most, segments)
                except WorkerLostError as lost:
                    if not fresh and lost.reason is not Reason.TIMEOUT:
                        segments.clear()
                        continue  # it may have been the files before; a fresh worker decides
                    if lost.reason is Reason.MEMORY and not job.careful:
                        job = msgspec.structs.replace(job, careful=True)
                        segments.clear()
                        continue
                    if before is None and child.reached:  # what came before is read again, and judged
                        before, job = lost, msgspec.structs.replace(job, stop=child.reached)
                        segments.clear()
                        continue
                    return _nothing(lost.reason, lost.error)
                except BaseException:
                    child.kill()
                    raise
                if done.needs is not None and done.needs > child.kit:
                    kit = done.needs
                elif fresh or not _out_of_memory(done):
                    self._give(child)
                    return done if before is None else _cut_short(done, before, job.stop)
                else:
                    child.close()
                    segments.clear()
                    continue
                self._give(child)
                segments.clear()

    def _take(self, detect: bool, kit: Kit = Kit.COMMON, *, verify: bool = False) -> Child:
        """The idle worker that can do it with the least in its kit, else a new one."""
        while True:
            with self._lock:
                edition = self._edition
                able = [child for child in reversed(self._idle) if child.kit >= kit and (child.detects or not detect)]
                child = min(able, key=lambda child: child.kit, default=None)
                spare = None
                if child is not None:
                    self._idle.remove(child)
                elif self._idle:
                    spare = self._idle.pop(0)  # keeps the number of processes at the number of workers
            if spare is not None:
                spare.close()
            if child is None:
                setup = self._setup
                hello = Hello(
                    setup.limits,
                    setup.rules,
                    setup.key,
                    setup.exam_level,
                    detect,
                    kit,
                    setup.ocr,
                    setup.passwords,
                    setup.registers,
                    setup.signers,
                    setup.thresholds,
                    setup.cache,
                    verify,
                )
                child = Child(hello, self._arguments)
                child.edition = edition
                return child
            if child.alive():
                return child
            child.kill()

    def _give(self, child: Child) -> None:
        with self._lock:
            keep = not self._closed and child.served < _FILES and child.edition == self._edition
            if keep:
                self._idle.append(child)
                if self._reaper is None:
                    self._reaper = _later(self._setup.idle_seconds, self._reap)
        if not keep:
            child.close()

    def _reap(self) -> None:
        """Let workers go that had nothing to do for a while."""
        now, idle = time.monotonic(), self._setup.idle_seconds
        with self._lock:
            gone = [child for child in self._idle if now - child.idle_since >= idle]
            self._idle = [child for child in self._idle if child not in gone]
            self._reaper = _later(idle / 2, self._reap) if self._idle and not self._closed else None
        for child in gone:
            child.close()


def _later(seconds: float, act: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    return timer


def _verdict(path: str, done: Done, size: int, started: float) -> Verdict:
    return Verdict(
        path=path,
        media_type=done.media_type,
        size=size,
        level=done.level,
        marks=done.marks,
        mentions=done.mentions,
        findings=done.findings,
        notes=done.notes,
        coverage=done.coverage,
        sha256=done.sha256,
        ms=_since(started),
        error=done.error,
    )


def _nothing(reason: Reason, error: str = "", media_type: str = "") -> Done:
    return Done(media_type or _UNKNOWN, "", Coverage(False, (str(reason),)), error)


def _cut_short(done: Done, lost: WorkerLostError, stop: int) -> Done:
    """What was read before a worker died, and why nothing more was; the first segment is the file's own name."""
    coverage = Coverage(False, (*done.coverage.reasons, str(lost.reason)), partly=stop > 1)
    media_type = done.media_type or _UNKNOWN
    return msgspec.structs.replace(done, media_type=media_type, coverage=coverage, error=lost.error)


def _out_of_memory(done: Done) -> bool:
    return any(reason.startswith(str(Reason.MEMORY)) for reason in done.coverage.reasons)


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 2)
