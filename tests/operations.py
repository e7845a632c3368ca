"""Random operations on two folders: what one file system answers, the other must answer too."""

import contextlib
import ctypes
import errno
import mmap
import os
import random
import stat
import time
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
NAMES = ["a", "b", "c", "名", "d e"]
FOLDERS = ["", "x", "y", "x/z", "y/x"]
LONG_AGO = 1_000_000_000
USERS = [(0, 0), (1001, 1001), (1002, 1002), (1001, 1003)]
FLAGS = [
    os.O_RDONLY,
    os.O_WRONLY,
    os.O_RDWR,
    os.O_RDWR | os.O_CREAT,
    os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    os.O_WRONLY | os.O_CREAT | os.O_EXCL,
    os.O_RDWR | os.O_APPEND,
    os.O_WRONLY | os.O_APPEND | os.O_CREAT,
    os.O_RDWR | os.O_TRUNC,
]


class Side:
    """One of the two folders, with its open files."""

    def __init__(self, root: Path) -> None:
        self.root, self.open = root, {}

    def close(self) -> None:
        for descriptor in self.open.values():
            os.close(descriptor)
        self.open.clear()

    def do(self, name, *arguments):
        """What an operation returns, or the name of its error."""
        try:
            return getattr(self, name)(*arguments)
        except OSError as problem:
            return errno.errorcode[problem.errno]

    def path(self, name):
        return self.root / name

    def fopen(self, slot, name, flags, mode):
        if slot in self.open:
            os.close(self.open.pop(slot))
        self.open[slot] = os.open(self.path(name), flags | os.O_CLOEXEC, mode)

    def fclose(self, slot):
        descriptor = self.open.pop(slot, None)
        if descriptor is not None:
            os.close(descriptor)

    def pwrite(self, slot, at, data):
        return os.pwrite(self.open[slot], data, at)

    def write(self, slot, data):
        return os.write(self.open[slot], data)

    def pread(self, slot, at, size):
        return os.pread(self.open[slot], size, at)

    def ftruncate(self, slot, size):
        if os.fstat(self.open[slot]).st_size != size:  # whether that changes times is for each file system to say
            os.ftruncate(self.open[slot], size)

    def truncate(self, name, size):
        if self.path(name).stat().st_size != size:
            os.truncate(self.path(name), size)

    def fallocate(self, slot, mode, at, size):
        if LIBC.fallocate(self.open[slot], mode, ctypes.c_int64(at), ctypes.c_int64(size)):
            raise OSError(ctypes.get_errno(), "")

    def seek(self, slot, at):
        """Where data begins after a place; what is left out must be nothing."""
        descriptor = self.open[slot]
        try:
            found = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError as problem:
            if problem.errno != errno.ENXIO:
                raise
            found = os.fstat(descriptor).st_size
        with contextlib.suppress(OSError):
            assert not any(os.pread(descriptor, max(0, found - at), at)), "data was passed over"

    def mapped(self, slot, at, data, sync):
        descriptor = self.open[slot]
        size = os.fstat(descriptor).st_size
        if at + len(data) > size or not size:
            return "short"
        try:
            with mmap.mmap(descriptor, size) as view:
                view[at : at + len(data)] = data
                if sync:
                    view.flush()
        except PermissionError:
            return "EACCES"
        return None

    def mapped_after_close(self, slot, data):
        descriptor = self.open.pop(slot)
        try:
            size = os.fstat(descriptor).st_size
            if len(data) > size or not size:
                return "short"
            with contextlib.suppress(PermissionError):
                view = mmap.mmap(descriptor, size)
                os.close(descriptor)
                descriptor = -1
                view[: len(data)] = data
                view.close()
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def fsync(self, slot):
        os.fsync(self.open[slot])

    def fstat(self, slot):
        return facts(os.fstat(self.open[slot]))

    def dup(self, slot, data):
        other = os.dup(self.open[slot])
        try:
            return os.write(other, data)
        finally:
            os.close(other)

    def child(self, slot, data):
        """A child inherits the file, writes, and ends."""
        pid = os.fork()
        if pid == 0:
            status = 0
            try:
                os.write(self.open[slot], data)
            except OSError as problem:
                status = problem.errno
            os._exit(status)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def copy_range(self, source, target, size):
        total = 0
        while total < size and (count := os.copy_file_range(self.open[source], self.open[target], size - total)):
            total += count
        return total

    def sendfile(self, source, target, size):
        total = 0
        while total < size and (count := os.sendfile(self.open[target], self.open[source], total, size - total)):
            total += count
        return total

    def rename(self, old, new, flags):
        if LIBC.renameat2(-100, os.fsencode(self.path(old)), -100, os.fsencode(self.path(new)), flags):
            raise OSError(ctypes.get_errno(), "")

    def link(self, old, new):
        os.link(self.path(old), self.path(new), follow_symlinks=False)

    def unlink(self, name):
        self.path(name).unlink()

    def symlink(self, target, name):
        os.symlink(target, self.path(name))

    def readlink(self, name):
        return os.readlink(self.path(name))

    def mkdir(self, name, mode):
        self.path(name).mkdir(mode)

    def rmdir(self, name):
        self.path(name).rmdir()

    def mkfifo(self, name):
        os.mkfifo(self.path(name))

    def mknod(self, name, mode):
        os.mknod(self.path(name), stat.S_IFREG | mode)

    def chmod(self, name, mode):
        self.path(name).chmod(mode)

    def fchmod(self, slot, mode):
        os.fchmod(self.open[slot], mode)

    def chown(self, name, uid, gid):
        os.chown(self.path(name), uid, gid, follow_symlinks=False)

    def utime(self, name, at):
        os.utime(self.path(name), ns=(at * 10**9, at * 10**9 + 123), follow_symlinks=False)

    def futime(self, slot, at):
        os.utime(self.open[slot], ns=(at * 10**9, at * 10**9 + 123))

    def setxattr(self, name, key, value, flags):
        os.setxattr(self.path(name), key, value, flags)

    def getxattr(self, name, key):
        return os.getxattr(self.path(name), key)

    def listxattr(self, name):
        return sorted(os.listxattr(self.path(name)))

    def removexattr(self, name, key):
        os.removexattr(self.path(name), key)

    def listdir(self, name):
        return sorted(set(os.listdir(self.path(name))) - {"lost+found"})

    def scan(self, name):
        """Names and kinds, and files removed while they are listed."""
        with os.scandir(self.path(name)) as listing:
            return sorted(
                (one.name, one.is_dir(follow_symlinks=False), one.is_symlink())
                for one in listing
                if one.name != "lost+found"
            )

    def stat(self, name):
        return facts(os.lstat(self.path(name)))

    def content(self, name):
        return self.path(name).read_bytes()

    def access(self, name, mode):
        return os.access(self.path(name), mode, effective_ids=True)


