"""Ending the gateways of an agent that was killed and cannot die.

A thread of the agent may wait inside the kernel for a folder's lock while somebody holds that lock and waits for the
agent's answer. Killed at that moment, the agent never gets to close its connection, and everybody on the medium waits
for ever. Aborting the connection from outside lets all of them go, with errors.
Source: the kernel's Documentation/filesystems/fuse.rst, "Aborting a filesystem connection".
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import logging
import re
from pathlib import Path

from agent.guard import mounts
from agent.guard.fuse.channel import KIND
from agent.guard.held import Memory
from agent.watch import media

log = logging.getLogger(__name__)
_CONNECTIONS = Path("/sys/fs/fuse/connections")
_CONNECTION = re.compile(r"^fuse_connection:\s*(\d+)$", re.MULTILINE)


def bury(home: Path) -> None:
    """Abort the connections of all gateways that the agent of this home had. For an agent that is dead, or dying."""
    paths = set(Memory.of(home).paths())
    for mount in media.mounts():
        if mount.point in paths and mount.filesystem == KIND:
            log.info("the connection of a gateway is aborted: %s", mount.number)
            if not abort(mount.number):
                mounts.unmount(mount.point, force=True)
    for number in _open(home / "agent.pid"):  # those whose mounts are out of the tree, while people use them
        log.info("the connection of a gateway without a mount is aborted: %s", number)
        abort(f"0:{number}")


def abort(number: str) -> bool:
    """End a connection by the number (``0:minor``) of its mount: who waits gets errors. False where it cannot."""
    try:
        (_CONNECTIONS / number.partition(":")[2] / "abort").write_text("1", "ascii")
    except OSError:  # gone, or that file system is not mounted
        return False
    return True


def _open(file: Path) -> set[str]:
    """The FUSE connections that the process whose number stands in a file has open; needs a kernel that tells."""
    try:
        tasks = list(Path("/proc", file.read_text("ascii").strip(), "task").iterdir())
    except (OSError, ValueError):
        return set()
    found: set[str] = set()
    for task in tasks:  # a dead leader shows nothing any more, its threads do
        with contextlib.suppress(OSError):
            for info in (task / "fdinfo").iterdir():
                with contextlib.suppress(OSError):
                    found.update(_CONNECTION.findall(info.read_text("ascii", "replace")))
    return found
