"""The words of one OFD page, template, annotation or vector unit, with their places (GB/T 33190-2016, 8.5 and 11)."""

from __future__ import annotations

import math
import re

from agent.extract.markup import Element, local
from agent.extract.pages.placed import IDENTITY, Matrix, Word, times, width

_PICTURE = 60.0  # millimetres on the shorter side from which a picture may hold text
_DRAWN = 50  # outlines on a page without text from which it may be text turned into curves
_DEEPEST = 4  # units within units
_UNREADABLE = re.compile(r"[\s\ufffd\u00a4\ue000-\uf8ff]*")  # what stands where a glyph has no character
_KERNING = 0.4  # of the size: steps back that only tighten a line
_FAR = 1.0  # of the size: a way to the next character that reads as a space; a run has spaces of its own for less


class Sheet:
    """Words put on one sheet from page, templates and the units they use.

    Args:
        units: the vector units of the document by ID; each is drawn once a sheet, however often it is used.
    """

    def __init__(self, units: dict[str, Element]) -> None:
        self.words: list[Word] = []
        self.named: dict[str, str] = {}  # text by the ID of its object
        self.blind = False  # text that only glyph numbers give
        self._units = units
        self._drawn: set[str] = set()
        self.pictured = False
        self._outlines = 0

    @property
    def wordless(self) -> bool:
        """Whether only a look at the page could tell what it says."""
        return not self.words and (self.pictured or self.drawn)

    @property
    def drawn(self) -> bool:
        """Whether there are outlines enough to be text turned into curves, or handwriting."""
        return self._outlines >= _DRAWN

    def put(self, content: Element, matrix: Matrix = IDENTITY, depth: int = 0) -> None:
        """Add all there is below an element, objects that are not shown as well."""
        for item in content.iter("{*}TextObject", "{*}Text", "{*}ImageObject", "{*}PathObject", "{*}CompositeObject"):
            kind = local(item)
            if kind in ("TextObject", "Text"):
                self._text(item, _before(matrix, item))
            elif kind == "PathObject":
                self._outlines += 1
            elif kind == "ImageObject":
                box = numbers(item.get("Boundary"))
                self.pictured = self.pictured or (len(box) == 4 and min(box[2:]) >= _PICTURE)
            else:
                unit = str(item.get("ResourceID"))
                if unit in self._units and unit not in self._drawn and depth < _DEEPEST:
                    self._drawn.add(unit)
                    self.put(self._units[unit], _before(matrix, item), depth + 1)

    def _text(self, item: Element, matrix: Matrix) -> None:
        size = (numbers(item.get("Size")) or [0.0])[0]
        box = numbers(item.get("Boundary"))
        size = size if size > 0 else box[3] if len(box) == 4 else 1.0
        x, y = 0.0, size
        said = []
        for code in item.iter("{*}TextCode"):
            x, y = (numbers(code.get("X")) or [x])[0], (numbers(code.get("Y")) or [y])[0]
            text = re.sub(r"[\r\n]", "", code.text or "")
            if _UNREADABLE.fullmatch(text):
                continue
            said.append(text)
            self.words += _pieces(text, x, y, _steps(code, text), size, matrix)
        if said:
            self.named.setdefault(str(item.get("ID")), "".join(said))
        elif next(item.iter("{*}Glyphs"), None) is not None:
            self.blind = True


def _pieces(
    text: str, x: float, y: float, steps: tuple[list[float], list[float]], size: float, matrix: Matrix
) -> list[Word]:
    """A run as one word where it goes ahead or straight down; else character by character, each at its place."""
    across, down = steps
    falling = any(abs(step) > _KERNING * size for step in down)
    if not falling and not any(step < -_KERNING * size for step in across):
        wide = sum(across) + width(text[len(across) :], size)
        return [_word(_spaced(text, across, size), x, y, wide, size, matrix)]
    if falling and not any(abs(step) > _KERNING * size for step in across):
        return [_word(text, x, y, size, size, matrix)]
    words = []
    for index, char in enumerate(text):
        if not char.isspace():
            words.append(_word(char, x, y, width(char, size), size, matrix))
        x += across[index] if index < len(across) else 0.0 if across else width(char, size)
        y += down[index] if index < len(down) else 0.0
    return words


def _spaced(text: str, across: list[float], size: float) -> str:
    """The text with a space wherever the next character stands far away."""
    parts = [text[:1]]
    for index, after in enumerate(text[1:]):
        before = text[index]
        far = index < len(across) and across[index] - width(before, size) > _FAR * size
        if far and not before.isspace() and not after.isspace():
            parts.append(" ")
        parts.append(after)
    return "".join(parts)


def _word(text: str, x: float, y: float, wide: float, size: float, matrix: Matrix) -> Word:
    a, b, c, d, e, f = matrix
    height = size * math.hypot(c, d) or size
    slanted = abs(b) > 0.1 * abs(a)
    return Word(text, a * x + c * y + e, b * x + d * y + f - height, wide * math.hypot(a, b), height, slanted)


def _steps(code: Element, text: str) -> tuple[list[float], list[float]]:
    """The ways from one character to the next; ``g 3 5`` stands for ``5 5 5`` (11.3)."""
    both = []
    for key in ("DeltaX", "DeltaY"):
        given = str(code.get(key) or "").split()[: 3 * len(text)]
        steps: list[float] = []
        at = 0
        while at < len(given) and len(steps) < len(text) - 1:
            if given[at] == "g" and at + 2 < len(given):
                count = int(given[at + 1]) if given[at + 1].isdigit() and len(given[at + 1]) < 8 else 0
                steps += [_step(given[at + 2])] * min(count, len(text) - 1 - len(steps))
                at += 3
            else:
                steps.append(_step(given[at]))
                at += 1
        both.append(steps)
    return both[0], both[1]


def _before(outer: Matrix, item: Element) -> Matrix:
    """The way from the coordinates of an object to those of the page: its CTM, its corner, then what it stands in."""
    own = numbers(item.get("CTM"))
    a, b, c, d, e, f = own if len(own) == 6 else IDENTITY
    box = numbers(item.get("Boundary"))
    if len(box) == 4:
        e, f = e + box[0], f + box[1]
    return times(outer, (a, b, c, d, e, f))


def numbers(text: object) -> list[float]:
    """The numbers of an attribute; none when it is not all numbers."""
    found = [_number(part) for part in str(text or "").replace(",", " ").split(maxsplit=6)[:6]]
    return found if all(map(math.isfinite, found)) else []


def _step(text: str) -> float:
    step = _number(text)
    return step if math.isfinite(step) else 0.0


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if abs(value) < 1e9 else math.nan
