"""The witness: a process of its own that makes the documents, watches the raw device, and reads back what landed.

It is no relative of any copier, so nothing it reads makes one suspect, and it asks the agent nothing: it reads the
image that stands for the device, and mounts copies of that image where nobody else sees them.

One JSON object a line on stdin, one answer a line on stdout.
"""

import ctypes
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.copiers import documents

CHUNK, OVERLAP = 8 * 2**20, 256
PAUSE = 0.002  # between two looks at the device
_NEW_MOUNTS = 0x20000  # CLONE_NEWNS


class Spy(threading.Thread):
    """Looks at the raw image again and again for pieces of one document."""

    def __init__(self, image, needles):
        super().__init__(daemon=True)
        self.image, self.needles = image, needles
        self.ending = threading.Event()
        self.looks, self.most = 0, 0

    def run(self):
        few = self.needles[:: max(1, len(self.needles) // 6)]  # of a document with many pieces, some while it lasts
        descriptor = os.open(self.image, os.O_RDONLY)
        try:
            while not self.ending.is_set():
                self.most = max(self.most, count(descriptor, few))
                self.looks += 1
                time.sleep(PAUSE)
            self.most = max(self.most, count(descriptor, self.needles))
        finally:
            os.close(descriptor)


def count(descriptor, needles):
    """How often pieces of a document are on a device, holes left out."""
    found, at, size = 0, 0, os.fstat(descriptor).st_size
    while at < size:
        try:
            start = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError:
            break
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        for part in range(start, end, CHUNK):
            data = os.pread(descriptor, min(CHUNK + OVERLAP, end - part), part)
            found += sum(data.count(needle) for needle in needles)
        at = end
    return found


@contextmanager
def mounted(image, kind):
    """A private copy of a device, mounted: what somebody sees who plugs the stick in elsewhere."""
    with tempfile.TemporaryDirectory(prefix="witness-", dir=Path(image).parent) as folder:
        copy, place = Path(folder) / "copy", Path(folder) / "place"
        place.mkdir()
        subprocess.run(["cp", "--sparse=always", image, copy], check=True)
        loop = ["losetup", "-f", "--show", copy]
        device = subprocess.run(loop, check=True, capture_output=True, text=True).stdout.strip()
        try:
            program = ["mount.exfat-fuse"] if kind == "exfat" else ["mount", "-t", kind]
            subprocess.run([*program, device, place], check=True, capture_output=True)
            try:
                yield place
            finally:
                subprocess.run(["umount", place], check=True)
        finally:
            subprocess.run(["losetup", "-d", device], check=True)


class Witness:
    """What it can be asked."""

    def __init__(self):
        self.spy, self.needles = None, {}

    def write(self, path, kind, marked, owner, folder=""):
        """Make a document; its pieces are kept under the name of the folder on the medium that it will be copied to."""
        marker = "".join(documents.words(1, 18))
        data = documents.make(kind, marked=marked, marker=marker)
        self.needles[folder] = documents.needles(kind, data, marker)
        Path(path).write_bytes(data)
        os.chown(path, owner, owner)
        return {"sha": hashlib.sha256(data).hexdigest(), "size": len(data)}

    def photograph(self, path, owner):
        """A picture as cameras make them."""
        from PIL import Image

        noise = Image.effect_noise((640, 480), 60)
        Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))).save(path, "JPEG", quality=90)
        os.chown(path, owner, owner)
        return Path(path).stat().st_size

    def read(self, path):
        return Path(path).read_text("utf-8", "replace")

    def digest(self, path):
        """Whether a file is what it was; None when it is not there."""
        try:
            return hashlib.sha256(Path(path).read_bytes()).hexdigest()
        except OSError:
            return None

    def watch(self, image, folder):
        self.spy = Spy(image, self.needles[folder])
        self.spy.start()

    def stop(self):
        self.spy.ending.set()
        self.spy.join()
        return {"most": self.spy.most, "looks": self.spy.looks}

    def landed(self, image, kind):
        """All that is on the device: path, size, digest, and whether pieces of its folder's document are in it."""
        found = []
        with mounted(image, kind) as root:
            for folder, _, files in os.walk(root):
                for name in files:
                    path = Path(folder, name)
                    inside = path.relative_to(root)
                    is_file = stat.S_ISREG(path.lstat().st_mode)
                    data = path.read_bytes() if is_file else b""
                    has_pieces = any(needle in data for needle in self.needles.get(inside.parts[0], ()))
                    if data or is_file:
                        found.append((str(inside), len(data), hashlib.sha256(data).hexdigest(), has_pieces))
        return found

    def verify(self, image, kind, checks):
        """Run checks of clean work on a copy of the device: what each says, empty when all is as it should be."""
        said = {}
        with mounted(image, kind) as root:
            for name, (script, variables) in checks.items():
                here = os.environ | variables | {"B": str(root / variables["FOLDER"])}
                done = subprocess.run(["bash", "-c", script], env=here, capture_output=True, text=True, timeout=120)
                said[name] = "" if done.returncode == 0 else (done.stdout + done.stderr).strip()[:400] or "differs"
        return said


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    witness = Witness()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = getattr(witness, asked.pop("do"))(**asked)
        except (OSError, subprocess.SubprocessError) as problem:
            answer = {"problem": f"{problem} {getattr(problem, 'stderr', b'')}"}
        print(json.dumps({"answer": answer}), flush=True)


if __name__ == "__main__":
    assert shutil.which("losetup")
    main()
