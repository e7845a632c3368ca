"""The programs that `tests.benchmarks.extract` compares, all asked alike: start, read a path, stop.

``read`` gives what went wrong with a file: nothing, what the program said, or "hang" or "crash". Each serves one caller
a lane at a time; a lane is one long-lived process, or for the floor one process a file.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from agent.extract.sandbox.pool import Sandbox, Setup

PATIENCE = 60.0  # seconds one file may take, as for our own reader
HERE = Path(__file__).parent


class Text(NamedTuple):
    """What it read."""

    content: str = ""
    about: str = ""  # metadata, where the program gives them


class Ours:
    """The sandbox as the agent uses it: descriptors passed, content hashed, text sent back with its places."""

    def __init__(self, lanes, *, ocr=False):
        self.name = "ours, OCR on" if ocr else "ours"
        self._setup = setup(ocr=ocr)
        self._lanes = lanes
        self._read = {}

    missing = ""

    def start(self):
        self._sandbox = Sandbox(self._setup, self._lanes)

    def read(self, path, lane):
        found = self._sandbox.extract(path)
        self._read[str(path)] = found.segments[1:]  # the first is the file's name
        return found.error or "; ".join(found.coverage.reasons)

    def stop(self):
        self._sandbox.close()

    def texts(self):
        return {path: Text("\n".join(part.text for part in parts)) for path, parts in self._read.items()}


def setup(*, ocr):
    """The one place that switches the reading of pictures; nothing where this build has no such switch."""
    if ocr:
        return Setup(ocr=True) if "ocr" in Setup.__struct_fields__ else None
    return Setup()


class Library:
    """A library in its own environment, one process a lane; one that hangs or crashes is replaced."""

    def __init__(self, name, lanes, python):
        self.name = name
        self._command = [str(Path(python).absolute()), str(HERE / "yardstick.py"), name]
        self._lanes = lanes
        self._processes = {}

    @property
    def missing(self):
        """Why it cannot be compared, where it cannot."""
        if not Path(self._command[0]).exists():
            return "no environment for it: `make bench-extract` makes one"
        tried = subprocess.run([self._command[0], "-c", f"import {self.name}"], capture_output=True, text=True)
        return tried.stderr.strip().rpartition("\n")[2]

    def start(self):
        self._folder = tempfile.TemporaryDirectory()
        for lane in range(self._lanes):
            self._renew(lane)

    def read(self, path, lane):
        process = self._processes[lane]
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(str(path)).encode() + b"\n")
        line = _line(process, PATIENCE)
        if line is not None and line.endswith(b"\n"):
            answer = json.loads(line)
            return answer["error"] or ("" if answer["chars"] else "empty")
        self._renew(lane)
        return "hang" if line is None else "crash"

    def stop(self):
        for process in self._processes.values():
            _end(process)

    def texts(self):
        found = {}
        for lane in range(self._lanes):
            for line in (Path(self._folder.name) / f"{lane}.jsonl").read_bytes().splitlines():
                with contextlib.suppress(ValueError):  # a line cut by a crash
                    answer = json.loads(line)
                    found[answer["path"]] = Text(answer["text"], answer["about"])
        self._folder.cleanup()
        return found

    def _renew(self, lane):
        if lane in self._processes:
            _end(self._processes[lane])
        self._processes[lane] = subprocess.Popen(
            [*self._command, str(Path(self._folder.name) / f"{lane}.jsonl")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=self._folder.name,
            start_new_session=True,  # so that what it starts ends with it
        )
        _line(self._processes[lane], PATIENCE)


class Floor:
    """What a shell does with one process a file: `pdftotext` for PDF, `unzip -p` for what is packed as zip."""

    def __init__(self, program, arguments):
        self.name = " ".join([program, *arguments[:1]])
        self._command = [program, *arguments]
        self._read = {}

    @property
    def missing(self):
        tried = subprocess.run(["which", self._command[0]], capture_output=True)
        return "" if tried.returncode == 0 else "not installed"

    def reads(self, path):
        """Whether it is made for this file, by its first bytes."""
        with path.open("rb") as file:
            head = file.read(1024)
        return b"%PDF-" in head if self._command[0] == "pdftotext" else head.startswith(b"PK\x03\x04")

    def start(self):
        """Nothing to start."""

    def read(self, path, lane):
        command = [str(path) if part == "FILE" else part for part in self._command]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return "hang"
        self._read[str(path)] = done.stdout
        return "crash" if done.returncode < 0 else "" if done.stdout.strip() else "empty"

    def stop(self):
        """Nothing to stop."""

    def texts(self):
        return {path: Text(raw.decode("utf-8", "replace")) for path, raw in self._read.items()}


class Peak:
    """The most memory any child held, looked at 50 times a second (VmHWM: exact for those that stay)."""

    def __init__(self):
        self.bytes = 0
        self._own = Path("/proc/self/cmdline").read_bytes()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _watch(self):
        while not self._over.wait(0.02):
            for child in children():
                with contextlib.suppress(OSError, IndexError, ValueError):
                    if Path(f"/proc/{child}/cmdline").read_bytes() == self._own:
                        continue  # between fork and exec: the memory seen there is this process's own
                    status = Path(f"/proc/{child}/status").read_text()
                    self.bytes = max(self.bytes, 1024 * int(status.split("VmHWM:")[1].split()[0]))


def children():
    """The processes that this one started and that still live."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found += (task / "children").read_text().split()
    return found


def _line(process, seconds):
    """One line of the answer; none when it does not come in time, and without its end when the process ended."""
    line = b""
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return line
            line += data
    return line


def _end(process):
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()
