"""The process that reads one file after another for :mod:`agent.extract.sandbox.pool`; never started by hand.

Its standard input is a socket: one :class:`Hello`, then jobs. It answers :class:`Ready` once it has locked itself down.
"""

from __future__ import annotations

import gc
import hashlib
import os
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from agent.extract import dispatch
from agent.extract.kits import Kit, NeedsKitError
from agent.extract.reading import Ledger, Reading
from agent.extract.sandbox import lockdown
from agent.extract.sandbox.frames import Channel, Done, Hello, Job, Longer, Part, Ready, ToWorker
from agent.extract.sandbox.inspection import load
from agent.extract.sandbox.opening import state
from agent.extract.sandbox.progress import Progress
from config.errors import ShoumiError
from config.text import Text
from config.verdict import Coverage, Reason, Segment

if TYPE_CHECKING:
    from detectors.engine import Engine

_BATCH = 2**20  # characters in one frame of text
_HASH_BLOCK = 2**20
_NETWORKS = 2**30  # bytes that recognition of text maps beside what a file may cost
_HASHED = 2**29  # bytes; a larger file is known by its name, size and time, rather than read twice


def main() -> None:
    """Serve until the parent hangs up."""
    channel = Channel(_link())
    hello, shared = channel.receive(Hello)
    assert isinstance(hello, Hello)  # noqa: S101 - decoded as such
    progress = Progress(shared)
    try:
        engine = load(hello) if hello.detect else None
        dispatch.preload(hello.kit)
    except ShoumiError as problem:
        channel.send(Ready({}, problem.text, problem.hint))
        return
    except Exception as problem:  # noqa: BLE001 - the parent says it to a person
        why = f"{type(problem).__name__}: {problem}"
        channel.send(Ready({}, Text(why, why)))
        return
    memory = hello.limits.memory + (_NETWORKS if hello.kit >= Kit.OCR else 0)
    gc.collect()
    gc.freeze()  # rules and modules stay for good: no collection need look at them
    channel.send(Ready(lockdown.lock(memory, threads=hello.kit >= Kit.RARE)))
    _Worker(channel, hello, engine, progress).serve()


def _link() -> socket.socket:
    """The parent's socket: standard input itself, or what it holds on Windows."""
    if sys.platform == "win32":
        return socket.fromshare(sys.stdin.buffer.read())
    return socket.socket(fileno=os.dup(0))


class _Worker:
    def __init__(self, channel: Channel, hello: Hello, engine: Engine | None, progress: Progress) -> None:
        self._channel, self._hello, self._engine, self._progress = channel, hello, engine, progress

    def serve(self) -> None:
        """Answer jobs one after another."""
        while True:
            try:
                job, descriptor = self._channel.receive(ToWorker)  # type: ignore[arg-type]
            except (EOFError, OSError):
                return
            assert isinstance(job, Job)  # noqa: S101 - a parent sends nothing else
            if descriptor is None:
                descriptor = os.open(job.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as file:
                try:
                    done = self._work(job, file)
                except NeedsKitError as need:
                    done = Done("", "", Coverage(), needs=need.kit)
                except Exception as problem:  # noqa: BLE001 - the parent gets an answer, whatever happens
                    error = f"{type(problem).__name__}: {problem}"[:300]
                    done = Done("application/octet-stream", "", Coverage(False, (str(Reason.CORRUPT),)), error)
            self._channel.send(done)

    def _work(self, job: Job, file: BinaryIO) -> Done:
        hello = self._hello
        now = state(file.fileno())
        ledger = Ledger(
            hello.limits,
            now.stored,
            kit=hello.kit,
            ocr=hello.ocr,
            passwords=hello.passwords,
            careful=job.careful,
            extended=self._extended,
        )
        lockdown.limit_time(2 * (ledger.deadline - time.monotonic()))
        reading = Reading(ledger, dispatch.read)
        segments = self._counted(dispatch.read(file, reading, dispatch.name_text(job.name)), job.stop)
        error = ""
        if job.today is None or self._engine is None:
            _hand_back(self._channel, segments, ledger)
            done = Done(reading.media_type, "", Coverage())
        else:
            done, error = _judge(self._engine, segments, job.today, ledger)
        digest = _digest(file) if now.size <= _HASHED else ""
        return msgspec.structs.replace(
            done, media_type=reading.media_type, sha256=digest, coverage=ledger.coverage, error=error or ledger.error
        )

    def _extended(self, seconds: float) -> None:
        lockdown.limit_time(2 * seconds)
        self._channel.send(Longer(seconds))

    def _counted(self, segments: Iterator[Segment], stop: int) -> Iterator[Segment]:
        """The segments up to ``stop``; their number stays in sight of the parent when this process dies."""
        self._progress.reached = 0
        for number, segment in enumerate(segments, 1):
            yield segment
            self._progress.reached = number
            if number == stop:
                return


def _hand_back(channel: Channel, segments: Iterable[Segment], ledger: Ledger) -> None:
    batch: list[Segment] = []
    held = total = 0
    for segment in segments:
        batch.append(segment)
        held += len(segment.text) + 100
        total += len(segment.text)
        if held > _BATCH:
            channel.send(Part(tuple(batch)))
            batch, held = [], 0
        if total > ledger.limits.max_answer:
            ledger.miss(Reason.TOO_LARGE)
            break
    channel.send(Part(tuple(batch)))


def _judge(engine: Engine, segments: Iterator[Segment], today: date, ledger: Ledger) -> tuple[Done, str]:
    try:
        found = engine.inspect(segments, today)
    except MemoryError:
        ledger.miss(Reason.MEMORY)
        return Done("", "", Coverage()), ""
    except Exception as problem:  # noqa: BLE001 - a rule that fails must not read as a clean file
        return Done("", "", Coverage()), f"detection failed: {type(problem).__name__}: {problem}"[:300]
    for rule in found.unfinished:
        ledger.miss(Reason.TIMEOUT, f"rule {rule}")
    for coding in found.cut:
        ledger.miss(Reason.TOO_LARGE, f"content in {coding}")
    return (
        Done("", "", Coverage(), "", found.level, found.marks, found.mentions, found.findings, found.notes),
        "",
    )


def _digest(file: BinaryIO) -> str:
    """SHA-256 of the whole content, in hex; empty where it cannot be read any more."""
    digest = hashlib.sha256()
    try:
        file.seek(0)
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


if __name__ == "__main__":
    main()
