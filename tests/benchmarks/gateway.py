"""The gateway against the bare device, in one run: copies, small files, 4 KB writes, reads; and what open() costs.

Needs root on Linux, mkfs.ext4 and loop devices. The "stick" is an image in memory, so that the device is never what is
slow, or the same held to 30 MB/s by the block layer (cgroup v1, where it is there); staging is on the disk of TMPDIR. A
time runs until the data is on the device: cp (or dd) and then `sync -f`.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIB = 2**20
LARGE, SMALL_FILES, SMALL = 300 * MIB, 1000, 8 * 1024
ROUNDS = 3
THROTTLE = Path("/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device")


def main():
    """The agent's side, in a process of its own: custody of one mount, with real readers, policy, spool, quarantine."""
    import pyrage

    from agent.act.notify import Notifier
    from agent.act.quarantine import Quarantine
    from agent.extract.sandbox.pool import Sandbox, Setup
    from agent.guard.custody import Custody
    from agent.guard.desk import Desk
    from agent.home import SHIPPED_POLICY
    from agent.report.spool import Spool
    from config.events import Medium
    from config.policy import load_policy

    home, mount = Path(sys.argv[2]), Path(sys.argv[3])
    policy = load_policy(SHIPPED_POLICY)
    with Sandbox(Setup(key=b"k" * 32, cache=str(home / "cache")), 2) as sandbox:
        spool = Spool(home / "spool.db")
        quarantine = Quarantine(home / "quarantine", str(pyrage.x25519.Identity.generate().to_public()))
        notifier = Notifier("en", policy.help)
        custody = Custody(home, Desk(sandbox, policy, spool, quarantine, notifier), lambda _text: None)
        sandbox.layers(detect=True)
        assert custody.came(mount, Medium(str(mount), bus="usb", serial="1", filesystem="ext4"))
        while not all(held.gateway for held in custody.media):
            time.sleep(0.01)
        print("ready", flush=True)
        sys.stdin.readline()
        custody.stop()
        spool.close()


class Stick:
    """An ext4 image on a loop device, mounted; behind the gateway when asked."""

    def __init__(self, folder, *, guarded, bps=0):
        self.image, self.mount, self.home = folder / "stick.img", folder / "mnt", folder / "home"
        self.mount.mkdir()
        self.home.mkdir()
        self.guarded, self.agent = guarded, None
        subprocess.run(["truncate", "-s", "1500M", self.image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)
        done = subprocess.run(["losetup", "-f", "--show", self.image], check=True, capture_output=True, text=True)
        self.device = done.stdout.strip()
        self.number = f"7:{os.minor(os.stat(self.device).st_rdev)}"
        if bps:
            THROTTLE.write_text(f"{self.number} {bps}\n")
        subprocess.run(["mount", self.device, self.mount], check=True)
        if guarded:
            self._guard()

    def _guard(self):
        command = [sys.executable, "-m", "tests.benchmarks.gateway", "serve", str(self.home), str(self.mount)]
        self.agent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.agent.stdout.readline() == "ready\n"

    def forget(self):
        """Nothing of it is in the page cache afterwards."""
        if self.agent:
            self.agent.communicate("\n")
        subprocess.run(["umount", self.mount], check=True)
        subprocess.run(["mount", self.device, self.mount], check=True)
        if self.guarded:
            self._guard()

    def close(self):
        if self.agent:
            self.agent.communicate("\n")
        subprocess.run(["umount", "-l", self.mount], check=False)
        if THROTTLE.exists():
            THROTTLE.write_text(f"{self.number} 0\n")
        subprocess.run(["losetup", "-d", self.device], check=True)
        self.image.unlink()


def timed(mount, *commands):
    began = time.perf_counter()
    for command in commands:
        subprocess.run(["sh", "-ec", command], check=True, cwd=mount)
    subprocess.run(["sync", "-f", mount], check=True)
    return time.perf_counter() - began


def measure(stick, source, only=None):
    """Seconds for each piece of work, the best of the rounds."""
    work = {
        "copy 300 MB of video": lambda n: [f"cp {source}/video big{n}"],
        "copy 300 MB of text": lambda n: [f"cp {source}/text text{n}"],
        "copy 1,000 files of 8 KB": lambda n: [f"cp -r {source}/small small{n}"],
        "write 100 MB in 4 KB": lambda n: [f"dd if={source}/video of=dd{n} bs=4k count=25600 status=none"],
    }
    found = {}
    for name, commands in work.items():
        if only and name not in only:
            continue
        times = []
        for number in range(1 if only else ROUNDS):
            times.append(timed(stick.mount, *commands(number)))
            timed(stick.mount, "find . -mindepth 1 -maxdepth 1 ! -name big0 ! -name lost+found -exec rm -rf {} +")
        found[name] = min(times)
    if not only:
        stick.forget()
        found["read 300 MB, cold"] = timed(stick.mount, "cat big0 > /dev/null")
        found["read 300 MB, warm"] = min(timed(stick.mount, "cat big0 > /dev/null") for _ in range(ROUNDS))
    return found


def make(folder):
    (folder / "small").mkdir()
    words = "关于开展年度检查工作的通知 各部门应当按照要求 report of the month ".encode()
    with (folder / "video").open("wb") as file:
        file.write(b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + secrets.token_bytes(LARGE))
    with (folder / "text").open("wb") as file:
        for number in range(LARGE // (200 * len(words))):
            file.write(words * 200 + b"%d\n" % number)
    for number in range(SMALL_FILES):
        (folder / "small" / f"{number}.txt").write_bytes(words * (SMALL // len(words)) + b"%d" % number)


def shared(base, source, *, bps=0, only=None):
    found = []
    for guarded in (False, True):
        with tempfile.TemporaryDirectory(dir=base) as name:
            stick = Stick(Path(name), guarded=guarded, bps=bps)
            try:
                found.append(measure(stick, source, only))
            finally:
                stick.close()
    return found


def run():
    if os.geteuid() != 0:
        print("left out: needs root")
        return
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as name:
        source = Path(name)
        make(source)
        sizes = {"copy 300 MB of video": LARGE, "copy 300 MB of text": LARGE, "write 100 MB in 4 KB": 25600 * 4096}
        sizes |= {"read 300 MB, cold": LARGE, "read 300 MB, warm": LARGE}
        bare, ours = shared(memory, source)
        print(f"{'device in memory':<28}{'bare':>14}{'gateway':>14}{'ratio':>8}")
        report(bare, ours, sizes)
        if THROTTLE.exists():
            only = {"copy 300 MB of video", "copy 300 MB of text"}
            bare, ours = shared(memory, source, bps=30_000_000, only=only)
            print("device held to 30 MB/s")
            report(bare, ours, sizes)
    from tests.benchmarks import opens

    opens.run()


def report(bare, ours, sizes):
    for name, seconds in bare.items():
        if name in sizes:
            values = [f"{sizes[name] / 1e6 / each:,.0f} MB/s" for each in (seconds, ours[name])]
        else:
            values = [f"{SMALL_FILES / each:,.0f} files/s" for each in (seconds, ours[name])]
        print(f"{name:<28}{values[0]:>14}{values[1]:>14}{seconds / ours[name]:>8.2f}")


if __name__ == "__main__":
    main() if sys.argv[1:2] == ["serve"] else run()
