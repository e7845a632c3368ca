"""The Linux calls behind the sandbox that Python 3.11 has no names for: unshare, prctl, capset, Landlock, seccomp.

Sources: unshare(2), prctl(2), capset(2), landlock(7), seccomp(2), and the kernel's ``uapi`` headers.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_GET_NO_NEW_PRIVS = 4, 24, 38, 39
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on every architecture
_CAPABILITY_VERSION_3 = 0x20080522
# Landlock rights by ABI: file system (1: 13 bits, 2: refer, 3: truncate, 5: ioctl), TCP (4), scopes (6).
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_EPERM, _ENOSYS = 1, 38
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000

# What a process that only computes and talks over sockets it already has still needs: x86-64, aarch64.
_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "newfstatat": (262, 79),  # how newer C libraries spell fstat
    "poll": (7, None),
    "ppoll": (271, 73),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    "sysinfo": (99, 179),
    "uname": (63, 160),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "getrandom": (318, 278),
    "dup": (32, 23),
    "fcntl": (72, 25),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "shutdown": (48, 210),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
# Nothing honest in a worker comes near these: the process ends.
_DEADLY = {"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280)}

_TGKILL, _CLONE, _CLONE3 = (234, 131), (56, 220), 435
_CLONE_THREAD = 0x00010000
# Classic BPF over struct seccomp_data: load a word, compare, return; and where in it what stands.
_LOAD, _EQUAL, _AT_LEAST, _ANY_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def unshare(flags: int) -> None:
    """Leave the given namespaces for new, empty ones.

    Raises:
        OSError: the kernel or its settings do not allow it.
    """
    _check(_libc.unshare(flags))


def no_new_privileges() -> None:
    """No later exec may gain privileges; seccomp and Landlock demand it of ordinary users.

    Raises:
        OSError: the kernel is older than 3.5.
    """
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def not_dumpable() -> None:
    """No core, and no other process of the same user may look in.

    Raises:
        OSError: refused.
    """
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))


def drop_capabilities() -> None:
    """Give up every capability, those of a user namespace included.

    Raises:
        OSError: refused.
    """
    for number in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) < 0:
            break  # past the last capability of this kernel, or nothing to drop
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, bytes(24)))


def landlock() -> int:
    """Forbid every access to the file system, TCP, and signals and abstract sockets outside; the ABI that holds.

    Raises:
        OSError: Linux before 5.13, or Landlock is switched off.
    """
    abi = _check(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1))
    files = _FILE_RIGHTS[max(known for known in _FILE_RIGHTS if known <= abi)]
    fields = [files] + ([3] if abi >= 4 else []) + ([3] if abi >= 6 else [])
    attributes = struct.pack(f"<{len(fields)}Q", *fields)
    ruleset = _check(_libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0))
    try:
        _check(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)
    return abi


def seccomp(*, threads: bool = False) -> None:
    """Refuse (EPERM) every system call outside the table above: no open, socket, connect, fork, execve, kill.

    Args:
        threads: allow threads of this process, which are held by the same filter; never another process.

    Raises:
        OSError: another architecture than x86-64 and aarch64, or the kernel has no seccomp filters.
    """
    if platform.machine() not in _ARCHITECTURES:
        raise OSError(95, f"no table for {platform.machine()}")
    architecture, column = _ARCHITECTURES[platform.machine()]
    allowed = sorted(number for pair in _CALLS.values() if (number := pair[column]) is not None)
    deadly = sorted(pair[column] for pair in _DEADLY.values())
    count = len(allowed) + len(deadly)
    program = [_bpf(_LOAD, 0, 0, _ARCHITECTURE), _bpf(_EQUAL, 1, 0, architecture), _bpf(_RETURN, 0, 0, _KILL)]
    program += [_bpf(_LOAD, 0, 0, _NUMBER)]
    if column == 0:  # the x32 numbers would pass beside the table
        program += [_bpf(_AT_LEAST, 0, 1, 0x40000000), _bpf(_RETURN, 0, 0, _KILL)]
    # A process may send signals to itself, or abort() would end in an endless loop; and to nobody else.
    program += [_bpf(_EQUAL, 0, 4, _TGKILL[column]), _bpf(_LOAD, 0, 0, _FIRST_ARGUMENT)]
    program += [_bpf(_EQUAL, 0, 1, os.getpid()), _bpf(_RETURN, 0, 0, _ALLOW), _bpf(_RETURN, 0, 0, _ERRNO | _EPERM)]
    if threads:
        # The C library asks for clone3 first, whose flags a filter cannot see, and then does without.
        program += [_bpf(_EQUAL, 0, 1, _CLONE3), _bpf(_RETURN, 0, 0, _ERRNO | _ENOSYS)]
        program += [_bpf(_EQUAL, 0, 4, _CLONE[column]), _bpf(_LOAD, 0, 0, _FIRST_ARGUMENT)]
        program += [_bpf(_ANY_SET, 0, 1, _CLONE_THREAD), _bpf(_RETURN, 0, 0, _ALLOW)]
        program += [_bpf(_RETURN, 0, 0, _ERRNO | _EPERM)]
    program += [_bpf(_EQUAL, count - index + 1, 0, number) for index, number in enumerate(allowed)]
    program += [_bpf(_EQUAL, count - index, 0, number) for index, number in enumerate(deadly, len(allowed))]
    program += [_bpf(_RETURN, 0, 0, answer) for answer in (_ERRNO | _EPERM, _KILL, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(program), 8 * len(program))
    # struct sock_fprog: a length, padding, a pointer
    filters = ctypes.create_string_buffer(struct.pack("@HxxxxxxP", len(program), ctypes.addressof(code)))
    _check(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filters, 0, 0))


def _bpf(code: int, true: int, false: int, value: int) -> bytes:
    """One ``struct sock_filter``."""
    return struct.pack("<HBBI", code, true, false, value)
