"""Devices that nobody has mounted: the agent mounts them itself, so that there is no moment without the gateway.

Done where `shoumi agent install` put the udev rule that keeps the desktop from mounting; elsewhere whoever mounts a
medium first has it for the moment until custody takes it over. The device is mounted in a folder only root can enter,
copied from there as a detached mount, and shown to people through the gateway alone.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import fcntl
import logging
import os
import pwd
import re
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from agent.act.person import seated
from agent.guard import mounts
from agent.guard.custody import Custody
from agent.guard.held import clear
from agent.guard.mounts import Private
from agent.install.files import RULES, TAKEN
from agent.watch import media
from agent.watch.devices import Attached
from config.access import Access
from config.policy import LOCAL, Place, Policy

log = logging.getLogger(__name__)
_MOUNTED = Path("/run/shoumi/mounting")
_PEOPLE = Path("/media")
_BLKROSET = 0x125D
_SECONDS = 30
_FOREIGN = {"", "crypto_LUKS", "LVM2_member", "linux_raid_member", "swap", "zfs_member"}  # nothing to mount here
_OWNERLESS = {"vfat", "exfat", "ntfs", "ntfs3", "msdos"}


class Attach:
    """Mounts what policy lets be used. Methods are called by one thread."""

    def __init__(self, custody: Custody, policy: Policy, people: Path = _PEOPLE, rule: Path = RULES) -> None:
        """``rule``: the file whose presence says that mounting is ours; ``people``: the folder that media appear in."""
        self._custody, self._policy, self._people, self._rule = custody, policy, people, rule
        self._places: dict[Path, Path] = {}  # device to where it appears

    def came(self, one: Attached) -> None:
        """A device is there."""
        if not self._rule.exists() or one.medium.filesystem in _FOREIGN:
            return
        if any(clear(point) is not None or point.is_mount() for point in one.points):  # but for an earlier run's
            return
        uid = next((uid for uid in seated(None) if uid), 0)
        point = self._point(one, uid)
        zone = self._policy.zone(Place(point, one.medium))
        if zone.access is Access.BLOCK:
            self._custody.refuse(point, one.medium)
            return
        trusted = zone is LOCAL or zone.access is Access.TRUSTED
        _take(one)
        try:
            self._mount(one, point, uid, trusted=trusted)
            self._places[one.node] = point
        except (OSError, subprocess.SubprocessError) as problem:
            log.warning("%s cannot be mounted: %s", one.node, problem)
            _give(one)
            with contextlib.suppress(OSError):
                point.rmdir()

    def went(self, one: Attached) -> None:
        """It is gone; its gateway ends by itself."""
        _give(one)
        if point := self._places.pop(one.node, None):
            for _ in range(50):  # until custody has let it go
                with contextlib.suppress(OSError):
                    point.rmdir()
                if not point.exists():
                    break
                time.sleep(0.1)

    def _mount(self, one: Attached, point: Path, uid: int, *, trusted: bool) -> None:
        point.mkdir(parents=True, exist_ok=True)
        options = "nosuid,nodev"
        if one.medium.filesystem in _OWNERLESS and uid:
            options += f",uid={uid},gid={pwd.getpwuid(uid).pw_gid},fmask=0133,dmask=0022"
        if trusted:
            _run("mount", "-o", options, str(one.node), str(point))
            return
        _MOUNTED.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=_MOUNTED))
        try:
            _run("mount", "-o", options, str(one.node), str(folder))
            mount = next(each for each in reversed(media.mounts()) if each.point == folder)
            private = Private(folder)
        finally:
            mounts.unmount(folder)
            folder.rmdir()
        self._custody.adopt(point, one.medium, private, mount)

    def _point(self, one: Attached, uid: int) -> Path:
        """Where desktops look for media: ``/media/USER/LABEL``."""
        above = self._people
        if uid:
            with contextlib.suppress(KeyError):
                above = above / pwd.getpwuid(uid).pw_name
        label = re.sub(r"[\x00-\x1f/\\]|^\.+", "_", one.medium.label or one.medium.uuid or one.node.name)[:60]
        point, number = above / label, 1
        while os.path.ismount(point) or point.exists():
            point, number = above / f"{label}{number}", number + 1
        return point


def _take(one: Attached) -> None:
    """Tell udev that the device is ours, and let it be written to."""
    TAKEN.mkdir(parents=True, exist_ok=True, mode=0o755)
    (TAKEN / one.number).touch()
    _set_read_only(one.node, read_only=False)


def _give(one: Attached) -> None:
    (TAKEN / one.number).unlink(missing_ok=True)
    _set_read_only(one.node, read_only=True)


def _set_read_only(node: Path, *, read_only: bool) -> None:
    """As blockdev(8) --setro and --setrw; a switch on the card stays what it is."""
    try:
        descriptor = os.open(node, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # gone
        return
    try:
        fcntl.ioctl(descriptor, _BLKROSET, struct.pack("i", read_only))
    except OSError as problem:
        log.info("%s: %s", node, problem)
    finally:
        os.close(descriptor)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise OSError(done.stderr.decode("utf-8", "replace").strip() or f"{command[0]} ended with {done.returncode}")
