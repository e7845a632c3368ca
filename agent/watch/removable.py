"""Which removable media are mounted, and what they are: bus, maker, serial number, label.

On Linux the kernel says when mounts change (``poll`` on ``/proc/self/mountinfo``) and sysfs says what a device is. The
bus decides, not the kernel's ``removable`` flag, which large external disks do not carry. Elsewhere psutil is asked.
"""

from __future__ import annotations

import logging
import os
import re
import select
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from config.events import Medium

log = logging.getLogger(__name__)
MOUNTINFO = Path("/proc/self/mountinfo")
_BUSES = {"usb": "usb", "mmc_host": "mmc", "firewire": "firewire", "thunderbolt": "thunderbolt"}
_VIRTUAL = {"squashfs", "iso9660", "udf", "erofs"}  # read-only images: nothing can be copied to them


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
            with MOUNTINFO.open("rb") as file:
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


def mounted() -> dict[Path, Medium]:
    """Writable removable media by the folder they are mounted on."""
    return _linux() if sys.platform == "linux" else _elsewhere()


def _linux(mountinfo: Path = MOUNTINFO, sysfs: Path = Path("/sys")) -> dict[Path, Medium]:
    """Source: proc(5), ``/proc/pid/mountinfo``; the kernel's Documentation/ABI/testing/sysfs-bus-usb."""
    found: dict[Path, Medium] = {}
    for line in mountinfo.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        fields = line.split(" ")
        middle = fields.index("-")
        number, mount, options = fields[2], _unescape(fields[4]), fields[5].split(",")
        filesystem, source = fields[middle + 1], _unescape(fields[middle + 2])
        if "ro" in options or filesystem in _VIRTUAL:
            continue
        device = sysfs / "dev" / "block" / (number if not number.startswith("0:") else _number(source))
        media = (_identity(disk, mount, filesystem, source) for disk in _disks(device))
        medium = next((one for one in media if one is not None), None)
        if medium is not None:
            found[Path(mount)] = medium
    return found


def _number(source: str) -> str:
    """Major and minor of the device a file system came from; btrfs shows made-up ones of its own."""
    if sys.platform == "win32":  # never asked there
        return "-"
    try:
        status = Path(source).stat()
    except (OSError, ValueError):
        return "-"
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}" if stat.S_ISBLK(status.st_mode) else "-"


def _disks(device: Path) -> Iterator[Path]:
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
        yield from _disks(one)


def _identity(device: Path, mount: str, filesystem: str, source: str) -> Medium | None:
    bus = next((name for part in device.parts for key, name in _BUSES.items() if re.fullmatch(rf"{key}\d*", part)), "")
    disk = next((folder for folder in (device, *device.parents) if (folder / "removable").exists()), device)
    if not bus and (disk / "loop").is_dir():
        bus = "loop"  # a file used as a disk, such as an encrypted container: as easily taken away as a stick
    if not bus and _word(disk / "removable") != "1":
        return None
    holder = next((folder for folder in device.parents if (folder / "idVendor").exists()), None)
    label, uuid = _label(source)
    return Medium(
        mount=mount,
        bus=bus or "removable",
        vendor=_word(holder / "manufacturer") if holder else _word(disk / "device" / "vendor"),
        product=_word(holder / "product")
        if holder
        else _word(disk / "device" / "model") or _word(disk / "device" / "name"),
        serial=_word(holder / "serial") if holder else _word(disk / "device" / "serial"),
        label=label,
        filesystem=filesystem,
        uuid=uuid,
    )


def _label(source: str) -> tuple[str, str]:
    """Label and UUID of the file system on a device, as ``blkid`` reads them from it; empty without the right to."""
    try:
        answer = subprocess.run(
            ["blkid", "-o", "export", source], capture_output=True, timeout=5, check=False, stdin=subprocess.DEVNULL
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        answer = ""
    pairs = dict(line.partition("=")[::2] for line in answer.splitlines())
    if pairs:
        return pairs.get("LABEL", "").replace("\\", ""), pairs.get("UUID", "")
    return _by_link("by-label", source), _by_link("by-uuid", source)


def _by_link(kind: str, source: str) -> str:
    """The name udev gave a device; needs no right to read the device."""
    try:
        links = list((Path("/dev/disk") / kind).iterdir())
    except OSError:
        return ""
    real = os.path.realpath(source)
    name = next((link.name for link in links if os.path.realpath(link) == real), "")
    return re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), name)


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _unescape(text: str) -> str:
    """Mount points are written with octal escapes for blanks and backslashes."""
    raw = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), os.fsencode(text))
    return os.fsdecode(raw)


def _elsewhere() -> dict[Path, Medium]:
    """Windows says which drives are removable; macOS mounts what was plugged in below /Volumes."""
    found: dict[Path, Medium] = {}
    for part in psutil.disk_partitions(all=False):
        options = part.opts.split(",")
        removable = "removable" in options or (sys.platform == "darwin" and part.mountpoint.startswith("/Volumes/"))
        if removable and "ro" not in options:
            label = Path(part.mountpoint).name
            found[Path(part.mountpoint)] = Medium(part.mountpoint, "removable", label=label, filesystem=part.fstype)
    return found
