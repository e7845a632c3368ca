"""Ways of copying that need a program of their own: ``python3 tricks.py NAME SOURCE TARGET``. Standard library only."""

import array
import contextlib
import ctypes
import errno
import mmap
import multiprocessing
import os
import pty
import select
import shutil
import signal
import socket
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100


def check(number):
    if number < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return number


def whole(source):
    with open(source, "rb") as file:
        return file.read()


def put(target, data):
    with open(target, "wb") as file:
        file.write(data)


def copyfile(source, target):
    shutil.copyfile(source, target)


def move(source, target):
    shutil.move(source, target)


def by_copy_file_range(source, target):
    """In the kernel; between two file systems it may say EXDEV, and everybody falls back to reading and writing."""
    with open(source, "rb") as reads, open(target, "wb") as writes:
        try:
            while os.copy_file_range(reads.fileno(), writes.fileno(), 1 << 20):
                pass
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise
            shutil.copyfileobj(reads, writes)


def by_sendfile(source, target):
    with open(source, "rb") as reads, open(target, "wb") as writes:
        at = 0
        while done := os.sendfile(writes.fileno(), reads.fileno(), at, 1 << 20):
            at += done


def by_splice(source, target):
    one, other = os.pipe()
    with open(source, "rb") as reads, open(target, "wb") as writes:
        while done := os.splice(reads.fileno(), other, 65536):
            os.splice(one, writes.fileno(), done)


def by_mmap(source, target):
    data = whole(source)
    with open(target, "w+b") as file:
        file.truncate(len(data))
        with mmap.mmap(file.fileno(), len(data)) as view:
            view[:] = data
            view.flush()


def by_mmap_after_close(source, target):
    """The file is closed before its content is written."""
    data = whole(source)
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT, 0o644)
    os.ftruncate(descriptor, len(data))
    view = mmap.mmap(descriptor, len(data))
    os.close(descriptor)
    view[:] = data
    view.close()


def by_tmpfile(source, target):
    """A file without a name, which gets one when it is complete."""
    data = whole(source)
    folder = os.path.dirname(target)
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o644)
    except OSError as problem:
        if problem.errno not in (errno.EOPNOTSUPP, errno.EISDIR):
            raise
        print("no O_TMPFILE here; a hidden file instead", file=sys.stderr)
        hidden = os.path.join(folder, ".hidden")
        put(hidden, data)
        os.rename(hidden, target)
        return
    os.write(descriptor, data)
    os.link(f"/proc/self/fd/{descriptor}", target, follow_symlinks=True)
    os.close(descriptor)


def by_direct(source, target):
    """O_DIRECT: past the page cache; the last part is padded and cut off."""
    data = whole(source)
    size = -(-len(data) // 4096) * 4096
    buffer = mmap.mmap(-1, size)
    buffer[: len(data)] = data
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_DIRECT, 0o644)
    os.write(descriptor, buffer)
    os.ftruncate(descriptor, len(data))
    os.close(descriptor)


def by_openat2(source, target):
    data = whole(source)
    how = struct.pack("QQQ", os.O_RDWR | os.O_CREAT, 0o644, 0)
    descriptor = check(libc.syscall(437, AT_FDCWD, os.fsencode(target), how, ctypes.c_size_t(len(how))))
    os.write(descriptor, data)
    os.close(descriptor)


def target_first(source, target):
    """The target is open before the source is read."""
    with open(target, "wb") as file:
        file.write(whole(source))


def by_child(source, target):
    """Read, wait, and let a child write."""
    data = whole(source)
    time.sleep(2)
    if (pid := os.fork()) == 0:
        put(target, data)
        os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def by_grandchild(source, target):
    """A daemon of its own session writes, when everybody before it has gone."""
    data = whole(source)
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(0.5)
    put(target, data)


def _write(target, data):
    put(target, data)


def by_pool(source, target):
    """multiprocessing: a worker gets the content through a pipe."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(_write, (target, whole(source)))


def by_pwrite_backwards(source, target):
    data = whole(source)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT, 0o644)
    for at in range(len(data) // 4096 * 4096, -1, -4096):
        os.pwrite(descriptor, data[at : at + 4096], at)
    os.close(descriptor)


def by_fallocate(source, target):
    data = whole(source)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT, 0o644)
    os.posix_fallocate(descriptor, 0, len(data))
    os.pwrite(descriptor, data, 0)
    os.close(descriptor)


def at_the_end(source, target):
    """Behind half a megabyte of nothing, by seeking."""
    with open(target, "wb") as file:
        file.seek(1 << 19)
        file.write(whole(source))


def with_fsync(source, target):
    """Written, synced, and never closed."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT, 0o644)
    os.write(descriptor, whole(source))
    os.fsync(descriptor)
    time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


