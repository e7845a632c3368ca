"""Media behind gateways, for tests: a file system in a file, and a process that serves it."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVE = ROOT / "tests" / "agent" / "guard" / "serve.py"
MARK = b"SECRETMARK"
MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard"],
    "exfat": ["mkfs.exfat"],
    "vfat": ["mkfs.vfat"],
    "ntfs": ["mkfs.ntfs", "-F", "-Q", "-q"],
}
PROGRAM = {"exfat": "mount.exfat-fuse", "ntfs": "ntfs-3g"}


class Medium:
    """A medium: ``image`` is its raw bytes, ``folder`` where people find it."""

    def __init__(
        self,
        home: Path,
        kind: str = "ext4",
        size: int = 192 << 20,
        staging: Path | None = None,
        image: Path | None = None,
    ) -> None:
        self.home, self.kind = home, kind
        self.image, self.folder, self.staging = image or home / "image", home / "medium", staging or home / "staging"
        self.folder.mkdir()
        self.gateway: subprocess.Popen | None = None
        self.device = ""
        with self.image.open("wb") as file:
            file.truncate(size)
        subprocess.run([*MAKE[kind], self.image], check=True, stdout=subprocess.DEVNULL)

    def attach(self) -> None:
        """The device and its bare mount."""
        loop = ["losetup", "-f", "--show", self.image]
        self.device = subprocess.run(loop, check=True, capture_output=True, text=True).stdout.strip()
        self.mount()

    def mount(self) -> None:
        kind = {"exfat": ["-t", "exfat-fuse"], "ntfs": ["-t", "ntfs-3g"]}.get(self.kind, ["-t", self.kind])
        subprocess.run(["mount", *kind, self.device, self.folder], check=True)

    def serve(self, *options: str) -> dict:
        """Start the gateway; its first words."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.home / "log").open("ab") as log:
            self.gateway = subprocess.Popen(
                [sys.executable, SERVE, self.folder, self.staging, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        return self.answer()

    def answer(self) -> dict:
        assert select.select([self.gateway.stdout], [], [], 60)[0], f"no answer\n{self.log()[-3000:]}"
        line = self.gateway.stdout.readline()
        assert line, (self.home / "log").read_text()[-3000:]
        return json.loads(line)

    def ask(self, order: str) -> dict:
        self.gateway.stdin.write(order + "\n")
        self.gateway.stdin.flush()
        return self.answer()

    def state(self) -> dict:
        """What the judge saw and kept."""
        return self.ask("state")

    def stop(self) -> dict:
        """End the gateway in order."""
        last = self.ask("stop")
        self._reap()
        return last

    def kill(self) -> None:
        """End it as a crash does; the dead mount is taken away."""
        self.gateway.send_signal(signal.SIGKILL)
        self._reap()
        subprocess.run(["umount", "-l", self.folder], check=False)

    def _reap(self) -> None:
        self.gateway.wait(60)
        self.gateway.stdin.close()
        self.gateway.stdout.close()
        self.gateway = None

    @contextlib.contextmanager
    def bare(self):
        """What is on the device, with no gateway before it."""
        assert self.gateway is None
        subprocess.run(["umount", "-l", self.folder], check=False)
        with tempfile.TemporaryDirectory(prefix="gate-") as folder:
            kind = {"exfat": ["-t", "exfat-fuse"], "ntfs": ["-t", "ntfs-3g"]}.get(self.kind, ["-t", self.kind])
            subprocess.run(["mount", *kind, self.device, folder], check=True)
            try:
                yield Path(folder)
            finally:
                subprocess.run(["umount", folder], check=False)
        self.mount()

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")

    def close(self) -> None:
        if self.gateway is not None:
            with contextlib.suppress(OSError):
                self.gateway.kill()
            with contextlib.suppress(OSError):
                self._reap()
        for _ in range(4):
            subprocess.run(["umount", "-l", self.folder], check=False, stderr=subprocess.DEVNULL)
        if self.device:
            subprocess.run(["losetup", "-d", self.device], check=False)


class Look:
    """Looks at the raw device all the time: does the marker ever stand on it?"""

    def __init__(self, medium: Medium) -> None:
        self.medium, self.looks, self.seen = medium, 0, False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        subprocess.run(["sync", "-f", self.medium.image], check=False)
        self._look()
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._look()
            time.sleep(0.003)

    def _look(self) -> None:
        """Through the page cache of the device, and only where the image has data."""
        with self.medium.image.open("rb") as image, open(self.medium.device, "rb") as device:
            at, size = 0, os.fstat(image.fileno()).st_size
            while at < size:
                try:
                    at = os.lseek(image.fileno(), at, os.SEEK_DATA)
                    end = os.lseek(image.fileno(), at, os.SEEK_HOLE)
                except OSError:
                    break
                piece = os.pread(device.fileno(), end - at, at)
                if MARK in piece:
                    self.seen = True
                at = end
        self.looks += 1


def need(kind: str) -> None:
    """Skip where a file system cannot be made or mounted here."""
    maker = MAKE[kind][0]
    if shutil.which(maker) is None:
        pytest.skip(f"needs {maker}")
    if kind in PROGRAM and shutil.which(PROGRAM[kind]) is None:
        pytest.skip(f"needs {PROGRAM[kind]}")
    if kind == "vfat" and "vfat" not in Path("/proc/filesystems").read_text():
        pytest.skip("this kernel has no vfat")
    if not Path("/dev/fuse").exists():
        pytest.skip("needs /dev/fuse")


@contextlib.contextmanager
def medium(
    kind: str = "ext4", size: int = 192 << 20, *options: str, staging: Path | None = None, image: Path | None = None
):
    """A medium behind its gateway."""
    need(kind)
    with tempfile.TemporaryDirectory(prefix="gate-") as home:
        Path(home).chmod(0o755)
        one = Medium(Path(home), kind, size, staging, image)
        try:
            one.attach()
            one.serve(*options)
            yield one
        finally:
            one.close()
