"""The FUSE protocol as the kernel speaks it: numbers and shapes.

Source: ``include/uapi/linux/fuse.h``, protocol 7.31 (Linux 5.4) and what later versions add. Everything is in the byte
order of the machine. Spoken directly, because it lets one process answer a close while it judges another, needs no C
library on the PC, and is faster than going through one from Python (docs/prevention.md has the figures).
"""

from __future__ import annotations

import os
import struct
import sys
from enum import IntEnum

assert sys.platform == "linux"  # noqa: S101 - no other kernel has it; type checkers skip what follows

MAJOR, MINOR = 7, 38
OLDEST_MINOR = 23  # Linux 3.15: the write-back cache
ROOT = 1  # nodeid of the mount's own folder
MAX_WRITE = 1 << 20
PAGES = MAX_WRITE // 4096
BUFFER = MAX_WRITE + 4096  # a request with its payload

IN_HEADER = struct.Struct("=IIQQIIIHH")  # len opcode unique nodeid uid gid pid extlen pad
OUT_HEADER = struct.Struct("=IiQ")  # len error unique
INIT_IN = struct.Struct("=IIII")  # major minor max_readahead flags
INIT_OUT = struct.Struct("=IIIIHHIIHHIIH22x")
ATTR = struct.Struct("=QQQQQQIIIIIIIIII")
ENTRY = struct.Struct("=QQQQII")  # nodeid generation entry_valid attr_valid and their nanoseconds; ATTR follows
ATTR_HEAD = struct.Struct("=QII")  # attr_valid attr_valid_nsec; ATTR follows
SETATTR = struct.Struct("=IIQQQQQQIIIIIIII")
TWO_WORDS = struct.Struct("=II")
FOUR_WORDS = struct.Struct("=IIII")
LONG = struct.Struct("=Q")
LONG_WORDS = struct.Struct("=QII")
OPEN_OUT = struct.Struct("=QIi")  # fh open_flags backing_id
READ_IN = struct.Struct("=QQIIQII")  # fh offset size read_flags lock_owner flags pad
WRITE_IN = READ_IN
RELEASE_IN = struct.Struct("=QIIQ")  # fh flags release_flags lock_owner
FALLOCATE_IN = struct.Struct("=QQQII")
LSEEK_IN = struct.Struct("=QQII")
FORGET_ONE = struct.Struct("=QQ")
STATFS_OUT = struct.Struct("=QQQQQIIII24x")
DIRENT = struct.Struct("=QQII")  # ino offset namelen type; the name follows, padded to eight bytes
INVAL_INODE = struct.Struct("=Qqq")
INVAL_ENTRY = struct.Struct("=QII")


class Op(IntEnum):
    """What the kernel asks."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    READLINK = 5
    SYMLINK = 6
    MKNOD = 8
    MKDIR = 9
    UNLINK = 10
    RMDIR = 11
    RENAME = 12
    LINK = 13
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    SETXATTR = 21
    GETXATTR = 22
    LISTXATTR = 23
    REMOVEXATTR = 24
    FLUSH = 25
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    FSYNCDIR = 30
    ACCESS = 34
    CREATE = 35
    INTERRUPT = 36
    DESTROY = 38
    BATCH_FORGET = 42
    FALLOCATE = 43
    RENAME2 = 45
    LSEEK = 46
    SYNCFS = 50


ASYNC_READ = 1 << 0
BIG_WRITES = 1 << 5
PARALLEL_DIROPS = 1 << 18
WRITEBACK_CACHE = 1 << 16
MAX_PAGES = 1 << 22
HANDLE_KILLPRIV_V2 = 1 << 28  # without it every write of 4 KB asks for an extended attribute first

# valid bits of SETATTR
MODE, UID, GID, SIZE, ATIME, MTIME, FH = 1, 2, 4, 8, 16, 32, 64
ATIME_NOW, MTIME_NOW = 128, 256
KILL_SUIDGID = 1 << 11
WRITE_KILL_SUIDGID = 4  # of WRITE's own flags

NOTIFY_INVAL_INODE, NOTIFY_INVAL_ENTRY = 2, 3
RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2

_NS = 1_000_000_000


def pack_attr(status: os.stat_result, ino: int) -> bytes:
    """``struct fuse_attr`` of a status; ``ino`` is the number people see."""
    return pack_attributes(
        ino,
        status.st_size,
        status.st_blocks,
        (status.st_atime_ns, status.st_mtime_ns, status.st_ctime_ns),
        (status.st_mode, status.st_nlink, status.st_uid, status.st_gid, status.st_rdev, status.st_blksize),
    )


def pack_attributes(
    ino: int, size: int, blocks: int, times: tuple[int, int, int], facts: tuple[int, int, int, int, int, int]
) -> bytes:
    """``struct fuse_attr``: times in nanoseconds; ``facts`` are mode, nlink, uid, gid, rdev, blksize."""
    (atime, mtime, ctime), (mode, nlink, uid, gid, rdev, blksize) = times, facts
    return ATTR.pack(
        ino,
        size,
        blocks,
        atime // _NS,
        mtime // _NS,
        ctime // _NS,
        atime % _NS,
        mtime % _NS,
        ctime % _NS,
        mode,
        nlink,
        uid,
        gid,
        rdev & 0xFFFFFFFF,
        blksize,
        0,
    )
