"""The table, continued: below programs, what the kernel offers."""

from tests.acceptance.copiers.copier import Copier


def trick(name, what, **more):
    return Copier(name, f'$TRICK {what} "$S" "$B/o"', **more)


CALLS = (
    trick("shutil.copyfile", "copyfile"),
    trick("shutil.move", "move", moves=True),
    trick("copy_file_range", "by_copy_file_range"),
    trick("sendfile", "by_sendfile"),
    trick("splice", "by_splice"),
    trick("mmap writer", "by_mmap"),
    trick("mmap after close", "by_mmap_after_close"),
    trick("O_TMPFILE and linkat", "by_tmpfile"),
    trick("O_DIRECT", "by_direct"),
    trick("O_SYNC", "with_sync_flag"),
    trick("openat2 O_RDWR", "by_openat2"),
    trick("io_uring", "by_io_uring"),
    trick("target opened first", "target_first"),
    trick("pwrite from the end", "by_pwrite_backwards"),
    trick("fallocate, then write", "by_fallocate"),
    trick("behind a hole", "at_the_end", lands="raw"),
    trick("in two halves", "in_halves"),
    trick("cut inside the mark", "in_a_cut_mark"),
    trick("four writers at once", "many_writers"),
    trick("renamed while open", "renamed_while_open"),
    trick("names exchanged", "swapped_names", lands="same"),
    trick("unlinked and linked back", "through_unlinked"),
    Copier("fsync, never closed, killed", '$TRICK with_fsync "$S" "$B/o"; test $? -ge 128'),
)

PROCESSES = (
    trick("read, wait, child writes", "by_child"),
    trick("daemon writes later", "by_grandchild"),
    trick("multiprocessing", "by_pool"),
    trick("descriptor handed over (SCM_RIGHTS)", "received_descriptor"),
    trick("descriptor taken (pidfd_getfd)", "stolen_descriptor"),
    trick("memory of the reader (process_vm_readv)", "by_process_vm"),
    Copier(
        "Unix socket to a stranger",
        '$TRICK unix_daemon "$B/o" "$T/s"; setsid -w $TRICK unix_send "$S" "$T/s"; sleep 0.5',
    ),
    Copier("TCP to a stranger", '$TRICK tcp_daemon "$B/o" $PORT; setsid -w $TRICK tcp_send "$S" $PORT; sleep 0.5'),
)

BESIDE = (
    trick("in extended attributes", "as_xattr", lands="nothing"),
    trick("in file names", "as_names", lands="names", beyond="a name holds little, and nothing readable"),
    trick("the mark as a file name", "as_mark_name", lands="nothing"),
    trick("in symbolic links", "as_symlinks", lands="nothing"),
)

AROUND = (
    Copier(
        "second mount of the device",
        'mkdir "$T/m"; mount "$NODE" "$T/m" && { cp "$S" "$T/m/o"; r=$?; umount "$T/m"; exit $r; }',
        root=True,
        silent="the second mount takes no writing at all",
        lands="nothing",
    ),
    Copier(
        "bind mount of the gateway",
        'mkdir "$T/m"; mount --bind "$B" "$T/m"; cp "$S" "$T/m/o"; r=$?; umount "$T/m"; exit $r',
        root=True,
    ),
    Copier(
        "private mount namespace, gateway taken away",
        'unshare -m --propagation private bash -c \'umount "$M"; cp "$S" "$M/${B##*/}/o"\'',
        root=True,
        lands="nothing",
        silent="below the gateway the medium is read-only",
    ),
    Copier(
        "disk image made on disk, cp",
        'truncate -s 2M "$T/i"; mkfs.ext4 -q -F -d "${S%/*}" "$T/i" 2>/dev/null || { mkdir "$T/d"; cp "$S" "$T/d/"; '
        'mkfs.ext4 -q -F -d "$T/d" "$T/i"; }; cp "$T/i" "$B/o.img"',
        root=True,
        lands="raw",
    ),
    Copier(
        "disk image on the medium, mounted",
        'truncate -s 4M "$B/i" && mkfs.ext4 -q -F "$B/i" && mkdir "$T/m" && mount -o loop "$B/i" "$T/m" && '
        '{ cp "$S" "$T/m/"; umount "$T/m"; }',
        root=True,
        lands="raw",
        beyond="root's own file system in a file; what lies in its blocks is not a file of it yet",
    ),
)
