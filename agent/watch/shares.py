"""File systems of other machines that are mounted here, and desktops' ways to them."""

from __future__ import annotations

import re
from pathlib import Path

from agent.watch.media import SYSTEM, Mount, Sources, mounts
from config.events import Channel, Medium

KERNEL = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "9p",
        "ceph",
        "afs",
        "lustre",
        "beegfs",
        "davfs",
        "coda",
        "virtiofs",
    }
    | {"vboxsf", "prl_fs", "vmhgfs", "orangefs", "glusterfs", "gpfs"}
)
FUSE = frozenset(
    {"sshfs", "davfs", "davfs2", "rclone", "s3fs", "goofys", "ceph", "glusterfs", "vmhgfs-fuse", "curlftpfs"}
    | {"juicefs", "seaweedfs", "smbnetfs"}
)
_REMOTE = re.compile(r"(?:[a-z+]+://|//)?(?:[^@/]*@)?(\[[^\]]+\]|[^/:]+)[:/]*(.*)")


def shares(sources: Sources = SYSTEM) -> dict[Path, Medium]:
    """Shares by the folder they are mounted on; those that this computer itself runs from are left out."""
    found = {}
    for mount in mounts(sources.mountinfo):
        if str(mount.point) in {"/", "/usr", "/var", "/boot"} or not is_share(mount):
            continue
        found[mount.point] = Medium(
            mount=str(mount.point),
            bus="network",
            label=remote(mount.source),
            filesystem=mount.filesystem,
            channel=Channel.SHARE,
        )
    return found


def is_share(mount: Mount) -> bool:
    """Whether a file system lies on another machine. davfs2 calls itself plain ``fuse``; its source is an address."""
    kind, _, below = mount.filesystem.partition(".")
    if kind == "fuse" and not below:
        return "://" in mount.source
    return kind in KERNEL if not below else below in FUSE


def remote(source: str) -> str:
    """Host and folder of a share as a policy names it: ``//nas/a``, ``nas:/a`` and ``li@nas:a`` give ``nas/a``."""
    found = _REMOTE.fullmatch(source)
    if not found or (source.startswith("/") and not source.startswith("//")):
        return source
    return f"{found[1]}/{found[2]}".rstrip("/")
