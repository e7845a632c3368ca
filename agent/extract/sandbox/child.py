"""One worker process seen from its parent: started, asked, and ended."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from agent.extract.sandbox.frames import Channel, Done, FromWorker, Hello, Job, Longer, Part, Ready
from agent.extract.sandbox.lockdown import Layers
from agent.extract.sandbox.progress import Progress
from config.errors import ShoumiError
from config.text import Text
from config.verdict import Reason, Segment

_START = 60.0  # seconds; importing and compiling rules on a slow, busy machine
_GRACE = 5.0  # seconds past its own deadline before a worker is killed: time to judge what it has read
# -I: neither the environment nor the working directory decides what is imported; the folder of these packages is named.
_BOOT = "import sys; sys.path.append(sys.argv[1]); from agent.extract.sandbox.worker import main; main()"
_ROOT = str(Path(__file__).resolve().parents[3])


class WorkerLostError(Exception):
    """The worker ended, or had to be ended, in the middle of a file."""

    def __init__(self, reason: Reason, error: str = "") -> None:
        super().__init__(error or str(reason))
        self.reason, self.error = reason, error


def command() -> list[str]:
    """How a worker is started."""
    return [sys.executable, "-I", "-B", "-c", _BOOT, _ROOT, "agent.extract.sandbox.worker"]


class Child:
    """A running worker. Not thread-safe: one job at a time.

    Raises:
        ShoumiError: it cannot be started, or cannot serve with this setup.
    """

    def __init__(self, hello: Hello, arguments: list[str] | None = None) -> None:
        self.detects, self.kit = hello.detect, hello.kit
        self.served = 0
        self.edition = 0  # of what it has loaded, for its pool
        self.idle_since = time.monotonic()
        near, far = socket.socketpair()
        self._channel = Channel(near)
        self._progress = Progress()
        try:
            self._process = _start(arguments or command(), far)
        except OSError as problem:
            near.close()
            raise _not_started(str(problem)) from None
        finally:
            far.close()
        try:
            self._channel.send(hello, self._progress.descriptor)
            self._progress.handed()
            ready = self._channel.receive(Ready, _START)[0]
        except (EOFError, OSError, msgspec.DecodeError) as problem:
            self.kill()
            raise _not_started(f"{type(problem).__name__} {problem}, exit status {self._process.returncode}") from None
        assert isinstance(ready, Ready)  # noqa: S101 - decoded as such
        if ready.error is not None:
            self.kill()
            raise ShoumiError(ready.error, ready.hint) if ready.hint else _not_started(ready.error.en)
        self.layers: Layers = ready.layers

    @property
    def pid(self) -> int:
        """The process id, for tests and for `shoumi doctor`."""
        return self._process.pid

    def ask(self, job: Job, descriptor: int, seconds: float, most: float, segments: list[Segment]) -> Done:
        """Have one file read.

        Args:
            job: what is asked.
            descriptor: the open file.
            seconds: the time it may take; the worker knows it too and stops by itself where it can.
            most: the time it may take however much it unpacks to.
            segments: the text is appended here as it arrives, so what was read before a failure stays.

        Raises:
            WorkerLostError: the worker is gone; this object is of no use any more.
        """
        self.served += 1
        latest = time.monotonic() + most + _GRACE
        deadline = time.monotonic() + seconds + _GRACE
        try:
            self._channel.link.settimeout(_GRACE)
            self._channel.send(job, descriptor)
            while True:
                frame = self._channel.receive(FromWorker, max(0.01, deadline - time.monotonic()))[0]  # type: ignore[arg-type]
                if isinstance(frame, Done):
                    self.idle_since = time.monotonic()
                    return frame
                if isinstance(frame, Part):
                    segments.extend(frame.segments)
                elif isinstance(frame, Longer):
                    deadline = min(latest, time.monotonic() + frame.seconds + _GRACE)
        except TimeoutError:
            self.kill()
            raise WorkerLostError(Reason.TIMEOUT) from None
        except (EOFError, OSError, msgspec.DecodeError):
            raise self._autopsy() from None

    @property
    def reached(self) -> int:
        """Segments of the current file that were read and judged; what is known when the worker is gone."""
        return self._progress.reached

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """Let it end, and see that it does."""
        self._channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self.kill()

    def kill(self) -> None:
        """End it now."""
        self._channel.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _autopsy(self) -> WorkerLostError:
        self._channel.close()
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.kill()
            return WorkerLostError(Reason.CORRUPT, "the reader answered nonsense")
        if sys.platform != "win32":
            if status == -signal.SIGXCPU:
                return WorkerLostError(Reason.TIMEOUT)
            if status in (-signal.SIGABRT, -signal.SIGKILL):  # allocation failed in native code; or the OOM killer
                return WorkerLostError(Reason.MEMORY, f"the reader ended with {signal.Signals(-status).name}")
            if status < 0:
                return WorkerLostError(Reason.CORRUPT, f"the reader crashed with {signal.Signals(-status).name}")
        return WorkerLostError(Reason.CORRUPT, f"the reader ended with status {status}")


def _start(arguments: list[str], link: socket.socket) -> subprocess.Popen[bytes]:
    """A process with ``link`` as its standard input; Windows hands sockets over by value instead."""
    quiet = subprocess.DEVNULL
    if sys.platform == "win32":
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
        if process.stdin is not None:
            process.stdin.write(link.share(process.pid))
            process.stdin.close()
        return process
    return subprocess.Popen(arguments, stdin=link.fileno(), stdout=quiet, stderr=quiet, env={}, cwd="/")


def _not_started(why: str) -> ShoumiError:
    return ShoumiError(
        Text(f"the reader of documents does not start: {why}", f"文档读取进程无法启动：{why}"),
        Text(
            "run `shoumi doctor`, and `shoumi policy check` for the rules",
            "请运行 `shoumi doctor`；规则请用 `shoumi policy check` 检查",
        ),
    )
