"""Media in the agent's hands: taken over when they come, given back when they go.

The agent keeps a private copy of the mount, seals the file system so that nobody else opens a file on it for writing,
makes the public mount read-only, and puts the gateway in its place. Every step holds without a living process: without
the agent the medium can be read or not be reached at all, but not be written.

Closing a medium off takes milliseconds and is done at once, for one after the other. Opening its gateway may take as
long as finishing what an earlier run left, and is done beside: no medium waits, open to all, for another one.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import errno
import logging
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.guard import elsewhere, mounts
from agent.guard.desk import Desk
from agent.guard.fuse.channel import KIND
from agent.guard.gateway.gateway import WITHOUT_OWNERS, Gateway
from agent.guard.gateway.staging import Left, Staging
from agent.guard.held import Held, Memory, clear, device_exists, key
from agent.guard.judge import MediumJudge
from agent.guard.recovery import judge_left, recover, seal_refused
from agent.guard.seal import Seal
from agent.watch import media
from agent.watch.media import SYSTEM, Mount
from config.access import Access
from config.events import Medium
from config.policy import LOCAL, Place
from config.text import Text

log = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0
_STUCK_SECONDS = 30.0  # without a question taken, after which the agent is to be ended
_SOON = 40  # looks after which a program that writes since before the agent came is spoken of as a problem to stay
_EJECT_SECONDS = 60.0
_STOP_SECONDS = 15.0  # for finishing what was allowed; the rest is finished at the next start


class Custody:
    """All media in custody. Methods may be called from any thread."""

    def __init__(self, home: Path, desk: Desk, say: Callable[[Text], None]) -> None:
        self._home, self._desk, self._policy, self._say = home / "staging", desk, desk.policy, say
        self._memory = Memory.of(home)
        self._held: dict[Path, Held] = {}
        self._leaving: list[Held] = []  # gone for people, while what was allowed is still being finished
        self._folders: dict[str, Held] = {}  # staging folders in use
        self._lock = threading.Condition()  # of the above; never held over anything that takes time
        self._coming = threading.RLock()
        self._stopping = threading.Event()
        self._seal = Seal({os.getpid()}, self._bypassed)
        self.taken: Callable[[Path, Medium], None] = lambda _path, _medium: None  # a medium can be read there now
        self.given: Callable[[Path], None] = lambda _path: None  # and now it cannot any more
        self._thread = threading.Thread(target=self._look, name="custody", daemon=True)
        self._thread.start()

    def again(self) -> None:
        """Take over what an earlier run held: read-only as it left it, nobody else would tell of it."""
        for path, medium in self._memory.left():
            self.came(path, medium)

    def came(self, path: Path, medium: Medium) -> bool:
        """A medium is mounted at ``path``; false when it is none of ours, to be watched as it is."""
        if self.holds(path):  # the gateway itself is mounted there now
            return True
        zone = self._policy.zone(Place(path, medium))
        if zone is LOCAL or zone.access is Access.TRUSTED:
            return False
        with self._coming:
            mount = None if self.holds(path) or self._stopping.is_set() else clear(path)
            if mount is not None and zone.access is Access.BLOCK:
                while mounts.unmount(path):
                    pass
                self.refuse(path, medium)
            elif mount is not None:
                self._come(Held(path, medium, zone.access, mount))
        return True

    def adopt(self, path: Path, medium: Medium, private: mounts.Private, mount: Mount) -> None:
        """The agent mounted a medium itself, for nobody to see; people are to find it at ``path``, an empty folder."""
        zone = self._policy.zone(Place(path, medium))
        with self._coming:
            self._come(Held(path, medium, zone.access, mount, private=private, own=True))

    def refuse(self, path: Path, medium: Medium) -> None:
        """Policy wants a medium not to be used; it is not mounted (any more)."""
        self._tell_access(path, medium, Access.BLOCK)

    def eject(self, path: Path, seconds: float = _EJECT_SECONDS) -> bool:
        """Write out everything and unmount; false when it is not in custody or does not come to an end in time."""
        with self._lock:
            held = self._held.get(path)
        if held is None:
            return False
        self._release(held)
        if not held.own:
            mounts.unmount(path)
        until = time.monotonic() + seconds
        with self._lock:
            while held in self._leaving and (left := until - time.monotonic()) > 0:
                self._lock.wait(left)
            return held not in self._leaving

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
        """Whether every gateway takes questions.

        Nothing is asked through the gateways for it: a process that waits for its own answer cannot be killed. And a
        medium may stand still for a while, as cheap sticks do: who uses it waits then with or without a gateway.
        """
        return all(one.gateway is None or one.gateway.channel.stuck < _STUCK_SECONDS for one in self.media)

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """Give all media back; what was mounted by others stays, read-only.

        What is not finished in time stays in its staging folder, which the next start looks through.
        """
        until = time.monotonic() + seconds
        self._stopping.set()
        self._thread.join(5)
        self._memory.keep(self.media)
        for held in self.media:
            self._release(held, at_once=True)
        with self._lock:
            while self._leaving and (left := until - time.monotonic()) > 0:
                self._lock.wait(left)
        self._seal.close()

    # ---- taking over

    def _come(self, held: Held) -> None:
        try:
            self._close_off(held)
        except OSError as problem:
            self._failed(held, problem)
            return
        if held.is_opening:
            threading.Thread(target=self._open, args=(held,), name="opening", daemon=True).start()
            return
        self._tell_access(held.path, held.medium, Access.READ_ONLY)
        if held.access is Access.READ_ONLY:
            self.taken(held.path, held.medium)

    def _close_off(self, held: Held) -> None:
        """From here on nobody writes past the gateway."""
        if not held.own:
            held.public = os.open(
                held.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
            )  # its place is the gateway's soon
        held.private = held.private or mounts.Private(held.path)
        with self._lock:
            held.is_twin = any(one.mount.number == held.mount.number for one in self._held.values())
            held.is_opening = held.own or (held.access is Access.GATEWAY and not held.is_twin)
            self._held[held.path] = held
        self._memory.keep(self.media)  # before it is read-only: who comes after a kill at this point finds it
        self._seal.guard(f"/proc/self/fd/{held.private.descriptor}")
        held.is_sealed = True
        if not held.own:
            self._shut(held)

    def _open(self, held: Held) -> None:
        """Finish what an earlier run left, and put the gateway before the medium."""
        try:
            unjudged, judge = self._prepare(held)
        except OSError as problem:
            self._failed(held, problem)
            return
        except Exception as problem:  # a medium without a gateway is read-only, whatever the reason
            log.exception("a medium could not be opened")
            self._failed(held, OSError(errno.EIO, str(problem)))
            return
        if unjudged is None or held.staging is None:
            return
        self._tell_access(held.path, held.medium, held.access)
        self.taken(held.path, held.medium)
        judge_left(unjudged, held.path, held.staging, judge)
        seal_refused(held.staging, judge)

    def _prepare(self, held: Held) -> tuple[list[Left] | None, MediumJudge]:
        judge = MediumJudge(self._desk, held.medium)
        staging = held.staging = Staging(self._home / self._claim(held))
        root = held.private.descriptor if held.private is not None else -1
        owners = held.mount.filesystem not in WITHOUT_OWNERS
        finished, unjudged = recover(root, staging, owners=owners)
        if finished:
            line = Text(
                f"{finished} interrupted copies to “{held.medium.name}” were finished.",
                f"已补写 {finished} 个此前中断的文件到“{held.medium.name}”。",
            )
            self._say(line)
        with self._lock:
            if not held.is_gone:
                held.gateway = Gateway(held.path, held.mount.source, held.mount.filesystem, root, staging, judge)
                if held.access is Access.READ_ONLY or "ro" in held.mount.system_options:
                    held.gateway.set_read_only()
                there = (one for one in reversed(media.mounts()) if one.point == held.path)
                held.connection = next((one.number for one in there if one.filesystem == KIND), "")
            held.is_opening = False
        if held.is_gone:
            self._let_go(held)
            return None, judge
        return unjudged, judge

    def _claim(self, held: Held) -> str:
        """A staging folder for this medium alone; what is left of its last insertion is waited for."""
        name = first = key(held.medium)
        number = 1
        with self._lock:
            while (owner := self._folders.get(name)) is not None:
                if owner.is_gone:
                    self._lock.wait(1.0)
                else:  # a copy of this medium, down to its number
                    number += 1
                    name = f"{first}-{number}"
            self._folders[name] = held
            held.folder = name
        return name

    def _shut(self, held: Held) -> None:
        """Make the public mount read-only; while somebody writes through it, that is tried again."""
        is_shut = elsewhere.set_read_only(held.mount.number)
        try:
            if "ro" not in held.mount.options:
                mounts.set_read_only(held.mount, Path(f"/proc/self/fd/{held.public}"))
        except OSError as problem:
            if problem.errno != errno.EBUSY:
                raise
            is_shut = False
        if is_shut:
            held.open_tries, held.problem = 0, None
            held.forget_public()
        else:
            held.open_tries += 1
            if held.problem is None or held.open_tries == _SOON:
                log.warning("a medium is still written to by who opened files before it was taken over")
            held.problem = Text(
                f"a program writes to “{held.medium.name}” since before the agent took it over",
                f"有程序在客户端接管“{held.medium.name}”之前已打开文件写入",
            )

    def _failed(self, held: Held, problem: OSError) -> None:
        """A medium that cannot be taken over is not to be written to at all."""
        log.error("a medium could not be taken over: %s", problem)
        with self._lock:
            held.is_opening, was_gone = False, held.is_gone
        if was_gone:
            self._let_go(held)
            return
        self._release(held)
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

    # ---- looking after them

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
        known = [(held, held.connection) for held in self.media]  # before the mounts: what comes later is not missed
        there = _there()
        wanted = {(held.path, number) for held, gateway in known for number in (held.mount.number, gateway) if number}
        if not wanted <= there:
            there |= _there()  # a list that was read while it changed may lack what is there
        for held, connection in known:
            if self._stopping.is_set():
                return
            is_gone = not held.own and (held.path, held.mount.number) not in there
            is_pulled = not device_exists(held.mount)
            ended = held.gateway is not None and (
                held.gateway.channel.is_closed or (connection and (held.path, connection) not in there)
            )
            if is_gone or is_pulled or ended:
                log.info("a medium goes: %s", "pulled" if is_pulled else "unmounted")
                self._release(held, at_once=is_pulled)
                # who unmounted the gateway meant the medium; nothing is left of one that was pulled
                if not (is_gone or held.own):
                    mounts.unmount(held.path)
            elif held.open_tries:
                self._shut(held)

    # ---- giving back

    def _release(self, held: Held, *, at_once: bool = False) -> None:
        """It is gone for people; what was allowed is finished beside.

        Who has files open goes on, as on any medium that was unmounted lazily, unless it is to end ``at_once``.
        """
        with self._lock:
            if held.is_gone:
                return
            held.is_gone = True
            if self._held.get(held.path) is held:
                del self._held[held.path]
            self._leaving.append(held)
            is_opening = held.is_opening
        self.given(held.path)
        if not is_opening:  # else that ends it
            threading.Thread(target=self._let_go, args=(held, at_once), name="giving back", daemon=True).start()

    def _let_go(self, held: Held, at_once: bool = False) -> None:
        held.forget_public()
        try:
            if held.gateway is not None:
                mounts.unmount_kind(held.path, KIND)
                while not held.gateway.ended.wait(_LOOK_SECONDS):  # it works with the private mount until then
                    if at_once or self._stopping.is_set():
                        held.gateway.channel.abort()
            if held.staging is not None:
                held.staging.close()
            if held.private is not None:
                with self._lock:
                    others = [one for one in (*self._held.values(), *self._leaving) if one is not held]
                    is_last = not any(one.is_sealed and one.mount.number == held.mount.number for one in others)
                    held.is_sealed = False
                if is_last:
                    self._seal.release(f"/proc/self/fd/{held.private.descriptor}")
                held.private.close()
        finally:
            with self._lock:
                if self._folders.get(held.folder) is held:
                    del self._folders[held.folder]
                if held in self._leaving:
                    self._leaving.remove(held)
                self._lock.notify_all()

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


def _there() -> set[tuple[Path, str]]:
    """What is mounted where."""
    return {(mount.point, mount.number) for mount in media.mounts()}
