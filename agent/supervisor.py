"""The process above the agent: starts it, listens to its heartbeat, ends it when it hangs, and starts it again.

While an agent stands still (stopped, out of memory, a lock never given back), everybody who uses a medium waits for it.
The supervisor's patience bounds that wait: the kernel ends all questions when the agent is killed, media answer with
errors until the next agent has taken them over, and local disks never depended on it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

log = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds without a heartbeat
START_PATIENCE = 60.0  # until the first one
BEAT = 1.0
_FIRST_WAIT, _LONGEST_WAIT, _STABLE = 0.2, 5.0, 30.0  # seconds between two starts; less after a stable run
_PR_SET_PDEATHSIG = 1
_USAGE = 2  # exit status of an error that starting again does not mend
_LAST_CHANCE = 20.0  # seconds that an orderly end may take


def can_guard() -> bool:
    """Whether this process can put a gateway before a medium: Linux, root, FUSE."""
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/dev/fuse").exists()


def supervise(command: Sequence[str], patience: float = PATIENCE) -> int:
    """Keep ``command`` running until SIGTERM or SIGINT; it gets ``--beat FD`` to write its heartbeat to.

    Returns:
        Its exit status, once it ended as told, or with an error of configuration.
    """
    stopping = threading.Event()
    child: list[subprocess.Popen[bytes]] = []

    def stop(number: int, _frame: object) -> None:
        stopping.set()
        if child:
            with contextlib.suppress(ProcessLookupError):
                child[0].send_signal(signal.SIGTERM if number == signal.SIGINT else number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    wait = _FIRST_WAIT
    while True:
        began = time.monotonic()
        hears, beats = os.pipe()
        process = subprocess.Popen([*command, "--beat", str(beats)], pass_fds=[beats], stdin=subprocess.DEVNULL)
        child[:] = [process]
        os.close(beats)
        if stopping.is_set():  # told so before there was anybody to pass it on to
            process.terminate()
        has_beaten = _listen(process, hears, patience, stopping)
        os.close(hears)
        status = process.wait()
        child.clear()
        if stopping.is_set() or status == 0:
            return max(status, 0)
        if status == _USAGE and not has_beaten:
            return status
        log.warning("the agent ended (%s); it is started again", status)
        wait = _FIRST_WAIT if time.monotonic() - began > _STABLE else min(wait * 2, _LONGEST_WAIT)
        if stopping.wait(wait):
            return 0


def _listen(process: subprocess.Popen[bytes], hears: int, patience: float, stopping: threading.Event) -> bool:
    """Until the process ends, or is ended because it went silent; whether it was ever heard."""
    heard, due = False, time.monotonic() + START_PATIENCE
    last = 0.0
    while True:
        ready, _, _ = select.select([hears], [], [], 0.25)
        now = time.monotonic()
        if ready:
            if not os.read(hears, 4096):
                return heard  # it closed the pipe: it ends
            heard, due = True, now + patience
        if process.poll() is not None:
            return heard
        if stopping.is_set():
            last = last or now + _LAST_CHANCE
            due = max(due, last) if now < last else 0.0
        if now > due:
            log.error("the agent does not answer; it is ended")
            process.kill()
            return heard


class Heart:
    """The agent's side: beats while ``sound`` says that all is well, and dies with the supervisor."""

    def __init__(self, beats: int, sound: Callable[[], bool]) -> None:
        self._beats, self._sound = beats, sound
        self._stopping = threading.Event()
        os.set_inheritable(beats, False)
        die_with_parent()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; the supervisor then waits for the process."""
        self._stopping.set()

    def _beat(self) -> None:
        while not self._stopping.wait(BEAT):
            if self._sound():
                with contextlib.suppress(OSError):
                    os.write(self._beats, b".")


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends: two agents would fight over the same media."""
    if sys.platform != "linux":
        return
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent or parent == 1:
        os._exit(1)
