"""Media in the agent's hands: taken over when they come, given back when they go.

The agent keeps a private copy of the mount, seals the file system so that nobody else opens a file on it for writing,
makes the public mount read-only, and puts the gateway in its place. Every step holds without a living process: without
the agent the medium can be read or not be reached at all, but not be written.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import errno
import hashlib
import logging
import os
import select
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from agent.guard import mounts
from agent.guard.desk import Desk
from agent.guard.fuse.channel import KIND
from agent.guard.gateway.gateway import WITHOUT_OWNERS, Gateway
from agent.guard.gateway.staging import Staging
from agent.guard.judge import MediumJudge
from agent.guard.mounts import Private
from agent.guard.recovery import recover, seal_refused
from agent.guard.seal import Seal
from agent.watch import media
from agent.watch.media import SYSTEM, Mount
from config.access import Access
from config.events import Medium
from config.policy import LOCAL, Place
from config.text import Text

log = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0
_SHUT_TRIES = 40  # at a second each: until then a program that wrote before the agent came has to have finished


class Held(msgspec.Struct):
    """One medium in custody."""

    path: Path
    medium: Medium
    access: Access
    mount: Mount
    private: Private | None = None
    own: bool = False  # the agent mounted it itself: nothing lies below the gateway
    gateway: Gateway | None = None
    staging: Staging | None = None
    open_tries: int = 0  # looks left at a public mount that somebody still writes through
    problem: Text | None = None


class Custody:
    """All media in custody. Methods may be called from any thread."""

    def __init__(self, home: Path, desk: Desk, say: Callable[[Text], None]) -> None:
        self._home, self._desk, self._policy, self._say = home / "staging", desk, desk.policy, say
        self._held: dict[Path, Held] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._seal = Seal({os.getpid()}, self._bypassed)
        self.taken: Callable[[Path, Medium], None] = lambda _path, _medium: None  # a medium can be read there now
        self.given: Callable[[Path], None] = lambda _path: None  # and now it cannot any more
        self._thread = threading.Thread(target=self._look, name="custody", daemon=True)
        self._thread.start()

    def came(self, path: Path, medium: Medium) -> bool:
        """Somebody mounted a medium at ``path``; false when it is none of ours, to be watched as it is."""
        zone = self._policy.zone(Place(path, medium))
        if zone is LOCAL or zone.access is Access.TRUSTED:
            return False
        with self._lock:
            if path in self._held or self._stopping.is_set():
                return True
            mount = _clear(path)
            if mount is None:
                return True
            if zone.access is Access.BLOCK:
                while mounts.unmount(path):
                    pass
                self.refuse(path, medium)
                return True
            kept = self._hold(Held(path, medium, zone.access, mount))
        if kept:
            self.taken(path, medium)
        return True

    def adopt(self, path: Path, medium: Medium, private: Private, mount: Mount) -> None:
        """The agent mounted a medium itself, for nobody to see; people are to find it at ``path``, an empty folder."""
        zone = self._policy.zone(Place(path, medium))
        with self._lock:
            kept = self._hold(Held(path, medium, zone.access, mount, private, own=True))
        if kept:
            self.taken(path, medium)

    def refuse(self, path: Path, medium: Medium) -> None:
        """Policy wants a medium not to be used; it is not mounted (any more)."""
        self._tell_access(path, medium, Access.BLOCK)

    def eject(self, path: Path) -> bool:
        """Write out everything and unmount; false when it is not in custody or does not come to an end."""
        held = self._held.get(path)
        if held is None:
            return False
        self._release(held)
        if not held.own:
            mounts.unmount(path)
        return held.gateway is None or held.gateway.ended.is_set()

    def _hold(self, held: Held) -> bool:
        try:
            self._take(held)
        except OSError as problem:
            log.error("a medium could not be taken over: %s", problem)  # noqa: TRY400 - the words say it
            self._release(held)
            self._shut_out(held, problem)
            return False
        self._held[held.path] = held
        self._tell_access(held.path, held.medium, held.access)
        return True

    def holds(self, path: Path) -> bool:
        """Whether what is mounted there is in custody."""
        with self._lock:
            return path in self._held

    @property
    def media(self) -> list[Held]:
        """All of them now."""
        with self._lock:
            return list(self._held.values())

    @property
    def problems(self) -> Iterator[Text]:
        """What is not as it should be."""
        for held in self.media:
            if held.problem is not None:
                yield held.problem

    @property
    def sound(self) -> bool:
        """Whether every gateway answers; waits for those that do not, so that who listens for this hears nothing."""
        for held in self.media:
            if held.gateway is not None and not held.gateway.channel.is_closed:
                try:
                    os.statvfs(held.path)  # the whole way: kernel, our threads, the medium
                except OSError as problem:
                    log.info("a gateway answers with an error: %s", problem)
        return True

    def stop(self) -> None:
        """Give all media back; what was mounted by others stays, read-only."""
        self._stopping.set()
        self._thread.join(5)
        for held in self.media:
            self._release(held)
        self._seal.close()

    def _take(self, held: Held) -> None:
        twin = any(one.mount.number == held.mount.number and one.gateway for one in self.media)
        held.private = held.private or Private(held.path)
        root = held.private.descriptor
        self._seal.guard(f"/proc/self/fd/{root}")
        if not held.own:
            self._shut(held)
        if twin or (held.access is Access.READ_ONLY and not held.own):
            return  # the public mount, read-only by now, is what people see
        owners = held.mount.filesystem not in WITHOUT_OWNERS
        staging = held.staging = Staging(self._home / _key(held.medium))
        judge = MediumJudge(self._desk, held.medium)
        if finished := recover(root, held.path, staging, judge, owners=owners):
            line = Text(
                f"{finished} interrupted copies to “{held.medium.name}” were finished.",
                f"已补写 {finished} 个此前中断的文件到“{held.medium.name}”。",
            )
            self._say(line)
        threading.Thread(target=seal_refused, args=(staging, judge), name="sealing", daemon=True).start()
        held.gateway = Gateway(held.path, held.mount.source, held.mount.filesystem, root, staging, judge)
        if held.access is Access.READ_ONLY or "ro" in held.mount.system_options:
            held.gateway.set_read_only()

    def _shut(self, held: Held) -> None:
        """Make the public mount read-only; while somebody writes through it, that is tried again."""
        if "ro" in held.mount.options:
            return
        try:
            mounts.set_read_only(held.mount)
            held.open_tries, held.problem = 0, None
        except OSError as problem:
            if problem.errno != errno.EBUSY:
                raise
            held.open_tries = _SHUT_TRIES
            held.problem = Text(
                f"a program writes to “{held.medium.name}” since before the agent took it over",
                f"有程序在客户端接管“{held.medium.name}”之前已打开文件写入",
            )

    def _shut_out(self, held: Held, problem: OSError) -> None:
        """A medium that cannot be taken over is not to be written to at all."""
        if held.own:
            return  # nobody sees it
        try:
            mounts.set_read_only(held.mount)
        except OSError:
            mounts.unmount(held.path)
        line = Text(
            "“{name}” cannot be checked before writing ({why}); it can be read only.",
            "无法对“{name}”进行写入前检查（{why}），仅可读取。",
        )
        self._say(line.fill(name=held.medium.name, why=problem.strerror or str(problem)))

    def _look(self) -> None:
        """Notice what was unmounted or pulled."""
        with SYSTEM.mountinfo.open("rb") as file:
            poll = select.poll()
            poll.register(file, select.POLLPRI | select.POLLERR)
            while not self._stopping.is_set():
                poll.poll(_LOOK_SECONDS * 1000)
                try:
                    self._check()
                except Exception:  # the thread must outlive every surprise
                    log.exception("media could not be looked after")

    def _check(self) -> None:
        there = {(mount.point, mount.number) for mount in media.mounts()}
        for held in self.media:
            if self._stopping.is_set():
                return
            if held.open_tries:
                held.open_tries -= 1
                tries = held.open_tries
                self._shut(held)
                held.open_tries = min(held.open_tries, tries)
            is_gone = not held.own and (held.path, held.mount.number) not in there
            is_pulled = not _device_exists(held.mount)
            ended = held.gateway is not None and held.gateway.channel.is_closed
            if is_gone or is_pulled or ended:
                log.info("a medium goes: %s", "pulled" if is_pulled else "unmounted")
                self._release(held)
                if ended and not is_gone and not held.own:
                    mounts.unmount(held.path)  # who unmounted the gateway meant the medium

    def _release(self, held: Held) -> None:
        with self._lock:
            self._held.pop(held.path, None)
        self.given(held.path)
        if held.gateway is not None:
            held.gateway.stop()
        if held.staging is not None:
            held.staging.close()
        if held.private is not None:
            twin = any(one.mount.number == held.mount.number for one in self.media)
            if not twin:
                self._seal.release(f"/proc/self/fd/{held.private.descriptor}")
            held.private.close()

    def _tell_access(self, path: Path, medium: Medium, access: Access) -> None:
        zone = self._policy.zone(Place(path, medium))
        line = Text(
            "{zone} “{name}” at {path}: {access}; may hold {level}.",
            "{zone}“{name}”（{path}）：{access}，可存放{level}文件。",
        )
        level = zone.clearance.text
        self._say(line.fill(zone=zone.words, name=medium.name, path=path, access=access.text, level=level))

    def _bypassed(self, pid: int, path: str) -> None:
        log.warning("process %s was kept from writing to a medium past the gateway: %s", pid, ascii(path))


def _clear(path: Path) -> Mount | None:
    """What is mounted at a place, once dead gateways of an earlier run are out of the way."""
    while True:
        there = [mount for mount in media.mounts() if mount.point == path]
        if not there:
            return None
        if there[-1].filesystem != KIND:
            return there[-1]
        if not mounts.unmount(path):
            return None


def _device_exists(mount: Mount) -> bool:
    if mount.number.startswith("0:"):  # a file system in a program of its own; its source names the device
        return not mount.source.startswith("/dev/") or Path(mount.source).exists()
    device = Path("/sys/dev/block", mount.number)
    is_loop = mount.number.startswith("7:")  # those stay when what they stand for is gone
    return (device / "loop").exists() if is_loop else device.exists()


def _key(medium: Medium) -> str:
    """The same for the same medium at every insertion."""
    known = (medium.serial, medium.uuid) if medium.serial or medium.uuid else (medium.label, medium.mount)
    return hashlib.sha256("\0".join(known).encode()).hexdigest()[:24]
