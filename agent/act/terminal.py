"""A message on the terminal of somebody who has no desktop here: written at once or not at all."""

from __future__ import annotations

import os
import stat
import sys

from config.text import printable

_PTS = range(136, 144)  # majors of Unix98 terminals: Documentation/admin-guide/devices.txt
_CONSOLE = 4  # major of tty1 to tty63, then serial lines
_MOST = 4000  # bytes; what a terminal takes at once without a reader


def name(device: int) -> str:
    """The path of a terminal by its device number, empty for what is none."""
    major, minor = device >> 8 & 0xFFF, device & 0xFF | device >> 12 & 0xFFF00  # as in /proc/PID/stat
    if major in _PTS:
        return f"/dev/pts/{(major - _PTS.start) * 256 + minor}"
    if major == _CONSOLE and 0 < minor < 64:
        return f"/dev/tty{minor}"
    return ""


def say(device: int, text: str, uid: int) -> bool:
    """Write to a person's terminal; false when it is not theirs, or does not take it now (stopped, full)."""
    path = name(device)
    if sys.platform == "win32" or not path:
        return False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISCHR(status.st_mode) or not os.isatty(descriptor) or status.st_uid != uid:
            return False
        if is_ours(status.st_rdev):  # the agent runs there, and has said it
            return True
        shown = printable(text).replace("\n", "\r\n").encode("utf-8", "replace")[:_MOST]
        return os.write(descriptor, b"\r\n" + shown + b"\r\n") > 0
    except OSError:
        return False
    finally:
        os.close(descriptor)


def is_ours(device: int) -> bool:
    """Whether this is the terminal that the agent's own messages go to."""
    try:
        return sys.platform != "win32" and os.isatty(2) and os.fstat(2).st_rdev == device
    except OSError:
        return False
