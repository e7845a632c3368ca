"""A gateway in a process of its own, with a judge that knows one word; orders on stdin, answers on stdout (JSON).

What serves a mount must not look into it through a mapping: it would wait for itself. So tests are clients of this.
"""

import argparse
import faulthandler
import hashlib
import itertools
import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

from agent.guard import mounts
from agent.guard.gateway.gateway import WITHOUT_OWNERS, Gateway
from agent.guard.gateway.ruling import ALLOWED, Ruling
from agent.guard.gateway.staging import Staging
from agent.guard.recovery import judge_left, recover, seal_refused
from agent.watch import media

MARK = b"SECRETMARK"
PIECE = 1 << 20


class MarkJudge:
    """Refuses what holds the word, in content, name or target."""

    def __init__(self, run: str) -> None:
        self.run, self.numbers = run, itertools.count(1)
        self.refusals, self.kept, self.told, self.lost_files, self.judged = [], [], [], [], []
        self.slow = 0.0

    def file(self, written):
        if "slow" in written.path.name:
            time.sleep(self.slow)
        self.judged.append(str(written.path))
        marked = MARK in os.fsencode(written.path.name) or marked_content(written.descriptor, written.size)
        if not marked:
            return Ruling(True, grant=f"grant{next(self.numbers)}") if "lent" in written.path.name else ALLOWED
        self.refusals.append([os.fsdecode(os.fsencode(written.path)), written.writers])
        return Ruling(False, f"{self.run}-{next(self.numbers)}")

    def name(self, path, words, writer):
        if "slow" in path.name:
            time.sleep(self.slow)
        if MARK in os.fsencode(path.name) or MARK in words:
            self.refusals.append([str(path), [writer]])
            return False
        return True

    def landed(self, ruling, *, landed):
        self.told.append([ruling.grant, landed])

    def keep(self, file, ruling):
        content = file.read_bytes()
        self.kept.append([ruling.id, len(content), hashlib.sha256(content).hexdigest()])

    def lost(self, path, error):
        self.lost_files.append([str(path), error])


def marked_content(descriptor, size):
    """Whether the word stands in a file; read in pieces, holes left out."""
    at = 0
    while at < size:
        try:
            at = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError:
            return False
        if MARK in os.pread(descriptor, PIECE + len(MARK), at):
            return True
        at += PIECE
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("staging", type=Path)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--files", type=int, default=0)
    options = parser.parse_args()
    faulthandler.register(signal.SIGUSR1)  # says in the log where everybody waits
    sys.setswitchinterval(0.0002)
    if options.files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (options.files, options.files))
    mount = [one for one in media.mounts() if one.point == options.target][-1]
    private = mounts.Private(options.target)
    mounts.set_read_only(mount)
    staging = Staging(options.staging)
    judge = MarkJudge(f"run{time.time_ns()}")
    judge.slow = options.slow
    owners = mount.filesystem not in WITHOUT_OWNERS
    finished, unjudged = recover(private.descriptor, staging, owners=owners)
    judge_left(unjudged, options.target, staging, judge)
    seal_refused(staging, judge)
    gateway = Gateway(options.target, mount.source, mount.filesystem, private.descriptor, staging, judge)
    say(up=True, recovered=finished)

    def orders():
        for line in sys.stdin:
            order = line.strip()
            if order == "state":
                say(
                    refusals=judge.refusals,
                    kept=judge.kept,
                    told=judge.told,
                    lost=judge.lost_files,
                    judged=judge.judged,
                    nodes=len(gateway.tree.all()),
                    open=len(os.listdir("/proc/self/fd")),
                )
            elif order == "drain":
                gateway.drain()
                say(drained=True)
            elif order == "stop":
                break
        gateway.stop(3.0)

    threading.Thread(target=orders, daemon=True).start()
    gateway.ended.wait()
    staging.close()
    private.close()
    say(ended=True, kept=judge.kept, refusals=judge.refusals, lost=judge.lost_files)
    os._exit(0)  # the thread that reads orders


def say(**words):
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main()
