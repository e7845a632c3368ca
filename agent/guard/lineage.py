"""Where an opaque file comes from: did who writes it, or its kin, read classified content?

Opens are noted as they happen and judged only when it matters: when a file that nobody can look into is about to be
committed to a medium, or was written to a local disk. What was made of classified content keeps its level there.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import logging
import os
import sqlite3
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from agent.guard import disks as mounts
from agent.guard import knowledge, opaque, opens, processes
from agent.guard.derived import Derived, DerivedFiles
from agent.guard.opaque import Look
from config.levels import Level
from config.text import Text, readable
from config.verdict import Verdict

log = logging.getLogger(__name__)
KIN_SECONDS = 60.0  # how long ago an ancestor, descendant or member of the process group may have read
DEADLINE = 20.0
_WAITING = 20_000  # files written to local disks that were not looked at yet
_REST = 5.0  # the worker rests this many times as long as it worked
_LONGEST_REST = 5.0
_LAST_LOOK = 5.0  # seconds


class Relation(StrEnum):
    """Whether an opaque file may hold what is classified."""

    RELATED = "related"
    UNRELATED = "unrelated"
    UNDECIDED = "undecided"  # the time was over, or notes are missing


class Answer(msgspec.Struct, frozen=True):
    """What is known of the origin of an opaque file.

    ``level`` and ``source`` (a path) are those of the classified content that was found. ``judged`` files were looked
    at; ``unknown`` ones were gone, or could not be noted, and say nothing for or against.
    """

    relation: Relation
    words: Text
    level: Level = Level.PUBLIC
    source: str = ""
    judged: int = 0
    unknown: int = 0


class _Kin(msgspec.Struct):
    """What a process and its kin opened: lasting name → (no earlier than, process, whether it is the process itself).

    The newest first.
    """

    files: dict[bytes, tuple[float, processes.Process]]
    unknown: int = 0
    missing: bool = False  # notes were let go of


class Lineage:
    """Takes notes on this machine's local disks from when it is made until it is closed. Thread-safe.

    ``judge`` is given a descriptor of its own and a path, and must return within reasonable time; ``own`` are the
    processes of the agent, this one included of itself; ``disks`` lists the mounts to listen to.

    Raises:
        OSError: this process may not, or the kernel cannot.
        sqlite3.Error: the list of derived files cannot be used.
    """

    def __init__(
        self,
        home: Path,
        judge: Callable[[int, str], Verdict],
        own: Collection[int] = (),
        disks: Callable[[], Iterable[str]] = mounts.user_disks,
        *,
        kin_seconds: float = KIN_SECONDS,
    ) -> None:
        self._judge, self._kin_seconds = judge, kin_seconds
        self._lock = threading.Lock()
        self._done = threading.Condition(self._lock)
        self._written: OrderedDict[bytes, tuple[processes.Process, float]] = OrderedDict()
        self._under_way: dict[bytes, int] = {}  # their sizes, below zero where not known yet
        self._urgent: set[bytes] = set()  # someone waits for these
        self._stopping = threading.Event()
        self.dropped = 0  # files that were written faster than they could be looked at
        self._store = DerivedFiles(home / "lineage.db")
        try:
            self._family = processes.Processes()
            try:
                self._opens = opens.Opens(self._family, _Own(own), disks, self._wrote)
            except BaseException:
                self._family.close()
                raise
        except BaseException:
            self._store.close()
            raise
        self._knowledge = knowledge.Knowledge(self._opens.open, judge, self._store)
        self._thread = threading.Thread(target=self._work, name="lineage", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End. What was written until now is still looked at, as far as that takes a few seconds."""
        if self._stopping.is_set():
            return
        self._opens.drain()
        self._settle(None, time.monotonic() + _LAST_LOOK)
        self._stopping.set()
        self._opens.close()
        self._family.close()
        with self._lock:
            self._done.notify_all()
        self._thread.join(5)
        self._knowledge.close()
        self._store.close()

    @property
    def problems(self) -> list[Text]:
        """What cannot be told on this machine, in words."""
        found = [
            Text(
                f"opens on {readable(mount)} are not told: {why}", f"无法得知 {readable(mount)} 上的文件打开情况：{why}"
            )
            for mount, why in self._opens.problems.items()
        ]
        if not self._family.connected:
            found.append(
                Text(
                    "the kernel does not tell of processes: short-lived ones are missed",
                    "内核不通报进程信息：短时进程可能遗漏",
                )
            )
        if self._store.damaged:
            found.append(
                Text(
                    "the list of files made of classified content was damaged; a new one was begun",
                    "涉密内容衍生文件清单已损坏，已重新建立",
                )
            )
        if self._opens.lost or self.dropped:
            count = self._opens.lost + self.dropped
            found.append(Text(f"{count} event(s) of local files were lost", f"丢失了 {count} 个本地文件事件"))
        return found

    def derived(self, sha256: str, size: int | None = None, *, seconds: float = DEADLINE) -> Derived | None:
        """What a content was made of, where that is known to be classified.

        ``size`` (bytes), where it is said, has files of that size which were written a moment ago looked at first.
        """
        if size is not None:
            self._opens.drain()
            self._settle(size, time.monotonic() + seconds)
        try:
            return self._store.get(sha256)
        except sqlite3.Error as problem:
            log.warning("the list of derived files cannot be read: %s", problem)
            return None

    def sources(
        self, pid: int, sha256: str, size: int, clearance: Level = Level.PUBLIC, *, seconds: float = DEADLINE
    ) -> Answer:
        """Where an opaque file that a process is about to commit comes from; answers within ``seconds``, about.

        Args:
            pid: who writes it, a process or one of its threads.
            sha256: of its content, in hex.
            size: in bytes.
            clearance: of the place it goes to; only what is above it counts as classified.
            seconds: after which the answer is that it is undecided.
        """
        until = time.monotonic() + seconds
        self._opens.drain(min(2.0, seconds))
        self._settle(size, until)
        found = self.derived(sha256)
        if found is not None and found.level > clearance:
            return Answer(Relation.RELATED, _made_of(found.source, found.level), found.level, found.source)
        writer = self._family.get(pid)
        if writer is None:
            return Answer(
                Relation.UNDECIDED, Text("nothing is known of the program that wrote it", "写入该文件的程序无从查考")
            )
        kin = self._kin(writer)
        copied = self._copied(kin, sha256, size, until)
        if copied:
            words = Text(
                f"it is a copy of {readable(copied)}, which was there before", f"它是已有文件 {readable(copied)} 的副本"
            )
            return Answer(Relation.UNRELATED, words, unknown=kin.unknown)
        return self._judged(kin, clearance, until)

    def _judged(self, kin: _Kin, clearance: Level, until: float) -> Answer:
        judged, unknown, late = 0, kin.unknown, False
        for file, (_, process) in kin.files.items():
            try:
                known = self._knowledge.classify(file, until)
            except TimeoutError:
                late = True
                break
            if known is None:
                unknown += 1
                continue
            judged += 1
            if known.level > clearance:
                program = process.name or str(process.number)
                words = Text(
                    f"{readable(program)} read {readable(known.name)}, which is {known.level.text.en}",
                    f"程序 {readable(program)} 读取过{known.level.text.zh}文件 {readable(known.name)}",
                )
                return Answer(Relation.RELATED, words, known.level, known.name, judged, unknown)
        gone = Text(f"; {unknown} file(s) were gone before they could be judged", f"；{unknown} 个文件在判定前已消失")
        if late or kin.missing:
            words = Text("not all files that its program read could be judged", "写入程序读取过的文件未能全部判定")
            relation = Relation.UNDECIDED
        else:
            words = Text(
                f"its program read nothing classified ({judged} file(s) judged)",
                f"写入程序未读取涉密文件（已判定 {judged} 个文件）",
            )
            relation = Relation.UNRELATED
        if unknown:
            words = Text(words.en + gone.en, words.zh + gone.zh)
        return Answer(relation, words, judged=judged, unknown=unknown)

    def _kin(self, one: processes.Process, at: float | None = None) -> _Kin:
        """What a process opened in its life, and its kin lately; the newest first."""
        since = (time.monotonic() if at is None else at) - self._kin_seconds
        related = self._family.related(one, since)
        found: list[tuple[float, bytes, float, processes.Process]] = []
        kin = _Kin({})
        with self._opens.lock:
            for process in {one, *related}:
                note = self._opens.note_of(process)
                if note is None:
                    continue
                whole = process is one
                found += [
                    (last, file, first, process) for file, (first, last) in note.files.items() if whole or last >= since
                ]
                kin.unknown += sum(whole or gone >= since for gone in note.vanished)
                kin.unknown += note.forgotten
                kin.missing = kin.missing or note.forgotten > 0
        for _, file, first, process in sorted(found, key=lambda entry: -entry[0]):
            known = kin.files.get(file)
            # for a file that several opened, the first open counts: it may be its making
            kin.files[file] = (first, process) if known is None else (min(first, known[0]), known[1])
        return kin

    def _copied(self, kin: _Kin, sha256: str, size: int, until: float) -> str:
        """The path of a file with just this content that none of them can have made, empty when there is none."""
        for file, (first, _) in kin.files.items():
            if time.monotonic() > until:
                break
            with contextlib.suppress(OSError), self._knowledge.opened(file) as (descriptor, status):
                # the time of its last change cannot be set back: it was whole before the first of them opened it
                if (
                    status.st_size == size
                    and status.st_ctime < first
                    and knowledge.hash_of(descriptor, until) == sha256
                ):
                    return knowledge.path_of(descriptor)
        return ""

    def _wrote(self, file: bytes, process: processes.Process) -> None:
        with self._lock:
            self._written.pop(file, None)  # the latest goes last
            self._written[file] = process, time.monotonic()
            if len(self._written) > _WAITING:
                self._urgent.discard(self._written.popitem(last=False)[0])
                self.dropped += 1
            self._done.notify_all()

    def _work(self) -> None:
        """Look at what was written, one after another, resting in between."""
        while True:
            with self._lock:
                while not self._written and not self._stopping.is_set():
                    self._done.wait()
                if self._stopping.is_set():
                    return
                file = next(filter(self._written.__contains__, self._urgent), None) or next(iter(self._written))
                process, at = self._written.pop(file)
                self._under_way[file] = -1
            began = time.monotonic()
            self._derive(file, process, at, began + DEADLINE)
            with self._lock:
                rest = min(_LONGEST_REST, _REST * (time.monotonic() - began))
                self._done.wait_for(lambda: self._urgent or self._stopping.is_set(), rest)

    def _settle(self, size: int | None, until: float) -> None:
        """See that files of a size (none: of any) that were written until now have been looked at."""
        with self._lock:
            waiting = list(self._written)
        for file in waiting:
            with contextlib.suppress(OSError), self._knowledge.opened(file) as (descriptor, status):
                if size not in (None, status.st_size) or time.monotonic() > until:
                    continue
                asks = opaque.look(descriptor)[0] is Look.ASK  # which takes no less time than its reader needs
                with self._lock:
                    if file not in self._written:
                        continue
                    if asks:
                        self._urgent.add(file)
                        self._done.notify_all()
                        continue
                    found = self._written.pop(file)
                    self._under_way[file] = status.st_size
                self._derive(file, *found, until)
        with self._lock:

            def settled() -> bool:
                under_way = any(one in (-1, size) for one in self._under_way.values())
                return not under_way and not any(map(self._written.__contains__, self._urgent))

            self._done.wait_for(settled, max(0.0, until - time.monotonic()))

    def _derive(self, file: bytes, process: processes.Process, at: float, until: float) -> None:
        """Note an opaque file as made of what its writer, or the writer's kin, had read."""
        try:
            with self._knowledge.opened(file) as (descriptor, status):
                with self._lock:
                    self._under_way[file] = status.st_size
                    self._done.notify_all()
                if stat.S_ISREG(status.st_mode) and status.st_size and self._is_opaque(descriptor):
                    found = self._highest(self._kin(process, at), file, until)
                    if found is not None:
                        digest = knowledge.hash_of(descriptor, time.monotonic() + 10 * DEADLINE)
                        self._store.add(Derived(digest, status.st_size, found.level, found.name, time.time()))
        except TimeoutError:
            log.info("a file that was written could not be judged in time")
        except OSError as problem:
            log.debug("a file that was written is gone: %s", problem.strerror)
        except Exception:  # the next one must be looked at too
            log.exception("a file that was written could not be looked at")
        finally:
            with self._lock:
                self._under_way.pop(file, None)
                self._urgent.discard(file)
                self._done.notify_all()

    def _is_opaque(self, descriptor: int) -> bool:
        seen, _ = opaque.look(descriptor)
        if seen is not Look.ASK:
            return seen is Look.OPAQUE
        return opaque.why(self._judge(descriptor, knowledge.path_of(descriptor)), descriptor) is not None

    def _highest(self, kin: _Kin, but: bytes, until: float) -> knowledge.Known | None:
        """The file of the highest level, above public, among those opened; those judged in time count."""
        best: knowledge.Known | None = None
        for file in kin.files:
            if file == but:
                continue
            try:
                known = self._knowledge.classify(file, until)
            except TimeoutError:
                if best is None:
                    raise
                return best
            if known is not None and known.level > (best.level if best else Level.PUBLIC):
                best = known
                if known.level is Level.TOP_SECRET:
                    break
        return best


class _Own(Collection[int]):
    """The agent's processes, this one always."""

    def __init__(self, others: Collection[int]) -> None:
        self._others, self._self = others, os.getpid()

    def __contains__(self, number: object) -> bool:
        return number == self._self or number in self._others

    def __iter__(self) -> Iterator[int]:
        return iter((self._self, *self._others))

    def __len__(self) -> int:
        return len(self._others) + 1


def _made_of(source: str, level: Level) -> Text:
    return Text(
        f"it was made of {readable(source)}, which is {level.text.en}",
        f"它由{level.text.zh}文件 {readable(source)} 生成",
    )
