"""Threads for what may take long: judging, copying, waiting for a file that is on its way.

A question about a file that is *frozen* (judged, or on its way to the medium) does not hold a thread: it is parked with
the file and asked again when the file is free.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import errno
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from agent.guard.fuse import wire
from agent.guard.fuse.channel import Request
from agent.guard.gateway.nodes import Busy
from agent.guard.gateway.tasks import is_told_to_end

log = logging.getLogger(__name__)
_JUDGING, _OTHERS = 32, 16  # files judged at once; names judged, files copied for their first change at once
_AGAIN = 0.2  # seconds until somebody who was interrupted, though not to end, is looked at again

Work = Callable[[Request], None]


class Workers:
    """Two pools, so that a mkdir never waits behind thirty files that are being judged."""

    def __init__(self) -> None:
        self._judging = ThreadPoolExecutor(_JUDGING, thread_name_prefix="close")
        self._others = ThreadPoolExecutor(_OTHERS, thread_name_prefix="change")
        self._waiting: dict[int, Request] = {}  # by their number
        self._lock = threading.Lock()

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self._waiting

    def judge(self, request: Request, work: Work) -> None:
        """Do something that asks about content; its caller goes on to the next question."""
        self._accept(self._judging, request, work)

    def later(self, request: Request, work: Work) -> None:
        """Do something else that may take long."""
        self._accept(self._others, request, work)

    def do(self, work: Callable[[], None]) -> None:
        """Do something that nobody waits for."""
        self._others.submit(work)

    def interrupt(self, request: Request) -> None:
        """A signal came for somebody who waits. Who waits for a close and is told to end need not; judging goes on.

        Other signals (a child ended, a timer) must not make a close fail: they are looked at again, because the kernel
        tells of the first one only.
        """
        (unique,) = wire.LONG.unpack_from(request.body)
        with self._lock:
            is_known = unique in self._waiting
        if is_known:
            self._interrupted(unique)
        else:  # another thread has only just read that question, or is about to answer it: the kernel is to ask again
            _after(_AGAIN, lambda: request.fail(errno.EAGAIN))

    def stop(self) -> None:
        """Finish what is under way."""
        self._others.shutdown(wait=True)
        self._judging.shutdown(wait=True)

    def _accept(self, pool: ThreadPoolExecutor, request: Request, work: Work) -> None:
        request.keep()
        with self._lock:
            self._waiting[request.unique] = request
        pool.submit(self._run, pool, request, work)

    def _run(self, pool: ThreadPoolExecutor, request: Request, work: Work) -> None:
        try:
            work(request)
        except Busy as busy:
            busy.node.park(lambda: self._submit(pool, request, work))
            return
        except OSError as problem:
            request.fail(problem.errno or errno.EIO)
        except Exception:  # one question must not end the pool
            log.exception("a question of the kernel could not be answered")
            request.fail(errno.EIO)
        with self._lock:
            self._waiting.pop(request.unique, None)

    def _submit(self, pool: ThreadPoolExecutor, request: Request, work: Work) -> None:
        try:
            pool.submit(self._run, pool, request, work)
        except RuntimeError:  # stopping; the connection is gone
            request.fail(errno.EIO)

    def _interrupted(self, unique: int) -> None:
        with self._lock:
            request = self._waiting.get(unique)
        if request is None or request.opcode not in {wire.Op.FLUSH, wire.Op.FSYNC}:
            return
        if is_told_to_end(request.pid):
            request.fail(errno.EINTR)
        elif os.path.exists(f"/proc/{request.pid}"):  # noqa: PTH110 - as short as can be
            _after(_AGAIN, lambda: self._interrupted(unique))


def _after(seconds: float, work: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
