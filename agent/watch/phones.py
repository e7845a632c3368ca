"""Telephones and cameras: what hangs on USB and speaks MTP or PTP, and the folders that programs show them as.

Sources: USB Still Image Capture class (06/01/01), MTP's interface name, gvfs' names of mounts (``mtp:host=…``,
``gphoto2:host=…``, ``afc:host=…``), KIO's kio-fuse.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from agent.watch.media import SYSTEM, Sources, mounts, word
from config.events import Channel, Medium

_PROGRAMS = frozenset({"jmtpfs", "simple-mtpfs", "mtpfs", "go-mtpfs", "aft-mtp-mount", "ifuse", "gphotofs"})
_DESKTOPS = frozenset({"gvfsd-fuse", "kio-fuse"})  # one mount a person, a folder in it for each place
_GVFS = {
    "mtp": Channel.PHONE,
    "gphoto2": Channel.PHONE,
    "afc": Channel.PHONE,
    **dict.fromkeys(
        ("smb-share", "sftp", "dav", "davs", "ftp", "ftps", "nfs", "google-drive", "onedrive"), Channel.SHARE
    ),
}
_APPLE = "05ac"


def plugged(sources: Sources = SYSTEM) -> list[Medium]:
    """Telephones and cameras on USB, mounted or not."""
    found = []
    for device in _folders(sources.sysfs / "bus" / "usb" / "devices"):
        real = device.resolve()
        if any(_is_phone(real, port) for port in sorted(real.glob("*:*"))):
            found.append(
                Medium(
                    bus="usb",
                    vendor=word(real / "manufacturer"),
                    product=word(real / "product"),
                    serial=word(real / "serial"),
                    channel=Channel.PHONE,
                )
            )
    return found


def shown(sources: Sources = SYSTEM) -> tuple[dict[Path, Medium], list[Path]]:
    """Folders that stand for a telephone or, in a desktop's own tree, for a share; and trees that are closed to us.

    A tree that FUSE shows to one person is closed to everybody else, root included.
    """
    found: dict[Path, Medium] = {}
    closed: list[Path] = []
    for mount in mounts(sources.mountinfo):
        kind, _, below = mount.filesystem.partition(".")
        if kind != "fuse":
            continue
        if below in _PROGRAMS or mount.source in _PROGRAMS:
            found[mount.point] = Medium(
                mount=str(mount.point), bus="usb", filesystem=mount.filesystem, channel=Channel.PHONE
            )
        elif below in _DESKTOPS:
            try:
                names = sorted(os.listdir(mount.point))  # noqa: PTH208 - names only: a stat would ask the telephone
            except OSError:
                closed.append(mount.point)
                continue
            found |= dict(_places(mount.point, names, mount.filesystem))
    return found, closed


def _places(tree: Path, names: list[str], filesystem: str) -> Iterator[tuple[Path, Medium]]:
    for name in names:
        scheme, _, rest = name.partition(":")
        path = tree / name
        if channel := _GVFS.get(scheme):
            facts = dict(pair.partition("=")[::2] for pair in rest.split(","))
            host = unquote(facts.get("host", facts.get("server", "")))
            label = "/".join(filter(None, (host, unquote(facts.get("share", facts.get("prefix", ""))).strip("/"))))
            yield path, _medium(path, channel, label or name, filesystem)
        elif filesystem == "fuse.kio-fuse" and name in {"mtp", "smb", "sftp", "webdav", "webdavs", "fish", "ftp"}:
            channel = Channel.PHONE if name == "mtp" else Channel.SHARE
            yield path, _medium(path, channel, name, filesystem)


def _medium(path: Path, channel: Channel, label: str, filesystem: str) -> Medium:
    bus = "usb" if channel is Channel.PHONE else "network"
    return Medium(mount=str(path), bus=bus, label=label, filesystem=filesystem, channel=channel)


def _is_phone(device: Path, port: Path) -> bool:
    image = (word(port / "bInterfaceClass"), word(port / "bInterfaceSubClass")) == ("06", "01")
    named = "MTP" in word(port / "interface").upper()
    apple = word(device / "idVendor") == _APPLE and (
        word(port / "bInterfaceClass"),
        word(port / "bInterfaceSubClass"),
    ) == ("ff", "fe")
    return image or named or apple


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if ":" not in path.name)
    except OSError:
        return []
