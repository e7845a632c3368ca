"""A sheet's part read as a stream of bytes (ECMA-376 Part 1, 18.3.1).

What surrounds the cells, how large the sheet is, and the cells themselves where it is too large or sparse to hold.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import msgspec

from agent.extract.markup import local, parse
from agent.extract.package import Package
from agent.extract.reading import NotReadError, Reading
from config.verdict import Reason

_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
# No pattern may look twice at the same bytes: each ends at the next sign of a tag.
_FORMULA = re.compile(rb'<c [^<>]*?\br="([A-Z]{1,3}\d+)"[^<>]*><f[^<>]*>([^<]*)</f>(<v>[^<])?')
_CONSTANT = re.compile(r'"((?:[^"]|"")*)"')
_WIDE = re.compile(rb'r="([A-Za-z]{2,7})[A-Za-z]*\d')
_NARROW = re.compile(rb'r="([A-Za-z])\d')
_ROW = re.compile(rb'r="[A-Za-z]{0,7}0*(\d{1,10})')
_CELL = re.compile(rb"<(?:\w{1,20}:)?c\b([^<>]*)>")
_ATTRIBUTES = re.compile(rb'\b(r|t)="([^"]*)"')
_VALUE = re.compile(rb"<(?:\w{1,20}:)?v\b[^<>]*>([^<]*)")
_INLINE = re.compile(rb"<(?:\w{1,20}:)?t(?:\s[^<>]*)?>([^<]*)")
_OUTER = re.compile(rb"<\?xml[^>]*>|</?(?:\w+:)?(?:work|chart|dialog|macro)sheet\b[^>]*>")
_SIGHT = 2**14  # bytes of a block in which columns of one letter are looked for
_CARRY = 2**16  # bytes of a cell that may be cut by the end of a block


class Survey(msgspec.Struct):
    """What a first pass over a sheet tells."""

    area: int = 0  # cells of the rectangle in use, empty ones included; an estimate
    tail: bytes = b""  # everything after the cells
    formulas: list[tuple[str, str]] = []  # cell and words: the formula where no result is kept, else its new constants


def survey(package: Package, part: str, reading: Reading) -> Survey:
    """Pass over a sheet's part once."""
    result = Survey()
    rows, columns = 0, 1
    carry = b""
    ended = False
    whole = True  # the part has come in one block
    known: set[tuple[str, ...]] = set()
    for block in package.stream(part):
        whole = whole and not carry
        data = carry + block
        if not ended:
            rows = max([rows, *(int(number) for number in set(_ROW.findall(data)))])
            named = {*_WIDE.findall(data), *_NARROW.findall(data[:_SIGHT])}
            columns = max([columns, *(_column(name) for name in named)])
            for cell, formula, value in _FORMULA.findall(data) if b"<f" in data else ():
                text = html.unescape(formula.decode("utf-8", "replace"))
                if '"' not in text:
                    continue
                if value:  # what it may show at other times
                    constants = tuple(word for word in _CONSTANT.findall(text) if word.strip())
                    if not constants or constants in known:
                        continue
                    known.add(constants)
                    text = "\n".join(constants)
                result.formulas.append((cell.decode(), text))
            at = data.rfind(b"sheetData")
            end = _END.search(data, max(0, at - 16)) if at >= 0 else None
            if end is None:
                if whole and b"sheetData" not in data:
                    result.tail = data  # a sheet of a chart or a dialogue has no cells
                cut = max(data.rfind(b"<c "), data.rfind(b"</"), len(data) - _CARRY)
                carry = data[cut:] if cut > 0 else data
                continue
            ended = True
            data = data[end.end() :]
        result.tail += data
        carry = b""
        if len(result.tail) > reading.limits.max_part:
            raise NotReadError(Reason.TOO_LARGE, part)
    result.tail = _OUTER.sub(b"", result.tail)
    result.area = rows * columns
    return result


def rows(package: Package, part: str, reading: Reading) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Rows with their filled cells, both counted from 0, a row at a time and without holding the sheet.

    Dates stay the numbers they are stored as.
    """
    strings = _strings(package, reading)
    row, values = 0, list[tuple[int, str]]()
    for attributes, content in _cells(package.stream(part)):
        fields = dict(_ATTRIBUTES.findall(attributes))
        name = fields.get(b"r", b"")
        letters = name.rstrip(b"0123456789")
        number = int(name[len(letters) :][:9] or 0) - 1
        if number >= 0 and number != row:
            if values:
                yield row, sorted(values)
            row, values = number, []
        if text := _text(content, fields.get(b"t", b""), strings):
            placed = len(letters) < 4 and letters.isalpha()
            values.append((_column(letters) - 1 if placed else values[-1][0] + 1 if values else 0, text))
    if values:
        yield row, sorted(values)


def _cells(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Attributes and content of every cell: what stands before the next."""
    carry = b""
    for block in blocks:
        data = carry + block
        last = None
        for match in _CELL.finditer(data):
            if last is not None:
                yield last.group(1), data[last.end() : match.start()]
            last = match
        carry = data[last.start() if last is not None else max(0, len(data) - _CARRY) :]
        if len(carry) > _CARRY * 16:  # no cell of this world
            yield b"", carry
            carry = b""
    if (final := _CELL.match(carry)) is not None:
        yield final.group(1), carry[final.end() :]


def _text(content: bytes, kind: bytes, strings: list[str]) -> str:
    if kind == b"inlineStr":
        return _unescape(b"".join(_INLINE.findall(content)))
    value = _VALUE.search(content)
    if value is None:
        return ""
    if kind == b"s":
        index = value.group(1).strip()[:9]
        return strings[int(index)] if index.isdigit() and int(index) < len(strings) else ""
    return _unescape(value.group(1))


def _strings(package: Package, reading: Reading) -> list[str]:
    name = "xl/sharedstrings.xml"
    root = parse(package.part(name), reading, name)
    if root is None:
        return []
    found: list[list[str]] = []  # in one pass: damage may put thousands of strings within each other
    for element in root.iter("{*}si", "{*}rPh", "{*}t"):
        kind = local(element)
        if kind == "si":
            found.append([])
        elif kind == "rPh":  # what is read above the words
            for piece in element:
                piece.text = None
        elif found:
            found[-1].append(element.text or "")
    return ["".join(pieces) for pieces in found]


def _unescape(raw: bytes) -> str:
    return html.unescape(raw.decode("utf-8", "replace"))


def _column(letters: bytes) -> int:
    """A column's number, counted from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + (letter & 0x5F) - 64
    return number
