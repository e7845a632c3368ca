"""Block devices that can be carried away, mounted or not: whoever mounts them first decides what can be written.

The kernel tells of devices that come and go over netlink (Documentation/driver-api/driver-model; group 1 is the kernel,
group 2 is udev when it has finished with a device). Nothing in a message is believed: it only says that it is time to
look, and a look every second finds the rest.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from agent.watch.media import (
    SYSTEM,
    Sources,
    bus_of,
    device_of,
    disk_of,
    disks,
    identity,
    mounts,
    system_disks,
    word,
)
from config.events import Medium

log = logging.getLogger(__name__)
_UEVENT = 15  # NETLINK_KOBJECT_UEVENT
_KERNEL, _UDEV = 1, 2  # groups, as bits
_SECTOR = 512  # what sysfs counts in, whatever the device's own is
_UDEV_SECONDS = 5.0  # for udev to finish with a device before it is told of without


class Attached(msgspec.Struct, frozen=True):
    """A device that may hold a file system: a partition, or a disk that has none."""

    node: Path  # /dev/sdb1
    disk: Path  # /dev/sdb
    number: str  # major:minor
    size: int  # bytes
    medium: Medium  # its mount point is empty: see ``points``
    read_only: bool  # the kernel refuses writing: a switch on the card, or blockdev --setro
    points: tuple[Path, ...] = ()  # where it is mounted now


def attached(sources: Sources = SYSTEM, dev: Path = Path("/dev")) -> list[Attached]:
    """All of them, in the order of their names. Disks that this computer itself runs from are left out."""
    there = mounts(sources.mountinfo)
    own = system_disks(there, sources.sysfs)
    points: dict[Path, list[Path]] = {}
    for mount in there:
        for device in disks(device_of(mount, sources.sysfs)):
            points.setdefault(device, []).append(mount.point)
    found = []
    for device in _devices(sources.sysfs):
        disk = disk_of(device)
        if not (bus := bus_of(device)) or disk in own:
            continue
        size = word(device / "size")
        if not size.isdigit() or size == "0":  # a card reader without a card
            continue
        node = dev / device.name.replace("!", "/")
        found.append(
            Attached(
                node,
                dev / disk.name.replace("!", "/"),
                word(device / "dev"),
                int(size) * _SECTOR,
                identity(device, bus, "", "", str(node), sources.udev),
                word(device / "ro") == "1" or word(disk / "ro") == "1",
                tuple(points.get(device, ())),
            )
        )
    return found


def _devices(sysfs: Path) -> Iterator[Path]:
    """Partitions, and disks without any, resolved."""
    try:
        names = sorted((sysfs / "block").iterdir())
    except OSError:
        return
    for name in names:
        disk = name.resolve()
        parts = sorted(path for path in disk.glob(f"{disk.name}*") if (path / "partition").exists())
        yield from parts or [disk]


class Devices(threading.Thread):
    """Tells when devices come and go. Another medium in the same reader, or another label, goes and comes.

    That a device is mounted, or made read-only, is no news: whoever is told does both.
    """

    def __init__(
        self,
        came: Callable[[Attached], None],
        went: Callable[[Attached], None],
        seconds: float = 1.0,
        sources: Sources = SYSTEM,
    ) -> None:
        super().__init__(name="devices", daemon=True)
        self._came, self._went, self._seconds, self._sources = came, went, seconds, sources
        self._known: dict[Path, Attached] = {}
        self._waiting: dict[Path, float] = {}  # for udev, since when
        self._stopping = threading.Event()
        self._last: list[tuple[str, str]] | None = None

    def run(self) -> None:
        """Look now, at every message of the kernel, and every second."""
        with _uevents() as link:
            while not self._stopping.is_set():
                self.look(always=link is None)
                if link is None:
                    self._stopping.wait(self._seconds)
                    continue
                if select.select([link], [], [], self._seconds)[0]:
                    self._last = None
                    _drain(link)

    def look(self, *, always: bool = True) -> None:
        """Compare what is attached with what was, and tell the difference.

        Args:
            always: read everything anew; else only when names or sizes of devices differ from those of the last look.
        """
        names = sorted((one.name, word(one / "size")) for one in _devices(self._sources.sysfs))
        if not always and names == self._last and not self._waiting:
            return
        self._last = names
        try:
            there = attached(self._sources)
        except (OSError, ValueError) as problem:  # read while it changed
            log.info("cannot list devices: %s", problem)
            self._last = None
            return
        now = {one.node: one for one in there if self._is_ready(one)}
        for node, one in list(self._known.items()):
            if node not in now or not _is_same(one, now[node]):
                del self._known[node]
                self._went(one)
        for node, one in now.items():
            if node not in self._known:
                self._known[node] = one
                self._came(one)

    def stop(self) -> None:
        """End at the next look."""
        self._stopping.set()

    def _is_ready(self, one: Attached) -> bool:
        """Whether udev, where it runs, has finished with a device: it writes down serial and label at the end."""
        if not (self._sources.udev / "control").exists() or one.node in self._known:
            return True
        if (self._sources.udev / "data" / f"b{one.number}").exists():
            self._waiting.pop(one.node, None)
            return True
        since = self._waiting.setdefault(one.node, time.monotonic())
        if time.monotonic() - since < _UDEV_SECONDS:
            return False
        self._waiting.pop(one.node, None)
        return True


def _is_same(one: Attached, other: Attached) -> bool:
    return (one.number, one.size, one.medium) == (other.number, other.size, other.medium)


@contextlib.contextmanager
def _uevents() -> Iterator[socket.socket | None]:
    """The kernel's messages about devices; None where it sends none here."""
    link: socket.socket | None = None
    if sys.platform == "linux":
        try:
            link = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _UEVENT)
            link.setblocking(False)
            link.bind((0, _KERNEL | _UDEV))
        except OSError as problem:
            log.info("no messages about devices: %s", problem)
            if link is not None:
                link.close()
            link = None
    try:
        yield link
    finally:
        if link is not None:
            link.close()


def _drain(link: socket.socket) -> None:
    while True:
        try:
            link.recv(65536)
        except BlockingIOError:
            return
        except OSError:  # ENOBUFS: some were lost; we look anyway
            continue
