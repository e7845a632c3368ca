"""Which process comes from which, also after they ended.

The kernel tells of each fork, exec and exit as it happens (the process connector, <linux/cn_proc.h>); without it, and
after it told more than could be taken in, ``/proc`` is read instead. What ended is remembered for a while.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import errno
import logging
import os
import select
import socket
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)
REMEMBERED = 120.0  # seconds after its end that a process stays known
_MOST_DEAD = 20_000
_BUFFER = 8 * 2**20  # bytes of the socket; a fork is told in 76, and takes up about ten times as much
_NETLINK_CONNECTOR, _CN_PROC = 11, 1
_LISTEN, _IGNORE = 1, 2
_ASK = struct.Struct("=IHHIIIIIIHHI")  # struct nlmsghdr, struct cn_msg, enum proc_cn_mcast_op
_HEAD = struct.Struct("=IIQ")  # struct proc_event behind 16 + 20 bytes: what, processor, nanoseconds
_AT = 36
_FORK, _EXEC, _UID, _SID, _EXIT = 0x1, 0x2, 0x4, 0x80, 0x80000000
_FOUR, _TWO = struct.Struct("=iiii"), struct.Struct("=ii")
_SWEEP = 30.0  # seconds between two looks for what can be forgotten


class Process:
    """One process. ``parent`` is who forked it, whoever took it over later; ``extra`` is for who keeps a note on it.

    It has the group of its parent until it is asked; who ended before that (``started`` is 0) may have had another.
    """

    __slots__ = ("born", "died", "extra", "group", "name", "number", "parent", "session", "started")

    def __init__(self, number: int, parent: Process | None, born: float) -> None:
        self.number, self.parent, self.born = number, parent, born
        self.died: float | None = None  # both on the monotonic clock, seconds
        self.name: str = parent.name if parent else ""
        self.group: int | None = parent.group if parent else None
        self.session: int | None = parent.session if parent else None
        self.started = 0  # ticks since boot, as /proc says it; 0: not asked yet
        self.extra: object = None

    def ancestors(self) -> Iterator[Process]:
        """Its parent, the parent's parent ..., those who ended included."""
        seen, one = set[int](), self.parent
        while one is not None and id(one) not in seen:
            yield one
            seen.add(id(one))
            one = one.parent


