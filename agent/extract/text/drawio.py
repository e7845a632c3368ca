"""Diagrams of draw.io: labels of all pages, packed or not (mxfile; RFC 1951)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from agent.extract.embedded import unpacked
from agent.extract.markup import Element, parse, whole
from agent.extract.reading import Reading
from agent.extract.text import web
from config.verdict import Reason, Segment

_LABELS = ("value", "label", "name", "tooltip")


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``page N`` with the labels on it, which may be HTML."""
    root = parse(whole(file, reading), reading, "")
    if root is None:
        return
    pages = list(root.iter("{*}diagram")) or [root]
    for number, page in enumerate(pages, 1):
        said = [str(page.get("name") or "")]
        inner = page if len(page) else _unpacked(page, number, reading)
        for item in () if inner is None else inner.iter():
            said += [text for key, value in item.attrib.items() if _label(str(key)) and (text := _plain(str(value)))]
        said += [text for item in page.iter() if (text := (item.text or "").strip()) and len(page)]
        if lines := [line for line in dict.fromkeys(said) if line]:
            yield Segment("\n".join(lines), f"page {number}", page=number)


def _label(key: str) -> bool:
    """Cells have labels; data that a user hung on them have names of the user's own."""
    return key in _LABELS or not key.isascii()


def _unpacked(page: Element, number: int, reading: Reading) -> Element | None:
    try:
        stream = zlib.decompressobj(-15)
        data = stream.decompress(unpacked(page.text or ""), reading.limits.max_part)
        if stream.unconsumed_tail:
            reading.miss(Reason.TOO_LARGE, f"page {number}")
    except zlib.error as problem:
        reading.fail(problem, f"page {number}")
        return None
    reading.unpack(len(data), f"page {number}")
    return parse(unquote(data.decode("utf-8", "replace")).encode(), reading, f"page {number}")


def _plain(text: str) -> str:
    if "<" not in text and "&" not in text:
        return text.strip()
    return "\n".join(segment.text for segment in web.page(text))
