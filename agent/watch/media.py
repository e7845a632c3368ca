"""What a storage device is: on which bus, from which maker, with which serial number, label and file system.

Sources: sysfs (Documentation/ABI/testing/sysfs-bus-usb, sysfs-bus-mmc, sysfs-bus-pci ``removable``), blkid(8), and what
udev wrote down (``/run/udev/data/bMAJOR:MINOR``) where it runs. The bus decides whether a device can be carried away,
never the ``removable`` flag of a disk, which large external disks do not carry and some built-in ones do.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from config.events import Medium

_BUSES = {"usb": "usb", "mmc_host": "mmc", "firewire": "firewire", "fw": "firewire", "thunderbolt": "thunderbolt"}
_PORT = re.compile(rf"({'|'.join(_BUSES)})\d*")
_SYSTEM = {"/", "/boot", "/boot/efi", "/usr", "/var", "/home", "/run/live/medium", "/run/rootfsbase"}


class Mount(msgspec.Struct, frozen=True):
    """One line of mountinfo."""

    number: str  # major:minor
    root: str  # the part of the file system that is shown
    point: Path
    filesystem: str
    source: str
    options: tuple[str, ...] = ()  # of this mount
    system_options: tuple[str, ...] = ()  # of the file system as a whole
    id: int = 0

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written through it."""
        return "ro" in self.options or "ro" in self.system_options


class Sources(msgspec.Struct, frozen=True):
    """Where the facts are; tests put their own."""

    mountinfo: Path = Path("/proc/self/mountinfo")
    sysfs: Path = Path("/sys")
    udev: Path = Path("/run/udev")
    proc: Path = Path("/proc")
    users: Path = Path("/run/user")


SYSTEM = Sources()


def mounts(mountinfo: Path = SYSTEM.mountinfo) -> list[Mount]:
    """All mounts of this process, in the order they were made. Source: proc_pid_mountinfo(5)."""
    found = []
    for line in mountinfo.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        fields = line.split(" ")
        middle = fields.index("-")
        found.append(
            Mount(
                fields[2],
                _unescape(fields[3]),
                Path(_unescape(fields[4])),
                fields[middle + 1],
                _unescape(fields[middle + 2]),
                tuple(fields[5].split(",")),
                tuple(fields[middle + 3].split(",")),
                int(fields[0]),
            )
        )
    return found


def device_of(mount: Mount, sysfs: Path = SYSTEM.sysfs) -> Path:
    """The device a file system lies on, as sysfs shows it; does not exist for what lies on none."""
    number = mount.number if not mount.number.startswith("0:") else _number(mount.source)
    return sysfs / "dev" / "block" / number


def disks(device: Path) -> Iterator[Path]:
    """A device and all it is made of: an encrypted or logical volume lies on the stick below it."""
    if not device.exists():
        return
    real = device.resolve()
    yield real
    try:
        below = sorted((real / "slaves").iterdir())
    except OSError:
        return
    for one in below:
        yield from disks(one)


def disk_of(device: Path) -> Path:
    """The whole disk of a partition (both as sysfs shows them, resolved)."""
    return device.parent if (device / "partition").exists() else device


def bus_of(device: Path) -> str:
    """``usb``, ``mmc``, ``firewire`` or ``thunderbolt`` for what can be carried away, else empty.

    A soldered eMMC hangs on the bus of cards too; its boot partitions give it away. An NVMe disk behind Thunderbolt or
    USB4 looks like any other, but for the port above it, which the firmware calls removable.
    """
    for part in device.parts:
        if found := _PORT.fullmatch(part):
            bus = _BUSES[found[1]]
            disk = disk_of(device)
            return "" if bus == "mmc" and any(disk.glob(f"{disk.name}boot*")) else bus
    if any(word(folder / "removable") == "removable" and (folder / "class").exists() for folder in device.parents):
        return "thunderbolt"
    return ""


