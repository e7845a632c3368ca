"""A worker whose reader of plain text misbehaves as the text says; run by the tests instead of the real one."""

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from agent.extract.kits import Kit
from agent.extract.sandbox import worker
from agent.extract.text import plain as text
from config.verdict import Segment

LIBC = ctypes.CDLL(None, use_errno=True)


def attempt(act):
    """What became of something that must not be possible."""
    try:
        return f"DONE {act()}"
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"


def kill_parent():
    os.kill(os.getppid(), 0)


ACTS = {
    "socket": lambda: socket.create_connection(("127.0.0.1", 9)),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    "unix": lambda: socket.socket(socket.AF_UNIX),
    "write": lambda: Path("/tmp/shoumi-escape").write_text("x"),
    "read": lambda: Path("/etc/passwd").read_text()[:4],
    "list": lambda: os.listdir("/"),
    "fork": os.fork,
    "exec": lambda: os.execv(sys.executable, [sys.executable, "-c", "0"]),
    "spawn": lambda: subprocess.run([sys.executable, "-c", "0"], check=True),
    "signal": kill_parent,
    "chmod": lambda: os.fchmod(0, 0o777),
    "root": lambda: os.setuid(0),
    "thread": lambda: threading.Thread(target=int).start(),
}


def loop():
    while True:
        pass


def nonsense():
    os.write(0, b"\xff\xff\xff\xff" * 8)
    time.sleep(3600)


ORDERS = {
    "memory": lambda: bytearray(8 * 2**30),
    "native memory": os.abort,
    "loop": loop,
    "sleep": lambda: time.sleep(3600),
    "segfault": lambda: ctypes.string_at(0),
    "ptrace": lambda: LIBC.ptrace(0, 0, 0, 0),
    "wait": lambda: time.sleep(0.5),
    "nonsense": nonsense,
}


def read(file, reading):
    order = file.read().decode()
    if order.startswith("rare "):
        reading.need(Kit.RARE)
        order = order.removeprefix("rare ")
    yield Segment("before", "")
    if order.startswith("try "):
        for name in order.split()[1:]:
            yield Segment(attempt(ACTS[name]), name)
    elif order in ORDERS:
        ORDERS[order]()
    yield Segment("after", "")


if __name__ == "__main__":
    text.read = read
    worker.main()
