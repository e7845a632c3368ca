"""What the readers of one file share: limits, the way to inner documents, and what was left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec
from lxml import etree

from agent.extract.kits import Kit, NeedsKitError
from config.limits import Limits
from config.verdict import Coverage, Reason, Segment

_TOLD = 64 * 2**20  # unpacked bytes between two words about it
LISTED = 50  # reasons kept word for word; a document with thousands of unread parts only counts the rest


class NotReadError(Exception):
    """A reader gives its document up; what it gave before stays."""

    def __init__(self, reason: Reason, part: str = "") -> None:
        super().__init__(f"{reason}: {part}" if part else str(reason))
        self.reason, self.part = reason, part


class Ledger:
    """The counts of one outermost file, shared by all documents in it.

    Args:
        limits: what it may cost.
        stored: bytes it takes on its disk.
        kit: what this worker has loaded.
        ocr: whether text in pictures is to be recognised.
        passwords: tried on what is sealed, in this order.
        careful: do without the library that allocates what a file claims to hold (python-calamine).
        extended: told of more seconds from now on, when unpacked content makes the file larger than it looked.
    """

    def __init__(
        self,
        limits: Limits,
        stored: int = 0,
        *,
        kit: Kit = Kit.COMMON,
        ocr: bool = False,
        passwords: tuple[str, ...] = (),
        careful: bool = False,
        extended: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.limits = limits
        self.kit, self.ocr, self.passwords, self.careful = kit, ocr, passwords, careful
        self.unpacked = 0  # bytes
        self.members = 0
        self.said = False  # whether anything beside the file's own name was read
        self.pictures: set[bytes] = set()  # digests of those whose text was recognised
        self.recognised = 0  # pages and pictures whose text was, or was to be
        self.reasons: dict[str, None] = {}
        self.unlisted = 0
        self.error = ""  # the first failure of a reader, in its own words
        self._started = time.monotonic()
        self._stored = stored
        self._extended, self._told = extended, 0

    @property
    def deadline(self) -> float:
        """When the file has had its time, by ``time.monotonic()``; more content gives more time."""
        seconds = self.limits.seconds + (self.limits.ocr_seconds if self.kit >= Kit.OCR else 0.0)
        return self._started + seconds + (self._stored + self.unpacked) / self.limits.pace

    @property
    def ocr_deadline(self) -> float:
        """When recognition has had its time; what is left then is named, and the rest of the file is read."""
        return self._started + self.limits.ocr_seconds

    def unpack(self, count: int) -> None:
        """Account for ``count`` unpacked bytes."""
        self.unpacked += count
        if self.unpacked - self._told > _TOLD:
            self._told = self.unpacked
            self._extended(self.deadline - time.monotonic())

    @property
    def coverage(self) -> Coverage:
        """Inspected only when nothing was left out; in part when something was read all the same."""
        reasons = tuple(self.reasons)
        if self.unlisted:
            reasons += (f"{reasons[-1].partition(':')[0]}: {self.unlisted} more",)
        return Coverage(not reasons, reasons, partly=bool(reasons) and self.said)

    def miss(self, reason: Reason, part: str = "") -> None:
        """Note that something was left out; ``part`` says what, and is empty when it is the whole file."""
        line = f"{reason}: {part}" if part else str(reason)
        if line in self.reasons:
            return
        if len(self.reasons) < LISTED:
            self.reasons[line] = None
        else:
            self.unlisted += 1


def reason_of(problem: BaseException) -> Reason:
    """What a failure of a reader, or of one part of a document, means."""
    if isinstance(problem, NotReadError):
        return problem.reason
    if isinstance(problem, MemoryError) or (isinstance(problem, etree.Error) and "memory" in str(problem).lower()):
        return Reason.MEMORY
    if isinstance(problem, RecursionError):
        return Reason.TOO_DEEP
    if isinstance(problem, NotImplementedError):  # zipfile: a compression it does not know
        return Reason.UNSUPPORTED
    if isinstance(problem, RuntimeError) and "encrypted" in str(problem):  # zipfile: a member with a password
        return Reason.ENCRYPTED
    return Reason.CORRUPT


class Reading:
    """One document being read: the outermost file, or one inside it."""

    def __init__(
        self, ledger: Ledger, read: Callable[[BinaryIO, Reading, str], Iterator[Segment]], inside: str = ""
    ) -> None:
        self.ledger = ledger
        self.limits = ledger.limits
        self._read = read
        self._inside = inside
        self._depth = inside.count(" > ")
        self.media_type = ""  # set when the content has been identified
        self.late: list[Iterator[Segment]] = []  # read when the reader of this document is done

    def fail(self, problem: BaseException, part: str = "") -> None:
        """Note that this document, or a part of it, could not be read because of ``problem``."""
        reason = reason_of(problem)
        self.miss(reason, part)
        if reason is Reason.CORRUPT and not self.ledger.error:
            self.ledger.error = f"{self._inside}{part}{': ' if part else ''}{type(problem).__name__}: {problem}"[:300]

    def need(self, kit: Kit) -> None:
        """Go on only in a worker that has ``kit``.

        Raises:
            NeedsKitError: this one has not; the whole file is read anew by one that has.
        """
        if self.ledger.kit < kit:
            raise NeedsKitError(kit)

    def miss(self, reason: Reason, part: str = "") -> None:
        """Note that this document, or a part of it, was left out."""
        outer = self._inside.removesuffix(" > ")
        self.ledger.miss(reason, f"{self._inside}{part}" if part else outer)

    def inner(self, name: str, file: BinaryIO) -> Iterator[Segment]:
        """Read a document found inside this one; its places begin with ``name``."""
        if self._depth >= self.limits.max_depth:
            self.miss(Reason.TOO_DEEP, name)
            return
        child = Reading(self.ledger, self._read, f"{self._inside}{name} > ")
        for segment in self._read(file, child, name.rpartition("/")[2]):
            yield msgspec.structs.replace(
                segment,
                where=f"{name} > {segment.where or 'body'}",
                cells=tuple((offset, f"{name} > {cell}") for offset, cell in segment.cells),
            )

    @property
    def exhausted(self) -> bool:
        """Whether the outermost file has unpacked all it may."""
        return self.ledger.unpacked > self.limits.max_unpacked

    def unpack(self, count: int, part: str) -> None:
        """Account for ``count`` unpacked bytes.

        Raises:
            NotReadError: the file as a whole unpacks to more than its limit.
        """
        self.ledger.unpack(count)
        if self.exhausted:
            raise NotReadError(Reason.TOO_LARGE, part)
        self.tick()

    def hold(self, file: BinaryIO, most: int | None = None) -> bytes:
        """The whole document, for a reader that cannot do with less.

        Args:
            file: where it begins.
            most: bytes that this reader can do with; otherwise ``max_held``.

        Raises:
            NotReadError: it is larger than may be held.
        """
        most = self.limits.max_held if most is None else most
        data = file.read(most + 1)
        if len(data) > most:
            raise NotReadError(Reason.TOO_LARGE)
        return data

    def admit(self) -> None:
        """Account for one more member.

        Raises:
            NotReadError: the file as a whole has more members than its limit.
        """
        self.ledger.members += 1
        if self.ledger.members > self.limits.max_members:
            raise NotReadError(Reason.TOO_LARGE, f"more than {self.limits.max_members} members")

    def tick(self) -> None:
        """Look at the clock between two steps.

        Raises:
            NotReadError: the time for the file is over; what was read so far still gets its verdict.
        """
        if time.monotonic() > self.ledger.deadline:
            raise NotReadError(Reason.TIMEOUT)
