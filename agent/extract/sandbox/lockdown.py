"""What a worker gives up before it touches a foreign byte.

Everything is imported before :func:`lock`, so that afterwards no file needs to be opened at all: a worker holds the
socket to its parent and the one descriptor it is given. So it works where Python itself lies under a folder that the
unprivileged user cannot read. Each layer is best effort and says whether it holds; one that fails weakens no other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

if sys.platform != "win32":
    import resource
if sys.platform == "linux":
    from agent.extract.sandbox import kernel

NOBODY = 65534
_SPARE_DESCRIPTORS = 64

Layers = dict[str, bool | str]  # the layer, and true or why it does not hold


def lock(memory: int, *, threads: bool = False) -> Layers:
    """Lock this process down for good.

    Args:
        memory: bytes it may map beyond what it has mapped now.
        threads: whether it may start threads, as some libraries must; never another process.
    """
    layers: Layers = {}
    if sys.platform == "linux":
        root = os.geteuid() == 0
        _try(layers, "network namespace", lambda: _leave(root))
        _try(layers, "user", _become_nobody if root else _say_user)
        _try(layers, "limits", lambda: limit(memory, threads=threads))
        _try(layers, "capabilities", kernel.drop_capabilities)
        _try(layers, "no new privileges", kernel.no_new_privileges)
        _try(layers, "not dumpable", kernel.not_dumpable)
        _try(layers, "landlock", kernel.landlock)
        _try(layers, "seccomp", lambda: kernel.seccomp(threads=threads))
    elif sys.platform != "win32":
        _try(layers, "user", _become_nobody if os.geteuid() == 0 else _say_user)
        _try(layers, "limits", lambda: limit(memory, threads=threads))
    return layers


def limit(memory: int, *, threads: bool = False) -> None:
    """Bound memory, files, processes (threads count as such), core dumps; Windows has no such limits.

    Raises:
        OSError: a limit was refused.
        ValueError: a limit is above what this process may set.
    """
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (_SPARE_DESCRIPTORS, _SPARE_DESCRIPTORS))
        if not threads:
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        space = _mapped() + memory
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard != resource.RLIM_INFINITY:
            space = min(space, hard)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (space, space))
        except ValueError:
            if sys.platform != "darwin":  # which has the number but not the limit
                raise


def limit_time(seconds: float) -> None:
    """Let this process use ``seconds`` more of processor time; the kernel ends it after that."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime + seconds) + 1
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _try(layers: Layers, name: str, layer: Callable[[], object]) -> None:
    try:
        answer = layer()
    except (OSError, ValueError, KeyError, AttributeError) as problem:
        layers[name] = str(problem) or type(problem).__name__
    else:
        layers[name] = answer if isinstance(answer, str) else True


def _leave(root: bool) -> None:
    if sys.platform == "linux":
        flags = kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
        kernel.unshare(flags if root else flags | kernel.CLONE_NEWUSER)


def _become_nobody() -> None:
    if sys.platform == "win32":
        return
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if os.getuid() != NOBODY or os.geteuid() != NOBODY:
        raise OSError("still root")


def _say_user() -> None:
    """An ordinary user has no other identity to take; the layers beside this one hold."""


def _mapped() -> int:
    """Bytes of address space mapped now."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - before anything foreign is read
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