def facts(status):
    """What must be equal: times only where somebody set them."""
    is_folder = stat.S_ISDIR(status.st_mode)
    when = status.st_mtime_ns if status.st_mtime < LONG_AGO + 10**6 else "now"
    size = 0 if is_folder else status.st_size
    return oct(status.st_mode), status.st_nlink, status.st_uid, status.st_gid, size, when


def tree(root):
    """Everything below a folder."""
    found = {}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name != "lost+found")
        for name in [*folders, *files]:
            path = Path(folder, name)
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
            else:
                content = os.readlink(path) if path.is_symlink() else None
            attributes = {
                key: os.getxattr(path, key)
                for key in os.listxattr(path, follow_symlinks=False)
                if not path.is_symlink()
            }
            found[str(path.relative_to(root))] = (facts(status), content, attributes)
    return found


def operation(dice: random.Random, slots):
    """One operation with its arguments."""
    slot = dice.choice(slots) if slots and dice.random() < 0.97 else 0

    def name():
        return os.path.join(dice.choice(FOLDERS), dice.choice([*NAMES, "x", "y", "z"]))

    def file():
        return os.path.join(dice.choice(FOLDERS), dice.choice(NAMES))

    def data():
        size = dice.choice([0, 1, 10, 100, 4096, 5000, 70_000, 300_000, 1_300_000][: 9 if dice.random() < 0.1 else 6])
        return bytes([dice.randrange(1, 256)]) * size

    def at():
        return dice.choice([0, 0, 1, 50, 4095, 4096, 8000, 20_000, 100_000])

    rows = [
        (
            12,
            lambda: (
                "fopen",
                dice.randrange(8),
                file(),
                dice.choice(FLAGS),
                dice.choice([0o644, 0o600, 0o666, 0o4755]),
            ),
        ),
        (8, lambda: ("fclose", slot)),
        (8, lambda: ("pwrite", slot, at(), data())),
        (6, lambda: ("write", slot, data())),
        (6, lambda: ("pread", slot, at(), 10_000)),
        (3, lambda: ("ftruncate", slot, at())),
        (3, lambda: ("truncate", file(), at())),
        (2, lambda: ("fallocate", slot, dice.choice([0, 1, 3, 16, 17]), at(), dice.choice([1, 4096, 9000]))),
        (2, lambda: ("seek", slot, at())),
        (3, lambda: ("mapped", slot, at(), data(), dice.random() < 0.5)),
        (2, lambda: ("mapped_after_close", slot, data())),
        (2, lambda: ("fsync", slot)),
        (4, lambda: ("fstat", slot)),
        (2, lambda: ("dup", slot, data())),
        (1, lambda: ("child", slot, data())),
        (1, lambda: ("copy_range", slot, dice.choice(slots or [0]), 9000)),
        (1, lambda: ("sendfile", slot, dice.choice(slots or [0]), 9000)),
        (6, lambda: ("rename", name(), name(), dice.choice([0, 0, 0, 1, 2]))),
        (3, lambda: ("link", name(), name())),
        (4, lambda: ("unlink", name())),
        (2, lambda: ("symlink", dice.choice(["a", "../b", "x", "nowhere"]), name())),
        (1, lambda: ("readlink", name())),
        (
            4,
            lambda: (
                "mkdir",
                dice.choice([folder for folder in FOLDERS if folder]),
                dice.choice([0o755, 0o777, 0o700]),
            ),
        ),
        (2, lambda: ("rmdir", name())),
        (1, lambda: ("mkfifo", name())),
        (1, lambda: ("mknod", name(), 0o640)),
        (3, lambda: ("chmod", name(), dice.choice([0o644, 0o600, 0o777, 0o1777, 0o2775, 0o6755, 0o000]))),
        (1, lambda: ("fchmod", slot, dice.choice([0o644, 0o600, 0o6755]))),
        (2, lambda: ("chown", name(), *dice.choice([(-1, 0), (0, -1), (1001, 1003), (1002, 1001), (0, 0)]))),
        (3, lambda: ("utime", name(), LONG_AGO + dice.randrange(1000))),
        (1, lambda: ("futime", slot, LONG_AGO + dice.randrange(1000))),
        (
            2,
            lambda: (
                "setxattr",
                name(),
                dice.choice(["user.k", "user.l"]),
                dice.choice([b"1", b"22"]),
                dice.choice([0, 1, 2]),
            ),
        ),
        (1, lambda: ("getxattr", name(), "user.k")),
        (1, lambda: ("listxattr", name())),
        (1, lambda: ("removexattr", name(), "user.k")),
        (2, lambda: ("listdir", dice.choice(FOLDERS))),
        (2, lambda: ("scan", dice.choice(FOLDERS))),
        (6, lambda: ("stat", name())),
        (4, lambda: ("content", name())),
        (1, lambda: ("access", name(), dice.choice([os.R_OK, os.W_OK, os.X_OK]))),
    ]
    return dice.choices([row[1] for row in rows], [row[0] for row in rows])[0]()


