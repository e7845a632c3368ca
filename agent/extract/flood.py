"""XML parts too large for a tree: their words in windows, in the order they stand in, without their places."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from config.verdict import Segment

_WINDOW = 2**20  # bytes
# What ends a line or a cell in the office formats (ECMA-376, ODF 1.3, GB/T 33190); every other tag joins what it parts.
_LINE = re.compile(rb"</(?:\w+:)?(?:p|h|row|tr|si|TextObject|table-row)\s*>|<(?:\w+:)?(?:br|cr|line-break)\b[^>]*>")
_CELL = re.compile(rb"</(?:\w+:)?(?:c|tc|table-cell)\s*>|<(?:\w+:)?tab\b[^>]*>")
_TAG = re.compile(rb"<[^>]*>")


def flood(blocks: Iterable[bytes], where: str) -> Iterator[Segment]:
    """The words of an XML part in UTF-8, as it is unpacked."""
    rest = b""
    line = 1
    for block in blocks:
        rest += block
        if len(rest) < _WINDOW:
            continue
        cut = max(rest.rfind(b"</"), 0)  # no run of text is cut, and no tag
        yield from (found := list(_segment(rest[:cut], where, line)))
        line += sum(segment.text.count("\n") for segment in found)
        rest = rest[cut:]
        if len(rest) > 16 * _WINDOW:  # no XML of this world: words without tags
            yield from _segment(rest, where, line)
            rest = b""
    yield from _segment(rest, where, line)


def _segment(data: bytes, where: str, line: int) -> Iterator[Segment]:
    text = _TAG.sub(b"", _CELL.sub(b"\t", _LINE.sub(b"\n", data))).decode("utf-8", "replace")
    if text.strip():
        yield Segment(html.unescape(text), where, first=line)