def with_sync_flag(source, target):
    """O_SYNC: each write is on the device before it returns."""
    data = whole(source)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_SYNC, 0o644)
    for at in range(0, len(data), 16384):
        os.write(descriptor, data[at : at + 16384])
    os.close(descriptor)


def in_halves(source, target):
    """Two programs, each of which writes one half."""
    data = whole(source)
    for mode, half in (("wb", data[: len(data) // 2]), ("ab", data[len(data) // 2 :])):
        if (pid := os.fork()) == 0:
            with open(target, mode) as file:
                file.write(half)
            os._exit(0)
        if status := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
            sys.exit(status)


def in_a_cut_mark(source, target):
    """The first half ends in the middle of the mark, so that neither half alone carries it."""
    data = whole(source)
    put(target, data[:4])
    with open(target, "ab") as file:
        file.write(data[4:])


def many_writers(source, target):
    """Four threads of work on one file, each with a part."""
    data = whole(source)
    put(target, b"")
    pids = []
    step = -(-len(data) // 4)
    for number in range(4):
        if (pid := os.fork()) == 0:
            descriptor = os.open(target, os.O_WRONLY)
            os.pwrite(descriptor, data[number * step : (number + 1) * step], number * step)
            os.close(descriptor)
            os._exit(0)
        pids.append(pid)
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids))


def swapped_names(source, target):
    """A clean file first; then the document is written beside it, and the two change names (renameat2, EXCHANGE)."""
    other = target + ".other"
    put(target, b"nothing of note\n")
    put(other, whole(source))
    check(libc.renameat2(AT_FDCWD, os.fsencode(target), AT_FDCWD, os.fsencode(other), 2))


def renamed_while_open(source, target):
    other = target + ".part"
    with open(other, "wb") as file:
        data = whole(source)
        file.write(data[:100])
        os.rename(other, target)
        file.write(data[100:])


def through_unlinked(source, target):
    """Written to a file that is unlinked while open, and linked back by its descriptor."""
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT, 0o644)
    os.unlink(target)
    os.write(descriptor, whole(source))
    os.lseek(descriptor, 0, 0)
    try:
        os.link(f"/proc/self/fd/{descriptor}", target, follow_symlinks=True)
    except OSError as problem:
        print(f"cannot link back: {problem.strerror}", file=sys.stderr)
        with open(target, "wb") as file:
            while data := os.read(descriptor, 65536):
                file.write(data)


def as_xattr(source, target):
    """In extended attributes of an empty file: as much of it as goes in."""
    put(target, b"")
    os.setxattr(target, "user.comment", whole(source)[:2048])


def as_names(source, target):
    """In the names of empty files: the first kilobytes of it, hex."""
    os.mkdir(target)
    data = whole(source)[:2000].hex()
    for at in range(0, len(data), 200):
        put(os.path.join(target, data[at : at + 200]), b"")


def as_mark_name(source, target):
    """An empty file whose name carries the first line."""
    name = whole(source).decode(errors="replace").splitlines()[0]
    put(os.path.join(os.path.dirname(target), f"{name} 名单.txt"), b"")


def as_symlinks(source, target):
    """In the targets of symbolic links."""
    os.mkdir(target)
    data = whole(source)[:3000].decode(errors="replace")
    for at in range(0, len(data), 1000):
        os.symlink(data[at : at + 1000].replace("\0", ""), os.path.join(target, str(at)))


def xor(source, target, key="90"):
    put(target, bytes(one ^ int(key) for one in whole(source)))


def reversed_bytes(source, target):
    put(target, whole(source)[::-1])


def hexed(source, target):
    put(target, whole(source).hex().encode())


def _daemon(listener, target):
    """A stranger that writes what it is sent: started before, a session of its own, no relative of who sends."""
    if os.fork():
        listener.close()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    connection, _ = listener.accept()
    with connection, open(target, "wb") as file:
        while data := connection.recv(65536):
            file.write(data)
    os._exit(0)


def _serve(family, address, target):
    """In its own process, so that who sends is not its parent."""
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen(1)
    _daemon(listener, target)


def unix_daemon(target, path):
    _serve(socket.AF_UNIX, path, target)


def tcp_daemon(target, port):
    _serve(socket.AF_INET, ("127.0.0.1", int(port)), target)


def unix_send(source, path):
    with socket.socket(socket.AF_UNIX) as sends:
        sends.connect(path)
        sends.sendall(whole(source))


def tcp_send(source, port):
    with socket.create_connection(("127.0.0.1", int(port))) as sends:
        sends.sendall(whole(source))


def received_descriptor(source, target):
    """One process opens the target and hands the descriptor to another, which writes (SCM_RIGHTS)."""
    one, other = socket.socketpair()
    if (pid := os.fork()) == 0:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT, 0o644)
        one.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])
        os._exit(0)
    _, extra, _, _ = other.recvmsg(1, 64)
    os.waitpid(pid, 0)
    descriptor = array.array("i", extra[0][2][:4])[0]
    os.write(descriptor, whole(source))
    os.close(descriptor)


