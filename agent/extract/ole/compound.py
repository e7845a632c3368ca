"""Compound files ([MS-CFB]) as olefile opens them, with as much as is there of those that are cut or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import olefile

from config.verdict import Reason

if TYPE_CHECKING:
    from agent.extract.reading import Reading

olefile.olefile.log.debug = lambda *_: None  # a sixth of its time went into words that nobody reads
_NOTHING = olefile.DEFECT_FATAL + 1  # no defect is bad enough to read nothing
_UNKNOWN = olefile.olefile.UNKNOWN_SIZE
_SPARE = 128  # tables
_TWICE = 8  # the tables of a file, four bytes a sector, two times
_LOST = ("less than declared", "out of range", "incomplete OLE stream")


class Compound(olefile.OleFileIO):  # type: ignore[misc]
    """An open compound file; sectors that are not there are free ones.

    Raises:
        OSError: it has no directory.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._missing = 0
        super().__init__(file, raise_defects=_NOTHING)

    @property
    def lost(self) -> bool:
        """Whether a stream that was read, or the directory, ends before its end."""
        return any(word in message for _, message in self.parsing_issues for word in _LOST)

    @property
    def size(self) -> int:
        """Bytes of the file; its streams together have no more."""
        return int(self._filesize)

    def sect2array(self, sect: bytes) -> Any:
        """The links in a sector; half a one at the end of a cut file is none."""
        return super().sect2array(sect[: len(sect) // 4 * 4])

    def loadfat(self, header: bytes) -> None:
        """The tables; a head may name more of them than such a file can have.

        Raises:
            OSError: it does.
        """
        if self.num_fat_sectors > _SPARE + _TWICE * self._filesize // self.sectorsize**2:
            raise OSError("more tables than the file has room for")
        super().loadfat(header)

    def getsect(self, sect: int) -> bytes:
        """A sector of the tables; one that the file ends before is full of free ones.

        Raises:
            OSError: too many are missing.
        """
        data: bytes = super().getsect(sect)
        if len(data) < self.sectorsize:
            self._missing += 1
            if self._missing > _SPARE:
                raise OSError("most tables are missing")
        return data.ljust(self.sectorsize, b"\xff")

    def _check_duplicate_stream(self, first_sect: int, minifat: bool = False) -> None:
        """Whether two streams begin in one place does not matter here, and asking it of all takes long."""

    def _open(self, start: int, size: int = olefile.olefile.UNKNOWN_SIZE, force_FAT: bool = False) -> Any:  # noqa: N803
        """A stream of no more bytes than the file has: a table may send the reader round and round."""
        return super()._open(
            start, size if size == olefile.olefile.UNKNOWN_SIZE else min(size, self._filesize), force_FAT
        )


@contextmanager
def opened(file: BinaryIO, reading: Reading) -> Iterator[Compound]:
    """A compound file for the time of its reading; what is missing in its streams is noted."""
    with Compound(file) as storage:
        yield storage
        if storage.lost:
            reading.miss(Reason.CORRUPT, "streams")
