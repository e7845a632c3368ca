"""Presentations of PowerPoint 4 to 2003: the text atoms of a tree of records ([MS-PPT] 2.1.2, 2.3, 2.9)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from agent.extract.ole import embedded, officeart, ppt95
from agent.extract.ole.compound import opened
from agent.extract.ole.pptrecords import PERSIST_LISTS, Live, Walk
from agent.extract.ole.properties import properties
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason, Segment, Zone

_STREAM, _OLD_STREAM = "PowerPoint Document", "PP40"
_USER, _SEALED_USER = "Current User", 0xF3D1C4DF
_SUMMARY = "EncryptedSummary"


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """Properties, ``slide N`` by outline and text boxes, notes, masters, and what was replaced since.

    Raises:
        NotReadError: sealed.
        OSError: damaged.
    """
    with opened(file, reading) as storage:
        name: list[str] = next((name for name in storage.listdir() if name[-1].lower() == _STREAM.lower()), [])
        data = storage.openstream(name).read() if name else b""
        user = storage.openstream(_USER).read() if storage.exists(_USER) else b""
        yield from properties(storage, reading)
        if storage.exists(_SUMMARY) or user[12:16] == _SEALED_USER.to_bytes(4, "little"):
            raise NotReadError(Reason.ENCRYPTED)
        if data:
            yield from _slides(data, user, reading)
        elif storage.exists(_OLD_STREAM):
            yield from ppt95.texts(storage.openstream(_OLD_STREAM).read(), reading)
        if storage.exists("Pictures"):
            yield from officeart.pictures(storage.openstream("Pictures").read(), reading, "picture")
        yield from embedded.objects(storage, reading)


def _slides(data: bytes, user: bytes, reading: Reading) -> Iterator[Segment]:
    """The objects that the last save names, each at its place; then those of saves before, as deleted."""
    live = Live(data, user)
    walk = Walk(data, reading)
    if live.sealed:
        raise NotReadError(Reason.ENCRYPTED)
    whole = live.document is not None
    if live.document is not None:
        walk.at(live.document, "", Zone.BODY, None)
        for instance, word, zone in PERSIST_LISTS:
            for number, (persist, _) in enumerate(walk.lists.get(instance, ()), 1):
                if (place := live.places.get(persist)) is None:
                    whole = False
                    continue
                slide = walk.slide_of(place) if word == "notes" else number
                numbered = word != "master" and slide
                where = {"slide": f"slide {slide}", "notes": f"slide {slide} notes"}.get(word, word)
                walk.at(place, where if numbered else word, zone, slide if numbered else None)
        for place in live.places.values():
            walk.at(place, "master" if walk.is_master(place) else "text box", Zone.MASTER, None)
    if not whole:
        walk.everything()
    yield from _said(walk, reading)
    walk.former()
    yield from _said(walk, reading)


def _said(walk: Walk, reading: Reading) -> Iterator[Segment]:
    """What the walk has found since: a segment a place, and no line of it twice."""
    places: dict[tuple[str, Zone, int | None], list[str]] = {}
    for where, zone, page, lines in walk.found:
        fresh = [line for line in lines if (where, line) not in walk.seen]
        if where == "deleted":
            fresh = [line for line in fresh if line not in walk.lines]
        walk.seen.update((where, line) for line in fresh)
        walk.lines.update(fresh)
        if fresh:
            places.setdefault((where, zone, page), []).extend(fresh)
    walk.found.clear()
    for (where, zone, page), lines in places.items():
        yield Segment("\n".join(lines), where, zone, page, lines=not where.startswith("property:"))
    for name, packed, raw in walk.objects:  # 2.10.34: behind the number of their bytes where packed
        reading.admit()
        content = officeart.unzipped(raw[4:], reading, name) if packed else raw
        if content:
            yield from reading.inner(name, io.BytesIO(content))
    walk.objects.clear()
