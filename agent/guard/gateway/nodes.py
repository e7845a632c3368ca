"""What the kernel knows of a medium: one node a file or folder, found by number.

A node on the medium is held by a descriptor that follows it through renames (O_PATH); hard links share a node. A node
that was only written here so far has none: it is *pending* in its folder, and stands on the local disk.
"""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import errno
import os
import stat
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.guard.fuse import wire

if TYPE_CHECKING:
    from agent.guard.gateway.staging import Staged, Staging

TEMPORARY = b".shoumi~"  # names of half-written files on the medium; nobody sees them
_OWN_NUMBERS = 1 << 40  # of files that are not on the medium yet; no file system of a stick counts so far
_PATH_ONLY = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC if hasattr(os, "O_PATH") else 0


class Busy(OSError):  # noqa: N818 - no error: it is asked again
    """A node is frozen: ask again when it is not."""

    def __init__(self, node: Node) -> None:
        super().__init__(errno.EBUSY, "on its way")
        self.node = node


class Node:
    """One file or folder. ``lock`` guards what is said below it; the namespace is guarded by the tree's own lock."""

    def __init__(self, number: int, parent: Node | None, name: bytes, descriptor: int, ino: int) -> None:
        self.id, self.ino = number, ino
        self.parent, self.name, self.descriptor = parent, name, descriptor
        self.key = ino if descriptor >= 0 else 0  # the number of the file on the medium
        self.spellings: dict[bytes, bytes] | None = None  # of a folder that does not tell A from a
        self.lookups = 0  # how often the kernel was told of it and did not forget
        self.children = 0  # nodes that lie in it
        if parent is not None:
            parent.children += 1
        self.pending: dict[bytes, Node] = {}  # of a folder: files that are not on the medium yet
        self.unlinked = False
        self.nameless = False  # its name went to another file, but it has more of them (hard links)
        self.retired = False  # another node stands for the file now: what the kernel keeps of this one is not true
        self.shadows = False  # a pending file that takes the name of one on the medium
        self.lock = threading.Condition()
        self.parked: list[Callable[[], None]] = []  # what waits for the end of a freeze
        self.staged: Staged | None = None
        self.reader = -1  # descriptor for reading from the medium
        self.handles = self.write_handles = 0
        self.writers: dict[int, int] = {}  # process and user of those who opened it for writing
        self.version = self.settled = 0  # counts changes; the one that was allowed last
        self.facts = 0  # counts changes of owner, mode, times
        self.frozen = False  # being judged or on its way: writes wait
        self.writing = 0
        self.touched = False  # closed while it was empty, and not judged for that
        self.denied = False
        self.failed = 0  # error number after which the content is incomplete

    @property
    def is_dirty(self) -> bool:
        """Whether it has content that was not allowed yet."""
        return self.version != self.settled

    @property
    def content(self) -> Staged:
        """The staged content of a node that has one."""
        if self.staged is None:
            raise OSError(errno.ESTALE, "nothing is staged")
        return self.staged

    @property
    def folder(self) -> Node:
        """Where it lies; the root lies in itself."""
        return self.parent or self

    def move(self, parent: Node, name: bytes) -> None:
        """It lies somewhere else now."""
        if self.parent is not None:
            self.parent.children -= 1
        parent.children += 1
        self.parent, self.name, self.nameless = parent, name, False

    def park(self, again: Callable[[], None]) -> None:
        """Have something done when the node is free: now, or when it is thawed."""
        with self.lock:
            if self.frozen:
                self.parked.append(again)
                return
        again()

    def thaw(self) -> None:
        """Changes may go on; to be called with the lock held."""
        self.frozen = False
        parked, self.parked = self.parked, []
        for again in parked:
            again()

    def open_reader(self) -> int:
        """A descriptor to read from the medium with; to be called with the lock held."""
        if self.reader < 0:
            self.reader = os.open(f"/proc/self/fd/{self.descriptor}", os.O_RDONLY | os.O_CLOEXEC)
        return self.reader

    def close_reader(self) -> None:
        """Give it back."""
        if self.reader >= 0:
            os.close(self.reader)
            self.reader = -1

    def status(self) -> os.stat_result:
        """As people see it: staged content before what is on the medium."""
        staged = self.staged
        return staged.status if staged is not None else os.fstat(self.descriptor)

    @property
    def above(self) -> list[Node]:
        """The folders it lies in, the nearest first."""
        found, node = [], self.parent
        while node is not None:
            found.append(node)
            node = node.parent
        return found

    @property
    def path(self) -> bytes:
        """Relative to the medium."""
        parts: list[bytes] = []
        node: Node | None = self
        while node is not None and node.parent is not None:
            parts.append(node.name)
            node = node.parent
        return b"/".join(reversed(parts))


