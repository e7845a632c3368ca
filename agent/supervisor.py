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
from typing import NamedTuple

log = logging.getLogger(__name__)
BEAT = 1.0  # seconds between two
_FIRST_WAIT, _LONGEST_WAIT, _STABLE = 0.2, 5.0, 5.0  # seconds between two starts; less after a stable run
_PR_SET_PDEATHSIG = 1
_USAGE = 2  # exit status of an error that starting again does not mend
_NOT_STARTED = 127
_KILL = 1 << 8  # SIGKILL in a signal mask
_SOON = 0.3  # seconds in which a killed process is usually gone
_LOOK = 0.2  # seconds between two looks whether the process still runs


def can_guard() -> bool:
    """Whether this process can put a gateway before a medium: Linux, root, FUSE."""
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/dev/fuse").exists()


class Patience(NamedTuple):
    """How long the supervisor waits, in seconds."""

    silence: float = 5.0  # without a heartbeat
    start: float = 60.0  # until the first one
    end: float = 20.0  # that an orderly end may take


def bury(home: Path) -> None:
    """Free those who wait for the gateways of the agent of this home, which is dead or dying."""
    if sys.platform == "linux":
        from agent.guard.bury import bury

        bury(home)


def supervise(command: Sequence[str], patience: Patience | None = None, bury: Callable[[], None] = lambda: None) -> int:
    """Keep ``command`` running until SIGTERM or SIGINT; it gets ``--beat FD`` to write its heartbeat to.

    Args:
        command: the agent.
        patience: how long to wait for it.
        bury: called when it was killed and is not gone at once; it frees those who keep it from going.

    Returns:
        Its exit status, once it ended as told, or with an error of configuration.
    """
    patience = patience or Patience()
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
        try:
            status, has_beaten = _once(command, patience, stopping, child, bury)
        except OSError as problem:  # no memory, no process: it may pass, and nobody else would try again
            log.error("the agent cannot be started: %s", problem)  # noqa: TRY400 - its words say it
            status, has_beaten = _NOT_STARTED, False
        if stopping.is_set() or status == 0:
            return max(status, 0)
        if status == _USAGE and not has_beaten:
            return status
        log.warning("the agent ended (%s); it is started again", status)
        wait = _FIRST_WAIT if time.monotonic() - began > _STABLE else min(wait * 2, _LONGEST_WAIT)
        if stopping.wait(wait):
            return 0


def _once(
    command: Sequence[str],
    patience: Patience,
    stopping: threading.Event,
    child: list[subprocess.Popen[bytes]],
    bury: Callable[[], None],
) -> tuple[int, bool]:
    """Run it once; its exit status, and whether it was ever heard."""
    hears, beats = os.pipe()
    try:
        try:
            process = subprocess.Popen([*command, "--beat", str(beats)], pass_fds=[beats], stdin=subprocess.DEVNULL)
        finally:
            os.close(beats)
        child[:] = [process]
        if stopping.is_set():  # told so before there was anybody to pass it on to
            process.terminate()
        has_beaten = _listen(process, hears, patience, stopping)
        return _gone(process, bury), has_beaten
    finally:
        child.clear()
        os.close(hears)


def _listen(process: subprocess.Popen[bytes], hears: int, patience: Patience, stopping: threading.Event) -> bool:
    """Until the process ends, or is ended because it went silent; whether it was ever heard."""
    heard, due = False, time.monotonic() + patience.start
    last, heeds = 0.0, [hears]
    while True:
        ready, _, _ = select.select(heeds, [], [], _LOOK)
        now = time.monotonic()
        if ready:
            if os.read(hears, 4096):
                heard, due = True, now + patience.silence
            else:  # it closed the pipe: it ends, or has the usual time to
                heeds, due = [], min(due, now + patience.silence)
        if process.poll() is not None or is_dying(process.pid):
            return heard
        if stopping.is_set():
            last = last or now + patience.end
            due = max(due, last) if now < last else 0.0
        if now > due:
            log.error("the agent does not answer; it is ended")
            process.kill()
            return heard


def _gone(process: subprocess.Popen[bytes], bury: Callable[[], None]) -> int:
    """Wait for a process that ended or was killed; its exit status."""
    while True:
        try:
            return process.wait(_SOON)
        except subprocess.TimeoutExpired:
            try:
                bury()
            except Exception:  # to be tried again
                log.exception("what keeps the agent from ending could not be freed")


def is_dying(process: int) -> bool:
    """Whether a process was killed, or has ended but for a thread that cannot; false where that cannot be told."""
    try:
        text = Path(f"/proc/{process}/status").read_text("utf-8", "replace")
    except OSError:
        return False
    facts = dict(line.partition(":\t")[::2] for line in text.splitlines())
    pending = int(facts.get("SigPnd", "0"), 16) | int(facts.get("ShdPnd", "0"), 16)
    return facts.get("State", "")[:1] in {"Z", "X"} or bool(pending & _KILL)


class Heart:
    """The agent's side: beats while ``sound`` says that all is well, and dies with the supervisor."""

    def __init__(self, beats: int, sound: Callable[[], bool]) -> None:
        self._beats, self._sound = beats, sound
        self._stopping = threading.Event()
        os.set_inheritable(beats, False)
        die_with_parent(beats)
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
                try:
                    os.write(self._beats, b".")
                except BrokenPipeError:  # nobody listens: another supervisor has, or will have, another agent
                    os._exit(1)


def die_with_parent(beats: int) -> None:
    """Have the kernel end this process when its parent ends: two agents would fight over the same media."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    poll = select.poll()
    poll.register(beats, 0)
    if poll.poll(0):  # an error: it ended before this, and nothing would be said of it any more
        os._exit(1)


def main() -> int:
    """``HOME PROGRAM [ARGUMENT …]``: of the agent."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    home, *command = sys.argv[1:]
    return supervise(command, bury=lambda: bury(Path(home)))


if __name__ == "__main__":
    sys.exit(main())
