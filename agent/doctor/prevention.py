"""What keeps a copy from landing here, and what follows where a part is missing."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.act import desktop
from agent.doctor.lines import Line, State
from agent.guard.support import support
from config.guarding import PARTS
from config.text import Text

_MANY = 65_536  # folders: a desktop with its home has about that many


def prevention() -> Iterator[Line]:
    """The kernel, and each part of the guard."""
    yield "ok", Text("kernel: {name}", "内核：{name}").fill(name=f"{platform.system()} {platform.release()}")
    if sys.platform != "linux":
        yield (
            "limited",
            Text(
                "this system lets no program stand between a copy and its medium: copies are found just after they "
                "land, sealed and taken away",
                "本系统不允许程序在复制前拦截：副本在写入后立即被发现、封存并移走",
            ),
        )
        return
    for name, answer in support().items():
        part = PARTS[name]
        if answer is True:
            yield "ok", part.gives
            continue
        why = answer if isinstance(answer, Text) else Text("not there", "没有")
        if not part.matters:
            yield "ok", part.lacks
            continue
        line = Text("{lacks} ({name}: {why})", "{lacks}（{name}：{why}）")
        if name == "filesystems":
            line = Text("{lacks} ({why})", "{lacks}（{why}）")
        yield "limited", line.fill(lacks=part.lacks, name=part.name, why=why)
    yield from _watching()
    yield (
        "limited",
        Text(
            "out of reach of any of this: root, whoever may write to raw disks (group disk), another operating system "
            "started on this computer, a camera before the screen",
            "以上均无法防范：root 用户、可直接读写磁盘设备的用户（disk 组）、在本机启动的其他操作系统、对屏幕拍照",
        ),
    )


def telling() -> Iterator[Line]:
    """How people hear of what happened."""
    if desktop.available():
        yield (
            "ok",
            Text(
                "messages appear on the desktop of the person who did it, else on their terminal",
                "消息显示在操作人的桌面，否则显示在其终端",
            ),
        )
    else:
        yield (
            "limited",
            Text("messages appear on the agent's own terminal only", "消息仅显示在客户端自身的终端"),
        )
    if sys.platform == "linux" and os.geteuid() != 0:
        yield (
            "limited",
            Text("not root: other people are not told", "非 root：无法告知其他用户"),
        )


def _watching() -> Iterator[Line]:
    limit = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text("utf-8"))
    state: State = "ok" if limit >= _MANY else "limited"
    yield (
        state,
        Text(
            f"the kernel tells of changes in up to {limit} folders; the rest is swept",
            f"内核最多通知 {limit} 个目录的变化，其余定期检查",
        ),
    )
    if sys.platform == "linux" and os.geteuid() != 0:
        yield (
            "limited",
            Text(
                "not root: media of other users, and files one may not read, are out of reach",
                "非 root：无法检查其他用户的介质和无权读取的文件",
            ),
        )
