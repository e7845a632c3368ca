"""The numbers that Word writes before the paragraphs of lists ([MS-DOC] 2.9.147, 2.9.150, 2.9.131, 2.4.6.4)."""

from __future__ import annotations

import struct

import msgspec

from agent.extract.ole.wordfile import Fib
from agent.extract.ole.wordformat import Paragraph, styles

_LISTS, _OVERRIDES = 73, 74
_LEVELS = 9
_LONGEST = 64  # characters before a paragraph
_BULLET, _NONE = 23, 255
_ROMAN: tuple[tuple[int, str], ...] = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
)
_ROMAN += ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_DIGITS, _FORMAL = "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
_CHINESE, _CHINESE_DIGITS, _CHINESE_FORMAL, _CIRCLED = (11, 33, 35, 37, 39), (10, 17, 36), (34, 38), (18, 28, 29)


class _Level(msgspec.Struct):
    start: int = 1
    form: int = 0
    text: str = ""  # characters below 9 stand for the numbers of the levels


class Numbering:
    """The lists of a document, and how far each has been counted."""

    def __init__(self, fib: Fib) -> None:
        self._levels: dict[int, list[_Level]] = {}
        self._lists: list[tuple[int, dict[int, _Level]]] = []  # the list, and the levels that this use of it changes
        self._counts: dict[int, list[int | None]] = {}
        self._used: set[int] = set()
        self._styles: list[Paragraph] = []
        try:
            self._read_lists(fib)
            self._read_overrides(fib)
        except (struct.error, IndexError):  # what was read so far counts
            pass
        if self._lists:
            self._styles = styles(fib)

    def __bool__(self) -> bool:
        return bool(self._lists)

    def label(self, paragraph: Paragraph) -> str:
        """What stands before a paragraph, which is thereby counted."""
        style = self._styles[paragraph.style] if paragraph.style < len(self._styles) else Paragraph()
        number = paragraph.list if paragraph.list is not None else style.list
        level = paragraph.level if paragraph.level is not None else style.level
        if not number or number > len(self._lists):
            return ""
        name, changed = self._lists[number - 1]
        levels = [changed.get(index, own) for index, own in enumerate(self._levels.get(name, ()))]
        at = level or 0
        if at >= len(levels):
            return ""
        counts = self._counts.setdefault(name, [None] * _LEVELS)
        if number not in self._used:
            self._used.add(number)
            for index in changed:
                if index < len(levels) and len(self._used) > 1:
                    counts[index] = None
        before = counts[at]
        counts[at] = levels[at].start if before is None else before + 1
        counts[at + 1 :] = [None] * (_LEVELS - at - 1)
        return _written(levels, counts, at)

    def _read_lists(self, fib: Fib) -> None:
        """All lists first, then their levels one after another behind the table."""
        block, at = fib.block_and_rest(_LISTS)
        if len(block) < 2:
            return
        count = min(int.from_bytes(block[:2], "little"), (len(block) - 2) // 28)
        for index in range(count):
            name, flags = struct.unpack_from("<i22xB", block, 2 + 28 * index)
            levels = []
            for _ in range(1 if flags & 1 else _LEVELS):
                level, at = _level(fib.table, at)
                levels.append(level)
            self._levels[name] = levels

    def _read_overrides(self, fib: Fib) -> None:
        block = fib.block(_OVERRIDES)
        count = min(int.from_bytes(block[:4], "little"), len(block) // 16)
        uses = [struct.unpack_from("<i8xB", block, 4 + 16 * index) for index in range(count)]
        self._lists = [(name, {}) for name, _ in uses]
        at = 4 + 16 * count
        for index, (name, changed) in enumerate(uses):
            at += 4
            for _ in range(changed):
                start, flags = struct.unpack_from("<iI", block, at)
                at += 8
                number = flags & 15
                levels = self._levels.get(name, [])
                level = levels[number] if number < len(levels) else _Level()
                if flags & 32:
                    level, at = _level(block, at)
                elif flags & 16:
                    level = msgspec.structs.replace(level, start=start)
                self._lists[index][1][number] = level


def _level(table: bytes, at: int) -> tuple[_Level, int]:
    """A level and where it ends."""
    start, form = struct.unpack_from("<iB", table, at)
    characters, paragraphs = table[at + 24], table[at + 25]
    at += 28 + characters + paragraphs
    count = struct.unpack_from("<H", table, at)[0]
    text = table[at + 2 : at + 2 + 2 * min(count, _LONGEST)].decode("utf-16-le", "replace")
    return _Level(start, form, text), at + 2 + 2 * count


def _written(levels: list[_Level], counts: list[int | None], at: int) -> str:
    if levels[at].form in (_BULLET, _NONE):
        return ""
    found = ""
    for char in levels[at].text:
        number = ord(char)
        if number >= _LEVELS:
            found += char
        elif number < len(levels):
            count = counts[number]
            found += shown(levels[number].start if count is None else count, levels[number].form)
    return found.strip()


def shown(number: int, form: int) -> str:
    """A number in one of the ways of [MS-OSHARED] 2.2.1.3; those not known here are written in digits."""
    if form in (1, 2) and 0 < number < 4000:
        text = ""
        for value, letters in _ROMAN:
            text += letters * (number // value)
            number %= value
        return text.upper() if form == 1 else text
    if form in (3, 4) and 0 < number < 1000:
        return chr((64 if form == 3 else 96) + (number - 1) % 26 + 1) * ((number - 1) // 26 + 1)
    if form in _CHINESE_DIGITS:
        return "".join(_DIGITS[int(digit)] for digit in str(abs(number)))
    if form in _CHINESE or form in _CHINESE_FORMAL:
        return _chinese(number, formal=form in _CHINESE_FORMAL)
    if form in _CIRCLED and 0 < number <= 20:
        return chr(0x245F + number)
    return f"{number:02d}" if form == 22 else str(number)


def _chinese(number: int, *, formal: bool) -> str:
    if not 0 < number < 10_000:
        return str(number)
    digits, units = (_FORMAL, "仟佰拾") if formal else (_DIGITS.replace("〇", "零"), "千百十")
    text = ""
    for digit, unit in zip(f"{number:04d}", (*units, ""), strict=True):
        text += digits[int(digit)] + unit if digit != "0" else "" if not text or text.endswith("零") else "零"
    text = text.rstrip("零")
    return text[1:] if text.startswith("一十") and not formal else text
