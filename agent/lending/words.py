"""What a member of staff may ask the agent about lendings, through its socket, and the answers."""

from __future__ import annotations

from typing import Annotated

import msgspec

from agent.control import Ask
from config.lending import MAX_DAYS, MAX_USES, State
from config.levels import Level
from config.text import Text


class Lend(Ask, frozen=True, tag="lend"):
    """May this file, whose descriptor comes with the request, go to a device?"""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]  # of the file
    to: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    days: Annotated[int, msgspec.Meta(ge=0, le=MAX_DAYS)] = 0  # until it is due back; 0: as policy says
    uses: Annotated[int, msgspec.Meta(ge=1, le=MAX_USES)] = 1


class Listing(Ask, frozen=True, tag="lendings"):
    """What did I ask for, and what became of it?"""


class Withdraw(Ask, frozen=True, tag="withdraw"):
    """I need it no more. ``id`` is a number or its beginning."""

    id: str


class GiveBack(Ask, frozen=True, tag="give back"):
    """The copy is gone from the device, or is to be erased now."""

    id: str
    erase: bool = False


class Line(msgspec.Struct, frozen=True):
    """One lending as its person sees it. Times are UTC milliseconds; 0 where there is none yet."""

    id: str
    state: State
    file: str
    level: Level
    medium: str
    reason: str
    time: int
    days: int = 0
    until: int = 0
    left: int = 0  # uses left
    copies: tuple[str, ...] = ()  # where it is out, on the medium
    note: str = ""  # what the officer wrote
    heard: bool = False  # the collector has the request


class Lines(msgspec.Struct, frozen=True):
    """An answer with lendings, newest first."""

    lines: tuple[Line, ...]
    said: Text = Text("", "")  # what the person should know beside them


STATES = {
    State.REQUESTED: Text("waiting for an officer", "待审批"),
    State.APPROVED: Text("approved", "已批准"),
    State.DENIED: Text("not approved", "未批准"),
    State.WITHDRAWN: Text("withdrawn", "已撤回"),
    State.OUT: Text("out", "借出中"),
    State.OVERDUE: Text("overdue", "逾期未还"),
    State.RETURNED: Text("returned", "已归还"),
    State.EXPIRED: Text("expired unused", "已过期（未使用）"),
    State.REVOKED: Text("revoked", "已撤销"),
}
