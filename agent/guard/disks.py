"""The file systems of this machine that hold what people work with: where lineage looks."""

from __future__ import annotations

import os
import re

from agent.watch.media import SYSTEM
from agent.watch.removable import mounted

# Disks, and folders in memory; not proc, sys and the like, not network shares, not FUSE, whose files lie elsewhere.
_DISKS = {
    "ext2",
    "ext3",
    "ext4",
    "xfs",
    "btrfs",
    "f2fs",
    "jfs",
    "zfs",
    "bcachefs",
    "reiserfs",
    "nilfs2",
    "ntfs3",
    "vfat",
    "exfat",
    "overlay",
}
_MEMORY = re.compile(r"/tmp|/var/tmp|/dev/shm|/run/user/\d+|/home(/.*)?|/root")  # noqa: S108 - looked at, not written to
_NOT = re.compile(r"/(boot|proc|sys|snap)(/.*)?|/var/lib/(docker|containerd|containers)/.+")


def user_disks() -> list[str]:
    """A folder where each of them is mounted, the one that shows most of it first; removable media are left out."""
    removable = {os.fspath(path) for path in mounted()}
    return local(SYSTEM.mountinfo.read_bytes(), removable)


def local(mountinfo: bytes, removable: set[str]) -> list[str]:
    """The same from the text of proc(5)'s ``mountinfo``, and the folders of removable media."""
    found: dict[str, tuple[int, str]] = {}
    taken_away = set()
    last: dict[str, str] = {}
    for line in mountinfo.splitlines():
        fields = line.split(b" ")
        kind = fields[fields.index(b"-") + 1].decode("ascii", "replace")
        number, mount = fields[2].decode("ascii", "replace"), unescaped(fields[4])
        last[mount] = number
        if mount in removable:
            taken_away.add(number)
        if not (kind in _DISKS or (kind == "tmpfs" and _MEMORY.fullmatch(mount))) or _NOT.fullmatch(mount):
            continue
        depth = len(fields[3])
        if number not in found or depth < found[number][0]:
            found[number] = depth, mount
    shown = {mount: number for number, (_, mount) in found.items() if number not in taken_away}
    return [mount for mount, number in shown.items() if last.get(mount) == number]  # not what another one covers


def unescaped(path: bytes) -> str:
    """A path as ``mountinfo`` writes it, with blanks and backslashes in octal."""
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), path))