def system_disks(found: list[Mount], sysfs: Path = SYSTEM.sysfs) -> frozenset[Path]:
    """Disks that this computer itself runs from, on whatever bus they hang."""
    names = {disk_of(part) for mount in found if str(mount.point) in _SYSTEM for part in disks(device_of(mount, sysfs))}
    return frozenset(names)


def identity(device: Path, bus: str, mount: str, filesystem: str, node: str, udev: Path = SYSTEM.udev) -> Medium:
    """All that is known of a device; ``device`` is a resolved path in sysfs, ``node`` its file below /dev."""
    known = properties(device, udev)
    disk = disk_of(device)
    holder = next((folder for folder in device.parents if (folder / "idVendor").exists()), None)
    label, uuid = _label(node)
    return Medium(
        mount=mount,
        bus=bus,
        vendor=_first(
            word(holder / "manufacturer") if holder else "",
            word(disk / "device" / "vendor"),
            known.get("ID_VENDOR", ""),
        ),
        product=_first(
            word(holder / "product") if holder else "",
            word(disk / "device" / "model"),
            word(disk / "device" / "name"),
            known.get("ID_MODEL", ""),
        ),
        serial=_first(
            word(holder / "serial") if holder else "",
            word(disk / "device" / "serial"),
            known.get("ID_SERIAL_SHORT", ""),
        ),
        label=label or _unhexed(known.get("ID_FS_LABEL_ENC", "")),
        filesystem=filesystem or _type(node) or known.get("ID_FS_TYPE", ""),
        uuid=uuid or known.get("ID_FS_UUID", ""),
    )


def properties(device: Path, udev: Path = SYSTEM.udev) -> dict[str, str]:
    """What udev knows of a block device; empty where it does not run, or has not seen it yet."""
    lines = word(udev / "data" / f"b{word(device / 'dev')}").splitlines()
    return dict(line[2:].partition("=")[::2] for line in lines if line.startswith("E:"))


def word(path: Path) -> str:
    """A small file as one text, empty when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except (OSError, ValueError):
        return ""


def _first(*words: str) -> str:
    return next((one for one in words if one), "")


def _number(source: str) -> str:
    """Major and minor of the device a file system came from; btrfs and FUSE show made-up ones of their own."""
    if sys.platform == "win32" or not source.startswith("/dev/"):
        return "-"
    try:
        status = Path(source).stat()
    except (OSError, ValueError):
        return "-"
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}" if stat.S_ISBLK(status.st_mode) else "-"


def _label(source: str) -> tuple[str, str]:
    """Label and UUID of the file system on a device, as ``blkid`` reads them from it; empty without the right to."""
    if pairs := _blkid(source):
        return pairs.get("LABEL", "").replace("\\", ""), pairs.get("UUID", "")
    return _by_link("by-label", source), _by_link("by-uuid", source)


def _type(source: str) -> str:
    return _blkid(source).get("TYPE", "")


def _blkid(source: str) -> dict[str, str]:
    """What stands on the device now (``-p``): its cache keeps what another medium in the same place once was."""
    if not source.startswith("/dev/"):
        return {}
    try:
        answer = subprocess.run(
            ["blkid", "-p", "-o", "export", source],
            capture_output=True,
            timeout=5,
            check=False,
            stdin=subprocess.DEVNULL,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.partition("=")[::2] for line in answer.splitlines() if "=" in line)


def _by_link(kind: str, source: str) -> str:
    """The name udev gave a device; needs no right to read the device."""
    try:
        links = list((Path("/dev/disk") / kind).iterdir())
    except OSError:
        return ""
    real = os.path.realpath(source)
    return _unhexed(next((link.name for link in links if os.path.realpath(link) == real), ""))


def _unhexed(name: str) -> str:
    r"""A name as udev writes it: blanks and other signs as ``\x20``, byte by byte."""
    raw = re.sub(
        rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), name.encode("utf-8", "surrogateescape")
    )
    return raw.decode("utf-8", "replace")


def _unescape(text: str) -> str:
    """Mount points are written with octal escapes for blanks and backslashes."""
    raw = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), os.fsencode(text))
    return os.fsdecode(raw)
