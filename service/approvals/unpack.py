"""From a body on the wire to requests and acts, each looked at by itself: a bad one never blocks the rest."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from config.events import Medium
from config.lending import MAX_ITEMS, Acted, Asked, Id
from service.clock import LATEST
from service.ingest.unpack import MAX_SIZE, TooLargeError, UnreadableError

MAX_BODY = 2**20  # bytes on the wire
MAX_ITEM = 32 * 2**10  # bytes of one request or act
MAX_NAME, MAX_PART = 200, 300  # characters of a person's name and of one field of a medium

S = TypeVar("S", Asked, Acted)


class _Told(msgspec.Struct):
    """:class:`config.lending.Told`, its items not looked at yet."""

    asked: tuple[msgspec.Raw, ...] = ()
    acted: tuple[msgspec.Raw, ...] = ()


class _Named(msgspec.Struct):
    id: Id


class Unpacked(msgspec.Struct, frozen=True):
    """What can be kept; and why the rest cannot, by its id or, where even that is none, by its place in the message."""

    asked: tuple[Asked, ...]
    acted: tuple[Acted, ...]
    refused: dict[str, str]


def unpack(body: bytes) -> Unpacked:
    """Read a message of an agent.

    Raises:
        TooLargeError: more than ``MAX_ITEMS`` of one kind.
        UnreadableError: not a Told in JSON.
    """
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnreadableError("not requests and acts in JSON") from None
    if len(told.asked) > MAX_ITEMS or len(told.acted) > MAX_ITEMS:
        raise TooLargeError
    refused: dict[str, str] = {}
    asked = _sort_out(told.asked, Asked, "asked", refused)
    acted = _sort_out(told.acted, Acted, "acted", refused)
    return Unpacked(asked, acted, refused)


def _sort_out(raws: tuple[msgspec.Raw, ...], shape: type[S], kind: str, refused: dict[str, str]) -> tuple[S, ...]:
    good: list[S] = []
    for index, raw in enumerate(raws):
        body = bytes(raw)
        try:
            good.append(_read(body, shape))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as problem:
            refused[_name(body) or f"{kind}[{index}]"] = str(problem)[:200]
    return tuple(good)


def _read(body: bytes, shape: type[S]) -> S:
    if len(body) > MAX_ITEM:
        raise ValueError("larger than one item may be")
    item = msgspec.json.decode(body, type=shape)
    _check(item)
    return item


def _name(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Named).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _check(item: Asked | Acted) -> None:
    """A ValueError says what is wrong, and repeats nothing of the content."""
    if not 0 <= item.time <= LATEST:
        raise ValueError("its time is on no calendar")
    if item.medium is not None:
        _check_medium(item.medium)
    if isinstance(item, Acted):
        if len(item.user) > MAX_NAME or not 0 <= item.left <= MAX_SIZE:
            raise ValueError("a name is too long or a number of uses is none")
        return
    if not item.user.name.strip() or max(len(item.user.name), len(item.user.full_name)) > MAX_NAME:
        raise ValueError("the person's name is empty or too long")
    if not item.reason.strip() or not item.file.strip():
        raise ValueError("the reason or the file's name is empty")
    if item.size > MAX_SIZE:
        raise ValueError("no file has that size")
    if not (item.medium.serial or item.medium.uuid):
        raise ValueError(
            "the medium has neither a serial number nor a file-system id: a grant could not be bound to it"
        )


def _check_medium(medium: Medium) -> None:
    if any(len(part) > MAX_PART for part in msgspec.structs.astuple(medium)):
        raise ValueError("a field of the medium is too long")
