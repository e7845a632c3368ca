"""A stick for those who have none at hand: a small file system in a file, mounted like a real medium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from config.text import Text

LABEL = "SHOUMI-TRIAL"
SIZE = 32 * 2**20


class Plugged(msgspec.Struct, frozen=True):
    """Whether a medium is mounted, and words about it."""

    is_root: bool
    text: Text


@contextmanager
def plugged(image: Path, folder: Path) -> Iterator[Plugged]:
    """Mount the stick on ``folder`` while the context lasts; without the right to, the folder itself is the stick."""
    is_root = sys.platform == "linux" and os.geteuid() == 0
    if not is_root:
        yield Plugged(
            is_root, Text("Not root: an ordinary folder stands in for a stick.", "非 root 用户：以普通文件夹代替U盘。")
        )
        return
    why = "" if os.path.ismount(folder) else _mount(image, folder)
    if why:
        text = Text(
            f"No loop device ({why}): an ordinary folder stands in for a stick.",
            f"无法使用回环设备（{why}）：以普通文件夹代替U盘。",
        )
        yield Plugged(is_root, text)
        return
    try:
        yield Plugged(is_root, Text(f"A stick “{LABEL}” is mounted at {folder}.", f"已挂载试用U盘“{LABEL}”：{folder}"))
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


def _mount(image: Path, folder: Path) -> str:
    """Make the file system if it is not there, and mount it; why not, else empty."""
    if not (shutil.which("mkfs.ext4") and shutil.which("mount")):
        return "mkfs.ext4"
    try:
        if not image.exists():
            part = image.with_suffix(".part")
            with part.open("wb") as file:
                file.truncate(SIZE)
            subprocess.run(["mkfs.ext4", "-q", "-L", LABEL, str(part)], check=True, capture_output=True)
            part.rename(image)
        subprocess.run(["mount", "-o", "loop,nosuid,nodev", str(image), str(folder)], check=True, capture_output=True)
        folder.chmod(0o1777)
    except (OSError, subprocess.CalledProcessError) as problem:
        said = (
            problem.stderr.decode("utf-8", "replace").strip()
            if isinstance(problem, subprocess.CalledProcessError)
            else str(problem)
        )
        return said.splitlines()[-1] if said else "mount"
    return ""
