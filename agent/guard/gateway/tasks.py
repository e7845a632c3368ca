"""Threads and the processes they belong to: the kernel names the thread that asks."""

from __future__ import annotations

import os


def tgid(thread: int) -> int:
    """The process of a thread; the thread itself where it is gone."""
    try:
        with open(f"/proc/{thread}/status", "rb") as file:  # noqa: PTH123 - one of the hot places
            for line in file:
                if line.startswith(b"Tgid:"):
                    return int(line[5:])
    except (OSError, ValueError):
        pass
    return thread


def is_own(thread: int) -> bool:
    """Whether a thread is one of this process."""
    return os.path.exists(f"/proc/self/task/{thread}")  # noqa: PTH110
