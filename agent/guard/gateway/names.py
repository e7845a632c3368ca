"""The names on a medium: looked up, listed, made, moved and removed; what is staged stands among them.

A new name may itself say what it must not, so names are judged like content.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import contextlib
import ctypes
import errno
import itertools
import os
import stat
import time
from pathlib import Path

from agent.guard.fuse import wire
from agent.guard.fuse.channel import Channel, Request
from agent.guard.gateway.content import Content
from agent.guard.gateway.landing import Landing
from agent.guard.gateway.nodes import TEMPORARY, Node, Tree, is_folder
from agent.guard.gateway.ruling import Judge
from agent.guard.gateway.staging import Staging
from agent.guard.gateway.tasks import is_own, tgid

_VALID = 3600  # seconds the kernel may keep what it was told: everything that changes a medium comes by here
_JUDGED_ATTRIBUTES = (b"user.",)


class Names:
    """Everything about names and what is known of files beside their content."""

    def __init__(
        self,
        channel: Channel,
        tree: Tree,
        staging: Staging,
        landing: Landing,
        content: Content,
        judge: Judge,
        *,
        owners: bool,
    ) -> None:
        self._channel, self._tree, self._staging, self._landing = channel, tree, staging, landing
        self._content, self._judge, self._owners = content, judge, owners
        self.read_only = False
        self._listings: dict[int, list[bytes]] = {}
        self._numbers = itertools.count(1)

    # ---- looking

    def lookup(self, request: Request) -> None:
        """LOOKUP."""
        name = bytes(request.body).rstrip(b"\0")
        with self._tree.lock:
            try:
                node = self._tree.find(self._tree[request.nodeid], name)
            except FileNotFoundError:
                request.answer(wire.ENTRY.pack(0, 0, _VALID, 0, 0, 0) + bytes(wire.ATTR.size))
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
            self._content.later(request, self._setattr)
        else:
            self._setattr(request)

    def _setattr(self, request: Request) -> None:
        valid, _, _, size, _, atime, mtime, _, atime_ns, mtime_ns, _, mode, _, uid, gid, _ = wire.SETATTR.unpack_from(
            request.body
        )
        node = self._tree[request.nodeid]
        if valid & wire.SIZE:
            self._content.truncate(node, size, tgid(request.pid), request.uid)
        with self._tree.lock, node.lock:
            places = [place for place in (self._staged_place(node), self._place(node)) if place]
            for place in places:
                is_staged = place == places[0] and node.staged is not None
                self._set_facts(place, valid, mode, (uid, gid), is_staged=is_staged)
                if valid & (wire.ATIME | wire.MTIME):
                    times = _times(Path(place).stat(), valid, (atime, atime_ns), (mtime, mtime_ns))
                    os.utime(place, ns=times)
            node.facts += 1
        request.answer(wire.ATTR_HEAD.pack(_VALID, 0, 0) + self._attributes(node))

    def _set_facts(self, place: str, valid: int, mode: int, owner: tuple[int, int], *, is_staged: bool) -> None:
        if is_staged and not self._owners:
            return  # the medium keeps no such thing, and says so when the file is there
        if valid & (wire.UID | wire.GID):
            os.chown(place, owner[0] if valid & wire.UID else -1, owner[1] if valid & wire.GID else -1)
        if valid & wire.MODE:
            Path(place).chmod(stat.S_IMODE(mode))

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

        self._content.later(request, drain)

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
            rows += [row for row in found if not row[0].startswith(TEMPORARY) and row[0] not in folder.pending]
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
        pid = tgid(request.pid)
        with self._tree.lock:
            node = self._new(self._tree[request.nodeid], name, mode, (request.uid, request.gid), flags)
            number = self._content.opened(node, writable=flags & os.O_ACCMODE != os.O_RDONLY, pid=pid, uid=request.uid)
            entry = self._entry(node)
        request.answer(entry, wire.OPEN_OUT.pack(number, 2, 0))

    def mknod(self, request: Request) -> None:
        """MKNOD: an ordinary file or a pipe; devices are for the machine's own disks."""
        self._may_write()
        mode, _ = wire.TWO_WORDS.unpack_from(request.body)
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            raise PermissionError(errno.EPERM, "no devices")
        self._content.later(request, self._mknod)

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
                node = self._made(folder, name, (request.uid, request.gid))
            entry = self._entry(node)
        if stat.S_ISREG(mode):
            self._content.settle(node, sync=False)
        request.answer(entry)

    def mkdir(self, request: Request) -> None:
        """MKDIR."""
        self._may_write()
        self._content.later(request, self._mkdir)

    def _mkdir(self, request: Request) -> None:
        mode, _ = wire.TWO_WORDS.unpack_from(request.body)
        name = bytes(request.body[wire.TWO_WORDS.size :]).rstrip(b"\0")
        self._judge_name(request, self._tree[request.nodeid], name)
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            if name in folder.pending:
                raise FileExistsError(errno.EEXIST, "exists")
            os.mkdir(name, mode, dir_fd=folder.descriptor)
            with contextlib.suppress(OSError):  # the mask of the asker is in the mode already
                os.chmod(name, mode, dir_fd=folder.descriptor)
            entry = self._entry(self._made(folder, name, (request.uid, request.gid)))
        request.answer(entry)

    def symlink(self, request: Request) -> None:
        """SYMLINK."""
        self._may_write()
        self._content.later(request, self._symlink)

    def _symlink(self, request: Request) -> None:
        name, target = bytes(request.body).split(b"\0")[:2]
        self._judge_name(request, self._tree[request.nodeid], name, target)
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            if name in folder.pending:
                raise FileExistsError(errno.EEXIST, "exists")
            os.symlink(target, name, dir_fd=folder.descriptor)
            entry = self._entry(self._made(folder, name, (request.uid, request.gid)))
        request.answer(entry)

    def link(self, request: Request) -> None:
        """LINK: another name of a file, which must be on the medium for it."""
        self._may_write()
        self._content.later(request, self._link)

    def _link(self, request: Request) -> None:
        (number,) = wire.LONG.unpack_from(request.body)
        name = bytes(request.body[wire.LONG.size :]).rstrip(b"\0")
        node, folder = self._tree[number], self._tree[request.nodeid]
        self._judge_name(request, folder, name)
        self._content.settle(node, sync=False)
        with node.lock:
            while node.frozen:
                node.lock.wait(1.0)
        with self._tree.lock:
            if node.descriptor < 0 or name in folder.pending:
                raise (
                    FileExistsError(errno.EEXIST, "exists") if name in folder.pending else OSError(errno.EBUSY, "busy")
                )
            os.link(f"/proc/self/fd/{node.descriptor}", name, dst_dir_fd=folder.descriptor, follow_symlinks=True)
            entry = self._entry(node)
        request.answer(entry)

    def _new(self, folder: Node, name: bytes, mode: int, owner: tuple[int, int], flags: int) -> Node:
        """A pending file; an existing one when the kernel did not know of it."""
        if name.startswith(TEMPORARY):
            raise PermissionError(errno.EPERM, "reserved")
        with contextlib.suppress(FileNotFoundError):
            found = self._tree.find(folder, name)
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
        return self._tree.create(folder, name, staged)

    def _made(self, folder: Node, name: bytes, owner: tuple[int, int]) -> Node:
        if self._owners:
            above = os.fstat(folder.descriptor)
            group = above.st_gid if above.st_mode & stat.S_ISGID else owner[1]
            os.chown(name, owner[0], group, dir_fd=folder.descriptor, follow_symlinks=False)
        return self._tree.find(folder, name)

    # ---- moving and removing

    def unlink(self, request: Request) -> None:
        """UNLINK."""
        self._may_write()
        name = bytes(request.body).rstrip(b"\0")
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            pending = folder.pending.pop(name, None)
            if pending is not None:
                self._orphan(pending)
                if pending.shadows:
                    os.unlink(name, dir_fd=folder.descriptor)
            else:
                node = self._tree.at(folder, name)
                os.unlink(name, dir_fd=folder.descriptor)
                self._check_gone(node)
        request.answer()

    def rmdir(self, request: Request) -> None:
        """RMDIR."""
        self._may_write()
        name = bytes(request.body).rstrip(b"\0")
        with self._tree.lock:
            folder = self._tree[request.nodeid]
            inner = self._tree.at(folder, name)
            if inner is not None and inner.pending:
                raise OSError(errno.ENOTEMPTY, "not empty")
            os.rmdir(name, dir_fd=folder.descriptor)
        request.answer()

    def rename(self, request: Request) -> None:
        """RENAME and RENAME2."""
        self._may_write()
        self._content.later(request, self._rename)

    def _rename(self, request: Request) -> None:
        if request.opcode == wire.Op.RENAME2:
            number, flags, _ = wire.LONG_WORDS.unpack_from(request.body)
            names = bytes(request.body[wire.LONG_WORDS.size :])
        else:
            (number,), flags = wire.LONG.unpack_from(request.body), 0
            names = bytes(request.body[wire.LONG.size :])
        old, new = names.split(b"\0")[:2]
        if new.startswith(TEMPORARY):
            raise PermissionError(errno.EPERM, "reserved")
        if old != new:
            self._judge_name(request, self._tree[number], new)
        with self._tree.lock:
            source, target = self._tree[request.nodeid], self._tree[number]
            if old in source.pending:
                self._move_pending(source, old, target, new, flags)
            else:
                self._move(source, old, target, new, flags)
        request.answer()

    def _move_pending(self, source: Node, old: bytes, target: Node, new: bytes, flags: int) -> None:
        if flags & ~wire.RENAME_NOREPLACE:
            raise OSError(errno.EINVAL, "not for a file that is being written")
        there = _exists(new, target.descriptor)
        if flags & wire.RENAME_NOREPLACE and (there or new in target.pending):
            raise FileExistsError(errno.EEXIST, "exists")
        if there and stat.S_ISDIR(os.stat(new, dir_fd=target.descriptor, follow_symlinks=False).st_mode):
            raise IsADirectoryError(errno.EISDIR, "a folder")
        if (replaced := target.pending.pop(new, None)) is not None:
            self._orphan(replaced)
        node = source.pending.pop(old)
        if node.shadows:
            os.unlink(old, dir_fd=source.descriptor)
        node.parent, node.name, node.shadows = target, new, there
        target.pending[new] = node
        if node.staged is not None:
            self._staging.moved(node.staged, node.path)

    def _move(self, source: Node, old: bytes, target: Node, new: bytes, flags: int) -> None:
        node, replaced = self._tree.at(source, old), self._tree.at(target, new)
        if flags & wire.RENAME_NOREPLACE and new in target.pending:
            raise FileExistsError(errno.EEXIST, "exists")
        _renameat(source.descriptor, old, target.descriptor, new, flags)
        if (pending := target.pending.pop(new, None)) is not None:
            self._orphan(pending)
        if node is not None:
            node.parent, node.name = target, new
        if flags & 2 and replaced is not None:  # exchanged
            replaced.parent, replaced.name = source, old
        elif replaced is not node:
            self._check_gone(replaced)

    def _orphan(self, node: Node) -> None:
        """A file lost its name before it landed: it never will."""
        node.unlinked = True
        self._tree.tidy(node)

    def _check_gone(self, node: Node | None) -> None:
        if node is not None and node.descriptor >= 0 and os.fstat(node.descriptor).st_nlink == 0:
            node.unlinked = True

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
        self._content.later(request, self._setxattr)

    def _setxattr(self, request: Request) -> None:
        size, flags = wire.TWO_WORDS.unpack_from(request.body)
        name, _, value = bytes(request.body[wire.TWO_WORDS.size :]).partition(b"\0")
        node = self._tree[request.nodeid]
        if name.startswith(_JUDGED_ATTRIBUTES) and node.parent is not None:
            self._judge_name(request, node.parent, node.name, name + b"\n" + value[:size])
        with node.lock:
            os.setxattr(self._any_place(request), name, value[:size], flags)
            node.facts += 1
        request.answer()

    def removexattr(self, request: Request) -> None:
        """REMOVEXATTR."""
        self._may_write()
        os.removexattr(self._any_place(request), bytes(request.body).rstrip(b"\0"))
        request.answer()

    def _any_place(self, request: Request) -> str:
        node = self._tree[request.nodeid]
        return self._staged_place(node) or self._place(node)

    # ---- helpers

    def _forget(self, number: int, count: int) -> None:
        with self._tree.lock, contextlib.suppress(OSError):
            self._tree.forget(self._tree[number], count)

    def _entry(self, node: Node) -> bytes:
        node.lookups += 1
        return wire.ENTRY.pack(node.id, 0, _VALID, _VALID, 0, 0) + self._attributes(node)

    def _attributes(self, node: Node) -> bytes:
        with node.lock:
            status = node.status()
            if node.staged is None or node.descriptor < 0:
                return wire.pack_attr(status, node.ino)
            links = os.fstat(node.descriptor).st_nlink
        facts = (status.st_mode, links, status.st_uid, status.st_gid, 0, status.st_blksize)
        times = (status.st_atime_ns, status.st_mtime_ns, status.st_ctime_ns)
        return wire.pack_attributes(node.ino, status.st_size, status.st_blocks, times, facts)

    def _staged_place(self, node: Node) -> str:
        return f"/proc/self/fd/{node.staged.descriptor}" if node.staged is not None else ""

    def _place(self, node: Node) -> str:
        return f"/proc/self/fd/{node.descriptor}" if node.descriptor >= 0 else ""

    def _may_write(self) -> None:
        if self.read_only:
            raise OSError(errno.EROFS, "read-only")

    def _judge_name(self, request: Request, folder: Node, name: bytes, words: bytes = b"") -> None:
        if is_own(request.pid):
            return
        path = self._channel.target / os.fsdecode(folder.path) / os.fsdecode(name)
        if not self._judge.name(Path(path), words, (tgid(request.pid), request.uid)):
            raise PermissionError(errno.EACCES, "refused")


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


def _exists(name: bytes, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _renameat(source: int, old: bytes, target: int, new: bytes, flags: int) -> None:
    if not flags:
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(source, old, target, new, ctypes.c_uint(flags)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
