"""Sticks for tests: file systems in files, on loop devices, mounted and pulled as real ones are."""

import os
import re
import subprocess
from pathlib import Path


def run(*command, check=True):
    return subprocess.run([*map(str, command)], check=check, capture_output=True, text=True)


def mounted_at(path):
    """File systems mounted at a place, the topmost last."""
    lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    return [line.split(" - ")[1].split()[0] for line in lines if line.split()[4] == str(path)]


def is_guarded(path):
    """Whether a living gateway stands before it."""
    if mounted_at(path)[-1:] != ["fuse.shoumi"]:
        return False
    try:
        os.statvfs(path)
    except OSError:
        return False
    return True


class Stick:
    """One medium. Its mount point belongs to root, so that nothing lands in it while nothing is mounted there."""

    def __init__(self, folder, label, kind="ext4", mib=64):
        self.image, self.path, self.label = folder / f"{label}.img", folder / label, label
        self.path.mkdir(mode=0o755)
        with self.image.open("wb") as file:
            file.truncate(mib * 2**20)
        run(f"mkfs.{kind}", *(["-q", "-F", "-L", label] if kind == "ext4" else ["-n", label]), self.image)
        if kind == "ext4":
            run("debugfs", "-w", "-R", "set_inode_field / mode 0041777", self.image)
        self.device = run("losetup", "-f", "--show", self.image).stdout.strip()
        run("blockdev", "--setrw", self.device)  # what was said of its number before stays with the number

    def mount(self, path=None, *options):
        run("mount", *options, self.device, path or self.path)

    def unmount(self, lazy=True):
        run("umount", *(["-l"] if lazy else []), self.path)

    def clear(self, path=None):
        """Take away all that is mounted there."""
        path = path or self.path
        while mounted_at(path):
            if run("umount", "-l", path, check=False).returncode:
                break

    def close(self):
        self.clear()
        run("losetup", "-d", self.device, check=False)

    def raw(self, *pieces):
        """Which of some bytes stand on the device, holes left out."""
        found = set()
        with self.image.open("rb") as file:
            size, at = os.fstat(file.fileno()).st_size, 0
            while at < size:
                try:
                    begin = os.lseek(file.fileno(), at, os.SEEK_DATA)
                except OSError:
                    break
                at = os.lseek(file.fileno(), begin, os.SEEK_HOLE)
                for block in range(begin, at, 8 << 20):
                    data = os.pread(file.fileno(), min(8 << 20, at - block) + 4096, block)
                    found |= {piece for piece in pieces if piece in data}
        return found

    def tree(self, folder):
        """Every file's bytes by name, read from the device without anybody between."""
        folder.mkdir(exist_ok=True)
        device = run("losetup", "-r", "-f", "--show", self.image).stdout.strip()
        try:
            run("mount", "-o", "ro,noload", device, folder)
            try:
                paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
                return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
            finally:
                run("umount", folder)
        finally:
            run("losetup", "-d", device)


def children(pid):
    """Processes started by one, with all below them."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            numbers = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for number in numbers:
            found += [number, *children(number)]
    return found


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def agents(above):
    """The agent processes below a supervisor."""
    return [pid for pid in children(above) if re.search(r"agent run .*--beat \d+", command_line(pid))]


def workers(above):
    """The readers of documents below it."""
    return [pid for pid in children(above) if "sandbox.worker" in command_line(pid)]


def state(pid):
    """The letter the kernel has for what a process does; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""