def stolen_descriptor(source, target):
    """pidfd_getfd: the writer takes the target's descriptor out of another process."""
    one, other = os.pipe()
    if (pid := os.fork()) == 0:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(other, bytes([descriptor]))
        time.sleep(10)
        os._exit(0)
    number = os.read(one, 1)[0]
    descriptor = check(libc.syscall(438, os.pidfd_open(pid), number, 0))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.write(descriptor, whole(source))
    os.close(descriptor)


def by_process_vm(source, target):
    """process_vm_readv: the writer takes the content out of the reader's memory and never opens the document."""
    read_end, write_end = os.pipe()
    if (pid := os.fork()) == 0:
        data = whole(source)
        buffer = ctypes.create_string_buffer(data, len(data))
        os.write(write_end, struct.pack("QQ", ctypes.addressof(buffer), len(data)))
        time.sleep(10)
        os._exit(0)
    address, size = struct.unpack("QQ", os.read(read_end, 16))
    here = ctypes.create_string_buffer(size)
    local = struct.pack("QQ", ctypes.addressof(here), size)
    remote = struct.pack("QQ", address, size)
    check(libc.process_vm_readv(pid, local, ctypes.c_ulong(1), remote, ctypes.c_ulong(1), ctypes.c_ulong(0)))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    put(target, here.raw)


def by_io_uring(source, target):
    """openat, write and close without one of those calls: queued in io_uring (syscalls 425 to 427)."""
    data = whole(source)
    parameters = ctypes.create_string_buffer(120)
    ring = check(libc.syscall(425, 4, parameters))
    entries, completions = struct.unpack_from("II", parameters, 0)
    sq, cq = struct.unpack_from("8I", parameters, 40), struct.unpack_from("8I", parameters, 80)
    shared = mmap.mmap(ring, max(sq[6] + entries * 4, cq[5] + completions * 16), offset=0)  # FEAT_SINGLE_MMAP, 5.4
    queue = mmap.mmap(ring, entries * 64, offset=0x10000000)
    buffer = ctypes.create_string_buffer(data, len(data))
    name = ctypes.create_string_buffer(os.fsencode(target))

    def submit(opcode, descriptor, offset, address, length, flags=0):
        tail = struct.unpack_from("I", shared, sq[1])[0]
        index = tail & struct.unpack_from("I", shared, sq[2])[0]
        entry = struct.pack("<BBHiQQIIQ", opcode, 0, 0, descriptor, offset, address, length, flags, tail)
        queue[index * 64 : index * 64 + 64] = entry.ljust(64, b"\0")
        struct.pack_into("I", shared, sq[6] + index * 4, index)
        struct.pack_into("I", shared, sq[1], tail + 1)
        check(libc.syscall(426, ring, 1, 1, 1, None, ctypes.c_size_t(0)))  # IORING_ENTER_GETEVENTS
        head = struct.unpack_from("I", shared, cq[0])[0]
        at = cq[5] + (head & struct.unpack_from("I", shared, cq[2])[0]) * 16
        answer = struct.unpack_from("<Qi", shared, at)[1]
        struct.pack_into("I", shared, cq[0], head + 1)
        if answer < 0:
            raise OSError(-answer, os.strerror(-answer))
        return answer

    flags = os.O_WRONLY | os.O_CREAT
    descriptor = submit(18, AT_FDCWD, 0, ctypes.addressof(name), 0o644, flags)  # IORING_OP_OPENAT
    at = 0
    while at < len(data):
        at += submit(23, descriptor, at, ctypes.addressof(buffer) + at, len(data) - at)  # IORING_OP_WRITE
    submit(19, descriptor, 0, 0, 0)  # IORING_OP_CLOSE
    select.select([], [], [], 0.05)


def nano(source, target):
    """Typed into nano: the text comes through a pipe, ^O writes it out under a name."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execvp("sh", ["sh", "-c", 'nano -I - < "$1"', "sh", source])
    os.set_blocking(terminal, False)
    for keys in ("", "\x0f", target, "\r", "\x18", "n"):
        os.write(terminal, keys.encode())
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            select.select([terminal], [], [], 0.05)
            with contextlib.suppress(OSError):
                os.read(terminal, 65536)
    end = time.monotonic() + 3
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