class Tree:
    """All nodes. Callers hold ``lock`` while they look at or change names."""

    def __init__(self, root: int, staging: Staging, *, exact: bool = True) -> None:
        """``root`` is an open folder, which stays the caller's; ``exact``: whether it tells A from a in names."""
        self._staging, self._exact = staging, exact
        self.lock = threading.RLock()
        self.root = Node(wire.ROOT, None, b"", root, os.fstat(root).st_ino)
        self._nodes: dict[int, Node] = {wire.ROOT: self.root}
        self._by_ino: dict[int, Node] = {self.root.ino: self.root}
        self._next = wire.ROOT + 1

    def __getitem__(self, number: int) -> Node:
        """Raises OSError (ESTALE) for a number the kernel should have forgotten."""
        try:
            return self._nodes[number]
        except KeyError:
            raise OSError(errno.ESTALE, "no such node") from None

    def __len__(self) -> int:
        return len(self._nodes)

    def all(self) -> list[Node]:
        """Every node now known."""
        with self.lock:
            return list(self._nodes.values())

    def find(self, parent: Node, name: bytes) -> Node:
        """The node of a name; raises OSError (ENOENT) where there is none."""
        if name.startswith(TEMPORARY):
            raise FileNotFoundError(errno.ENOENT, "hidden")
        if (pending := parent.pending.get(name)) is not None:
            return pending
        return self._adopt(parent, name, os.open(name, _PATH_ONLY, dir_fd=parent.descriptor))

    def spelling(self, folder: Node, name: bytes) -> bytes:
        """A name as it is stored, where A and a are the same; the name itself where there is nothing of that name."""
        if self._exact or name in folder.pending:
            return name
        folded = _fold(name)
        for pending in folder.pending:
            if _fold(pending) == folded:
                return pending
        if folder.spellings is None:
            descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder.descriptor)
            try:
                names = [os.fsencode(one) for one in os.listdir(descriptor)]  # noqa: PTH208
            finally:
                os.close(descriptor)
            folder.spellings = {}
            for one in names:  # where both are there after all, each is itself
                folder.spellings[_fold(one)] = b"" if _fold(one) in folder.spellings else one
        return folder.spellings.get(folded) or name

    def unspelled(self, folder: Node, name: bytes) -> None:
        """A name is gone."""
        if folder.spellings is not None:
            folder.spellings.pop(_fold(name), None)

    def _spelled(self, folder: Node, name: bytes) -> None:
        if folder.spellings is not None:
            folder.spellings.setdefault(_fold(name), name)

    def at(self, parent: Node, name: bytes) -> Node | None:
        """The node of a name on the medium, when the kernel knows it already."""
        try:
            status = os.stat(name, dir_fd=parent.descriptor, follow_symlinks=False)
        except OSError:
            return None
        return self._by_ino.get(status.st_ino)

    def create(self, parent: Node, name: bytes, staged: Staged) -> Node:
        """A pending file."""
        node = Node(self._next, parent, name, -1, _OWN_NUMBERS + self._next)
        node.staged, node.version = staged, 1
        self._nodes[node.id] = parent.pending[name] = node
        self._next += 1
        return node

    def landed(self, node: Node) -> None:
        """A node's content got a new file on the medium, under its name; raises OSError."""
        descriptor = os.open(node.name, _PATH_ONLY, dir_fd=node.folder.descriptor)
        self._let_go(node)
        node.descriptor, node.key = descriptor, os.fstat(descriptor).st_ino
        self._by_ino[node.key] = node
        self._spelled(node.folder, node.name)
        if node.folder.pending.get(node.name) is node:
            del node.folder.pending[node.name]
        node.shadows = False

    def forget(self, node: Node, count: int) -> None:
        """The kernel forgot a node ``count`` times."""
        node.lookups -= count
        self.tidy(node)

    def tidy(self, node: Node) -> None:
        """Let a node go that nobody knows and nobody uses."""
        is_pending = node.parent is not None and node.parent.pending.get(node.name) is node
        if node.lookups > 0 or node.handles or node.frozen or is_pending or node is self.root or node.children:
            return
        if self._nodes.pop(node.id, None) is None:
            return
        self._let_go(node)
        if node.staged is not None:
            self._staging.drop(node.staged)
            node.staged = None
        if node.parent is not None:
            node.parent.children -= 1
            self.tidy(node.parent)

    def oldest(self, count: int) -> list[tuple[int, bytes]]:
        """Files that nobody has open, longest known first: their folders' numbers and their names."""
        found: list[tuple[int, bytes]] = []
        for node in self.all():
            if len(found) == count:
                break
            if node.parent is not None and node.lookups and not (node.handles or node.children or node.frozen):
                found.append((node.parent.id, node.name))
        return found

    def retire(self, node: Node) -> None:
        """Have the file of a node looked up anew: content and length that the kernel keeps of it were refused."""
        node.retired = True
        if self._by_ino.get(node.key) is node:
            del self._by_ino[node.key]

    def number_of(self, ino: int) -> int:
        """What people see as the number of a file on the medium."""
        node = self._by_ino.get(ino)
        return node.ino if node is not None else ino

    def close(self) -> None:
        """Give back every descriptor but the root's; staged files stay where they are."""
        with self.lock:
            for node in self._nodes.values():
                if node is not self.root:
                    self._let_go(node)
                if node.staged is not None:
                    node.staged.close()
            self._nodes.clear()
            self._by_ino.clear()

    def _adopt(self, parent: Node, name: bytes, descriptor: int) -> Node:
        self._spelled(parent, name)
        status = os.fstat(descriptor)
        node = self._by_ino.get(status.st_ino)
        if node is not None:
            os.close(descriptor)
            if node is not self.root:
                node.move(parent, name)
                node.unlinked = False  # what was to take its name was refused
            return node
        node = Node(self._next, parent, name, descriptor, status.st_ino)
        self._nodes[node.id] = self._by_ino[status.st_ino] = node
        self._next += 1
        return node

    def _let_go(self, node: Node) -> None:
        node.close_reader()
        if node.descriptor < 0:
            return
        if self._by_ino.get(node.key) is node:  # a removed file may have no status to ask for any more
            del self._by_ino[node.key]
        os.close(node.descriptor)
        node.descriptor = -1


def _fold(name: bytes) -> bytes:
    """As FAT and its like compare: letter by letter, with no letter becoming two."""
    upper = ((letter, letter.upper()) for letter in name.decode("utf-8", "surrogateescape"))
    return "".join(one if len(two) > 1 else two for one, two in upper).encode("utf-8", "surrogateescape")


def is_folder(status: os.stat_result) -> bool:
    """Whether a status is that of a folder."""
    return stat.S_ISDIR(status.st_mode)
