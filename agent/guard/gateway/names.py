"""The names on a medium: looked up, listed, made, moved and removed; what is staged stands among them.

A new name may itself say what it must not, so names are judged like content.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import errno
import itertools
import os
import resource
import stat
import time
from pathlib import Path

from agent.guard.fuse import wire
from agent.guard.fuse.channel import Request
from agent.guard.gateway.asked import Asked, check_free
from agent.guard.gateway.content import Content
from agent.guard.gateway.nodes import TEMPORARY, Busy, Node, is_folder
from agent.guard.gateway.parts import Parts
from agent.guard.gateway.ruling import Judge

_VALID = 3600  # seconds the kernel may keep what it was told: everything that changes a medium comes by here
_JUDGED_ATTRIBUTES = (b"user.",)
_GONE = (stat.S_IFREG, 0, 0, 0, 0, 4096)  # facts of a file that is no more


class Names(Asked):
    """Everything about names and what is known of files beside their content."""

    def __init__(self, parts: Parts, content: Content, judge: Judge) -> None:
        super().__init__(parts, content, judge)
        self._valid = _VALID if parts.exact else 0  # other spellings may mean the same there
        self._most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2  # files that may be known
        self._crowded = 0  # how many must be known before some are to be forgotten again
        self._listings: dict[int, list[bytes]] = {}
        self._numbers = itertools.count(1)

    # ---- looking

    def lookup(self, request: Request) -> None:
        """LOOKUP."""
        name = bytes(request.body).rstrip(b"\0")
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            try:
                node = self._tree.find(folder, self._tree.spelling(folder, name))
            except FileNotFoundError:
                request.answer(wire.ENTRY.pack(0, 0, self._valid, 0, 0, 0) + bytes(wire.ATTR.size))
                return
            entry = self._entry(node)
        request.answer(entry)

    def forget(self, request: Request) -> None:
        """FORGET; has no answer."""
        (count,) = wire.LONG.unpack_from(request.body)
        self._forget(request.nodeid, count)

    def forget_many(self, request: Request) -> None:
        """BATCH_FORGET; has no answer."""
        count, _ = wire.TWO_WORDS.unpack_from(request.body)
        for index in range(count):
            number, times = wire.FORGET_ONE.unpack_from(
                request.body, wire.TWO_WORDS.size + index * wire.FORGET_ONE.size
            )
            self._forget(number, times)

    def getattr(self, request: Request) -> None:
        """GETATTR."""
        request.answer(wire.ATTR_HEAD.pack(_VALID, 0, 0) + self._attributes(self._tree[request.nodeid]))

    def setattr(self, request: Request) -> None:
        """SETATTR: mode, owner, times, length."""
        self._may_write()
        if wire.TWO_WORDS.unpack_from(request.body)[0] & wire.SIZE:
            self._workers.judge(request, self._setattr)
        else:
            self._setattr(request)

    def _setattr(self, request: Request) -> None:
        valid, _, _, size, _, atime, mtime, _, atime_ns, mtime_ns, _, mode, _, uid, gid, _ = wire.SETATTR.unpack_from(
            request.body
        )
        node = self._tree[request.nodeid]
        if valid & wire.SIZE:
            self._content.truncate(node, size, request, privileges=bool(valid & wire.KILL_SUIDGID))
        with self._tree.lock, node.lock:
            if (
                node.staged is None and node.descriptor < 0
            ):  # refused; the kernel only brings us the time of its writing
                request.answer(wire.ATTR_HEAD.pack(0, 0, 0) + wire.pack_attributes(node.ino, 0, 0, (0, 0, 0), _GONE))
                return
            for place, is_staged in self._places(node):
                if self._owners or not is_staged:  # the medium keeps no such thing, and says so when the file is there
                    if valid & (wire.UID | wire.GID):
                        os.chown(place, uid if valid & wire.UID else -1, gid if valid & wire.GID else -1)
                    if valid & wire.MODE:
                        Path(place).chmod(stat.S_IMODE(mode))
                if valid & (wire.ATIME | wire.MTIME):
                    times = _times(Path(place).stat(), valid, (atime, atime_ns), (mtime, mtime_ns))
                    os.utime(place, ns=times)
            node.facts += 1
            attributes = self._attributes(node)
        request.answer(wire.ATTR_HEAD.pack(_VALID, 0, 0) + attributes)

    def readlink(self, request: Request) -> None:
        """READLINK."""
        request.answer(os.fsencode(os.readlink("", dir_fd=self._tree[request.nodeid].descriptor)))

    def statfs(self, request: Request) -> None:
        """STATFS: as the medium has it, less what is on its way."""
        space = os.fstatvfs(self._tree.root.descriptor)
        waiting = self._landing.reserved // (space.f_frsize or 1)
        request.answer(
            wire.STATFS_OUT.pack(
                space.f_blocks,
                max(0, space.f_bfree - waiting),
                max(0, space.f_bavail - waiting),
                space.f_files,
                space.f_ffree,
                space.f_bsize,
                space.f_namemax,
                space.f_frsize,
                0,
            )
        )

    # ---- listing

    def opendir(self, request: Request) -> None:
        """OPENDIR."""
        number = next(self._numbers)
        self._listings[number] = []
        request.answer(wire.OPEN_OUT.pack(number, 0, 0))

    def readdir(self, request: Request) -> None:
        """READDIR: the listing is made when it is read from its beginning."""
        number, offset, size, *_ = wire.READ_IN.unpack_from(request.body)
        if offset == 0:
            self._listings[number] = self._listing(self._tree[request.nodeid])
        entries, total = [], 0
        for entry in self._listings[number][offset:]:
            total += len(entry)
            if total > size:
                break
            entries.append(entry)
        request.answer(b"".join(entries))

    def releasedir(self, request: Request) -> None:
        """RELEASEDIR."""
        self._listings.pop(wire.LONG.unpack_from(request.body)[0], None)
        request.answer()

    def fsyncdir(self, request: Request) -> None:
        """FSYNCDIR: what waits in it is on the medium when this returns."""

        def drain(late: Request) -> None:
            self._landing.drain()
            late.answer()

        self._workers.later(request, drain)

    def _listing(self, folder: Node) -> list[bytes]:
        with self._tree.lock:
            descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder.descriptor)
            try:
                with os.scandir(descriptor) as listing:
                    found = [(os.fsencode(one.name), one.inode(), _kind(one)) for one in listing]
            finally:
                os.close(descriptor)
            parent = folder.parent or folder
            rows = [(b".", folder.ino, 4), (b"..", parent.ino, 4)]
            rows += [
                (name, self._tree.number_of(ino), kind)
                for name, ino, kind in found
                if not name.startswith(TEMPORARY) and name not in folder.pending
            ]
            rows += [(name, node.ino, 8) for name, node in folder.pending.items()]
        entries = []
        for number, (name, ino, kind) in enumerate(rows, 1):
            padding = -len(name) % 8
            entries.append(wire.DIRENT.pack(ino, number, len(name), kind) + name + bytes(padding))
        return entries

    # ---- making

    def create(self, request: Request) -> None:
        """CREATE: a file that is opened at once; it stands on the local disk until it may land."""
        self._may_write()
        flags, mode, _, _ = wire.FOUR_WORDS.unpack_from(request.body)
        name = bytes(request.body[wire.FOUR_WORDS.size :]).rstrip(b"\0")
        with self._tree.lock:
            node = self._new(self._tree[request.nodeid], name, mode, (request.uid, request.gid), flags)
            number = self._content.opened(node, request, writable=flags & os.O_ACCMODE != os.O_RDONLY)
            entry = self._entry(node)
        request.answer(entry, wire.OPEN_OUT.pack(number, 2, 0))

    def mknod(self, request: Request) -> None:
        """MKNOD: an ordinary file or a pipe; devices are for the machine's own disks."""
        self._may_write()
        mode, _ = wire.TWO_WORDS.unpack_from(request.body)
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            raise PermissionError(errno.EPERM, "no devices")
        self._workers.judge(request, self._mknod)

    def _mknod(self, request: Request) -> None:
        mode, _ = wire.TWO_WORDS.unpack_from(request.body)
        name = bytes(request.body[wire.FOUR_WORDS.size :]).rstrip(b"\0")
        self._judge_name(request, self._tree[request.nodeid], name)
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            if stat.S_ISREG(mode):
                node = self._new(folder, name, mode, (request.uid, request.gid), os.O_EXCL)
            else:
                os.mknod(name, mode, dir_fd=folder.descriptor)
                os.chmod(name, stat.S_IMODE(mode), dir_fd=folder.descriptor)  # past our own mask
                node = self._made(folder, name, (request.uid, request.gid))
            entry = self._entry(node)
        if stat.S_ISREG(mode):
            try:
                self._closing.settle(node, sync=False)
            except OSError:
                with self._tree.lock:
                    node.lookups -= 1
                self._closing.undo(node)
                raise
        request.answer(entry)

    def mkdir(self, request: Request) -> None:
        """MKDIR."""
        self._may_write()
        self._workers.later(request, self._mkdir)

    def _mkdir(self, request: Request) -> None:
        mode, _ = wire.TWO_WORDS.unpack_from(request.body)
        name = bytes(request.body[wire.TWO_WORDS.size :]).rstrip(b"\0")
        self._judge_name(request, self._tree[request.nodeid], name)
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            if self._tree.spelling(folder, name) in folder.pending:
                raise FileExistsError(errno.EEXIST, "exists")
            os.mkdir(name, mode, dir_fd=folder.descriptor)
            mode |= os.fstat(folder.descriptor).st_mode & stat.S_ISGID  # folders in it give their group on, too
            with contextlib.suppress(OSError):  # the mask of the asker is in the mode already
                os.chmod(name, mode, dir_fd=folder.descriptor)
            entry = self._entry(self._made(folder, name, (request.uid, request.gid)))
        request.answer(entry)

    def symlink(self, request: Request) -> None:
        """SYMLINK."""
        self._may_write()
        self._workers.later(request, self._symlink)

    def _symlink(self, request: Request) -> None:
        name, target = bytes(request.body).split(b"\0")[:2]
        self._judge_name(request, self._tree[request.nodeid], name, target)
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            if self._tree.spelling(folder, name) in folder.pending:
                raise FileExistsError(errno.EEXIST, "exists")
            os.symlink(target, name, dir_fd=folder.descriptor)
            entry = self._entry(self._made(folder, name, (request.uid, request.gid)))
        request.answer(entry)

    def link(self, request: Request) -> None:
        """LINK: another name of a file, which must be on the medium for it."""
        self._may_write()
        self._workers.judge(request, self._link)

    def _link(self, request: Request) -> None:
        (number,) = wire.LONG.unpack_from(request.body)
        name = bytes(request.body[wire.LONG.size :]).rstrip(b"\0")
        node, folder = self._tree[number], self._tree[request.nodeid]
        self._judge_name(request, folder, name)
        if node.write_handles:
            self._channel.fetch_content(node.id)
        self._closing.settle(node, sync=False)
        with self._tree.lock:
            if node.frozen:
                raise Busy(node)
            if self._tree.spelling(folder, name) in folder.pending:
                raise FileExistsError(errno.EEXIST, "exists")
            if node.descriptor < 0:
                raise OSError(errno.EBUSY, "busy")
            os.link(f"/proc/self/fd/{node.descriptor}", name, dst_dir_fd=folder.descriptor, follow_symlinks=True)
            entry = self._entry(node)
        request.answer(entry)

    def _new(self, folder: Node, name: bytes, mode: int, owner: tuple[int, int], flags: int) -> Node:
        """A pending file; an existing one when the kernel did not know of it."""
        check_free(name)
        with contextlib.suppress(FileNotFoundError):
            found = self._tree.find(folder, self._tree.spelling(folder, name))
            if flags & os.O_EXCL or is_folder(found.status()):
                raise FileExistsError(errno.EEXIST, "exists")
            return found
        self._landing.need(0)
        above = os.fstat(folder.descriptor)
        path = folder.path + b"/" + name if folder.parent else name
        staged = self._staging.new(path, owner[0])
        if self._owners:
            group = above.st_gid if above.st_mode & stat.S_ISGID else owner[1]
            os.fchown(staged.descriptor, owner[0], group)
            os.fchmod(staged.descriptor, stat.S_IMODE(mode))
        else:  # FAT and its like: as every file there looks
            os.fchown(staged.descriptor, above.st_uid, above.st_gid)
            os.fchmod(staged.descriptor, stat.S_IMODE(above.st_mode))
        with contextlib.suppress(OSError):
            os.utime(f"/proc/self/fd/{folder.descriptor}")  # as if it were there
        return self._tree.create(folder, name, staged)

    def _made(self, folder: Node, name: bytes, owner: tuple[int, int]) -> Node:
        if self._owners:
            above = os.fstat(folder.descriptor)
            group = above.st_gid if above.st_mode & stat.S_ISGID else owner[1]
            os.chown(name, owner[0], group, dir_fd=folder.descriptor, follow_symlinks=False)
        return self._tree.find(folder, name)

    # ---- extended attributes

    def getxattr(self, request: Request) -> None:
        """GETXATTR."""
        if not self._channel.killpriv:  # old kernels ask before every write; without attributes they do not
            raise OSError(errno.ENOSYS, "no attributes")
        size, _ = wire.TWO_WORDS.unpack_from(request.body)
        name = bytes(request.body[wire.TWO_WORDS.size :]).rstrip(b"\0")
        value = os.getxattr(self._any_place(request), name)
        _sized(request, value, size)

    def listxattr(self, request: Request) -> None:
        """LISTXATTR."""
        size, _ = wire.TWO_WORDS.unpack_from(request.body)
        names = os.listxattr(self._any_place(request))
        _sized(request, b"".join(os.fsencode(name) + b"\0" for name in names), size)

    def setxattr(self, request: Request) -> None:
        """SETXATTR: what is stored beside a file is judged like a name."""
        self._may_write()
        self._workers.later(request, self._setxattr)

    def _setxattr(self, request: Request) -> None:
        size, flags = wire.TWO_WORDS.unpack_from(request.body)
        name, _, value = bytes(request.body[wire.TWO_WORDS.size :]).partition(b"\0")
        node = self._tree[request.nodeid]
        if name.startswith(_JUDGED_ATTRIBUTES) and node.parent is not None:
            self._judge_name(request, node.parent, node.name, name + b"\n" + value[:size])
        with self._tree.lock, node.lock:
            for place, is_staged in self._places(node):
                if is_staged and not self._owners:
                    raise OSError(errno.EOPNOTSUPP, "the medium keeps none")
                os.setxattr(place, name, value[:size], flags)
            node.facts += 1
        request.answer()

    def removexattr(self, request: Request) -> None:
        """REMOVEXATTR."""
        self._may_write()
        node = self._tree[request.nodeid]
        with self._tree.lock, node.lock:
            for place, _ in self._places(node):
                os.removexattr(place, bytes(request.body).rstrip(b"\0"))
            node.facts += 1
        request.answer()

    def _any_place(self, request: Request) -> str:
        return self._places(self._tree[request.nodeid])[0][0]

    # ---- helpers

    def _thin_out(self) -> None:
        """Have the kernel forget what it has not used for long: every file it knows takes a descriptor here."""
        for folder, name in self._tree.oldest(self._most // 4):
            self._channel.forget_entry(folder, name)
        self._crowded = 0

    def _forget(self, number: int, count: int) -> None:
        with self._tree.lock, contextlib.suppress(OSError):
            self._tree.forget(self._tree[number], count)

    def _entry(self, node: Node) -> bytes:
        node.lookups += 1
        if len(self._tree) > self._most and len(self._tree) >= self._crowded:
            self._crowded = len(self._tree) + self._most // 8
            self._workers.do(self._thin_out)
        return wire.ENTRY.pack(node.id, 0, self._valid, _VALID, 0, 0) + self._attributes(node)

    def _attributes(self, node: Node) -> bytes:
        with node.lock:
            staged, descriptor = node.staged, node.descriptor
            if staged is None and descriptor < 0:
                raise OSError(errno.ESTALE, "it is gone")
            try:
                status = staged.status if staged is not None else os.fstat(descriptor)
            except OSError:  # removed, where a program of its own is the file system
                if node.reader < 0:
                    raise
                status = os.fstat(node.reader)
            links = status.st_nlink if staged is None or descriptor < 0 else os.fstat(descriptor).st_nlink
            if node.unlinked and not is_folder(status):
                links = 0
        facts = (status.st_mode, links, status.st_uid, status.st_gid, status.st_rdev, status.st_blksize)
        times = (status.st_atime_ns, status.st_mtime_ns, status.st_ctime_ns)
        return wire.pack_attributes(node.ino, status.st_size, status.st_blocks, times, facts)

    def _places(self, node: Node) -> list[tuple[str, bool]]:
        """Where the facts of a file are kept, what people see first; and whether that is the staged file."""
        places = [(node.staged.descriptor, True)] if node.staged is not None else []
        places += [(node.descriptor, False)] if node.descriptor >= 0 else []
        if not places:
            raise OSError(errno.ESTALE, "it is gone")
        return [(f"/proc/self/fd/{descriptor}", is_staged) for descriptor, is_staged in places]


def _kind(entry: os.DirEntry[str]) -> int:
    if entry.is_symlink():
        return 10
    if entry.is_dir(follow_symlinks=False):
        return 4
    return 8 if entry.is_file(follow_symlinks=False) else 0


def _sized(request: Request, value: bytes, size: int) -> None:
    """The value, or how long it is when the asker has no room yet."""
    if size == 0:
        request.answer(wire.TWO_WORDS.pack(len(value), 0))
    elif len(value) > size:
        raise OSError(errno.ERANGE, "no room")
    else:
        request.answer(value)


def _times(status: os.stat_result, valid: int, atime: tuple[int, int], mtime: tuple[int, int]) -> tuple[int, int]:
    now = time.time_ns()
    first, second = status.st_atime_ns, status.st_mtime_ns
    if valid & wire.ATIME:
        first = now if valid & wire.ATIME_NOW else atime[0] * 10**9 + atime[1]
    if valid & wire.MTIME:
        second = now if valid & wire.MTIME_NOW else mtime[0] * 10**9 + mtime[1]
    return first, second
