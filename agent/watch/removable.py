"""Which removable media are mounted.

On Linux the kernel says when mounts change (``poll`` on ``/proc/self/mountinfo``), and :mod:`agent.watch.media` what a
device is. Elsewhere psutil is asked.
"""

from __future__ import annotations

import logging
import select
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil

from agent.watch.media import SYSTEM, Sources, bus_of, device_of, disk_of, disks, identity, mounts, system_disks, word
from config.events import Medium

log = logging.getLogger(__name__)
_IMAGES = {"squashfs", "iso9660", "udf", "erofs"}  # read-only images: nothing can be copied to them


class Removable(threading.Thread):
    """Tells when removable media come and go."""

    def __init__(
        self, came: Callable[[Path, Medium], None], went: Callable[[Path], None], seconds: float = 1.0
    ) -> None:
        super().__init__(name="removable", daemon=True)
        self._came, self._went, self._seconds = came, went, seconds
        self._known: dict[Path, Medium] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look now, and at every change."""
        if sys.platform == "linux":
            with SYSTEM.mountinfo.open("rb") as file:
                poll = select.poll()
                poll.register(file, select.POLLPRI | select.POLLERR)
                while not self._stopping.is_set():
                    self.look()
                    poll.poll(self._seconds * 1000)
        else:
            while not self._stopping.is_set():
                self.look()
                self._stopping.wait(self._seconds)

    def look(self) -> None:
        """Compare what is mounted with what was, and tell the difference."""
        try:
            now = mounted()
        except OSError as problem:  # the list was read while it changed; the next look is a second away
            log.info("cannot read mounts: %s", problem)
            return
        gone = self._known.items() - now.items()  # also another medium in the same place
        new = now.items() - self._known.items()
        self._known = now
        for path, _ in gone:
            self._went(path)
        for path, medium in new:
            self._came(path, medium)

    def stop(self) -> None:
        """End at the next look."""
        self._stopping.set()


def mounted(*, read_only: bool = False) -> dict[Path, Medium]:
    """Removable media by the folder they are mounted on; writable ones, and with ``read_only`` all."""
    return _linux(read_only=read_only) if sys.platform == "linux" else _elsewhere(read_only=read_only)


def _linux(sources: Sources = SYSTEM, *, read_only: bool = False) -> dict[Path, Medium]:
    found: dict[Path, Medium] = {}
    there = mounts(sources.mountinfo)
    own = system_disks(there, sources.sysfs)
    for mount in there:
        if not read_only and (mount.read_only or mount.filesystem in _IMAGES):
            continue
        for device in disks(device_of(mount, sources.sysfs)):
            if disk_of(device) in own:
                break
            if bus := bus_of(device) or _bus_of_its_own(device):
                found[mount.point] = identity(
                    device, bus, str(mount.point), mount.filesystem, mount.source, sources.udev
                )
                break
    return found


def _bus_of_its_own(device: Path) -> str:
    """A file used as a disk, such as an encrypted container, is as easily taken away as a stick; so is a floppy."""
    disk = disk_of(device)
    if (disk / "loop").is_dir():
        return "loop"
    return "removable" if word(disk / "removable") == "1" else ""


def _elsewhere(*, read_only: bool) -> dict[Path, Medium]:
    """Windows says which drives are removable; macOS mounts what was plugged in below /Volumes."""
    found: dict[Path, Medium] = {}
    for part in psutil.disk_partitions(all=False):
        options = part.opts.split(",")
        removable = "removable" in options or (sys.platform == "darwin" and part.mountpoint.startswith("/Volumes/"))
        if removable and (read_only or "ro" not in options):
            label = Path(part.mountpoint).name
            found[Path(part.mountpoint)] = Medium(part.mountpoint, "removable", label=label, filesystem=part.fstype)
    return found
