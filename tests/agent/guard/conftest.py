"""Places of a test's own: disks in files, and folders in memory; taken away whatever happens."""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

collect_ignore_glob = (
    [] if sys.platform == "linux" else ["test_fanotify.py", "test_lineage*.py", "test_processes.py", "test_seal.py"]
)  # the kernel's own


def until(true, seconds=20.0):
    """Wait for something to become true; say whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return bool(true())


class Disk:
    """A file system in a file. ``folder`` is where it is mounted."""

    def __init__(self, folder: Path, kind: str, options: str = "") -> None:
        self.folder = folder / "disk"
        self.folder.mkdir()
        image = folder / "image"
        with image.open("wb") as file:
            file.truncate(64 * 2**20)
        subprocess.run([f"mkfs.{kind}", *(["-q", "-F"] if kind == "ext4" else []), image], check=True, stdout=-3)
        loop = ["losetup", "-f", "--show", image]
        self.device = subprocess.run(loop, check=True, capture_output=True, text=True).stdout.strip()
        subprocess.run(["blockdev", "--setrw", self.device], check=True)  # whoever had it before may have set it to ro
        self.mounts: list[Path] = []
        try:
            self.mount(self.folder)
        except BaseException:
            self.close()
            raise

    def mount(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        subprocess.run(["mount", self.device, folder], check=True)
        self.mounts.append(folder)
        return folder

    def close(self) -> None:
        for folder in reversed(self.mounts):
            subprocess.run(["umount", "-l", folder], check=False)
        subprocess.run(["losetup", "-d", self.device], check=False)


@pytest.fixture
def disk():
    """An ext4 of the test's own."""
    with tempfile.TemporaryDirectory(prefix="lineage-") as folder:
        one = Disk(Path(folder), "ext4")
        try:
            yield one
        finally:
            one.close()


@pytest.fixture
def memory():
    """A tmpfs of the test's own."""
    with tempfile.TemporaryDirectory(prefix="lineage-") as folder:
        place = Path(folder) / "memory"
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512m", "lineage", place], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", place], check=False)


def detached(folder):
    """A mount of the same files that hangs nowhere: its descriptor (open_tree(2), OPEN_TREE_CLONE)."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.syscall(428, -100, os.fsencode(folder), 1 | os.O_CLOEXEC)
    assert number >= 0, os.strerror(ctypes.get_errno())
    return number