@contextlib.contextmanager
def user(uid, gid):
    """As an ordinary user, for a while."""
    os.setgroups([1003] if uid == 1002 else [])
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups([])


def run(first: Path, second: Path, seed: int, count: int, users=False, told=None) -> None:  # noqa: PLR0912 - one rule a line
    """Do the same in both folders; raises AssertionError with what was done before the difference."""
    dice = random.Random(seed)
    sides = Side(first), Side(second)
    history = []
    before = os.umask(0o022)
    try:
        if users:
            for side in sides:
                for folder, mode in (("x", 0o1777), ("y", 0o2777)):
                    side.path(folder).mkdir()
                    side.path(folder).chmod(mode)
                    os.chown(side.path(folder), 0, 1003)
        for number in range(count):
            who = dice.choice(USERS) if users else (0, 0)
            os.umask(dice.choice([0o022, 0o022, 0o077, 0o002]))
            todo = operation(dice, list(sides[0].open))
            takes_slot = todo[0] in SLOTTED and todo[1] not in sides[0].open
            if takes_slot or (todo[0] in {"copy_range", "sendfile"} and todo[2] not in sides[0].open):
                continue
            if todo[0] in {"copy_range", "sendfile"} and todo[1] == todo[2]:
                continue
            if todo[0] == "content" and any((side.path(todo[1])).is_fifo() for side in sides):
                continue
            if todo[0] == "fopen" and any((side.path(todo[2])).is_fifo() for side in sides):
                continue
            history.append((number, who, *(short(one) for one in todo)))
            if told:
                told(history[-1])
            answers = []
            for side in sides:
                with user(*who):
                    answers.append(side.do(*todo))
            assert answers[0] == answers[1], report(seed, history, answers)
            if number % 50 == 49:
                trees = [tree(side.root) for side in sides]
                assert trees[0] == trees[1], report(seed, history, differences(*trees))
    finally:
        os.umask(before)
        for side in sides:
            side.close()
    trees = [tree(side.root) for side in sides]
    assert trees[0] == trees[1], report(seed, history, differences(*trees))


SLOTTED = {
    "pwrite",
    "write",
    "pread",
    "ftruncate",
    "fallocate",
    "seek",
    "mapped",
    "mapped_after_close",
    "fsync",
    "fstat",
    "dup",
    "child",
    "copy_range",
    "sendfile",
    "fchmod",
    "futime",
}


def short(one):
    return f"{one[:1]!r}*{len(one)}" if isinstance(one, bytes) and len(one) > 8 else one


def differences(first, second):
    return [
        (name, cut(first.get(name)), cut(second.get(name)))
        for name in sorted({*first, *second})
        if first.get(name) != second.get(name)
    ]


def cut(row):
    if row is None or not isinstance(row[1], bytes):
        return row
    return row[0], (len(row[1]), row[1][:20], hash(row[1])), row[2]


def report(seed, history, what):
    lines = "\n".join(map(str, history[-40:]))
    return f"seed {seed}, {time.strftime('%H:%M:%S')}: {str(what)[:1500]}\nafter:\n{lines}"
