"""From a body on the wire to events, each looked at by itself."""

from __future__ import annotations

import msgspec
import zstandard

from config.events import CLASS_UID, MAX_BYTES, MAX_EVENT_BYTES, MAX_EVENTS, Event, Refusal
from service.clock import LATEST

MAX_BODY = 512 * 2**10  # bytes on the wire; what does not compress is a little larger than before
MAX_UNPACKED = MAX_BYTES + MAX_EVENT_BYTES + 2 * MAX_EVENTS  # one event may stand over the limit, and commas
MAX_UID = 64  # characters
MAX_SIZE = 2**63 - 1  # bytes a file can have


class TooLargeError(Exception):
    """More than a batch may hold; a smaller one may pass."""


class UnreadableError(Exception):
    """No batch at all."""


class Checked(msgspec.Struct, frozen=True):
    """One event that can be kept, with the bytes it came in."""

    event: Event
    body: bytes


_BATCH = msgspec.json.Decoder(list[msgspec.Raw])
_EVENT = msgspec.json.Decoder(Event)


def unpack(body: bytes, encoding: str) -> bytes:
    """The JSON of a batch; ``encoding`` is the request's Content-Encoding, ``zstd`` or empty.

    Raises:
        TooLargeError: it would be more than ``MAX_UNPACKED`` bytes; no more than that is ever unpacked.
        UnreadableError: it is no zstd frame.
    """
    if encoding == "zstd":
        try:
            with zstandard.ZstdDecompressor(max_window_size=2**23).stream_reader(body) as reader:
                body = reader.read(MAX_UNPACKED + 1)
        except zstandard.ZstdError:
            raise UnreadableError("not a zstd frame") from None
    elif encoding:
        raise UnreadableError("unknown Content-Encoding")
    if len(body) > MAX_UNPACKED:
        raise TooLargeError
    return body


def sort_out(batch: bytes) -> tuple[list[Checked], list[Refusal]]:
    """The events that can be kept and, by their place in the batch, those that cannot.

    Raises:
        TooLargeError: more than ``MAX_EVENTS``.
        UnreadableError: not a list in JSON.
    """
    try:
        raws = _BATCH.decode(batch)
    except (msgspec.DecodeError, RecursionError):
        raise UnreadableError("not a list of events in JSON") from None
    if len(raws) > MAX_EVENTS:
        raise TooLargeError
    good: list[Checked] = []
    refused: list[Refusal] = []
    for index, raw in enumerate(raws):
        body = bytes(raw)
        try:
            good.append(Checked(_check(body), body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as problem:
            refused.append(Refusal(index, str(problem)[:200]))
    return good, refused


def _check(body: bytes) -> Event:
    """The event, or a ValueError that says what is wrong with it and repeats nothing of its content."""
    if len(body) > MAX_EVENT_BYTES:
        raise ValueError("larger than one event may be")
    event = _EVENT.decode(body)
    if event.class_uid != CLASS_UID:
        raise ValueError("not a Data Security Finding")
    if not 0 < len(event.metadata.uid) <= MAX_UID or not 0 < len(event.finding_info.uid) <= MAX_UID:
        raise ValueError("an id is empty or too long")
    if not 0 <= event.time <= LATEST:
        raise ValueError("its time is on no calendar")
    if not 0 <= event.file.size <= MAX_SIZE:
        raise ValueError("no file has that size")
    return event
