"""One connection of the agent's socket: lines, descriptors and who is at the other end, whatever the other end does."""

from __future__ import annotations

import array
import os
import socket
import stat
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.errors import UsageError
from config.text import Text

MAX_REQUEST = 64 * 2**10  # bytes
CONNECT_SECONDS = 10.0
_DESCRIPTORS = 4  # taken off a message, so that they can be closed


def connect(link: socket.socket, name: str) -> None:
    """Connect, waiting a while for a place in the queue: a full one answers at once (EAGAIN, unix(7))."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            return link.connect(name)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def send_line(link: socket.socket, line: bytes, file: int | None) -> None:
    """Send a line, and with it a descriptor. Raises UsageError when it is too long."""
    data = line + b"\n"
    if len(data) > MAX_REQUEST:
        raise UsageError(Text("the request is too large", "请求过大"))
    if file is not None and sys.platform != "win32":
        data = data[socket.send_fds(link, [data], [file]) :]
    link.sendall(data)


def receive(link: socket.socket, most: int, deadline: float, descriptors: list[int]) -> bytes:
    """One line without its break; descriptors that come with it are added to the list, also when it fails.

    Raises:
        UsageError: the line is too long, too slow or not ended.
    """
    data = bytearray()
    while b"\n" not in data:
        left = deadline - time.monotonic()
        if left <= 0:
            raise UsageError(Text("the request did not come in time", "请求未及时送达"))
        link.settimeout(left)
        try:
            part = _part(link, descriptors)
        except TimeoutError:
            continue
        if not part:
            raise UsageError(Text("the line has no end", "请求不完整"))
        data += part
        if len(data) > most:
            raise UsageError(Text(f"more than {most} bytes", f"超过 {most} 字节"))
    line, _, rest = bytes(data).partition(b"\n")
    if rest:
        raise UsageError(Text("more than one line", "多于一行"))
    return line


def _part(link: socket.socket, descriptors: list[int]) -> bytes:
    if sys.platform == "win32":  # nothing listens there
        return link.recv(65_536)
    size = array.array("i").itemsize
    flags = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
    part, extra, said, _ = link.recvmsg(65_536, socket.CMSG_SPACE(_DESCRIPTORS * size), flags)
    for level, kind, data in extra:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            came = array.array("i")
            came.frombytes(data[: len(data) - len(data) % size])
            descriptors.extend(came)
    if said & socket.MSG_CTRUNC or len(descriptors) > _DESCRIPTORS:
        raise UsageError(Text("too many files", "文件过多"))
    return part


@contextmanager
def taken(descriptors: list[int]) -> Iterator[int | None]:
    """The one file that came, as an opening of our own where the system has that: the client cannot move its offset.

    Raises:
        UsageError: several came, or what came is no regular file that was opened for reading.
    """
    if not descriptors:
        yield None
        return
    if len(descriptors) > 1:
        raise UsageError(Text("one file at a time", "一次只能提交一个文件"))
    (given,) = descriptors
    if not stat.S_ISREG(os.fstat(given).st_mode):
        raise UsageError(Text("it is no regular file", "不是普通文件"), Text("name a document", "请指定文档"))
    if sys.platform != "win32":
        import fcntl

        flags = fcntl.fcntl(given, fcntl.F_GETFL)
        if flags & os.O_ACCMODE == os.O_WRONLY or flags & getattr(os, "O_PATH", 0):
            raise UsageError(Text("the file was not opened for reading", "文件未以读取方式打开"))
    own = given
    if sys.platform == "linux":
        with suppress(OSError):  # a share that knows the caller and not us: then the caller's own opening
            own = os.open(f"/proc/self/fd/{given}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if own == given:
            os.lseek(own, 0, os.SEEK_SET)
        yield own
    finally:
        if own != given:
            os.close(own)


@contextmanager
def short(path: Path) -> Iterator[str]:
    """A name of the socket that fits into an address, which holds some hundred bytes (unix(7))."""
    if len(os.fsencode(path)) < 100 or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def peer_of(link: socket.socket) -> int:
    """The user id at the other end."""
    if sys.platform == "linux":
        _, uid, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        return int(uid)
    credentials = link.getsockopt(0, 1, 76)  # LOCAL_PEERCRED, struct xucred: sys/ucred.h of macOS
    return int(struct.unpack_from("Ii", credentials)[1])