class Processes:
    """The processes of this machine."""

    def __init__(self, *, connect: bool = True) -> None:
        """``connect`` false does without the connector."""
        self.lock = threading.RLock()
        self._alive: dict[int, Process] = {}
        self._dead: OrderedDict[int, Process] = OrderedDict()  # by id(), in the order of their ends
        self._ended: dict[int, Process] = {}  # the last one that had a number
        self._swept = time.monotonic()
        self._link = _connected() if connect else None
        self.lost = 0  # times that the connector told more than was taken in
        self._stop, self._wake = os.pipe2(os.O_CLOEXEC)
        self.rescan()
        self._thread: threading.Thread | None = None
        if self._link is not None:
            self._thread = threading.Thread(target=self._run, name="processes", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End."""
        if self._thread is not None and self._thread.is_alive():
            os.write(self._wake, b"x")
            self._thread.join(5)
        with self.lock:
            if self._link is not None:
                with contextlib.suppress(OSError):
                    self._link.send(_request(_IGNORE))
                self._link.close()
                self._link = None
            if self._stop >= 0:
                os.close(self._stop)
                os.close(self._wake)
                self._stop = -1

    @property
    def connected(self) -> bool:
        """Whether the kernel tells; otherwise short-lived processes are missed."""
        return self._link is not None

    def get(self, number: int) -> Process | None:
        """The process with a number now, or the last one that had it, as long as it is remembered.

        A thread's number will do while the thread is there.
        """
        with self.lock:
            self.drain()
            found = self._alive.get(number)
            if found is None and (leader := _leader(number)) != number:
                return self.get(leader)
            if self._link is None and found is not None and not _same(found):
                self._end(found)
                found = None
            return found or self._look(number) or self._ended.get(number)

    def known(self, number: int) -> Process:
        """The process with a number, from what was taken in so far; one without kin where nothing is known of it."""
        with self.lock:
            found = self._alive.get(number) or self._ended.get(number) or self._look(number)
            if found is None:
                found = self._alive[number] = Process(number, None, time.monotonic())
                self._end(found)
            return found

    def related(self, one: Process, since: float) -> set[Process]:
        """Its ancestors, descendants and those of its process group that were there after ``since`` (monotonic)."""
        with self.lock:
            self.drain()
            if self._link is None:
                self.rescan()
            self._ask(one)
            everyone = self.everyone()
            found = set(one.ancestors())
            children: dict[Process, list[Process]] = {}
            for other in everyone:
                if other.parent is not None:
                    children.setdefault(other.parent, []).append(other)
            below = list(children.get(one, ()))
            while below:
                child = below.pop()
                if child not in found:
                    found.add(child)
                    below += children.get(child, ())
            for other in everyone:
                if other.died is None and not other.started:
                    self._ask(other)
                if _together(one, other):
                    found.add(other)
            found.discard(one)
            return {other for other in found if other.died is None or other.died >= since}

    def drain(self) -> None:
        """Take in all that the kernel has told so far."""
        with self.lock:
            while self._link is not None:
                try:
                    self._note(self._link.recv(65536, socket.MSG_DONTWAIT))
                except BlockingIOError:
                    break
                except OSError as problem:
                    if problem.errno != errno.ENOBUFS:
                        log.warning("the kernel tells no more of processes: %s", problem.strerror)
                        self._link.close()
                        self._link = None
                        break
                    self.lost += 1
                    self.rescan()
            if time.monotonic() - self._swept > _SWEEP:
                self.forget()

    def rescan(self) -> None:
        """Compare with ``/proc``."""
        with self.lock:
            there = {int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()}
            for number in [number for number in self._alive if number not in there or not _same(self._alive[number])]:
                self._end(self._alive[number])
            for number in sorted(there - self._alive.keys()):
                self._look(number)

    def forget(self) -> None:
        """Let go of those who ended long ago; their children stay children of whose child they were."""
        with self.lock:
            now = self._swept = time.monotonic()
            while self._dead:
                oldest = next(iter(self._dead.values()))
                if len(self._dead) <= _MOST_DEAD and now - (oldest.died or 0.0) < REMEMBERED:
                    break
                del self._dead[id(oldest)]
                if self._ended.get(oldest.number) is oldest:
                    del self._ended[oldest.number]
                oldest.extra = None
            for one in [*self._alive.values(), *self._dead.values()]:
                while one.parent is not None and one.parent.died is not None and id(one.parent) not in self._dead:
                    one.parent = one.parent.parent

    def everyone(self) -> list[Process]:
        """All that are known, the dead first."""
        with self.lock:
            return [*self._dead.values(), *self._alive.values()]

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._stop, select.POLLIN)
        while (link := self._link) is not None:
            try:
                poll.register(link, select.POLLIN)
                if any(descriptor == self._stop for descriptor, _ in poll.poll(int(_SWEEP * 1000))):
                    return
                self.drain()
            except Exception:  # the next news must be read too
                log.exception("news of a process could not be read")
                time.sleep(0.1)

    def _note(self, block: bytes) -> None:
        """One piece of news. Threads come and go unnoticed."""
        if len(block) < _AT + _HEAD.size:
            return
        what, _, _ = _HEAD.unpack_from(block, _AT)
        body = _AT + _HEAD.size
        if what == _FORK:
            _, parent, thread, number = _FOUR.unpack_from(block, body)
            if thread == number:
                self._born(number, self._alive.get(parent) or self._look(parent))
        elif what in (_EXEC, _SID, _UID):
            _, number = _TWO.unpack_from(block, body)
            one = self._alive.get(number) or self._look(number)
            if one is not None and what != _UID:
                self._ask(one)
        elif what == _EXIT:
            thread, number = _TWO.unpack_from(block, body)
            if thread == number and number in self._alive:
                self._end(self._alive[number])

    def _born(self, number: int, parent: Process | None) -> None:
        if number in self._alive:
            if self._alive[number].parent is parent and not self._alive[number].started:
                return
            self._end(self._alive[number])
        self._alive[number] = Process(number, parent, time.monotonic())

    def _end(self, one: Process) -> None:
        if not one.started:
            self._ask(one)  # it is often there still, as one that nobody has waited for
        one.died = time.monotonic()
        del self._alive[one.number]
        self._dead[id(one)] = self._ended[one.number] = one
        if len(self._dead) > _MOST_DEAD + 1000:
            self.forget()

    def _look(self, number: int) -> Process | None:
        """Take in a process that is there already, and its ancestors."""
        fields = _status(number)
        if fields is None or number <= 0:
            return None
        known = self._alive.get(number)
        if known is not None:
            return known
        above = int(fields[1])
        parent = self._alive.get(above) or (self._look(above) if above else None)
        one = self._alive[number] = Process(number, parent, time.monotonic())
        _fill(one, fields)
        return one

    def _ask(self, one: Process) -> None:
        fields = _status(one.number) if one.died is None else None
        if fields is not None:
            _fill(one, fields)


def login_of(number: int) -> int | None:
    """The user who logged in to the session of a process, else the user it runs as; none where it is gone."""
    with contextlib.suppress(OSError, ValueError):
        login = int(Path(f"/proc/{number}/loginuid").read_text("ascii"))
        if login != 2**32 - 1:
            return login
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}").stat().st_uid
    return None


def _leader(thread: int) -> int:
    """The process that a thread belongs to; the number itself where nothing has it."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{thread}/status").read_bytes().splitlines():
            if line.startswith(b"Tgid:"):
                return int(line.split()[1])
    return thread


def _together(one: Process, other: Process) -> bool:
    """Whether both are of one process group; of who ended unasked, whether it stood beside the other in a pipeline."""
    if one.group == other.group and one.group is not None:
        return True
    if one.started and other.started:
        return False
    if one.parent is None or one.parent is not other.parent:
        return False
    return one.born <= (other.died or one.born) and other.born <= (one.died or other.born)


def _same(one: Process) -> bool:
    fields = _status(one.number)
    return fields is not None and (not one.started or int(fields[19]) == one.started)


def _status(number: int) -> list[str] | None:
    """``/proc/PID/stat`` from the state on, with the name in place of the state; none where it is gone."""
    try:
        with open(f"/proc/{number}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - asked for each exec
            text = file.read(1024).decode("utf-8", "replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    return [name, *rest.split()[1:]]


def _fill(one: Process, fields: list[str]) -> None:
    one.name, one.group, one.session, one.started = fields[0], int(fields[2]), int(fields[3]), int(fields[19])


def _connected() -> socket.socket | None:
    try:
        link = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _NETLINK_CONNECTOR)
    except OSError as problem:
        log.info("the kernel does not tell of processes: %s", problem.strerror)
        return None
    try:
        link.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), _BUFFER)
        link.bind((0, _CN_PROC))
        link.send(_request(_LISTEN))
    except OSError as problem:
        log.info("the kernel does not tell of processes: %s", problem.strerror)
        link.close()
        return None
    return link


def _request(wish: int) -> bytes:
    return _ASK.pack(_ASK.size, 3, 0, 0, os.getpid(), _CN_PROC, 1, 0, 0, 4, 0, wish)  # NLMSG_DONE
