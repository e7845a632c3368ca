"""libarchive, wherever this system has it: in a wheel on Linux, in the system itself on Windows and macOS."""

from __future__ import annotations

import io
import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_void_p, cast, create_string_buffer
from pathlib import Path
from typing import Any, BinaryIO

_BLOCK = 2**18
_REGULAR, _FOLDER = 0o100000, 0o040000
# The programs that libarchive would start for other filters cannot be started in a sandbox, and need not be.
FILTERS = ("gzip", "xz", "lzma", "lz4", "zstd", "compress", "lzip", "rpm", "uu")


def _load() -> Any:
    """The binding with the library that this Python's wheel carries, or else the system's own.

    Raises:
        ImportError: there is none.
    """
    carried = sorted((Path(sysconfig.get_path("platlib")) / "archi.libs").glob("libarchive*.so*"))
    if carried:
        os.environ.setdefault("LIBARCHIVE", str(carried[0]))  # the binding asks nobody else
    elif sys.platform == "win32":
        os.environ.setdefault("LIBARCHIVE", str(Path(os.environ["SYSTEMROOT"]) / "System32" / "archiveint.dll"))
    try:
        from libarchive import ffi
    except (OSError, TypeError, AttributeError, KeyError) as problem:
        raise ImportError(f"no libarchive: {problem}") from None
    for name in ("entry_is_data_encrypted", "entry_is_metadata_encrypted"):
        ffi.ffi(name, [c_void_p], ffi.c_int)
    return ffi


try:
    ffi = _load()
    missing = ""
except ImportError as problem:
    ffi, missing = None, str(problem)


class Entry:
    """One member while it is the current one; all pointers die with the next."""

    def __init__(self, archive: Any, entry: Any) -> None:
        self._archive, self._entry = archive, entry

    @property
    def raw_name(self) -> bytes | str:
        """The path: bytes in whatever encoding the packer used, or text where the format says what it is."""
        name: bytes | str | None = ffi.entry_pathname(self._entry)
        if name is None:
            name = ffi.entry_pathname_w(self._entry)
        return name or b""

    @property
    def regular(self) -> bool:
        """Whether it has content of its own; what has no type at all has."""
        return ffi.entry_filetype(self._entry) in (_REGULAR, 0)

    @property
    def folder(self) -> bool:
        return bool(ffi.entry_filetype(self._entry) == _FOLDER)

    @property
    def sealed(self) -> bool:
        """Whether its content, or its name, is encrypted."""
        return bool(ffi.entry_is_data_encrypted(self._entry) or ffi.entry_is_metadata_encrypted(self._entry))

    def blocks(self) -> Iterator[bytes]:
        """The content.

        Raises:
            libarchive.exception.ArchiveError: damaged, sealed, or packed in a way that is not known.
        """
        buffer = create_string_buffer(_BLOCK)
        while count := ffi.read_data(self._archive, buffer, _BLOCK):
            yield buffer.raw[:count]


class _Source:
    """What libarchive calls back; an exception must not cross C, so it is kept."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.problem: BaseException | None = None
        self._buffer = create_string_buffer(_BLOCK)

    def read(self, _archive: Any, _context: Any, pointer: Any) -> int:
        try:
            count: int = self.file.readinto(self._buffer)  # type: ignore[attr-defined]
        except BaseException as problem:  # noqa: BLE001 - raised again on the other side
            self.problem = problem
            return -1
        cast(pointer, POINTER(c_void_p))[0] = cast(self._buffer, c_void_p)
        return count

    def seek(self, _archive: Any, _context: Any, offset: int, whence: int) -> int:
        try:
            return self.file.seek(offset, whence)
        except BaseException as problem:  # noqa: BLE001 - raised again on the other side
            self.problem = problem
            return -1


@contextmanager
def opened(file: BinaryIO, formats: tuple[str, ...], filters: tuple[str, ...] = ()) -> Iterator[Iterator[Entry]]:
    """The members of an archive, one after another.

    Args:
        file: at its beginning; one that does not seek will do where the format does not need it.
        formats: as libarchive names them, such as ``7zip``.
        filters: of ``FILTERS``.

    Raises:
        libarchive.exception.ArchiveError: damaged, or no archive of these formats.
    """
    source = _Source(file)
    archive = ffi.read_new()
    try:
        for name in filters:
            ffi.get_read_filter_function(name)(archive)
        for name in formats:
            ffi.get_read_format_function(name)(archive)
        reading, seeking = ffi.READ_CALLBACK(source.read), ffi.SEEK_CALLBACK(source.seek)
        if not isinstance(file, io.RawIOBase) or file.seekable():
            ffi.read_set_seek_callback(archive, seeking)
        ffi.read_open(archive, None, ffi.NO_OPEN_CB, reading, ffi.NO_CLOSE_CB)
        yield _entries(archive)
    finally:
        ffi.read_free(archive)
        if source.problem is not None:
            raise source.problem


def _entries(archive: Any) -> Iterator[Entry]:
    entry = ffi.entry_new()
    try:
        while ffi.read_next_header2(archive, entry) != ffi.ARCHIVE_EOF:
            yield Entry(archive, entry)
    finally:
        ffi.entry_free(entry)
