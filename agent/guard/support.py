"""What this computer gives to prevention. Every part is really tried, in a way that changes nothing.

Marks are put on a file made for the purpose and on nothing else, copies of mounts are never attached, and all is gone
when the question is answered. Needs root for most; without, the answer is that only root can tell.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.install.files import RULES, SERVICE
from config.guarding import GATEWAY, PARTS, YES
from config.text import Text

Answer = bool | Text  # True: it is there; False: it is not; a text: why not, or not all of it
_ROOT_ONLY = Text("only root can tell: run it with sudo", "需 root 才能确定，请使用 sudo 运行")
_BOOTED = Path("/run/systemd/system")
_SECONDS = 10


def support() -> dict[str, Answer]:
    """Each part of :data:`config.guarding.PARTS`, by its name."""
    if sys.platform == "linux":
        return {name: _answer(probe) for name, probe in _PROBES.items()}
    why = Text("{system} lets nobody stand between", "{system} 不提供写入前检查的途径").fill(system=platform.system())
    return dict.fromkeys(PARTS, why)


def told(found: dict[str, Answer], *, gateway: bool) -> dict[str, str]:
    """The same for a heartbeat, with whether the agent stands in the way of copies now."""
    words = {
        name: YES if answer is True else answer.en if isinstance(answer, Text) else "no"
        for name, answer in found.items()
    }
    return {GATEWAY: YES if gateway else "no", **words}


def _answer(probe: Callable[[], Answer]) -> Answer:
    try:
        return probe()
    except OSError as problem:
        if problem.errno in {errno.EPERM, errno.EACCES} and sys.platform != "win32" and os.geteuid() != 0:
            return _ROOT_ONLY
        if problem.errno in {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}:
            return Text(f"this kernel ({platform.release()}) has it not", f"当前内核（{platform.release()}）不支持")
        why = problem.strerror or str(problem)
        return Text(why, why)


def _fuse() -> Answer:
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR | getattr(os, "O_CLOEXEC", 0)))
    except FileNotFoundError:
        return Text("there is no /dev/fuse; load the module fuse", "没有 /dev/fuse，请加载 fuse 模块")
    if sys.platform == "linux" and os.geteuid() != 0:
        return Text("the agent must run as root for it", "客户端须以 root 运行")
    return True


def _fanotify() -> Answer:
    if sys.platform == "linux":
        from agent.guard import fanotify

        with fanotify.Permissions() as group, _file() as path:
            group.mark(fanotify.ADD, fanotify.OPEN_PERM, path)
    return True


def _notifications() -> Answer:
    if sys.platform == "linux":
        from agent.guard import fanotify

        with fanotify.Notifications(names=False) as group, _file() as path:
            group.mark(fanotify.ADD, fanotify.OPEN | fanotify.CLOSE_WRITE, path)
    return True


def _pre_access() -> Answer:
    if sys.platform == "linux":
        from agent.guard import fanotify

        with fanotify.Permissions(before_content=True) as group, _file() as path:
            try:
                group.mark(fanotify.ADD, fanotify.PRE_ACCESS, path)
            except OSError as problem:
                if problem.errno != errno.EOPNOTSUPP:  # the kernel has it, the file system of /tmp has not
                    raise
    return True


def _mount_api() -> Answer:
    """A copy of a mount that is nowhere attached; closing it undoes it. Source: open_tree(2), one number on all."""
    if sys.platform == "linux":
        call = ctypes.CDLL(None, use_errno=True).syscall
        tree = call(428, -100, b"/", ctypes.c_uint(1 | os.O_CLOEXEC))
        if tree < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        os.close(tree)
    return True


def _proc_connector() -> Answer:
    if sys.platform == "linux":
        if os.geteuid() != 0:
            return _ROOT_ONLY
        from agent.guard.processes import _IGNORE, _connected, _request

        link = _connected()
        if link is None:
            return False
        with link:
            link.send(_request(_IGNORE))
        return True
    return False


def _filesystems() -> Answer:
    """Drivers in the kernel, modules beside it, or programs over FUSE, for what sticks are made with."""
    known = {line.split()[-1] for line in Path("/proc/filesystems").read_text("utf-8").splitlines()}
    folder = Path("/lib/modules", platform.release())
    for name in ("modules.builtin", "modules.dep"):
        try:
            lines = (folder / name).read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        known |= {Path(line.partition(":")[0]).name.partition(".")[0] for line in lines}
    path = "/usr/sbin:/sbin:/usr/bin:/bin"
    helpers = {
        "exFAT": ({"exfat"}, ("mount.exfat-fuse", "mount.exfat")),
        "FAT": ({"vfat"}, ("mount.fusefat", "fusefat")),
        "NTFS": ({"ntfs3"}, ("ntfs-3g", "mount.ntfs-3g")),
    }
    missing = [
        name
        for name, (drivers, programs) in helpers.items()
        if not drivers & known and not any(shutil.which(program, path=path) for program in programs)
    ]
    if missing:
        return Text(f"no driver for {', '.join(missing)}", f"缺少驱动：{'、'.join(missing)}")
    return True


def _udev_rule() -> Answer:
    if not RULES.exists():
        return Text("not installed: `shoumi agent install` does", "未安装，运行 `shoumi agent install` 可安装")
    if not Path("/run/udev/control").exists():
        return Text("udev does not run here", "此处未运行 udev")
    return True


def _service() -> Answer:
    if not _BOOTED.is_dir():
        return Text("systemd does not run here", "此处未运行 systemd")
    try:
        done = subprocess.run(
            ["systemctl", "is-active", SERVICE], capture_output=True, timeout=_SECONDS, check=False
        ).stdout.decode("utf-8", "replace")
    except subprocess.SubprocessError:
        return Text("systemd does not answer", "systemd 无响应")
    state = done.strip() or "unknown"
    return True if state == "active" else Text(f"it is {state}", f"状态为 {state}")


@contextlib.contextmanager
def _file() -> Iterator[str]:
    """A file that nobody else knows, for a mark."""
    with tempfile.NamedTemporaryFile(prefix="shoumi-probe-") as file:
        yield file.name


_PROBES: dict[str, Callable[[], Answer]] = {
    "fuse": _fuse,
    "fanotify": _fanotify,
    "notifications": _notifications,
    "pre_access": _pre_access,
    "mount_api": _mount_api,
    "proc_connector": _proc_connector,
    "filesystems": _filesystems,
    "udev_rule": _udev_rule,
    "service": _service,
}
