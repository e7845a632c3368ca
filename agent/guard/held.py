"""What is known of a medium in custody, and of those an earlier run of the agent had."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from agent.disk import replace
from agent.guard import mounts
from agent.guard.fuse.channel import KIND
from agent.guard.gateway.gateway import Gateway
from agent.guard.gateway.staging import Staging
from agent.guard.mounts import Private
from agent.watch import media
from agent.watch.media import Mount
from config.access import Access
from config.events import Medium
from config.text import Text

log = logging.getLogger(__name__)
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Held(msgspec.Struct, eq=False):
    """One medium in custody."""

    path: Path
    medium: Medium
    access: Access
    mount: Mount
    public: int = -1  # descriptor of what others mounted, until it is read-only
    private: Private | None = None
    gateway: Gateway | None = None
    connection: str = ""  # number of the gateway's mount
    staging: Staging | None = None
    folder: str = ""  # name of its staging folder, while it has it to itself
    own: bool = False  # the agent mounted it itself: nothing lies below the gateway
    is_twin: bool = False  # the same device has a gateway in another place
    is_sealed: bool = False
    is_opening: bool = False  # its gateway is on its way
    is_gone: bool = False
    open_tries: int = 0  # looks left at a public mount that somebody still writes through
    problem: Text | None = None

    def forget_public(self) -> None:
        """Give the public mount back, so that it can be unmounted."""
        descriptor, self.public = self.public, -1
        if descriptor >= 0:
            os.close(descriptor)


class _Record(msgspec.Struct):
    """A mount that was made read-only, so that it is known again when nothing else tells of it."""

    mount: int
    number: str
    path: str
    medium: Medium


class _Records(msgspec.Struct):
    boot: str = ""
    records: list[_Record] = []


class Memory:
    """Which mounts this agent shut, kept on disk: an agent that starts again finds them, read-only as they are."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @staticmethod
    def of(home: Path) -> Memory:
        """That of the agent of a home."""
        return Memory(home / "staging" / "held.json")

    def keep(self, held: Iterable[Held]) -> None:
        """Write down what is held now."""
        records = [_Record(one.mount.id, one.mount.number, str(one.path), one.medium) for one in held]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace(self._file, msgspec.json.encode(_Records(_boot(), records)))
        except (OSError, UnicodeError, msgspec.EncodeError) as problem:  # a full disk: it stays read-only then
            log.warning("what is held could not be written down: %s", problem)

    def left(self) -> Iterator[tuple[Path, Medium]]:
        """What an earlier run shut and is still mounted as it was."""
        known = self._known()
        there = {(mount.id, mount.number, str(mount.point)) for mount in media.mounts()}
        for record in known.records:
            if known.boot == _boot() and (record.mount, record.number, record.path) in there:
                yield Path(record.path), record.medium

    def paths(self) -> list[Path]:
        """Where an earlier run had media."""
        return [Path(record.path) for record in self._known().records]

    def _known(self) -> _Records:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Records)
        except (OSError, msgspec.DecodeError, UnicodeError):
            return _Records()


def clear(path: Path) -> Mount | None:
    """What is mounted at a place, once dead gateways of an earlier run are out of the way; None under a living one."""
    while True:
        there = [mount for mount in media.mounts() if mount.point == path]
        if not there:
            return None
        if there[-1].filesystem != KIND:
            return there[-1]
        if _answers(path) or not mounts.unmount(path):
            return None


def device_exists(mount: Mount) -> bool:
    """Whether what is mounted is still plugged in."""
    if mount.number.startswith("0:"):  # a file system in a program of its own; its source names the device
        return not mount.source.startswith("/dev/") or Path(mount.source).exists()
    device = Path("/sys/dev/block", mount.number)
    is_loop = mount.number.startswith("7:")  # those stay when what they stand for is gone
    return (device / "loop").exists() if is_loop else device.exists()


def key(medium: Medium) -> str:
    """The same for the same medium at every insertion."""
    known = (medium.serial, medium.uuid) if medium.serial or medium.uuid else (medium.label, medium.mount)
    return hashlib.sha256("\0".join(known).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _answers(path: Path) -> bool:
    try:
        os.statvfs(path)
    except OSError:
        return False
    return True


def _boot() -> str:
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""
