"""What every change of names begins with: whether it may be made."""

from __future__ import annotations

import sys

assert sys.platform == "linux"  # no other kernel has it; type checkers skip what follows

import errno
import os
from pathlib import Path

from agent.guard.fuse.channel import Request
from agent.guard.gateway.content import Content
from agent.guard.gateway.nodes import TEMPORARY, Node
from agent.guard.gateway.parts import Parts
from agent.guard.gateway.ruling import Judge
from agent.guard.gateway.tasks import is_own, tgid


class Asked:
    """Who asks for a change of names, and whether he may."""

    def __init__(self, parts: Parts, content: Content, judge: Judge) -> None:
        self._channel, self._tree, self._staging = parts.channel, parts.tree, parts.staging
        self._landing, self._closing, self._workers = parts.landing, parts.closing, parts.workers
        self._owners, self._exact, self._content, self._judge = parts.owners, parts.exact, content, judge

    def _may_write(self) -> None:
        if self._content.read_only:
            raise OSError(errno.EROFS, "read-only")

    def _judge_name(self, request: Request, folder: Node, name: bytes, words: bytes = b"") -> None:
        check_free(name)
        if is_own(request.pid):
            return
        path = self._channel.target / os.fsdecode(folder.path) / os.fsdecode(name)
        if not self._judge.name(Path(path), words, (tgid(request.pid), request.uid)):
            raise PermissionError(errno.EACCES, "refused")


def check_free(name: bytes) -> None:
    if name.startswith(TEMPORARY):
        raise PermissionError(errno.EPERM, "reserved")
