"""What a process that waits for its open() means to do: read, write, or nobody can tell.

A question of the kernel's does not carry the flags of the open call, but its caller waits inside that call, and
``/proc/TID/syscall`` shows the call with its arguments (proc(5)).
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import fcntl
import os
import signal
import struct
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

PROC = Path("/proc")
_WAITS = (0, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)  # seconds
# The argument that holds the flags, by the number of the call: open, openat, open_by_handle_at. Numbers of 32-bit
# calls do not meet those of 64-bit ones here, because whoever is asked about waits in a call that opens.
_FLAGS = {2: 1, 257: 2, 304: 2} if os.uname().machine == "x86_64" else {56: 2, 265: 2}
if os.uname().machine in ("x86_64", "i686"):
    _FLAGS |= {5: 1, 295: 2}
_OPENAT2 = 437  # everywhere; its flags stand in memory, behind the third argument


class Intent(StrEnum):
    """What an open call is for."""

    READ = "read"
    WRITE = "write"
    UNKNOWN = "unknown"


class Call(msgspec.Struct, frozen=True):
    """An open call, as far as it can be seen."""

    intent: Intent
    creates: bool = False  # with O_CREAT: what it names may be there only because of it


_NONE, _READ, _CREAT = Call(Intent.UNKNOWN), Call(Intent.READ), Call(Intent.WRITE, creates=True)
# creat; execve and execveat, which read
_OTHERS = (
    {85: _CREAT, 8: _CREAT, 59: _READ, 322: _READ, 11: _READ, 358: _READ}
    if os.uname().machine in ("x86_64", "i686")
    else {221: _READ, 281: _READ}
)


def of_thread(thread: int, descriptor: int, proc: Path = PROC) -> Call:
    """The call that a thread waits in, about the file that ``descriptor`` (the event's) stands for."""
    try:
        words = _words(proc / str(thread) / "syscall")
        number, arguments = int(words[0]), [int(word, 16) for word in words[1:7]]
    except (OSError, ValueError, IndexError):
        return _NONE
    if number in _FLAGS:
        return _call(arguments[_FLAGS[number]])
    if number == _OPENAT2:
        return _of_openat2(proc / str(thread) / "mem", arguments[2], descriptor)
    return _OTHERS.get(number, _NONE)  # none is known of io_uring, a core dump, swapon, acct ...


def _words(file: Path) -> list[str]:
    """The call, once its thread has gone to sleep in it: the question may be here a little earlier."""
    for wait in _WAITS:
        words = file.read_text("ascii").split()
        if words != ["running"]:
            return words
        time.sleep(wait)
    return []


def _of_openat2(memory_of: Path, address: int, descriptor: int) -> Call:
    try:
        with memory_of.open("rb", buffering=0) as memory:
            memory.seek(address)
            call = _call(struct.unpack("=Q", memory.read(8))[0])
    except (OSError, ValueError, OverflowError, struct.error):
        return _NONE
    # Another thread may have changed those flags since the kernel read them; that the file is written is no lie.
    return Call(Intent.WRITE, call.creates) if call.intent is Intent.READ and is_written(descriptor) else call


def of_process(process: int, descriptor: int, proc: Path = PROC) -> Call:
    """The same where the kernel does not tell the thread: all threads that wait in an open call must be reading."""
    found = [of_thread(thread, descriptor, proc) for thread in _threads(process, proc)]
    known = [call for call in found if call.intent is not Intent.UNKNOWN]
    if not known:
        return _NONE
    return next((call for call in known if call.intent is Intent.WRITE), known[0])


def is_written(descriptor: int) -> bool:
    """Whether anyone has the file open for writing, those who wait for leave to open it included.

    A lease for reading is granted only where nobody does (fcntl(2), F_SETLEASE); it is given back at once. False also
    where the file system knows no leases.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # SIGIO, were it broken meanwhile, would end us
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _call(flags: int) -> Call:
    creates = bool(flags & os.O_CREAT)
    reading = flags & os.O_ACCMODE == os.O_RDONLY and not flags & os.O_TRUNC
    return Call(Intent.READ if reading else Intent.WRITE, creates)


def _threads(process: int, proc: Path) -> Iterator[int]:
    try:
        folders = list((proc / str(process) / "task").iterdir())
    except OSError:
        return
    yield from (int(folder.name) for folder in folders)
