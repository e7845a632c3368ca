"""Lending (外借): how a request, its approval and what became of it travel between a PC and the collector.

A person asks on the PC, officers decide in the console, the collector signs a grant, the agent checks it without the
collector, and every use and the return go back as acts. A grant opens the way for one content, onto one medium, for one
person, on one machine, for some time; never for anything else.

A grant travels as a signed file (:mod:`config.signed`) of kind ``grant``, named ``grant-`` and the first 12 hex digits
of its id; its payload is the JSON of :class:`Grant`. A later version of the same name replaces it (revoked, extended).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from config.events import Medium, User
from config.levels import Level

PATH = "/api/v1/lending"
KIND = "grant"
DAY_MS = 86_400_000
MAX_DAYS = 30
MAX_USES = 100
MAX_ITEMS = 50  # requests and acts in one message
Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, msgspec.Meta(max_length=500)]


class Asked(msgspec.Struct, frozen=True):
    """A request as the PC sends it; the id is made there and names the request and its grant for ever."""

    id: Id
    time: int  # UTC, milliseconds, by the agent's clock
    user: User
    hostname: Words
    file: Words  # its name, masked
    sha256: Sha256
    size: Annotated[int, msgspec.Meta(ge=0)]
    level: Level
    marks: Annotated[tuple[Words, ...], msgspec.Meta(max_length=8)]  # the marks as written, such as 机密★10年
    medium: Medium
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    days: Annotated[int, msgspec.Meta(ge=1, le=MAX_DAYS)]
    uses: Annotated[int, msgspec.Meta(ge=1, le=MAX_USES)] = 1


class Grant(msgspec.Struct, frozen=True):
    """What officers allowed. Times are UTC milliseconds; ``until`` is when the copy is due back."""

    id: Id
    agent: str  # agent_id of the machine
    user: str  # account name on that machine
    sha256: Sha256
    level: Level
    serial: str  # of the medium; where it has none, the file system's id in ``uuid``
    uuid: str
    since: int
    until: int
    uses: int
    approved_by: tuple[str, ...]
    revoked: bool = False

    def fits(self, medium: Medium) -> bool:
        """Whether a medium is the one meant: by its serial number, else by its file system."""
        if self.serial:
            return medium.serial == self.serial and (not self.uuid or medium.uuid == self.uuid)
        return bool(self.uuid) and medium.uuid == self.uuid


class State(StrEnum):
    """Where a lending stands."""

    REQUESTED = "requested"
    APPROVED = "approved"  # a signed grant exists; for top_secret only after the second approver
    DENIED = "denied"
    WITHDRAWN = "withdrawn"  # by the person who asked, before it was used
    OUT = "out"  # copied to the medium
    OVERDUE = "overdue"  # due, and nobody has shown that the copy is gone
    RETURNED = "returned"  # the copy was found gone, or erased and verified
    EXPIRED = "expired"  # approved, never used, past its time
    REVOKED = "revoked"


class Act(StrEnum):
    """What happened to a grant on the PC."""

    USED = "used"  # the content was written to the medium
    SEEN = "seen"  # the medium was inserted and the copy is still there
    ERASED = "erased"  # the copy was overwritten, removed, and looked for again without finding it
    RETURNED = "returned"  # the medium was looked through and holds no such content
    OVERDUE = "overdue"  # the time is over and the medium was not seen without the copy
    WITHDRAWN = "withdrawn"


class Acted(msgspec.Struct, frozen=True):
    """One act, told to the collector until it says that it has it."""

    id: Id  # of the act: told twice, kept once
    grant: Id
    act: Act
    time: int  # UTC, milliseconds, by the agent's clock
    user: str = ""
    place: Words = ""  # on the medium, the name masked
    medium: Medium | None = None
    left: int = 0  # uses left afterwards


class Told(msgspec.Struct, frozen=True):
    """What a PC sends: requests and acts, oldest first."""

    asked: Annotated[tuple[Asked, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()
    acted: Annotated[tuple[Acted, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()


class Heard(msgspec.Struct, frozen=True):
    """The collector's answer, after commit: ids it has now (old ones too), and ids it will never take, with why."""

    kept: tuple[str, ...] = ()
    refused: dict[str, str] = {}


class Decided(msgspec.Struct, frozen=True):
    """One request as the collector has it: ``grant`` is the whole signed file in base64 once there is one."""

    id: Id
    state: State
    note: str = ""  # what the officer wrote to the person who asked
    grant: str = ""


class Decisions(msgspec.Struct, frozen=True):
    """Everything about this agent's requests that is not closed, and what was closed in the last thirty days."""

    lendings: tuple[Decided, ...] = ()
