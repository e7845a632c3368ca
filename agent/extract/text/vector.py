"""SVG: texts on their lines as drawn, then what is not drawn: titles, metadata, comments, hidden attributes (SVG 2)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from lxml import etree

from agent.extract.embedded import carried, unpacked
from agent.extract.markup import Element, local, whole
from agent.extract.pages.placed import IDENTITY, Matrix, Word, lines, times, width
from agent.extract.reading import Reading
from config.verdict import Reason, Segment, Zone

_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^)]{0,200})\)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_SIZE = re.compile(r"font-size\s*:\s*([\d.]{1,12})")
_SPOKEN = ("aria-label", "alt", "label", "desc", "content", "title")
_ASIDE = ("title", "desc", "metadata", "script")
_DEEPEST_TRANSFORMS = 8


def read(file: BinaryIO, reading: Reading) -> Iterator[Segment]:
    """``body`` with its lines, ``property:description`` and ``property:hidden``, and pictures within."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True)
    data = whole(file, reading)
    if not data:
        return
    root: Element | None = etree.fromstring(data, parser)
    if root is None:
        reading.miss(Reason.CORRUPT)
        return
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        reading.miss(Reason.CORRUPT, "svg")
    drawing = _Drawing()
    drawing.walk(root, reading)
    if said := lines(drawing.words) + drawing.foreign:
        yield Segment("\n".join(said), "body")
    for where, found in (("description", drawing.asides), ("hidden", drawing.hidden)):
        if found:
            yield Segment("\n".join(dict.fromkeys(found)), f"property:{where}", Zone.PROPERTY, lines=False)
    for number, link in enumerate(drawing.links, 1):
        yield from _picture(link, f"picture {number}", reading)


class _Drawing:
    """What one drawing says, sorted by how it is shown."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.foreign: list[str] = []
        self.asides: list[str] = []
        self.hidden: list[str] = []
        self.links: list[str] = []

    def walk(self, root: Element, reading: Reading) -> None:
        """Take all elements; groups move and turn what is in them."""
        walk = [(root, IDENTITY)]
        count = 0
        while walk:
            element, outer = walk.pop()
            count += 1
            if not count % 4096:
                reading.tick()
            if not isinstance(element.tag, str):
                self.hidden += [text] if (text := (element.text or "").strip()) else []
                continue
            kind = local(element)
            matrix = times(outer, _matrix(str(element.get("transform") or "")))
            self._attributes(element)
            if kind == "text":
                self._text(element, matrix)
            elif kind in _ASIDE or kind == "foreignObject":
                text = [piece for part in element.itertext() if isinstance(part, str) and (piece := part.strip())]
                (self.foreign if kind == "foreignObject" else self.asides).extend(text)
            else:
                walk.extend((child, matrix) for child in reversed(element))

    def _attributes(self, element: Element) -> None:
        for key, value in element.attrib.items():
            name, text = str(key).rpartition("}")[2], str(value).strip()
            if name == "href" and text.startswith("data:"):
                self.links.append(text)
            elif text and (name in _SPOKEN or name.startswith("data-") or not text.isascii()):
                self.hidden.append(text)

    def _text(self, element: Element, matrix: Matrix) -> None:
        """A text is cut where a part of it is given a height of its own, or a place further back."""
        size = _size(element, 16.0)
        x, y = _first(element, "x", 0.0), _first(element, "y", 0.0)
        run: list[str] = []
        start = x
        for event, part in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
            if not isinstance(part.tag, str):
                run.append(part.tail or "")
            elif event == "start":
                if part is not element and (local(part) == "tspan"):
                    down = _first(part, "y", y) + _first(part, "dy", 0.0)
                    across = _first(part, "x", math.nan)
                    if abs(down - y) > size / 2 or across < start:
                        self._run(run, start, y, size, matrix)
                        start = x if math.isnan(across) else across
                    y = down
                    size = _size(part, size)
                run.append(part.text or "")
            elif part is not element:
                run.append(part.tail or "")
        self._run(run, start, y, size, matrix)

    def _run(self, run: list[str], x: float, y: float, size: float, matrix: Matrix) -> None:
        text = re.sub(r"\s+", " ", "".join(run)).strip()
        run.clear()
        if text:
            a, b, c, d, e, f = matrix
            height = size * math.hypot(c, d) or size
            left, top = a * x + c * y + e, b * x + d * y + f - height
            self.words.append(
                Word(text, left, top, width(text, size) * math.hypot(a, b), height, abs(b) > 0.1 * abs(a))
            )


def _matrix(text: str) -> Matrix:
    found = IDENTITY
    for kind, given in _TRANSFORM.findall(text[:2000])[:_DEEPEST_TRANSFORMS]:
        values = [_value(part) for part in _NUMBER.findall(given)[:6]] or [0.0]
        if kind == "matrix" and len(values) == 6:
            found = times(found, (values[0], values[1], values[2], values[3], values[4], values[5]))
        elif kind == "translate":
            found = times(found, (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0.0))
        elif kind == "scale":
            found = times(found, (values[0], 0, 0, values[1] if len(values) > 1 else values[0], 0, 0))
        elif kind == "rotate":
            turn = math.radians(values[0])
            found = times(found, (math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), 0, 0))
    return found


def _size(element: Element, inherited: float) -> float:
    style = _SIZE.search(str(element.get("style") or ""))
    given = _value(style.group(1)) if style else _first(element, "font-size", inherited)
    return given if given > 0 else inherited


def _first(element: Element, name: str, otherwise: float) -> float:
    found = _NUMBER.match(str(element.get(name) or "").strip()[:40])
    return _value(found.group()) if found else otherwise


def _value(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e9 else 0.0


def _picture(link: str, name: str, reading: Reading) -> Iterator[Segment]:
    head, _, body = link.partition(",")
    data = unpacked(body) if head.endswith(";base64") else unquote_to_bytes(body)
    reading.unpack(len(data), name)
    yield from carried(data, name, reading)
