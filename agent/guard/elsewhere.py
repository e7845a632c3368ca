"""Copies of a mount in other mount namespaces: made read-only there too.

A person can make a namespace of their own (``unshare -Urm``) before a medium is plugged in; its mount then appears in
there as well, and what is done to the public one is not done to that copy. The seal keeps files on it from being
opened for writing, but it needs a living agent; a read-only mount does not.

A helper process enters the namespace, since a process with threads cannot. It has everything in memory that it needs
by then, and runs nothing that lies in the namespace. Source: setns(2), mount_setattr(2), mount_namespaces(7).
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import logging
import subprocess
from pathlib import Path

from agent.watch.media import mounts

log = logging.getLogger(__name__)
_SECONDS = 5.0
_BUSY = 2
_HELPER = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
space = os.open(f"/proc/{sys.argv[1]}/ns/mnt", os.O_RDONLY)
attributes = (ctypes.c_uint64 * 4)(1, 0, 0, 0)
paths = [os.fsencode(path) for path in sys.argv[2:]]
size, call = ctypes.c_size_t(32), ctypes.c_long(442)
if libc.setns(space, 0x20000):
    os._exit(1)
status = 0
for path in paths:
    if libc.syscall(call, -100, path, ctypes.c_uint(0x100), attributes, size) and ctypes.get_errno() == 16:
        status = 2
os._exit(status)
"""


def set_read_only(number: str) -> bool:
    """Make all mounts of a device (``major:minor``) in other namespaces read-only; whether they are.

    One through which somebody has a file open for writing stays as it is.
    """
    found: dict[str, tuple[int, list[str]]] = {}
    own = _space("self")
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        space = _space(folder.name)
        if not space or space == own or space in found:
            continue
        try:
            there = mounts(folder / "mountinfo")
        except (OSError, ValueError):
            continue
        paths = [str(one.point) for one in there if one.number == number and "ro" not in one.options]
        found[space] = int(folder.name), paths
    done = [_set(pid, paths) for pid, paths in found.values() if paths]
    return all(done)


def _set(pid: int, paths: list[str]) -> bool:
    command = [sys.executable, "-I", "-S", "-c", _HELPER, str(pid), *paths]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as problem:
        log.warning("a copy of a mount in another namespace stays writable: %s", problem)
        return False
    if done.returncode:
        log.info("a copy of a mount in another namespace is still written to (%s)", done.returncode)
    return done.returncode != _BUSY


def _space(name: str) -> str:
    try:
        return str(Path(f"/proc/{name}/ns/mnt").readlink())
    except OSError:
        return ""
