"""Threads and the processes they belong to: the kernel names the thread that asks."""

from __future__ import annotations

import os
import sys

assert sys.platform == "linux"  # noqa: S101 - no other kernel has it; type checkers skip what follows

# hang-up, Ctrl-C, Ctrl-\, kill, terminate: bits of the signal masks in /proc
_ENDING = sum(1 << (number - 1) for number in (1, 2, 3, 9, 15))


def tgid(thread: int) -> int:
    """The process of a thread; the thread itself where it is gone."""
    try:
        descriptor = os.open(f"/proc/{thread}/status", os.O_RDONLY | os.O_CLOEXEC)
        try:
            words = os.read(descriptor, 4096)
        finally:
            os.close(descriptor)
        return int(words[words.index(b"\nTgid:") + 6 :].split(None, 1)[0])
    except (OSError, ValueError):
        return thread


def is_own(thread: int) -> bool:
    """Whether a thread is one of this process."""
    return os.path.exists(f"/proc/self/task/{thread}")  # noqa: PTH110


def is_told_to_end(thread: int) -> bool:
    """Whether a signal waits for a thread that asks its process to end."""
    try:
        with open(f"/proc/{thread}/status", "rb") as file:  # noqa: PTH123
            words = [line.split() for line in file if line.startswith((b"SigPnd:", b"ShdPnd:"))]
    except OSError:
        return True  # gone
    return any(int(value, 16) & _ENDING for _, value in words)
