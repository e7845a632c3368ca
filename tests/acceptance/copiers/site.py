"""Two media in files, an enrolled agent that guards them, and the witness beside them."""

import contextlib
import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.acceptance.processes import ENVIRONMENT, Collector, Process, wait

HERE = Path(__file__).parent
GATEWAY = " - fuse.shoumi "
POLICY = """\
version: 1
zones:
  - name: stick
    text: {{en: unregistered stick, zh: 未登记U盘}}
    match: {{removable: true, mount: "{media}/*"}}
    clearance: public
    on_violation: quarantine
    on_uninspected: warn
    on_unfinished: block
"""
_MKFS = {
    "ext4": ["mkfs.ext4", "-q", "-F"],
    "vfat": ["mkfs.vfat"],
    "exfat": ["mkfs.exfat"],
    "ntfs": ["mkfs.ntfs", "-q", "-F", "-f"],
}
OWNER = 61_000  # whose the files are on file systems that know no owners: whoever sits there
_libc = ctypes.CDLL(None, use_errno=True)


class Device:
    """A medium: an image, its loop device, and where it is mounted.

    ``straight``: every write goes to the image at once, so that nothing can have been there for a moment unseen.
    """

    def __init__(self, folder, name, kind, mib, *, straight=False, fill=None):
        self.image, self.place, self.kind = folder / "images" / name, folder / "media" / name, kind
        self.place.mkdir(parents=True)
        self.image.parent.mkdir(exist_ok=True)
        with self.image.open("wb") as file:
            file.truncate(mib * 2**20)
        subprocess.run([*_MKFS[kind], self.image], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        loop = ["losetup", "-f", "--show", self.image]
        self.node = subprocess.run(loop, check=True, capture_output=True, text=True).stdout.strip()
        self.root = -1
        try:
            try:
                self._mount(straight=straight)
            finally:
                subprocess.run(["losetup", "-d", self.node], check=True)  # in use: goes when it is unmounted
            if kind == "ext4":
                self.place.chmod(0o1777)
            if fill:
                fill(self.place)
            self.root = os.open(self.place, os.O_RDONLY | os.O_CLOEXEC)  # of the medium itself, below the gateway
        except BaseException:
            self.close()
            raise

    def _mount(self, *, straight):
        if self.kind == "exfat":
            command = ["mount.exfat-fuse", "-o", f"allow_other,umask=22,uid={OWNER},gid={OWNER}", self.node, self.place]
        elif self.kind == "ext4":
            command = ["mount", "-o", f"nosuid,nodev{',sync,dirsync' * straight}", self.node, self.place]
        else:
            command = ["mount", "-t", self.kind, "-o", f"umask=22,uid={OWNER},gid={OWNER}", self.node, self.place]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def flush(self):
        """Everything that was written is in the image."""
        if self.root >= 0:
            _libc.syncfs(self.root)
        os.sync() if self.kind == "exfat" else None  # that one has a cache of its own

    def let_go(self):
        """Nothing of ours keeps it busy."""
        if self.root >= 0:
            os.close(self.root)
        self.root = -1

    def close(self):
        self.let_go()
        while subprocess.run(["umount", "-l", self.place], capture_output=True).returncode == 0:
            pass


class Site:
    """Everything that runs; ``folder`` can be entered by everybody."""

    def __init__(self, folder, devices):
        self.folder, self.devices = folder, devices
        self.disk, self.home = folder / "disk", folder / "agent"
        self.disk.mkdir()
        self.log = folder / "agent.log"
        self.agent = None
        self._spool = None
        self.witness = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.copiers.watcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=ENVIRONMENT,
        )

    def start(self):
        """Enrol with a collector, which then goes: events stay where they can be read. Start; wait for the gateways."""
        collector = Collector(self.folder / "collector", self.folder / "collector.log")
        collector.start()
        try:
            command = [sys.executable, "-m", "agent.cli", "agent", "enrol", "--home", self.home]
            done = subprocess.run(
                [*command, "--collector", collector.url, "--token", collector.token()],
                capture_output=True,
                text=True,
                env=ENVIRONMENT,
            )
            assert done.returncode == 0, done.stderr
        finally:
            collector.process.kill()
        (self.home / "policy.yaml").write_text(POLICY.format(media=self.folder / "media"))
        self.agent = Process(self.log, "agent.cli", "agent", "run", "--home", self.home)
        wait(lambda: all(self.is_guarded(one) for one in self.devices), 60, self.agent.said)
        wait(lambda: "The agent runs" in self.said(), 60, self.said)
        self._spool = sqlite3.connect(f"file:{self.home / 'spool.db'}?mode=ro", uri=True)

    def is_guarded(self, device):
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
        return any(GATEWAY in line and line.split(" ")[4] == str(device.place) for line in lines)

    def ask(self, do, **question):
        """Ask the witness."""
        self.witness.stdin.write(json.dumps({"do": do} | question) + "\n")
        self.witness.stdin.flush()
        answer = json.loads(self.witness.stdout.readline())["answer"]
        if isinstance(answer, dict) and "problem" in answer:
            raise OSError(answer["problem"])
        return answer

    def settled(self, seconds=10):
        """Wait until nothing waits to be brought onto a medium: what was closed lands a moment later."""

        def is_empty():
            return not [path for path in self.home.glob("staging/*/*") if path.name.isdigit()]

        with contextlib.suppress(AssertionError):
            wait(is_empty, seconds)

    def said(self):
        """What the agent printed. It quotes marks, so the witness reads it: we must not become a reader of them."""
        return self.ask("read", path=str(self.log))

    def newest(self):
        """Number of the last event."""
        return self._spool.execute("SELECT ifnull(max(seq), 0) FROM event").fetchone()[0]

    def events(self, since):
        """Events after one: kind, what was done, level, rule and path."""
        rows = self._spool.execute("SELECT body FROM event WHERE seq > ? ORDER BY seq", (since,)).fetchall()
        return [json.loads(body) for (body,) in rows]

    def stop(self):
        if self._spool is not None:
            self._spool.close()
        if self.agent is not None:
            for device in self.devices:
                device.let_go()
            try:
                self.agent.stop(seconds=30)
            except subprocess.TimeoutExpired:
                self.agent.kill()
        self.witness.stdin.close()
        self.witness.stdout.close()
        try:
            self.witness.wait(10)
        except subprocess.TimeoutExpired:
            self.witness.kill()
            self.witness.wait()


class Ground:
    """A folder in memory for the images, and one on disk for all else; gone afterwards."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="copiers-"))
        self.folder.chmod(0o755)
        (self.folder / "images").mkdir()
        options = ["-t", "tmpfs", "-o", "size=3g", "copiers", self.folder / "images"]
        subprocess.run(["mount", *options], check=True)
        return self.folder

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.folder / "images"], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
